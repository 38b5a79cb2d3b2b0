#!/usr/bin/env python3
"""Show a cell, as ``ca1 cell`` does, without installation: ``python scripts/show_cell.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["cell", *sys.argv[1:]]))
