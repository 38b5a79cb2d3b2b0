"""A limit to the wall time of simulations: what takes longer ends with an error, in between steps."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn

from .errors import ModelError, quoted

_LONGEST_S = 1e9  # thirty years


class _Limit:
    """How long simulations may take together, from when the first of them begins."""

    def __init__(self, limit_s: float):
        self.limit_s = limit_s
        self._end_s: float | None = None

    def left_s(self) -> float:
        if self._end_s is None:
            self._end_s = time.monotonic() + self.limit_s
        return self._end_s - time.monotonic()


_limit: ContextVar[_Limit | None] = ContextVar("limit", default=None)


def check_time_limit(name: str, limit_s: float | None) -> None:
    """Refuse what is no time in s (ModelError); None is no limit."""
    if limit_s is None:
        return
    is_number = isinstance(limit_s, int | float) and not isinstance(limit_s, bool)
    if not is_number or not 0 < limit_s <= _LONGEST_S:
        raise ModelError(
            f"{name} = {quoted(limit_s)}: expected seconds, above 0; leave it out for no limit."
        )


@contextmanager
def time_limit(limit_s: float | None) -> Iterator[None]:
    """Let the simulations of the block take so long together (s); without a number as they like.

    What goes before the first of them, as compiling mechanisms and building the cell, counts not.
    """
    token = _limit.set(None if limit_s is None else _Limit(limit_s))
    try:
        yield
    finally:
        _limit.reset(token)


def left_s() -> float | None:
    """Wall time that is left (s), from now on if nothing was simulated yet; None without a limit."""
    limit = _limit.get()
    return None if limit is None else limit.left_s()


def refuse_beyond_limit(reached_ms: float) -> NoReturn:
    """Say how far a simulation came (ModelError)."""
    limit = _limit.get()
    longest = "" if limit is None else f" of {limit.limit_s:g} s"
    raise ModelError(
        f"its time limit{longest} ended it at {reached_ms:.6g} ms of simulated time; give a longer"
        " one (--time-limit, trial_time_limit_s), or simulate less (duration_ms)."
    )
