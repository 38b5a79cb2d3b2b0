"""Runs what a sweep consists of: on workers what is missing in its folder, nothing twice."""

import gc
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..errors import ModelError
from ..progress import Progress
from ..time_limit import time_limit
from .store import Store, write_once
from .workers import Failure, Task, dask_client, run_on_workers

_LOOKS, _LOOK_AGAIN_S = 10, 1.0


class SweepTask(Protocol):
    """What a sweep runs. It travels to a worker, which writes its file and reads it back."""

    @property
    def key(self) -> str:
        """A hash of all that decides the outcome: equal keys need no second run."""

    @property
    def name(self) -> str:
        """In words, for errors and the file's name."""

    def fresh_key(self) -> str:
        """The key, of files as they are now."""

    def run(self, file: Path) -> None:
        """Run it and write its file, which appears whole or not at all."""

    def read(self, file: Path) -> Any:
        """What the sweep needs of a finished file."""


class SweepOutcomes(NamedTuple):
    """What came out of a sweep, by number of the task; the files of all; and what failed."""

    finished: dict[int, Any]
    files: list[Path]
    failures: list[Failure]


def content_key(content: Mapping[str, Any]) -> str:
    """A hash of some content, for the key of a task."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_sweep(
    tasks: Sequence[SweepTask],
    store: Store,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    report: Callable[[Progress], None] | None = None,
    time_limit_s: float | None = None,
    before_local: Callable[[], object] = lambda: None,
    read_here: bool = False,
) -> SweepOutcomes:
    """Run tasks whose files are missing, and read the files of all; failures are written too.

    Parameters
    ----------
    tasks : sequence of SweepTask
    store : Store
        Owned by the caller.
    processes, scheduler, cluster, report, time_limit_s
        See `Workers`.
    before_local : callable
        Called once before workers start on this machine.
    read_here : bool
        Whether files that are there are read in this process (they are quick to read), without
        any worker if none is missing.
    """
    keys = [task.key for task in tasks]
    files = store.files([(task.name, key) for task, key in zip(tasks, keys, strict=True)])
    outcomes = _read_what_is_there(tasks, files) if read_here else {}
    jobs = {
        number: Task(task.name, (task, file, key, time_limit_s), quick=file.is_file())
        for number, (task, file, key) in enumerate(zip(tasks, files, keys, strict=True))
        if number not in outcomes
    }
    if jobs:
        if scheduler is None and cluster is None:
            before_local()
        with dask_client(
            processes=processes, scheduler=scheduler, cluster=cluster, wanted=len(jobs)
        ) as client:
            outcomes |= _run_jobs(client, jobs, files, report, there=len(outcomes))
    elif report is not None:
        report(Progress(len(tasks), done=len(tasks)))
    in_order = dict(sorted(outcomes.items()))
    failures = [one for one in in_order.values() if isinstance(one, Failure)]
    store.write_failures(failures)
    finished = {n: one for n, one in in_order.items() if not isinstance(one, Failure)}
    return SweepOutcomes(finished, files, failures)


def _read_what_is_there(tasks: Sequence[SweepTask], files: Sequence[Path]) -> dict[int, Any]:
    outcomes = {}
    for number, (task, file) in enumerate(zip(tasks, files, strict=True)):
        if file.is_file():
            with suppress(ModelError):  # one that was cut off: a worker says so
                outcomes[number] = task.read(file)
    return outcomes


def _run_jobs(
    client: Any,
    jobs: Mapping[int, Task],
    files: Sequence[Path],
    report: Callable[[Progress], None] | None,
    *,
    there: int,
) -> dict[int, Any]:
    numbers = list(jobs)
    tasks = list(jobs.values())
    outcomes = {}
    for job, outcome in run_on_workers(client, _run_and_read, tasks, report, there=there):
        number = numbers[job]
        outcomes[number] = _seen(outcome, files[number], tasks[job].name)
    return outcomes


def _run_and_read(task: SweepTask, file: Path, key: str, time_limit_s: float | None) -> Any:
    """What a worker does: run a task to its file unless it is there, and read the file."""
    if task.fresh_key() != key:
        raise ModelError(
            "this worker has another version of the package, of NEURON or of the cell's file, or"
            " another platform; install the same on all workers and restart them."
        )
    with time_limit(time_limit_s):
        write_once(file, task.run)
    try:
        outcome = task.read(file)
    except ModelError as error:  # written whole, it was cut off later
        raise ModelError(f"{error} Delete it; the same command then runs it again.") from error
    _spare_what_stays()
    return outcome


@cache  # once a process
def _spare_what_stays() -> None:
    """Let Python's search for garbage pass over what the first task of a process has loaded.

    That are libraries above all: half a million objects that stay, and a tenth of a second for each
    search through them.
    """
    gc.collect()
    gc.freeze()


def _seen(outcome: Any, file: Path, name: str) -> Any:
    """The outcome, unless the worker wrote its file where nobody sees it."""
    if isinstance(outcome, Failure):
        return outcome
    for _ in range(_LOOKS):
        # A network file system may deny a file for a while, until the folder is read anew.
        if file.is_file() or file.name in {path.name for path in file.parent.iterdir()}:
            return outcome
        time.sleep(_LOOK_AGAIN_S)
    reason = f"its worker wrote {file}, which is not seen here; give --out a folder"
    return Failure(name, f"{reason} that all workers share.")
