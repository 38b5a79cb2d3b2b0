"""How far something is, and how long it will take: a bar on a terminal, else a line now and then.

What a single run and a sweep of many show; the estimate of the time left is the same for both.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_LINE_EVERY_S = 30.0


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    total, done, running, failed : int
        `done` counts what succeeded, what was there before included.
    left_s : float or None
        Estimated time left, from the pace since the first worker was at work; None before
        anything has finished.
    """

    total: int
    done: int = 0
    running: int = 0
    failed: int = 0
    left_s: float | None = None

    @property
    def finished(self) -> int:
        """How many need no more work."""
        return self.done + self.failed

    @property
    def left(self) -> int:
        """How many wait for a worker."""
        return self.total - self.finished - self.running


class TimeLeft:
    """Time left, from how much was done since work began."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._done_before = 0.0

    @property
    def begun(self) -> bool:
        """Whether `begin` was called."""
        return self._start_s is not None

    def begin(self, done: float = 0.0) -> None:
        """Count from now, when so much is done: what went before says nothing about the pace."""
        self._start_s = time.monotonic()
        self._done_before = done

    def text(self, done: float, total: float) -> str:
        """``, 3 min 5 s left``, for the end of a line; empty as long as nothing was done."""
        return left_text(self.seconds(done, total))

    def seconds(self, done: float, total: float) -> float | None:
        """Seconds left; None as long as nothing was done since `begin`."""
        if self._start_s is None or done <= self._done_before:
            return None
        since_s = time.monotonic() - self._start_s
        return since_s * (total - done) / (done - self._done_before)


@contextmanager
def show_sweep(show: bool, what: str) -> Iterator[Callable[[Progress], None] | None]:
    """Show how many of a sweep (``trials``) are done, run and have failed, and the time left.

    Yields what is to be called with a `Progress`; None if nothing is to be shown.
    """
    if not show:
        yield None
        return
    with _display() as display:
        last: Progress | None = None

        def report(seen: Progress) -> None:
            nonlocal last
            news = last is None or seen.failed > last.failed or seen.finished == seen.total
            if seen != last:
                text = f"{seen.done} of {seen.total} {what} done, {seen.running} running"
                text += f", {seen.failed} failed{left_text(seen.left_s)}"
                display(seen.finished, seen.total, text, news)
            last = seen

        yield report


@contextmanager
def show_simulated(show: bool) -> Iterator[Callable[[float, float], None] | None]:
    """Show the simulated time of a run and the time left.

    Yields what is to be called with the simulated time and its end, both in ms; None if nothing is
    to be shown.
    """
    if not show:
        yield None
        return
    with _display() as display:
        time_left, last_ms = TimeLeft(), float("inf")

        def report(t_ms: float, t_stop_ms: float) -> None:
            nonlocal last_ms
            if t_ms < last_ms:  # a run has begun
                time_left.begin(t_ms)
            last_ms = t_ms
            left = time_left.text(t_ms, t_stop_ms)
            display(t_ms, t_stop_ms, f"{t_ms:.0f} of {t_stop_ms:.0f} ms simulated{left}")

        yield report


def duration_text(seconds: float) -> str:
    """A duration in words: ``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    minutes, rest_s = divmod(round(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    if hours:
        return f"{hours} h {rest_min} min"
    return f"{minutes} min {rest_s} s" if minutes else f"{rest_s} s"


def left_text(seconds: float | None) -> str:
    """``, 3 min 5 s left``, for the end of a line; empty without an estimate."""
    return "" if seconds is None else f", {duration_text(seconds)} left"


@contextmanager
def _display() -> "Iterator[_Lines | _Bar]":
    if not sys.stdout.isatty():
        yield _Lines()
        return
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (BarColumn(), TextColumn("{task.description}"))
    with RichProgress(*columns, transient=True) as rich_progress:
        yield _Bar(rich_progress)


class _Bar:
    """Moves the bar of a terminal."""

    def __init__(self, rich_progress) -> None:
        self._progress = rich_progress
        self._task = rich_progress.add_task("", total=None, visible=False)

    def __call__(self, done: float, total: float, text: str, news: bool = False) -> None:
        self._progress.update(
            self._task, completed=done, total=total, description=text, visible=True
        )


class _Lines:
    """Prints a line for news, at every tenth of the whole, and every half minute between."""

    def __init__(self) -> None:
        self._tenths = 0
        self._last_s = time.monotonic()

    def __call__(self, done: float, total: float, text: str, news: bool = False) -> None:
        tenths = int(10 * done / total + 1e-9) if total else 10
        late = time.monotonic() - self._last_s >= _LINE_EVERY_S
        if news or tenths > self._tenths or late:
            print(text, flush=True)
            self._last_s = time.monotonic()
        self._tenths = tenths
