"""The command of the benchmark: what to measure, progress, tables, files. A user error is one line, exit code 2."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..cli import run_command
from ..configuration import load_configuration
from ..data_folders import REFERENCE
from .workloads import WORKLOADS, check_names

COMMAND, GROWTH = "command", "growth"
DEFAULT = (*WORKLOADS, COMMAND)
KNOWN = (*DEFAULT, GROWTH)
WIDTH = 200
"""Of the tables where nobody watches: rich would take 80."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        In place of ``sys.argv[1:]``.

    Returns
    -------
    int
        0; 2 after a user error, 130 after an interruption.
    """
    return run_command(app, arguments, left="the results of what had been finished are kept")


@app.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def benchmark(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORKLOAD",
            help=f"What to measure: {', '.join(KNOWN)}.  [default: all but {GROWTH}]",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Seeds of workloads with drawn input.")
    ] = 3,
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, help="Measurements of each; the fastest counts.")
    ] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A field of the configuration for all runs of the workloads.",
        ),
    ] = None,
    compilation: Annotated[
        bool,
        typer.Option(
            "--compile/--no-compile", help=f"Whether '{COMMAND}' compiles the mechanisms anew."
        ),
    ] = True,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Folder of benchmark.json and growth.png."),
    ] = Path("output/benchmark"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier results in that folder.")
    ] = False,
    reference: Annotated[
        Path,
        typer.Option(
            "--reference",
            metavar="FOLDER",
            help="Figures of the published model.  [default: the package's own]",
            show_default=False,
        ),
    ] = REFERENCE,
) -> None:
    """Measure what runs of the model cost and how exact they are, for every choice of implementation.

    Each measurement runs in a process of its own. Other work on the machine shows in the figures: leave it idle.
    """
    from .report import check_folder

    chosen = check_names(names or DEFAULT, KNOWN)
    load_configuration(None, settings or [])  # refused before anything is made
    check_folder(out, overwrite)
    tasks = {
        name: _task(name, seeds, repeats, settings or [], compilation, reference) for name in chosen
    }
    report = progress(sum(number for number, _ in tasks.values()))
    _run({name: run for name, (_, run) in tasks.items()}, report, out)


def progress(total: int, clock: Callable[[], float] = time.monotonic) -> Callable[[str], None]:
    """A function that says which measurement begins: ``measurement 3 of 40 (6 min left): epsp, default, seed 0``.

    The time left supposes that the measurements to come take as long as those behind, on average.
    """
    begun = 0
    start_s = clock()

    def report(label: str) -> None:
        nonlocal begun
        left_min = (clock() - start_s) / 60 / begun * (total - begun) if begun else None
        begun += 1
        left = "" if left_min is None else f" ({left_min:.0f} min left)"
        print(f"measurement {begun} of {total}{left}: {label}", flush=True)

    return report


Run = Callable[[Callable[[str], None]], dict[str, Any]]


def _task(
    name: str, seeds: int, repeats: int, settings: Sequence[str], compilation: bool, reference: Path
) -> tuple[int, Run]:
    """Number of measurements, and the function that makes them."""
    from . import commands, growth, runner

    if name == COMMAND:
        return commands.n_measurements(repeats, compilation), lambda report: commands.run_commands(
            repeats=repeats, compile_too=compilation, report=report
        )
    if name == GROWTH:
        return growth.n_measurements(repeats), lambda report: growth.run_growth(
            repeats=repeats, report=report
        )
    workload = WORKLOADS[name]
    return runner.n_measurements(workload, seeds, repeats), lambda report: runner.run_workload(
        workload,
        seeds=seeds,
        repeats=repeats,
        reference=reference,
        report=report,
        settings=settings,
    )


def _run(tasks: dict[str, Run], report: Callable[[str], None], out: Path) -> None:
    """Measure, print and write, one workload after the other: what is finished is kept if the next one fails."""
    from rich.console import Console

    from ..results import provenance
    from . import report as tables
    from .machine import machine
    from .targets import check_targets

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    results: dict[str, Any] = {"provenance": provenance(), "machine": machine(), "workloads": {}}
    for name, run in tasks.items():
        found = run(report)
        if name in WORKLOADS:
            results["workloads"][name] = found
            console.print(tables.workload_table(name, found))
        else:
            results[name] = found
            shown = {
                COMMAND: [tables.command_table],
                GROWTH: [tables.growth_table, tables.trials_table, tables.many_table],
            }[name]
            for table in shown:
                console.print(table(found))
        results["targets"] = check_targets(results)
        tables.write_results(results, out)
    console.print(tables.targets_table(results["targets"]))
    print(f"Results: {out}")
