"""Runs experiments, and conditions of one's own, as sweeps: an outcome is a file and is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..files import read_mapping, write_beside
from ..mechanisms.compilation import compiled_library
from ..progress import Progress
from ..results.provenance import provenance
from ..sweeps import Comparison, Store, run_sweep
from ..sweeps.report import Section, save_figures, write_report
from .condition import Condition
from .experiment import Experiment
from .outcome import Outcome, write_traces

DECLARATION = "experiment.json"
TABLE, TRACES, FIGURE = "table.csv", "traces.h5", "figure"
REPORT_TITLE = "The paper's experiments, against the published model"

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class ExperimentResults:
    """What an experiment gave.

    Attributes
    ----------
    experiment : Experiment
    folder : Path
    table : DataFrame
        One row a condition, with what several conditions give together.
    outcomes : list of Outcome
        In the order of the conditions.
    comparisons : list of Comparison
        With the published model; empty where there is nothing to compare with.
    """

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
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    report: Report | None = None,
) -> ExperimentResults:
    """Run an experiment's conditions that are missing in its folder; write table, traces, figure.

    Parameters
    ----------
    experiment : Experiment
    folder : path
        Made if it is missing; on a cluster, one that all workers see.
    reference : path, optional
        Folder of the published model's figures; without it nothing is compared.
    processes, scheduler, cluster
        The workers: see `netpyne_model.sweeps.workers.dask_client`.
    report : callable, optional
        Called with a `Progress`.

    Raises
    ------
    ModelError
        If the folder holds something else or another sweep is at work in it, or conditions failed:
        then all others are finished, and ``failures.txt`` says why.
    """
    conditions = experiment.conditions(reference)
    folder = Path(folder).resolve()
    about = {"name": experiment.name, "title": experiment.title, "source": experiment.source}
    where = {"processes": processes, "scheduler": scheduler, "cluster": cluster}
    store = _store(folder)
    with store.owned(_declaration(conditions, about)):
        outcomes = _run(conditions, store, where, report)
        table = experiment.table(outcomes)
        with write_beside(folder / TABLE) as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")
        write_traces(outcomes, folder / TRACES)
        save_figures({FIGURE: experiment.figure(table, outcomes)}, folder)
    comparisons = experiment.comparisons(table, reference)
    return ExperimentResults(experiment, folder, table, outcomes, comparisons)


def run_conditions(
    conditions: Sequence[Condition],
    folder: str | Path,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    report: Report | None = None,
) -> list[Outcome]:
    """Run conditions that are missing in a folder, and read the outcomes of all, in their order.

    Parameters and errors are those of `run_experiment`.
    """
    store = _store(Path(folder).resolve())
    where = {"processes": processes, "scheduler": scheduler, "cluster": cluster}
    with store.owned(_declaration(conditions, {})):
        return _run(conditions, store, where, report)


def report_experiments(
    experiments: Mapping[str, Experiment], folder: Path, reference: Path | None
) -> None:
    """Write ``REPORT.md`` and ``REPORT.html`` on all experiments that were run in a folder."""
    sections, names = [], []
    for name, experiment in experiments.items():
        if not (folder / name / TABLE).is_file():
            continue
        names.append(name)
        table = pd.read_csv(folder / name / TABLE)
        n_conditions = len(read_mapping(folder / name / DECLARATION)["conditions"])
        sections.append(
            Section(
                experiment.title,
                f"{experiment.source}; {n_conditions} conditions",
                {"table": f"{name}/{TABLE}", "traces": f"{name}/{TRACES}"},
                [f"{name}/{FIGURE}.png"],
                experiment.comparisons(table, reference),
            )
        )
    write_report(folder, REPORT_TITLE, sections, f"ca1 reproduce {' '.join(names)}")


def _store(folder: Path) -> Store:
    return Store(folder, DECLARATION, "conditions", ".npz")


def _declaration(conditions: Sequence[Condition], about: Mapping[str, str]) -> dict[str, Any]:
    names = [condition.name for condition in conditions]
    return {"experiment": about, "conditions": names, "provenance": provenance()}


def _run(
    conditions: Sequence[Condition], store: Store, where: Mapping[str, Any], report: Report | None
) -> list[Outcome]:
    swept = run_sweep(
        conditions, store, **where, report=report, before_local=compiled_library, read_here=True
    )
    store.raise_failures(swept.failures, len(conditions))
    return list(swept.finished.values())
