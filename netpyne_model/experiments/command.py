"""The command that runs experiments by name and writes tables, traces, figures and the report."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..cli import interruptible, run_command
from ..data_folders import REFERENCE
from ..errors import ModelError, did_you_mean
from ..progress import show_sweep
from ..sweeps.options import KEPT, OutOption, ProcessesOption, QuietOption, SchedulerOption

OUT = Path("output/reproduce")
app = typer.Typer(add_completion=False, rich_markup_mode=None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: see `cli.run_command`."""
    return run_command(app, arguments, left=KEPT)


@app.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="Experiments, or 'all'; without any they are listed."
        ),
    ] = None,
    out: OutOption = None,
    processes: ProcessesOption = None,
    scheduler: SchedulerOption = None,
    reference: Annotated[
        Path, typer.Option("--reference", metavar="FOLDER", help="Figures of the published model.")
    ] = REFERENCE,
    quiet: QuietOption = False,
) -> None:
    """Reproduce experiments of the paper: run their conditions, draw them, and compare with the published model.

    What is finished is kept and not run again, unless its cell, its protocol or the package's code changed.
    """
    from ..sweeps.report import agreement
    from . import EXPERIMENTS, report_experiments, run_experiment

    if not names:
        for name, experiment in EXPERIMENTS.items():
            print(f"{name:24} {experiment.title} ({experiment.source})")
        return
    if unknown := [name for name in names if name not in (*EXPERIMENTS, "all")]:
        known = did_you_mean(unknown[0], [*EXPERIMENTS, "all"])
        raise ModelError(f"experiment '{unknown[0]}' does not exist.{known}")
    if not reference.is_dir():
        raise ModelError(
            f"--reference {reference} is no folder; give the folder of the published model's figures."
        )
    folder = OUT if out is None else out
    for name in EXPERIMENTS if "all" in names else dict.fromkeys(names):
        start_s = time.monotonic()
        with interruptible(), show_sweep(not quiet, f"conditions of {name}") as report:
            results = run_experiment(
                EXPERIMENTS[name],
                folder / name,
                reference=reference,
                processes=processes,
                scheduler=scheduler,
                report=report,
            )
        if not quiet:
            print(
                f"{name}: {len(results.outcomes)} conditions, {agreement(results.comparisons)},"
                f" {time.monotonic() - start_s:.1f} s",
                flush=True,
            )
    report_experiments(EXPERIMENTS, folder, reference)
    if not quiet:
        print(f"Report: {folder / 'REPORT.md'}, {folder / 'REPORT.html'}")
