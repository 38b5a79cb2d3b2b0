#!/usr/bin/env python3
"""Measure speed, memory and accuracy of the package's runs: ``python scripts/benchmark.py --help``."""

import sys
from pathlib import Path

# Lets a clone run without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.benchmarks.door import main

if __name__ == "__main__":
    sys.exit(main())
