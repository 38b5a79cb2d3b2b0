#!/usr/bin/env python3
"""Put what ``ca1 scores`` wrote on docs/scores.md: ``python scripts/scores_page.py FOLDER``.

The tables stand on the page between ``<!-- scores -->`` and ``<!-- end -->``, the figure in
docs/images/scores.png.
"""

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.markdown import with_blocks

DOCS = ROOT / "docs"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="Of ca1 scores.")
    folder = parser.parse_args().folder
    page = DOCS / "scores.md"
    tables = (folder / "SCORES.md").read_text(encoding="utf-8")
    page.write_text(
        with_blocks(page.read_text(encoding="utf-8"), {"scores": tables.strip()}), encoding="utf-8"
    )
    shutil.copy(folder / "figure.png", DOCS / "images" / "scores.png")
