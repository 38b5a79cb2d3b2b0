"""Runs experiments, and conditions of one's own, as sweeps: an outcome is a file and is kept."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from typing_extensions import Unpack

from ..files import read_mapping, write_beside
from ..mechanisms.compilation import compile_all
from ..quantities import counted
from ..reports.sweep_page import ExperimentShown
from ..results.provenance import provenance
from ..results.tables import read_table
from ..sweeps import Comparison, Store, Workers, check_workers, run_sweep
from ..sweeps.report import Section, save_figures, write_report
from .cell_task import CellTask
from .experiment import Experiment
from .outcome import Outcome, read_traces, write_traces
from .verdict import in_cells

DECLARATION = "experiment.json"
TABLE, TRACES, FIGURE, VERDICTS = "table.csv", "traces.h5", "figure", "verdicts.csv"
REPORT_TITLE = "The paper's experiments, against the published model"


@dataclass(frozen=True)
class ExperimentResults:
    """What an experiment gave: table, outcomes in the order of its conditions, comparisons."""

    experiment: Experiment
    folder: Path
    table: pd.DataFrame
    outcomes: list[Outcome]
    comparisons: list[Comparison]


def run_experiment(
    experiment: Experiment,
    folder: str | Path,
    *,
    reference: Path | None = None,
    **workers: Unpack[Workers],
) -> ExperimentResults:
    """Run an experiment's conditions that are missing in its folder; write table, traces, figure.

    Parameters
    ----------
    experiment : Experiment
    folder : path
        Made if it is missing; on a cluster, one that all workers see.
    reference : path, optional
        Folder of the published model's figures; without it nothing is compared.
    **workers
        See `sweeps.Workers`.

    Raises
    ------
    ModelError
        If the folder holds something else or another sweep is at work in it, or conditions failed:
        then all others are finished, and ``failures.txt`` says why.
    """
    conditions = experiment.conditions(reference)
    folder = Path(folder).resolve()
    about = {"name": experiment.name, "title": experiment.title, "source": experiment.source}
    with _run(conditions, folder, about, workers) as outcomes:
        table = experiment.table(outcomes)
        _write_table(table, folder / TABLE)
        if experiment.judge is not None:
            _write_table(experiment.judge(table), folder / VERDICTS)
        write_traces(outcomes, folder / TRACES)
        save_figures({FIGURE: experiment.draw(table, outcomes)}, folder)
    comparisons = experiment.comparisons(table, reference)
    return ExperimentResults(experiment, folder, table, outcomes, comparisons)


def run_conditions(
    conditions: Sequence[CellTask], folder: str | Path, **workers: Unpack[Workers]
) -> list[Outcome]:
    """Run conditions that are missing in a folder, and read the outcomes of all, in their order.

    Parameters and errors are those of `run_experiment`.
    """
    with _run(conditions, Path(folder).resolve(), {}, workers) as outcomes:
        return outcomes


def report_experiments(
    experiments: Mapping[str, Experiment], folder: Path, reference: Path | None
) -> None:
    """Write ``REPORT.md`` and ``REPORT.html`` on all experiments that were run in a folder.

    They name the command that makes them.
    """
    sections, names = [], []
    for name, experiment in experiments.items():
        if not (folder / name / TABLE).is_file():
            continue
        names.append(name)
        table = read_table(folder / name / TABLE, "run the experiment again: it is written anew")
        n_conditions = len(read_mapping(folder / name / DECLARATION)["conditions"])
        files = {"table": f"{name}/{TABLE}", "traces": f"{name}/{TRACES}"}
        judged = []
        if experiment.judge is not None:
            files["verdicts"] = f"{name}/{VERDICTS}"
            judged = in_cells(experiment.judge(table))
        sections.append(
            Section(
                experiment.title,
                f"{experiment.source}; {counted(n_conditions, 'condition')}",
                files,
                [f"{name}/{FIGURE}.png"],
                experiment.comparisons(table, reference),
                judged=judged,
                shown=_shown(folder / name, table),
            )
        )
    command = shlex.join(["ca1", "reproduce", *names, "--out", str(folder)])
    write_report(folder, REPORT_TITLE, sections, command)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    with write_beside(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def _shown(folder: Path, table: pd.DataFrame) -> ExperimentShown:
    """What the page shows of an experiment that was run in a folder."""
    traces = read_traces(folder / TRACES)
    recordings = [traces.get(number, []) for number in range(len(table))]
    return ExperimentShown(table, recordings, folder / f"{FIGURE}.png")


@contextmanager
def _run(
    conditions: Sequence[CellTask], folder: Path, about: Mapping[str, str], workers: Workers
) -> Iterator[list[Outcome]]:
    """Run what is missing in a folder and yield the outcomes, while no other sweep is at it."""
    check_workers(**workers)
    names = [condition.name for condition in conditions]
    declaration = {"experiment": about, "conditions": names, "provenance": provenance()}
    store = Store(folder, DECLARATION, "conditions", ".npz")
    with store.owned(declaration):
        swept = run_sweep(conditions, store, before_local=compile_all, read_here=True, **workers)
        store.raise_failures(swept.failures, len(conditions))
        yield list(swept.finished.values())
