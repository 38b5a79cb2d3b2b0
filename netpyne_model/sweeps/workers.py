"""Many runs at once on Dask workers: processes of this machine, or those of a scheduler elsewhere.

Every worker runs one thing at a time in a process of its own, with a NEURON of its own; nothing is
shared.
"""

import asyncio
import gc
import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypedDict

from ..errors import ModelError, quoted
from ..machine import available_memory_GB, usable_cores
from ..main_guard import check_main_guard
from ..progress import Progress, TimeLeft
from ..time_limit import check_time_limit
from .local_workers import local_workers

_WORKER_GB = (
    0.3  # of memory, its own and its share: what one takes that runs trials with all inputs
)
_CONNECT_S = 10.0
_CERTIFICATES = tuple(
    f"DASK_DISTRIBUTED__COMM__TLS__{one}" for one in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
)
_LOST = "the scheduler was lost; start one again, and the same again: what is finished is kept."
_LOOK_S = 0.5  # how often the number of running tasks is asked for


class Workers(TypedDict, total=False):
    """On which workers a sweep runs, and who hears how far it is.

    Attributes
    ----------
    processes : int, optional
        How many new ones of this machine; by default as many as there are cores to be used, if
        memory holds them.
    scheduler : str, optional
        Address of a running Dask scheduler, ``tcp://host:8786``, or its scheduler file (``.json``);
        for ``tls://host:8786`` Dask's configuration names the certificates.
    cluster : dask cluster, optional
        Such as a ``dask_jobqueue.SLURMCluster``; it is left running.
    report : callable, optional
        Called with a `Progress` at the start and at every change.
    time_limit_s : float, optional
        Longest wall time of the simulations of one task: see `time_limit`. One that takes longer
        has failed, and its worker goes on with the next.
    """

    processes: int | None
    scheduler: str | None
    cluster: Any
    report: Callable[[Progress], None] | None
    time_limit_s: float | None


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

    Yields a ``distributed.Client``, which is not Dask's default: what else uses Dask in this process
    (xarray, a user's own client) goes on as before. `ModelError` if the scheduler does not answer.
    """
    from distributed import Client

    check_workers(processes=processes, scheduler=scheduler, cluster=cluster)
    with ExitStack() as stack:
        if cluster is not None or scheduler is not None:
            for name in ("distributed.client", "distributed.batched"):
                # What they tell becomes one line here.
                logging.getLogger(name).setLevel(logging.CRITICAL)
        if cluster is not None:
            yield stack.enter_context(Client(cluster, set_as_default=False))
        elif scheduler is not None:
            yield stack.enter_context(_remote(scheduler))
        else:
            yield stack.enter_context(local_workers(_how_many(processes, wanted)))


def check_workers(
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    time_limit_s: float | None = None,
    **_: Any,
) -> None:
    """See whether workers can be had as a sweep wants them, before it begins: see `Workers`.

    Raises
    ------
    ModelError
        If there can be no such number of processes, or no such time limit.
    SystemExit
        See `check_main_guard`.
    """
    if scheduler is None and cluster is None:
        check_main_guard()
    check_time_limit("time_limit_s", time_limit_s)
    if processes is None:
        return
    if not isinstance(processes, int) or isinstance(processes, bool) or processes < 1:
        raise ModelError(
            f"processes = {quoted(processes)}: expected a whole number, 1 or more; leave it out for"
            " as many as there are cores."
        )


def _how_many(processes: int | None, wanted: int | None) -> int:
    """How many workers start here: no more than there is to do, nor than memory holds."""
    holds = max(int(available_memory_GB() / _WORKER_GB), 1)
    most = min(usable_cores(), holds) if processes is None else processes
    number = max(min(most, wanted or most), 1)
    if number > holds:
        raise ModelError(
            f"{number} workers take {number * _WORKER_GB:.1f} GB of memory, of which"
            f" {available_memory_GB():.1f} GB are available; let {holds} run at once (processes,"
            " --processes)."
        )
    return number


def _remote(scheduler: str) -> Any:
    from distributed import Client
    from distributed.utils import LoopRunner

    address = _address_in(scheduler) if scheduler.endswith(".json") else scheduler
    try:
        LoopRunner().run_sync(_greet, address)  # a notebook has a loop of its own
        return Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        because = f" ({reason or type(error).__name__})"
    except Exception:  # of any kind, where one talks TLS and the other does not
        because = ""
    # The client that has failed ends here. Were it collected while another one starts, it would wait
    # for ever for a lock that the other holds.
    gc.collect()
    raise ModelError(f"scheduler {scheduler} does not answer{because}; {_how_to_connect(address)}.")


def _address_in(file: str) -> str:
    """The address that a scheduler has written into its file."""
    try:
        return str(json.loads(Path(file).read_text(encoding="utf-8"))["address"])
    except FileNotFoundError:
        what = "does not exist"
    except (OSError, ValueError, KeyError, TypeError):
        what = "holds no address"
    raise ModelError(f"scheduler file {file} {what}; give the one that 'dask scheduler' wrote.")


async def _greet(address: str) -> None:
    """Connect to an address, and no more: TimeoutError of what takes the connection and is silent.

    A Dask client would wait for its answer for ever.
    """
    from distributed.comm import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    greeting = connect(address, timeout=_CONNECT_S, **arguments)
    comm = await asyncio.wait_for(greeting, 2 * _CONNECT_S)
    await comm.close()


def _how_to_connect(address: str) -> str:
    if address.startswith("tls://"):
        return f"name its certificates: {', '.join(_CERTIFICATES)} (docs/cluster.md)"
    return "give the address that 'dask scheduler' printed, such as tcp://host:8786"


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
