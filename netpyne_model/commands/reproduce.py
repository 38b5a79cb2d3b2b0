"""``ca1 reproduce``: the experiments of the paper by name."""

from pathlib import Path
from typing import Annotated

import typer

from ..data_folders import REFERENCE
from .options import Processes, Quiet, Reference, Scheduler

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Experiments, or 'all'; without any they are listed."),
]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the results go.")]


def reproduce(
    names: Names = None,
    out: Out = Path("output/reproduce"),
    processes: Processes = None,
    scheduler: Scheduler = None,
    reference: Reference = REFERENCE,
    quiet: Quiet = False,
) -> None:
    """Run the paper's experiments and compare with the published model.

    What is finished is kept and not run again, unless its cell, its protocol or the package's
    code changed.
    """
    from ..experiments import command

    if not names:
        print(command.experiment_list())
        return
    command.reproduce(
        names, out, processes=processes, scheduler=scheduler, reference=reference, quiet=quiet
    )
