"""Runs conditions on all cores; what is finished is kept and not run again.

Every outcome is written as it comes, under the condition's key, so that an interrupted run goes on where it was.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import ModelError
from ..files import write_beside
from ..workers import Failure, Task, dask_client, run_on_workers
from .condition import Condition, Outcome, run_condition

Report = Callable[[int, int], None]


def run_conditions(
    conditions: Sequence[Condition],
    folder: Path,
    *,
    processes: int | None = None,
    report: Report | None = None,
) -> list[Outcome]:
    """Run conditions, or read the outcomes that are there.

    Parameters
    ----------
    conditions : sequence of Condition
    folder : path
        Where outcomes are kept, one ``<key>.npz`` a condition; made if it is missing.
    processes : int, optional
        How many run at once; as many as there are cores by default. The outcome does not depend on it.
    report : callable, optional
        Called with the number of finished conditions and of all.

    Returns
    -------
    list of Outcome
        In the order of the conditions.

    Raises
    ------
    ModelError
        If a condition does not hold; what was finished is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{condition.key}.npz" for condition in conditions]
    missing = {index for index, file in enumerate(files) if not file.is_file()}
    finished = len(conditions) - len(missing)
    if report is not None:
        report(finished, len(conditions))
    for index, outcome in _outcomes(conditions, sorted(missing), processes or os.cpu_count() or 1):
        write_outcome(outcome, files[index])
        finished += 1
        if report is not None:
            report(finished, len(conditions))
    return [read_outcome(file) for file in files]


def _outcomes(
    conditions: Sequence[Condition], missing: Sequence[int], processes: int
) -> Iterator[tuple[int, Outcome]]:
    """Outcomes as they come; a condition that does not hold is told when all others are finished."""
    if not missing:
        return
    tasks = [Task(str(dict(conditions[index].labels)), (conditions[index],)) for index in missing]
    failures = []
    with dask_client(processes=processes, wanted=len(tasks)) as client:
        for number, outcome in run_on_workers(client, run_condition, tasks):
            if isinstance(outcome, Failure):
                failures.append(outcome)
            else:
                yield missing[number], outcome
    if failures and failures[0].detail:
        raise RuntimeError(failures[0].detail)
    if failures:
        raise ModelError(
            f"{len(failures)} of {len(conditions)} conditions failed, first {failures[0].reason}"
        )


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome to a file, whole or not at all."""
    arrays = {
        f"{name}/{part}": values
        for name, trace in outcome.traces.items()
        for part, values in _parts(trace)
    }
    texts = {name: trace[2:] for name, trace in outcome.traces.items()}
    with write_beside(path) as temporary:
        np.savez_compressed(
            temporary,
            content=json.dumps({"row": outcome.row, "texts": texts}, default=float),
            **arrays,
        )


def read_outcome(path: Path) -> Outcome:
    """Read an outcome back."""
    with np.load(path) as file:
        content = json.loads(str(file["content"]))
        traces = {
            name: (file[f"{name}/time_ms"], file[f"{name}/values"], *texts)
            for name, texts in content["texts"].items()
        }
    return Outcome(content["row"], traces)


def _parts(trace: tuple) -> Iterator[tuple[str, np.ndarray]]:
    yield "time_ms", trace[0]
    yield "values", trace[1]
