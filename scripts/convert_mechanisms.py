#!/usr/bin/env python3
"""Convert NeuroML2 to mod files, as ``ca1 convert`` does, without installation: ``python scripts/convert_mechanisms.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["convert", *sys.argv[1:]]))
