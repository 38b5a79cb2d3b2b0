#!/usr/bin/env python3
"""Look at a cell, published or of your own: ``python scripts/show_cell.py --help``.

The same as ``ca1 cell``; a clone runs it without being installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["cell", *sys.argv[1:]]))
