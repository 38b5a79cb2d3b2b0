"""`ca1 explore` as a user starts it: in a process of its own, with its address and its page."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

WAIT_S = 400
_NUMBER = re.compile(r"[0-9]")
_EPSPS = re.compile(r"^(EPSPs|all)\b.* after")


@dataclass
class Served:
    """A command that serves; `address` has the token."""

    process: subprocess.Popen
    address: str

    @property
    def port(self) -> int:
        """The port in its address."""
        return int(re.search(r":(\d+)/", self.address)[1])

    def family(self) -> list[psutil.Process]:
        """The process and those that it has started."""
        one = psutil.Process(self.process.pid)
        return [one, *one.children(recursive=True)]


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """``ca1 explore --no-browser`` and further arguments, once it listens."""
    command = [sys.executable, "-m", "netpyne_model", "explore", "--no-browser", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield Served(process, line.split()[1])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(WAIT_S)
        process.stdout.close()
        process.stderr.close()


class Explored:
    """The page in a browser, with what it said and where it asked."""

    def __init__(self, page: Any, address: str):
        self.page, self.address = page, address
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.set_default_timeout(1e3 * WAIT_S)
        page.goto(address)
        self.wait()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def wait(self) -> None:
        """Until both EPSPs that the sliders ask for are shown."""
        self.page.get_by_text(_EPSPS).wait_for()

    def wait_busy(self) -> None:
        """Until what has been changed is being simulated."""
        self.page.locator("p.busy").wait_for()

    def type(self, name: str, value: float | str) -> None:
        """Give a slider a number by its field, as a user does."""
        field = self.page.locator(f".of-{name} input")
        field.fill(f"{value}")
        field.press("Enter")

    def number(self, run: str, column: int) -> float:
        """A number of the table; the columns are potential, EPSP, EPSP before, spikes."""
        cell = self.page.locator(f"tr[data-run={run}] td").nth(column)
        cell.filter(has_text=_NUMBER).wait_for()
        return float(cell.inner_text())
