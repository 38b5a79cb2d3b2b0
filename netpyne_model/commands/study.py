"""``ca1 study``: a study of the package, of a file, or any sweep."""

from pathlib import Path
from typing import Annotated

import typer

from .completion import from_names, studies
from .options import Processes, Quiet, Scheduler, Settings, TimeLimit, folder_option

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[STUDY]",
        help="A study by name, or a .yaml file; without any they are listed.",
        autocompletion=from_names(studies),
    ),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="FIELD=VALUES",
        help="Sweep a field: a list, [0, 0.1], or {from: -0.1, to: 0.1, step: 0.05};"
        " several make a grid.",
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Conditions from a CSV file: a column a field, a row a condition.",
    ),
]
Trials = Annotated[
    int | None, typer.Option("--trials", metavar="N", help="Trials of each condition.")
]
Samples = Annotated[
    int | None,
    typer.Option(
        "--samples",
        metavar="N",
        help="Blocks of samples of a study of sensitivity, a power of two.",
    ),
]
Out = Annotated[Path | None, folder_option("output/studies/STUDY")]
Figures = Annotated[bool, typer.Option("--figures/--no-figures", help="Draw the figures.")]


def study(
    name: Name = None,
    sweep: Sweep = None,
    table: Table = None,
    settings: Settings = None,
    trials: Trials = None,
    samples: Samples = None,
    out: Out = None,
    processes: Processes = None,
    scheduler: Scheduler = None,
    time_limit: TimeLimit = None,
    figures: Figures = True,
    quiet: Quiet = False,
) -> None:
    """Run trials of several conditions on all cores or on a cluster.

    Every condition has the same seeds. Finished trials are kept and not run again unless their
    configuration, cell or the package's code changed: a study that was stopped goes on, and one
    with more trials runs those that are missing. --sweep and --table replace the conditions of
    the study that is named; without a study they sweep the default trial.
    """
    from ..studies import command

    if name is None and not sweep and table is None:
        print(command.study_list())
        return
    asked = name, sweep or [], table, settings or [], trials, time_limit, samples
    command.run_and_draw(
        command.chosen_study(*asked),
        out,
        processes=processes,
        scheduler=scheduler,
        figures=figures,
        quiet=quiet,
        words=command.study_words(*asked),
    )
