"""How long a reader takes: seconds that its own thread computes, the shortest of several readings.

What the kernel does for it is left out: where memory is short, Python's collector fetches back what
earlier tests left, which took up to nine times as long as the reading. Other work on the machine and
that collection only add to a reading; the shortest comes nearest to what the reader itself needs.
"""

import contextlib
import resource
import signal
from collections.abc import Callable, Iterator
from typing import Any

from netpyne_model.errors import ModelError

MOST_SECONDS = 2.0  # for one input: a time that a user does not notice
READ_AGAIN = 3
_HANGING_S = 30


def soon(read: Callable[[], Any]) -> Any:
    """What a reader returns, or what it says as ModelError, within `MOST_SECONDS`."""
    taken_s, outcome = shortest(read, MOST_SECONDS)
    assert taken_s < MOST_SECONDS, f"{taken_s:.1f} s; {outcome}"
    return outcome


def shortest(read: Callable[[], Any], enough_s: float = 0.0) -> tuple[float, Any]:
    """The shortest time of `READ_AGAIN` readings, or the first below `enough_s`, and their outcome."""
    times_s: list[float] = []
    while len(times_s) < READ_AGAIN and min(times_s, default=enough_s) >= enough_s:
        start_s = _computed_s()
        with _not_for_ever():
            try:
                outcome = read()
            except ModelError as error:
                outcome = str(error)
        times_s.append(_computed_s() - start_s)
    return min(times_s), outcome


def _computed_s() -> float:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_utime


@contextlib.contextmanager
def _not_for_ever() -> Iterator[None]:
    def stop(*_):
        raise AssertionError(f"still reading after {_HANGING_S} s of the processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANGING_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
