"""Options that the commands of sweeps share."""

from pathlib import Path
from typing import Annotated

import typer

KEPT = "what is finished is kept; the same command goes on from there"
"""What an interruption leaves, in words."""

OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Results folder; output/studies/STUDY or output/reproduce by default.",
        show_default=False,
    ),
]
ProcessesOption = Annotated[
    int | None,
    typer.Option(
        "--processes", min=1, metavar="N", help="How many run at once; as many as cores by default."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="A running Dask scheduler: tcp://host:8786, or its .json file.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
