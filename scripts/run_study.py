#!/usr/bin/env python3
"""Run a study or any sweep, as ``ca1 study`` does, without installation: ``python scripts/run_study.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["study", *sys.argv[1:]]))
