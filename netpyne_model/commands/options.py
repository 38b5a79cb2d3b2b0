"""Options that several commands have, each with its name, metavar and line of help."""

from pathlib import Path
from typing import Annotated

import typer

from .completion import from_names, settings

CELL_HELP = "Specification (.yaml, .json) or morphology (.swc, .csv); the published cell without."
CellFile = Annotated[Path | None, typer.Argument(metavar="[CELL]", help=CELL_HELP)]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any field of the configuration, for all runs; repeatable.",
        autocompletion=from_names(settings),
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace earlier results in that folder.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Processes = Annotated[
    int | None,
    typer.Option(
        "--processes", min=1, metavar="N", help="How many run at once; as many as cores by default."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="A running Dask scheduler: tcp://host:8786, or its .json file.",
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="S",
        help="Longest wall time (s) that one may simulate; what takes longer has failed.",
    ),
]
Reference = Annotated[
    Path,
    typer.Option(
        "--reference",
        metavar="FOLDER",
        help="Figures of the published model.  [default: the package's own]",
        show_default=False,
    ),
]


def folder_option(default: str, help: str = "Results folder.") -> typer.models.OptionInfo:
    """The option ``--out``; `default` says where results go without it."""
    return typer.Option(
        "--out", metavar="FOLDER", help=f"{help}  [default: {default}]", show_default=False
    )
