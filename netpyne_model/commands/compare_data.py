"""``ca1 compare-data``: the model beside what was recorded in animals and slices."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Processes, Quiet, Scheduler

Rows = Annotated[
    list[str] | None,
    typer.Option(
        "--rows", metavar="NAME", help="Only this recorded quantity; repeatable, --list names them."
    ),
]
Seeds = Annotated[
    int, typer.Option("--seeds", min=1, metavar="N", help="Trials of each condition.")
]
Listed = Annotated[bool, typer.Option("--list", help="List the recorded quantities and end.")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the results go.")]


def compare_data(
    rows: Rows = None,
    seeds: Seeds = 5,
    out: Out = Path("output/data_comparison"),
    processes: Processes = None,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
    listed: Listed = False,
) -> None:
    """Set the model beside what was recorded in animals and slices.

    Every recorded quantity with its spread, what the model gives over some seeds, whether that lies
    within it, and why. What is finished is kept and not run again.
    """
    from ..data_comparison import command

    if listed:
        print(command.list_of_rows())
        return
    command.compare_and_draw(
        rows or (), out, seeds=seeds, processes=processes, scheduler=scheduler, quiet=quiet
    )
