"""Many runs at once on Dask workers: processes of this machine, or those of a scheduler elsewhere.

Every worker runs one thing at a time in a process of its own, with a NEURON of its own; nothing is
shared.
"""

import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any, TypedDict

from ..errors import ModelError
from ..progress import Progress, TimeLeft

_WATCH_S = 0.5
_CONNECT_S = 10.0
_LOST = "the scheduler was lost; start one again, and the same again: what is finished is kept."
_LOOK_S = 0.5  # how often the number of running tasks is asked for


class Workers(TypedDict, total=False):
    """On which workers a sweep runs, and who hears how far it is.

    Attributes
    ----------
    processes : int, optional
        How many new ones of this machine; as many as there are cores by default.
    scheduler : str, optional
        Address of a running Dask scheduler, ``tcp://host:8786``, or its scheduler file (``.json``).
    cluster : dask cluster, optional
        Such as a ``dask_jobqueue.SLURMCluster``; it is left running.
    report : callable, optional
        Called with a `Progress` at the start and at every change.
    """

    processes: int | None
    scheduler: str | None
    cluster: Any
    report: Callable[[Progress], None] | None


@dataclass(frozen=True)
class Task:
    """Something to run.

    Attributes
    ----------
    name : str
        In words, for errors.
    arguments : tuple
        Of the function that is run; it and they travel to the worker.
    quick : bool
        Whether there is little left to do, so that it tells nothing about the pace.
    """

    name: str
    arguments: tuple[Any, ...]
    quick: bool = False


@dataclass(frozen=True)
class Failure:
    """A task that failed, why in one line, and where in the code if the code is at fault."""

    name: str
    reason: str
    detail: str = ""


@contextmanager
def dask_client(
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    wanted: int | None = None,
) -> Iterator[Any]:
    """Connect to workers (see `Workers`); no more than are `wanted` are started.

    Yields a ``distributed.Client``; `ModelError` if the scheduler does not answer.
    """
    from distributed import Client

    _refuse_in_a_worker()
    with ExitStack() as stack:
        if cluster is not None or scheduler is not None:
            for name in ("distributed.client", "distributed.batched"):
                # What they tell becomes one line here.
                logging.getLogger(name).setLevel(logging.CRITICAL)
        if cluster is not None:
            yield stack.enter_context(Client(cluster))
        elif scheduler is not None:
            yield stack.enter_context(_remote(scheduler))
        else:
            yield stack.enter_context(_local(processes or os.cpu_count() or 1, wanted))


def _refuse_in_a_worker() -> None:
    """Refuse to start workers while a worker imports the main script: that would never end."""
    from multiprocessing import process

    if getattr(process.current_process(), "_inheriting", False):
        raise ModelError(
            "a script that runs a sweep is imported by its workers; put its last lines under"
            " if __name__ == '__main__':"
        )


def _remote(scheduler: str) -> Any:
    from distributed import Client

    at = {"scheduler_file": scheduler} if scheduler.endswith(".json") else {"address": scheduler}
    if "scheduler_file" in at and not os.path.isfile(scheduler):  # Dask would wait for it for ever
        raise ModelError(
            f"scheduler file {scheduler} does not exist; give the one that 'dask scheduler' wrote."
        )
    try:
        return Client(**at, timeout=_CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise ModelError(
            f"scheduler {scheduler} does not answer ({type(error).__name__}); give the address that"
            " 'dask scheduler' printed, such as tcp://host:8786."
        ) from error


@contextmanager
def _local(processes: int, wanted: int | None) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    before_start = "distributed.nanny.pre-spawn-environ"
    settings = {
        before_start: {**dask.config.get(before_start), "DASK_LOGGING__DISTRIBUTED": "critical"},
        # Nothing waits at a worker that may die, but for the last few.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.worker.profile.enabled": False,  # it would keep what it saw of an hour
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
    }
    for name in ("distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with (
        dask.config.set(settings),
        _loop_without_interrupts() as loop,
        LocalCluster(
            n_workers=max(min(processes, wanted or processes), 1),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            loop=loop,
        ) as cluster,
        Client(cluster) as client,
    ):
        client.register_plugin(_ending_with_parent(os.getpid()))
        yield client


@contextmanager
def _loop_without_interrupts() -> Iterator[Any]:
    """A loop of Dask whose worker processes do not see Ctrl-C.

    A terminal sends it to them too, but this process ends them. They inherit the mask of the thread
    that starts them. Python's resource tracker, started with the first of them, would undo it, and
    tell of what a killed worker left to it.
    """
    from multiprocessing import resource_tracker

    from distributed.utils import LoopRunner

    quiet = "ignore::UserWarning:multiprocessing.resource_tracker"
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = quiet if not before else f"{before},{quiet}"
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before
    runner = LoopRunner()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        runner.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield runner.loop
    finally:
        runner.stop()


def _ending_with_parent(parent: int) -> Any:
    """Dask's worker plugin that applies `end_with_parent`, also to those that replace dead ones."""
    from distributed import WorkerPlugin  # imported here: the package starts without Dask

    class EndWithParent(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            end_with_parent(parent)

    return EndWithParent()


def end_with_parent(parent: int) -> None:
    """Let this process end when the one that started it is gone, were it killed without a word."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_on_workers(
    client: Any,
    function: Callable,
    tasks: Sequence[Task],
    report: Callable[[Progress], None] | None = None,
    *,
    there: int = 0,
) -> Iterator[tuple[int, Any]]:
    """Run a function of a module over tasks; yield what comes, as it comes.

    A worker that dies loses only what it ran, which another takes over; at the fourth such death
    the task has failed. Those that were `there` before count as done.

    Yields
    ------
    index : int
        Of the task.
    outcome
        What the function returned, or a `Failure`.
    """
    import cloudpickle  # imported here, as Dask is: the package starts without them

    # All at once: of single ones the scheduler gives the first out in pairs, and a task that waits
    # at a worker is charged with the worker's death. As bytes: what a worker cannot
    # read back fails there as a task does, where Dask would wait for ever.
    payloads = [cloudpickle.dumps((function, task.arguments)) for task in tasks]
    futures = client.map(_apply, payloads, pure=False)
    numbers = {future.key: number for number, future in enumerate(futures)}
    finished: SimpleQueue = SimpleQueue()
    for future in futures:
        future.add_done_callback(finished.put)
    count = _Count(tasks, report, there)
    try:
        while count.progress.finished < count.progress.total:
            count.at_work(_running(client, numbers))
            with suppress(Empty):
                future = finished.get(timeout=_LOOK_S)
                number = numbers[future.key]
                outcome = _outcome(tasks[number], future)
                count.finished(tasks[number], outcome)
                yield number, outcome
                futures[number] = None  # lets the workers forget it
                del future
        count.at_work(0)
    finally:
        with suppress(OSError):  # of a scheduler that is gone
            client.cancel([future for future in futures if future is not None])


class _Count:
    """Counts what is at work and what has finished, and reports every change."""

    def __init__(
        self, tasks: Sequence[Task], report: Callable[[Progress], None] | None, there: int
    ) -> None:
        self.progress = Progress(len(tasks) + there, done=there)
        self._report = report
        self._reported: Progress | None = None
        self._time_left = TimeLeft()
        # Those with little left to do tell nothing about the pace.
        self._slow = sum(not task.quick for task in tasks)
        self._slow_finished = 0

    def at_work(self, running: int) -> None:
        """Take note of how many are at work, and report."""
        if running and not self._time_left.begun:  # before, all only wait for workers
            self._time_left.begin()
        progress = replace(self.progress, running=running)
        if self._report is not None and progress != self._reported:
            self._report(progress)
        self._reported = progress

    def finished(self, task: Task, outcome: Any) -> None:
        """Take note of an outcome."""
        failed = isinstance(outcome, Failure)
        self._slow_finished += not task.quick
        self.progress = replace(
            self.progress,
            done=self.progress.done + (not failed),
            failed=self.progress.failed + failed,
            left_s=self._time_left.seconds(self._slow_finished, self._slow),
        )


def _apply(payload: bytes) -> Any:
    import cloudpickle

    function, arguments = cloudpickle.loads(payload)
    return function(*arguments)


def _running(client: Any, numbers: Mapping[str, int]) -> int:
    """How many of these tasks are at work, as the scheduler says; a worker's others wait for it."""
    try:
        at_worker = client.processing()
    except OSError as error:
        raise ModelError(_LOST) from error
    return sum(min(sum(key in numbers for key in keys), 1) for keys in at_worker.values())


def _outcome(task: Task, future: Any) -> Any:
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except ModelError as error:
        return Failure(task.name, str(error))
    except KilledWorker:
        return Failure(task.name, "every worker that ran it died (killed, or out of memory).")
    except CancelledError as error:
        raise ModelError(_LOST) from error
    except Exception as error:
        lines = traceback.format_exception(error)
        return Failure(task.name, f"{type(error).__name__}: {error}", "".join(lines))
