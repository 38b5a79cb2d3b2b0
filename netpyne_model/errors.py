"""Errors that a user can mend: one line that names the thing, the value, what was expected and the next step."""

import difflib
from collections.abc import Iterable
from typing import Any

_LONGEST = 60  # characters of a value in an error


class ModelError(ValueError):
    """Something the user gave is wrong. The message is one complete line; the command line exits with code 2."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to `name`, or a list of the known names.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names that exist.
    """
    known = list(known)
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    if nearest:
        return f" Did you mean '{nearest[0]}'?"
    return f" Known: {', '.join(sorted(known))}."


def quoted(value: Any) -> str:
    """A value as an error shows it: on one line, and cut short if need be."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
