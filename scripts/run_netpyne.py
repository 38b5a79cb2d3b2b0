#!/usr/bin/env python3
"""Run one trial of the CA1 place-cell model: ``python scripts/run_netpyne.py --help``."""

import sys
from pathlib import Path

# Lets a clone run without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.cli import main

if __name__ == "__main__":
    sys.exit(main())
