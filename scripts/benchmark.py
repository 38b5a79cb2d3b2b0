#!/usr/bin/env python3
"""Measure the package's runs: ``python scripts/benchmark.py --help``.

The same as ``ca1 benchmark``; a clone runs it without being installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["benchmark", *sys.argv[1:]]))
