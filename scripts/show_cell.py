#!/usr/bin/env python3
"""Look at a cell, published or of one's own: ``python scripts/show_cell.py --help``."""

import sys
from pathlib import Path

# Lets a clone run without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.show_cell import main

if __name__ == "__main__":
    sys.exit(main())
