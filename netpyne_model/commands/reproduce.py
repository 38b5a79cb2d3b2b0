"""``ca1 reproduce``: the experiments of the paper by name."""

from pathlib import Path
from typing import Annotated

import typer

from ..data_folders import REFERENCE
from .completion import experiments, from_names
from .options import Processes, Quiet, Reference, Scheduler, TimeLimit

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...",
        help="Experiments, or 'all'; without any they are listed.",
        autocompletion=from_names(experiments),
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the results go.")]


def reproduce(
    names: Names = None,
    out: Out = Path("output/reproduce"),
    processes: Processes = None,
    scheduler: Scheduler = None,
    time_limit: TimeLimit = None,
    reference: Reference = REFERENCE,
    quiet: Quiet = False,
) -> None:
    """Run the paper's experiments, compare with the published model.

    What is finished is kept and not run again, unless its cell, its protocol or the package's
    code changed.
    """
    from ..experiments import command

    if not names:
        print(command.experiment_list())
        return
    command.reproduce(
        names,
        out,
        processes=processes,
        scheduler=scheduler,
        time_limit_s=time_limit,
        reference=reference,
        quiet=quiet,
    )
