#!/usr/bin/env python3
"""Convert NeuroML2 to NEURON mod files: ``python scripts/convert_mechanisms.py``.

The same as ``ca1 convert``; a clone runs it without being installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["convert", *sys.argv[1:]]))
