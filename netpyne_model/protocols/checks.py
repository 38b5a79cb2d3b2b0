"""Fields of stimuli and protocols: checks of numbers, one form for what has several."""

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from numbers import Integral, Real
from typing import Any, TypeVar

from ..errors import ModelError, did_you_mean, quoted
from ..receptors import receptors, receptors_of

T = TypeVar("T")
Place = str | tuple[str, float]
RECEPTORS = {
    "spine": tuple(receptor.name for receptor in receptors_of("exc")),
    "shaft": tuple(receptors()),
}
"""Names of the receptors that a protocol may drive, by where they sit."""


def assign(declared: Any, **values: Any) -> None:
    """Set fields of a frozen object, within its ``__post_init__``."""
    for name, value in values.items():
        object.__setattr__(declared, name, value)


def with_known_fields(**hints: str) -> Callable[[type[T]], type[T]]:
    """Let a dataclass refuse unknown, missing and nameless arguments in one line.

    `hints` has, for a name that is expected here in vain, the next step.
    """

    def decorate(declared: type[T]) -> type[T]:
        initialise = declared.__init__

        @functools.wraps(initialise)
        def checked(self: T, *nameless: Any, **entries: Any) -> None:
            check_entries(declared, nameless, entries, hints)
            initialise(self, **entries)

        setattr(declared, "__init__", checked)  # noqa: B010
        return declared

    return decorate


def check_entries(
    declared: type, nameless: Sequence[Any], entries: Mapping[str, Any], hints: Mapping[str, str]
) -> None:
    """Refuse arguments that a dataclass does not take, and the lack of those that it needs."""
    kind = declared.__name__
    defaults = {}
    needed = []
    for one in fields(declared):
        defaults[one.name] = one.default
        if one.default is MISSING and one.default_factory is MISSING:
            needed.append(one.name)
    if nameless:
        first = needed[0] if needed else next(iter(defaults))
        raise ModelError(
            f"{kind}({quoted(nameless[0])}): give every argument by its name, as in"
            f" {kind}({first}=...)."
        )
    for name in entries:
        if name not in defaults:
            step = f" {hints[name]}." if name in hints else did_you_mean(name, defaults)
            raise ModelError(f"{kind} has no field {quoted(name)}.{step}")
    missing = [name for name in needed if name not in entries]
    if missing:
        raise ModelError(f"{kind} {quoted(dict(entries))}: give {' and '.join(missing)} too.")


class Timed:
    """What stimuli with events at `times_ms` have in common."""

    times_ms: Any

    @property
    def begins_ms(self) -> float:
        """Time of its first event; infinite without any."""
        return min(as_times(self.times_ms), default=math.inf)


def as_several(values: Any) -> tuple[Any, ...]:
    """One thing or several as a tuple; numbers of an array as Python's own."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, str) or not isinstance(values, Iterable):
        return (values,)
    return tuple(values)


def as_times(times_ms: Any) -> tuple[float, ...]:
    """Times of events (ms), sorted."""
    times_ms = as_several(times_ms)
    for time in times_ms:
        check_number("times_ms", time, 0.0, 1e7)
    return tuple(sorted(float(time) for time in times_ms))


def as_rows(name: str, rows: Any) -> tuple[tuple[float, ...], ...]:
    """Rows of numbers, of an array or of sequences."""
    try:
        return tuple(tuple(float(value) for value in row) for row in rows)
    except (TypeError, ValueError):
        raise ModelError(f"{name} = {quoted(rows)}: expected sequences of numbers.") from None


def as_place(place: Any) -> str:
    """A place as text: a tuple of section and x as ``section(x)``."""
    if isinstance(place, str):
        return place
    try:
        section, x = place
        return f"{section}({float(x)!r})"
    except (TypeError, ValueError):
        raise ModelError(
            f"place {quoted(place)}: expected 'trunk_50(0.5)', ('trunk_50', 0.5) or 'trunk@200'."
        ) from None


def check_whole(name: str, value: Any, low: int, high: float = math.inf) -> None:
    """Refuse what is no whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        upwards = "" if high == math.inf else f" to {high}"
        raise ModelError(f"{name} = {quoted(value)}: expected a whole number from {low}{upwards}.")


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """Refuse what is no number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) <= high:
        raise ModelError(f"{name} = {quoted(value)}: expected a number from {low:g} to {high:g}.")


def check_receptors(receptors: Sequence[str], site: str) -> None:
    """Refuse receptors that a ``spine`` or a ``shaft`` does not bear."""
    if not receptors:
        raise ModelError(f"receptors: expected at least one of {', '.join(RECEPTORS[site])}.")
    for receptor in receptors:
        if receptor not in RECEPTORS[site]:
            near = did_you_mean(str(receptor), RECEPTORS[site])
            raise ModelError(f"receptor {quoted(receptor)} is none that a {site} may have.{near}")
