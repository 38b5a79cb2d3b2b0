"""One process that simulates, and the process's own side: it answers, and drops what it is told to."""

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from ..errors import ModelError
from ..main_guard import OWN_MODULES_ONLY, in_environment

_PART, _END, _ERROR, _DROPPED = "part", "end", "error", "dropped"


class Simulator:
    """A process that answers one question after the other."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        # A question may be dropped before the process knows what the signal means.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        with in_environment(**OWN_MODULES_ONLY):
            self.process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()

    async def answers(
        self, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> AsyncIterator[Any]:
        """The parts of what a function gives.

        Raises what the function raises, and EOFError or OSError if the process is killed.
        """
        self._pipe.send((function, arguments))
        while True:
            kind, content = await self._received()
            if kind == _PART:
                yield content
            elif kind == _ERROR:
                raise content
            else:
                return

    async def drop(self) -> None:
        """Let it stop at what it is at; back when it has."""
        with suppress(EOFError, OSError):
            assert self.process.pid is not None
            os.kill(self.process.pid, signal.SIGUSR1)
            if await self._last_kind() != _DROPPED:  # it had ended before the signal came
                self._pipe.send(None)
                await self._last_kind()

    async def _last_kind(self) -> str:
        kind = _PART
        while kind == _PART:
            kind, _ = await self._received()
        return kind

    async def _received(self) -> tuple[str, Any]:
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        loop.add_reader(self._pipe.fileno(), came.set)
        try:
            await came.wait()
        finally:
            loop.remove_reader(self._pipe.fileno())
        kind, content = self._pipe.recv()
        return kind, content


class _Dropped(BaseException):
    """Nobody waits for the answer any more."""


class _Question:
    """What the process is at, which a signal drops; between parts it waits until they are sent."""

    def __init__(self, pipe: Connection):
        self._pipe = pipe
        self._stoppable = self._dropped = False
        signal.signal(signal.SIGUSR1, self._drop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})

    def _drop(self, *_: Any) -> None:
        self._dropped = True
        if self._stoppable:
            self._stoppable = False
            raise _Dropped

    def await_drop(self) -> None:
        """The signal that comes late is not for the next question."""
        while not self._dropped:
            time.sleep(1e-3)
        self._tell_dropped()

    def _tell_dropped(self) -> None:
        self._dropped = False  # the next signal is for another question
        self._pipe.send((_DROPPED, None))

    def answer(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:  # dropped already, perhaps, while the process was being made ready
            for part in self._parts(function, arguments):
                self._pipe.send((_PART, part))
            self._pipe.send((_END, None))
        except BaseException as error:
            self._stoppable = False
            if self._dropped:  # what a signal interrupts may make another error of it
                self._tell_dropped()
            else:
                self._pipe.send((_ERROR, error))

    def _parts(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Iterator[Any]:
        """The parts of an answer, which can be dropped until each is there."""
        with self:
            answer = function(*arguments)
        if not isinstance(answer, Iterator):
            yield answer
            return
        while True:
            with self:
                part = next(answer, self)
            if part is self:
                return
            yield part

    def __enter__(self) -> None:
        self._stoppable = True
        if self._dropped:
            raise _Dropped

    def __exit__(self, *_: object) -> None:
        self._stoppable = False


def _serve(pipe: Connection) -> None:
    """Answer until the process that asks ends, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all processes of a terminal
    os.nice(10)  # the page and the browser come first, on as many cores
    question = _Question(pipe)
    threading.Thread(target=_follow_parent, daemon=True).start()
    with suppress(ModelError):  # the first question says so
        _make_ready()
    with suppress(EOFError):
        while True:
            asked = pipe.recv()
            if asked is None:
                question.await_drop()
            else:
                question.answer(*asked)


def _follow_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(0)


def _make_ready() -> None:
    """Load what a simulation needs, so that the first one does not wait for it."""
    from ..cell.cell import Cell
    from ..mechanisms import loading
    from . import responses  # noqa: F401

    loading.load()
    Cell().with_rule("all", "pas.g", factor=1.01).describe()  # works out the rules' profiles
    gc.freeze()  # all this stays
