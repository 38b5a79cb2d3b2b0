#!/usr/bin/env python3
"""Validate NeuroML2 and LEMS files: ``python scripts/validate_neuroml.py --help``.

The same as ``ca1 validate``; a clone runs it without being installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["validate", *sys.argv[1:]]))
