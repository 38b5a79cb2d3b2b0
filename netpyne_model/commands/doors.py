"""``ca1 doors``: the same current step of the full cell by every way of running it."""

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DOOR",
        help="Doors, each by a part of its name.  [default: all]",
        show_default=False,
    ),
]
Step = Annotated[
    float | None,
    typer.Option(
        "--dt",
        metavar="MS",
        min=1e-4,
        max=0.1,
        help="Time step.  [default: 0.025]",
        show_default=False,
    ),
]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Print the tables of docs/other_simulators.md.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Keep doors.json and what was exported in a new folder.",
        show_default=False,
    ),
]


def doors(
    names: Names = None, dt_ms: Step = None, markdown: Markdown = False, out: Out = None
) -> None:
    """Run a current step by other simulators too, and compare.

    0.3 nA into the full cell's soma, by this package, by readers of its NeuroML and by other
    simulators: spikes and rest of each, and how far they are from this package's. Each export of
    jNeuroML takes a minute, and needs Java. What is not installed is a line that says so.
    """
    from ..doors.command import run_and_show

    run_and_show(names or [], dt_ms=dt_ms, markdown=markdown, out=out)
