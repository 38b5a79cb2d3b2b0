"""Errors that a user can mend: one line that names the thing, the value, what was expected and the next step."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

LONGEST_MESSAGE = 1000
"""Characters of an error's line; what is longer loses its middle, so that the next step stays."""
_KEPT_END = 300  # of them are the end of a line that was cut
_CUT = " [...] "
_BREAK = re.compile(r"[ \t]*[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029][ \t\n\r]*")
_LONGEST = 60  # characters of a value in an error
_LONGEST_TEXT = 77  # of a text that stands without quotes
_LONGEST_PATH = 97
_LONGEST_NAME = 100  # of which a misspelling is looked for; the search takes the square of it
_NEAR = 0.6  # share of the letters in common from which on a name is a misspelling of another
_UNIT = re.compile(
    r"_(ma|na|pa|s|ms|us|v|mv|um|cm|hz|khz|deg|rad|ps|ns|mm|um|ohm|ohm_cm|uf_per_cm2|s_per_cm2)$"
)


class ModelError(ValueError):
    """Something the user gave is wrong. The message is one complete line; the command line exits with code 2.

    It is one line whatever the values in it hold: see `on_one_line`.
    """

    def __init__(self, message: object):
        super().__init__(on_one_line(str(message)))


class NotWritten(OSError, ModelError):
    """A file could not be written: a full disk, a quota, or whatever else the system says of it."""

    def __init__(self, errno: int | None, strerror: str, filename: str):
        OSError.__init__(self, errno, strerror, filename)

    def __str__(self) -> str:
        what, reason = self.filename or "writing", self.strerror or "it failed"
        return on_one_line(f"{what}: {reason}; choose a folder on another disk, or free some room.")


def on_one_line(text: str) -> str:
    """A text as a terminal can show it: one line of at most `LONGEST_MESSAGE` printable characters.

    A line break is a blank, any other character that does not print (a terminal's escape, a mark
    that turns the direction of writing, half a surrogate pair) stands as Python writes it.
    """
    if len(text) > 4 * LONGEST_MESSAGE:  # spares the work on what is cut out below
        text = text[: 2 * LONGEST_MESSAGE] + _CUT + text[-2 * LONGEST_MESSAGE :]
    text = _BREAK.sub(" ", text.strip())
    if not text.isprintable():
        text = "".join(one if one.isprintable() else _escaped(one) for one in text)
    if len(text) > LONGEST_MESSAGE:
        text = text[: LONGEST_MESSAGE - _KEPT_END - len(_CUT)] + _CUT + text[-_KEPT_END:]
    return text


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to `name`, or a list of the known names.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names that exist.
    """
    known = sorted(known, key=str)
    meant = nearest(name, known)
    if meant is not None:
        return f" Did you mean '{meant}'?"
    between = "; " if any("," in one for one in known) else ", "
    return f" Known: {between.join(known)}."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name most likely stands for; None if none is near."""
    if len(str(name)) > _LONGEST_NAME:
        return None
    by_folded = {one.casefold(): one for one in known if len(one) <= _LONGEST_NAME}
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


def shortened(text: str) -> str:
    """A text of somebody else's as an error shows it without quotes: cut short if need be."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def shown_path(path: object) -> str:
    """A path that may be of any length, being named in a file: its beginning and end if it is long."""
    text = str(path)
    if len(text) <= _LONGEST_PATH:
        return text
    return f"{text[:20]}...{text[-(_LONGEST_PATH - 23) :]}"


def quoted(value: Any) -> str:
    """A value as an error shows it: on one line, and cut short if need be."""
    if getattr(value, "ndim", None) == 0:  # a number of an array or a table
        value = value.item()
    if isinstance(value, str):
        value = str(value[: 2 * _LONGEST])
    elif isinstance(value, bytes):
        value = value[: 2 * _LONGEST]
    try:
        text = " ".join(repr(value).split())
    except (RecursionError, ValueError):  # a list in itself; a number of thousands of digits
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
