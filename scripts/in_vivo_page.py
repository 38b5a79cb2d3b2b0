#!/usr/bin/env python3
"""Write the tables of docs/in_vivo.md: ``python scripts/in_vivo_page.py [FOLDER]``.

With the folder of ``ca1 compare-data`` its table and figure are taken over first: docs/in_vivo.csv
and docs/images/in_vivo.png. Why a row comes out as it does is read where it stands, in
netpyne_model/data_comparison/answers.yaml. A test sees that the page is up to date.
"""

import argparse
import shutil
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.data_comparison import answers
from netpyne_model.data_comparison.page import tables
from netpyne_model.data_comparison.runner import TABLE
from netpyne_model.markdown import with_blocks

DOCS = ROOT / "docs"
PAGE, RESULTS = DOCS / "in_vivo.md", DOCS / "in_vivo.csv"


def results() -> pd.DataFrame:
    """The table that ships, with the reasons as they stand now."""
    table = pd.read_csv(RESULTS)
    keys = zip(table["quantity"], table["condition"].fillna(""), strict=True)
    return table.assign(why=[answers()[key].why for key in keys])


def updated(page: str) -> str:
    """The page with its tables worked out anew."""
    return with_blocks(page, {"rows": tables(results())})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", nargs="?", help="Of compare-data.")
    folder = parser.parse_args().folder
    if folder is not None:
        shutil.copy(folder / TABLE, RESULTS)
        shutil.copy(folder / "figures" / "data_comparison.png", DOCS / "images" / "in_vivo.png")
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
