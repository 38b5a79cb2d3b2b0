#!/usr/bin/env python3
"""Reproduce the paper's experiments by name: ``python scripts/reproduce.py --help``."""

import sys
from pathlib import Path

# Lets a clone run without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.experiments.command import main

if __name__ == "__main__":
    sys.exit(main())
