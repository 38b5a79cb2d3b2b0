"""Errors that a user can mend: one line that names the thing, the value, what was expected and the next step."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

_LONGEST = 60  # characters of a value in an error
_NEAR = 0.6  # share of the letters in common from which on a name is a misspelling of another
_UNIT = re.compile(
    r"_(ma|na|pa|s|ms|us|v|mv|um|cm|hz|khz|deg|rad|ps|ns|mm|um|ohm|ohm_cm|uf_per_cm2|s_per_cm2)$"
)


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
    known = sorted(known)
    meant = nearest(name, known)
    if meant is not None:
        return f" Did you mean '{meant}'?"
    between = "; " if any("," in one for one in known) else ", "
    return f" Known: {between.join(known)}."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name most likely stands for; None if none is near."""
    by_folded = {one.casefold(): one for one in known}
    written = str(name).casefold()
    same = same_but_unit(written, by_folded)
    if same is not None:
        return by_folded[same]
    close = difflib.get_close_matches(written, by_folded, n=1, cutoff=_NEAR)
    longer = [one for one in by_folded if one.startswith(f"{written}_")]
    return by_folded[(close or longer)[0]] if close or longer else None


def same_but_unit(name: str, known: Iterable[str]) -> str | None:
    """The known name that is a name but for capitals and the unit at its end: ``dc``, ``dc_nA``."""
    written = str(name).casefold()
    stem = _UNIT.sub("", written)
    near = [one for one in known if one.casefold() == written]
    near += [one for one in known if _UNIT.sub("", one.casefold()) == stem]
    return near[0] if near else None


def quoted(value: Any) -> str:
    """A value as an error shows it: on one line, and cut short if need be."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
