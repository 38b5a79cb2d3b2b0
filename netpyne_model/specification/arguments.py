"""What a caller may give in several forms, brought into one; what is none of them is refused in one line."""

from collections.abc import Iterable
from numbers import Real
from pathlib import Path
from typing import Any

from ..errors import ModelError, quoted


def as_path(value: Any, what: str, example: str) -> Path:
    """A path, as text or as a `Path`; `what` and `example` say in an error what it is and how it looks.

    Raises ModelError if it is neither.
    """
    if not isinstance(value, str | Path):
        raise ModelError(f"{what} = {quoted(value)}: expected a path, such as '{example}'.")
    return Path(value)


def as_names(value: Any, what: str) -> tuple[str, ...]:
    """One name, or several, as a tuple without repetitions; `what` (``channels``) says in an error what they name.

    Raises ModelError if it is no name and no collection of names, or an empty one.
    """
    names = (
        (value,)
        if isinstance(value, str)
        else tuple(value)
        if isinstance(value, Iterable)
        else None
    )
    if names is None or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{what} = {quoted(value)}: expected a name, or a list of names.")
    if not names:
        raise ModelError(f"{what}: the list is empty; give at least one name.")
    return tuple(dict.fromkeys(names))


def as_factor(value: Any) -> float:
    """A factor of 0 or more.

    Raises ModelError if it is none.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, Real)
        or not 0 <= float(value) < float("inf")
    ):
        raise ModelError(f"factor = {quoted(value)}: expected a number of 0 or more, such as 0.5.")
    return float(value)
