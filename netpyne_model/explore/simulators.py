"""Processes that simulate for the page, each with a NEURON of its own, and what they have found."""

import asyncio
import pickle
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import ModelError
from ..machine import usable_cores
from .simulator import Simulator

MOST_PROCESSES = 4
"""A page asks for two EPSPs at once; more processes than this only fill the memory."""
KEPT = 4000
"""Answers that are kept, the last ones asked for; one with a trace takes 35 kB."""
_KILLED = "a process that simulates was killed, perhaps for want of memory; move a slider to go on."


class Simulators:
    """Answers questions in processes that talk by pipes, no ports; the same question once.

    A question is a function of a module and its arguments; a generator answers it in parts. They
    are taken in the order in which they come. One that nobody waits for any more is dropped, and a
    process that is at it stops. All processes start at once, and load what a simulation needs.

    Parameters
    ----------
    n_processes : int, optional
        As many as cores by default, but not more than `MOST_PROCESSES`.
    """

    def __init__(self, n_processes: int | None = None):
        self.n = min(usable_cores(), MOST_PROCESSES) if n_processes is None else n_processes
        self._all = [Simulator() for _ in range(self.n)]
        self._idle: asyncio.Queue[Simulator] = asyncio.Queue()
        for one in self._all:
            self._idle.put_nowait(one)
        self._kept: OrderedDict[bytes, _Asked] = OrderedDict()
        self._asked: dict[bytes, _Asked] = {}

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function gives, in a process or from what is kept.

        Raises ModelError if the function does, or its process is killed.
        """
        return [part async for part in self.each(function, *arguments)][-1]

    async def each(self, function: Callable[..., Any], *arguments: Any) -> AsyncIterator[Any]:
        """As `ask`, the parts of the answer as they come."""
        question = pickle.dumps((function, arguments))
        if question in self._kept:
            self._kept.move_to_end(question)
        asked = self._kept.get(question) or self._asked.get(question)
        if asked is None:
            asked = self._asked[question] = _Asked()
            asked.work = asyncio.create_task(self._work(question, asked, function, arguments))
        asked.n_waiting += 1
        try:
            async for part in asked.parts():
                yield part
        finally:
            asked.n_waiting -= 1
            if not asked.n_waiting and not asked.ended:
                self._forget(question, asked)
                asked.work.cancel()

    async def _work(
        self, question: bytes, asked: "_Asked", function: Callable[..., Any], arguments: tuple
    ) -> None:
        simulator = await self._idle.get()
        if not simulator.process.is_alive():  # killed while nothing was asked for
            simulator = self._replaced(simulator)
        try:
            async for part in simulator.answers(function, arguments):
                asked.add(part)
            self._keep(question, asked)
            asked.end()
        except asyncio.CancelledError:
            await simulator.drop()
            raise
        except (EOFError, OSError):
            simulator = self._replaced(simulator)
            asked.end(ModelError(_KILLED))
        except Exception as error:
            asked.end(error)
        finally:
            self._forget(question, asked)
            self._idle.put_nowait(simulator)

    def _forget(self, question: bytes, asked: "_Asked") -> None:
        if self._asked.get(question) is asked:  # it may have been asked anew
            del self._asked[question]

    def _keep(self, question: bytes, asked: "_Asked") -> None:
        self._kept[question] = asked
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _replaced(self, killed: Simulator) -> Simulator:
        killed.process.kill()
        killed.process.join()
        new = Simulator()
        self._all[self._all.index(killed)] = new
        return new

    def stop(self) -> None:
        """End the processes; what they are at is lost."""
        for one in self._all:
            one.process.terminate()


class _Asked:
    """A question on its way: the parts that there are, for all who wait for it."""

    work: asyncio.Task

    def __init__(self) -> None:
        self.n_waiting = 0
        self.ended = False
        self._parts: list[Any] = []
        self._error: Exception | None = None
        self._news = asyncio.Event()

    def add(self, part: Any) -> None:
        self._parts.append(part)
        self._tell()

    def end(self, error: Exception | None = None) -> None:
        self._error, self.ended = error, True
        self._tell()

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()

    async def parts(self) -> AsyncIterator[Any]:
        n_seen = 0
        while True:
            for part in self._parts[n_seen:]:
                n_seen += 1
                yield part
            if self.ended and n_seen == len(self._parts):
                break
            if n_seen == len(self._parts):
                await self._news.wait()
        if self._error is not None:
            raise self._error
