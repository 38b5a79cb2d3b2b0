"""How long a reader takes: seconds of the processor, the shortest of several readings.

Other work on the machine, Python's collection of what earlier tests left, and memory that has to be
found only add to a reading; the shortest comes nearest to what the reader itself needs.
"""

import contextlib
import signal
import time
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
        start_s = time.process_time()
        with _not_for_ever():
            try:
                outcome = read()
            except ModelError as error:
                outcome = str(error)
        times_s.append(time.process_time() - start_s)
    return min(times_s), outcome


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
