"""Runs experiments by name and writes tables, traces, figures and the report."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..data_folders import REFERENCE
from ..errors import ModelError, did_you_mean
from . import EXPERIMENTS


def experiment_list() -> str:
    """A line an experiment: name, title, source."""
    return "\n".join(f"{name:24} {one.title} ({one.source})" for name, one in EXPERIMENTS.items())


def reproduce(
    names: Sequence[str],
    out: Path,
    *,
    processes: int | None = None,
    reference: Path = REFERENCE,
    quiet: bool = False,
) -> None:
    """Run experiments: their conditions, table, figure and distance from the published model.

    Parameters
    ----------
    names : sequence of str
        Of `EXPERIMENTS`, or ``all``.
    out : path
        Where the results go; what is finished there is not run again.
    processes : int, optional
        How many run at once.
    reference : path
        Folder of the published model's figures.
    quiet : bool

    Raises
    ------
    ModelError
        If an experiment or the folder of figures does not exist.
    """
    chosen = list(EXPERIMENTS) if "all" in names else list(dict.fromkeys(names))
    for name in chosen:
        if name not in EXPERIMENTS:
            raise ModelError(
                f"experiment '{name}' does not exist.{did_you_mean(name, [*EXPERIMENTS, 'all'])}"
            )
    if not reference.is_dir():
        raise ModelError(
            f"--reference {reference} is no folder; give the folder of the published model's"
            " figures."
        )
    _run(chosen, out, processes, reference, quiet)


def _run(chosen: list[str], out: Path, processes: int | None, reference: Path, quiet: bool) -> None:
    from ..mechanisms.compilation import compiled_library
    from . import report
    from .outputs import write_experiment, write_text
    from .runner import run_conditions

    compiled_library()  # once, before several processes want it
    results = {}
    for name in chosen:
        experiment, start = EXPERIMENTS[name], time.monotonic()
        conditions = experiment.conditions(reference)
        with _progress(name, quiet) as tell:
            outcomes = run_conditions(
                conditions, out / name / "conditions", processes=processes, report=tell
            )
        comparisons = write_experiment(experiment, outcomes, out / name, reference)
        results[name] = (experiment, comparisons, len(conditions))
        if not quiet:
            agree = sum(comparison.agrees for comparison in comparisons)
            told = (
                f"{agree} of {len(comparisons)} quantities agree"
                if comparisons
                else "nothing to compare with"
            )
            print(
                f"{name}: {len(conditions)} conditions, {told}, {time.monotonic() - start:.1f} s",
                flush=True,
            )
    results = {
        name: results[name]
        for name in EXPERIMENTS
        if name in results or _add_earlier(results, name, out, reference)
    }
    command = f"python scripts/reproduce.py {' '.join(results)}"
    write_text(out / "REPORT.md", report.markdown_report(results, command))
    write_text(out / "REPORT.html", report.html_report(results, command))
    if not quiet:
        print(f"Report: {out / 'REPORT.md'}, {out / 'REPORT.html'}")


def _add_earlier(results: dict, name: str, out: Path, reference: Path) -> bool:
    """Add what an earlier command left of an experiment to the report; say whether there is anything."""
    path = out / name / "table.csv"
    if not path.is_file():
        return False
    import pandas as pd

    experiment, table = EXPERIMENTS[name], pd.read_csv(path)
    comparable = experiment.compare is not None
    n_conditions = len(list((out / name / "conditions").glob("[!.]*.npz")))
    results[name] = (
        experiment,
        experiment.compare(table, reference) if comparable else [],
        n_conditions,
    )
    return True


@contextmanager
def _progress(name: str, quiet: bool) -> Iterator:
    """Conditions finished and time left: a bar on a terminal, else a line about every tenth."""
    if quiet:
        yield None
        return
    if not sys.stdout.isatty():
        yield _lines(name)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda finished, total: bar.update(task, completed=finished, total=total)


def _lines(name: str):
    start, first, printed = time.monotonic(), None, 0

    def tell(finished: int, total: int) -> None:
        nonlocal first, printed
        first = finished if first is None else first
        tenths = 10 * finished // max(total, 1)
        if tenths > printed and finished > first:
            printed = tenths
            left_s = (time.monotonic() - start) * (total - finished) / (finished - first)
            print(f"{name}: {finished} of {total} conditions, {left_s:.0f} s left", flush=True)

    return tell
