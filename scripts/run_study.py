#!/usr/bin/env python3
"""Run a study, or any sweep, on all cores or on a cluster: ``python scripts/run_study.py --help``."""

import sys
from pathlib import Path

# Lets a clone run without being installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.studies.command import main

if __name__ == "__main__":
    sys.exit(main())
