"""Reads arguments that may come in several forms: paths, names and factors."""

from collections.abc import Iterable
from numbers import Real
from pathlib import Path
from typing import Any

from ..errors import ModelError, quoted


def as_path(value: Any, what: str, example: str) -> Path:
    """A path, as text or as a `Path`; a ModelError says `what` is expected, with an `example`."""
    if not isinstance(value, str | Path):
        raise ModelError(f"{what} = {quoted(value)}: expected a path, such as {quoted(example)}.")
    return Path(value)


def as_names(value: Any, what: str) -> tuple[str, ...]:
    """One name, or several, as a tuple without repetitions; `what` they name is for errors.

    Raises ModelError if it is no name and no collection of names, or an empty one.
    """
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, Iterable):
        names = tuple(names)
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{what} = {quoted(value)}: expected a name, or a list of names.")
    if not names:
        raise ModelError(f"{what}: the list is empty; give at least one name.")
    return tuple(dict.fromkeys(names))


def as_factor(value: Any) -> float:
    """A factor of 0 or more; ModelError if it is none."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not 0 <= float(value) < float("inf"):
        raise ModelError(f"factor = {quoted(value)}: expected a number of 0 or more, such as 0.5.")
    return float(value)
