"""Runs conditions on all cores; what is finished is kept and not run again.

Every outcome is written as it comes, under the condition's key, so that an interrupted run goes on where it was.
"""

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from ..files import write_beside
from .condition import Condition, Outcome, run_condition

Report = Callable[[int, int], None]
_WATCH_S = 0.5


def run_conditions(
    conditions: Sequence[Condition], folder: Path, *, processes: int | None = None, report: Report | None = None
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


def _outcomes(conditions: Sequence[Condition], missing: Sequence[int], processes: int) -> Iterator[tuple[int, Outcome]]:
    """Outcomes as they come. Each process has a NEURON of its own: nothing of one run reaches another but in time."""
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        min(processes, len(missing)), mp_context=context, initializer=_end_with_parent, initargs=(os.getpid(),)
    )
    try:
        futures = {pool.submit(run_condition, conditions[index]): index for index in missing}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent(parent: int) -> None:
    """Let a process end when the one that started it is gone, were it killed without a word."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome to a file, whole or not at all."""
    arrays = {f"{name}/{part}": values for name, trace in outcome.traces.items() for part, values in _parts(trace)}
    texts = {name: trace[2:] for name, trace in outcome.traces.items()}
    with write_beside(path) as temporary:
        np.savez_compressed(
            temporary, content=json.dumps({"row": outcome.row, "texts": texts}, default=float), **arrays
        )


def read_outcome(path: Path) -> Outcome:
    """Read an outcome back."""
    with np.load(path) as file:
        content = json.loads(str(file["content"]))
        traces = {
            name: (file[f"{name}/time_ms"], file[f"{name}/values"], *texts) for name, texts in content["texts"].items()
        }
    return Outcome(content["row"], traces)


def _parts(trace: tuple) -> Iterator[tuple[str, np.ndarray]]:
    yield "time_ms", trace[0]
    yield "values", trace[1]
