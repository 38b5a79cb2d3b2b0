#!/usr/bin/env python3
"""Write the doors of docs/other_simulators.md: ``python scripts/doors_page.py doors.json``.

The file is of ``ca1 doors --out FOLDER``. With a time step other than the committed simulation's, it
is that of the tables whose names end in it.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.doors.page import filled_in
from netpyne_model.doors.soma_step import soma_step

PAGE = ROOT / "docs" / "other_simulators.md"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, metavar="FILE")
    results = json.loads(parser.parse_args().file.read_text(encoding="utf-8"))
    dt_ms = results["step"]["dt_ms"]
    suffix = "" if dt_ms == soma_step().dt_ms else f" at {dt_ms:g} ms"
    text = filled_in(PAGE.read_text(encoding="utf-8"), results, suffix=suffix)
    PAGE.write_text(text, encoding="utf-8")
