"""What ``ca1 doors`` does: runs, prints, keeps."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..files import write_text
from . import page
from .passages import run_doors

RESULTS = "doors.json"
WIDTH = 160
"""Of the tables where nobody watches: rich would take 80."""


def run_and_show(
    names: Sequence[str], *, dt_ms: float | None, markdown: bool, out: Path | None
) -> None:
    """Run doors and print their tables.

    Parameters
    ----------
    names : sequence of str
        Parts of the names of doors; all without any.
    dt_ms : float, optional
        Time step; that of the committed simulation by default.
    markdown : bool
        Whether the tables are those of the documentation.
    out : path, optional
        A new folder for `RESULTS` and what was exported; nothing is kept without.
    """
    if out is not None and out.exists():
        raise ModelError(f"{out} exists; give --out a new folder.")
    with tempfile.TemporaryDirectory(prefix="doors-") as temporary:
        folder = Path(temporary) if out is None else out.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        results = run_doors(folder, names=names, dt_ms=dt_ms, report=_progress)
        if out is not None:
            write_text(folder / RESULTS, json.dumps(results, indent=1) + "\n")
    _show(results, markdown)


def _progress(name: str) -> None:
    print(f"{name} ...", file=sys.stderr, flush=True)


def _show(results: dict[str, Any], markdown: bool) -> None:
    if markdown:
        for table in page.TABLES.values():
            print(table(results), end="\n\n")
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for table in page.tables(results):
        console.print(table)
