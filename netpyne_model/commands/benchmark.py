"""``ca1 benchmark``: speed, memory and accuracy of the model's runs."""

from pathlib import Path
from typing import Annotated

import typer

from ..benchmarks.command import COMMAND, GROWTH, KNOWN, PEERS, run_benchmarks
from ..data_folders import REFERENCE
from .completion import from_names
from .options import Overwrite, Reference, Settings

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORKLOAD",
        help=f"What to measure: {', '.join(KNOWN)}.  [default: all but {GROWTH} and {PEERS}]",
        show_default=False,
        autocompletion=from_names(lambda: KNOWN),
    ),
]
Choices = Annotated[
    list[str] | None,
    typer.Option(
        "--choice",
        metavar="NAME",
        help="A choice of the one workload that is named; may be repeated.  [default: all]",
        show_default=False,
    ),
]
Seeds = Annotated[int, typer.Option("--seeds", min=1, help="Seeds of workloads with drawn input.")]
Repeats = Annotated[
    int, typer.Option("--repeats", min=1, help="Measurements of each; the fastest counts.")
]
Compile = Annotated[
    bool,
    typer.Option(
        "--compile/--no-compile", help=f"Whether '{COMMAND}' compiles the mechanisms anew."
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FOLDER",
        help="Another checkout, such as one of before: its defaults are measured too.",
        show_default=False,
    ),
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Folder of benchmark.json and growth.png.")
]


def benchmark(
    names: Names = None,
    choices: Choices = None,
    seeds: Seeds = 3,
    repeats: Repeats = 1,
    settings: Settings = None,
    compilation: Compile = True,
    out: Out = Path("output/benchmark"),
    overwrite: Overwrite = False,
    reference: Reference = REFERENCE,
    baseline: Baseline = None,
) -> None:
    """Measure what runs of the model cost and how exact they are.

    Every choice of implementation is measured, each in a process of its own. Other work on the
    machine shows in the figures: leave it idle.
    """
    run_benchmarks(
        names or [],
        out,
        choices=choices or [],
        seeds=seeds,
        repeats=repeats,
        settings=settings or [],
        compilation=compilation,
        overwrite=overwrite,
        reference=reference,
        baseline=baseline,
    )
