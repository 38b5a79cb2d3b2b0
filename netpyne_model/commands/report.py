"""``ca1 report``: a page for the browser of a result, or of two side by side."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import ModelError
from .options import CELL_HELP, Quiet

First = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Results folder, or its results.nwb.")
]
Second = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER2]", help="Another one, to compare with.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="The page.  [default: FOLDER/report.html, or of two comparison.html here]",
        show_default=False,
    ),
]
Cell = Annotated[
    list[Path] | None,
    typer.Option(
        "--cell",
        metavar="FILE",
        help="The cell of a result that does not hold it, such as of a protocol; repeat it for the"
        f" second result. {CELL_HELP}",
    ),
]


def report(
    folder: First, folder2: Second = None, out: Out = None, cell: Cell = None, quiet: Quiet = False
) -> None:
    """Make a browser page of a result, or of two side by side.

    The page is one file that opens from disk: the cell in 3D in the colours of its potentials,
    traces, inputs, rate and ramp over one time, numbers, configuration.
    """
    if cell and len(cell) > (1 if folder2 is None else 2):
        raise ModelError("--cell: expected one a result; leave the others out.")
    from .. import reports
    from ..analysis.results_folder import load

    folders = [folder] if folder2 is None else [folder, folder2]
    results = [load(one) for one in folders]
    if out is None:
        beside = folder if folder.is_dir() else folder.parent
        out = beside / reports.FILE if folder2 is None else Path(reports.COMPARISON_FILE)
    reports.write_page(results, out, names=[str(one) for one in folders], cell_files=cell or [])
    if not quiet:
        print(f"Report: {out}")
