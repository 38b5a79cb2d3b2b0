#!/usr/bin/env python3
"""Run one trial, as ``ca1 run`` does, without installation: ``python scripts/run_netpyne.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["run", *sys.argv[1:]]))
