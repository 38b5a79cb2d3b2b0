"""Dask workers of this machine, for one sweep: they end with it, and take nothing from others.

Who reaches a port of Dask's can have it run anything. So theirs are open on loopback alone, and
all that talk there show a certificate of this sweep, which is in the memory of its processes.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import ModelError
from ..main_guard import GUARD, OWN_MODULES_ONLY, in_environment

_WATCH_S = 0.5
_LOOPBACK = "127.0.0.1"
# On a machine that is busy with other things. Dask tries to connect for a fifth of the time at
# first; it gives up a worker that has died, for good, if no other has taken its place.
_CONNECT, _REPLACED = "150s", "1h"


@contextmanager
def local_workers(processes: int) -> Iterator[Any]:
    """Start so many workers; a ``distributed.Client`` of theirs. `ModelError` if they do not."""
    import dask  # imported here: the package starts without Dask
    from distributed import Client, LocalCluster
    from distributed.security import Security

    before_start = "distributed.nanny.pre-spawn-environ"
    environment = {"DASK_LOGGING__DISTRIBUTED": "critical", **OWN_MODULES_ONLY}
    settings = {
        before_start: {**dask.config.get(before_start), **environment},
        # Nothing waits at a worker that may die, but for the last few.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.worker.profile.enabled": False,  # it would keep what it saw of an hour
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.comm.timeouts.connect": _CONNECT,
        "distributed.deploy.lost-worker-timeout": _REPLACED,
        # Pages ask nobody for a certificate: there are none.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    for name in ("distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with (
        dask.config.set(settings),
        _loop_without_interrupts() as loop,
        _started(
            LocalCluster,
            n_workers=processes,
            threads_per_worker=1,
            processes=True,
            host=_LOOPBACK,
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address=f"{_LOOPBACK}:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
            loop=loop,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(_ending_with_parent(os.getpid()))
        yield client


def _started(cluster: Callable[..., Any], **settings: Any) -> Any:
    """A cluster whose workers have started; `ModelError` if they have not."""
    try:
        return cluster(**settings)
    except RuntimeError as error:  # Dask's, whatever became of them
        raise ModelError(
            f"the workers did not start ({error}); if a script starts them, {GUARD}"
        ) from error


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
    warnings = quiet if not before else f"{before},{quiet}"
    with in_environment(PYTHONWARNINGS=warnings, **OWN_MODULES_ONLY):
        resource_tracker.ensure_running()
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
