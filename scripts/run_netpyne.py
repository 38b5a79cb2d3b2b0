#!/usr/bin/env python3
"""``ca1 run`` from a clone that is not installed: ``python scripts/run_netpyne.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["run", *sys.argv[1:]]))
