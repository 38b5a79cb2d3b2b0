"""``ca1 scores``: a cell against measured features of rat CA1 pyramidal cells."""

from pathlib import Path
from typing import Annotated

import typer

from .options import CellFile, Processes, Quiet, Scheduler

Names = Annotated[
    list[str] | None, typer.Option("--test", metavar="NAME", help="Only this test; repeatable.")
]
Listed = Annotated[bool, typer.Option("--list", help="List the tests and end.")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the results go.")]


def scores(
    file: CellFile = None,
    test: Names = None,
    out: Out = Path("output/scores"),
    processes: Processes = None,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
    listed: Listed = False,
) -> None:
    """Score a cell against measured features of CA1 pyramidal cells.

    The tests and the target data are HippoUnit's; a score is the mean distance from the measured
    means in standard deviations. What is finished is kept and not run again.
    """
    from ..cell.cell import Cell
    from ..scores import command

    if listed:
        print(command.list_of_tests())
        return
    command.score_and_draw(
        Cell(file), test or (), out, processes=processes, scheduler=scheduler, quiet=quiet
    )
