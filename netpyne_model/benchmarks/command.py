"""What the benchmark measures by name, with progress, tables and files."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..configuration import load_configuration
from ..data_folders import REFERENCE
from .workloads import WORKLOADS, check_names

COMMAND, GROWTH = "command", "growth"
DEFAULT = (*WORKLOADS, COMMAND)
KNOWN = (*DEFAULT, GROWTH)
WIDTH = 200
"""Of the tables where nobody watches: rich would take 80."""


def run_benchmarks(
    names: Sequence[str],
    out: Path,
    *,
    seeds: int = 3,
    repeats: int = 1,
    settings: Sequence[str] = (),
    compilation: bool = True,
    overwrite: bool = False,
    reference: Path = REFERENCE,
) -> None:
    """Measure, print tables and write them into a folder.

    Parameters
    ----------
    names : sequence of str
        Of `KNOWN`; `DEFAULT` if it is empty.
    out : path
        Folder of ``benchmark.json`` and ``growth.png``.
    seeds, repeats : int
        Seeds of workloads with drawn input; measurements of each, of which the fastest counts.
    settings : sequence of str
        Fields of the configuration, ``key=value``, for all runs of the workloads.
    compilation : bool
        Whether ``command`` compiles the mechanisms anew.
    overwrite : bool
        Whether earlier results in `out` are replaced.
    reference : path
        Folder of the published model's figures.

    Raises
    ------
    ModelError
        If a name or a setting does not hold, or `out` cannot take results.
    """
    from .report import check_folder

    chosen = check_names(names or DEFAULT, KNOWN)
    load_configuration(None, settings)  # refused before anything is made
    check_folder(out, overwrite)
    tasks = {name: _task(name, seeds, repeats, settings, compilation, reference) for name in chosen}
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
