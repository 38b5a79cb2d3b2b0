#!/usr/bin/env python3
"""Write the NeuroML2 cells: ``python scripts/build_neuroml.py``.

The same as ``ca1 build``; a clone runs it without being installed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from netpyne_model.commands import main

if __name__ == "__main__":
    sys.exit(main(["build", *sys.argv[1:]]))
