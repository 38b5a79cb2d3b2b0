#!/usr/bin/env python3
"""Put what ``ca1 scores`` wrote on docs/scores.md: ``python scripts/scores_page.py FOLDER``.

The tables stand on the page between ``<!-- scores -->`` and ``<!-- end -->``, the figure in
docs/images/scores.png.
"""

import argparse
import re
import shutil
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def with_tables(page: str, tables: str) -> str:
    """The page with these tables in the place of those that it has."""
    block = f"<!-- scores -->\n{tables.strip()}\n<!-- end -->"
    return re.sub(r"<!-- scores -->.*?<!-- end -->", lambda _: block, page, flags=re.DOTALL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="Of ca1 scores.")
    folder = parser.parse_args().folder
    page = DOCS / "scores.md"
    tables = (folder / "SCORES.md").read_text(encoding="utf-8")
    page.write_text(with_tables(page.read_text(encoding="utf-8"), tables), encoding="utf-8")
    shutil.copy(folder / "figure.png", DOCS / "images" / "scores.png")
