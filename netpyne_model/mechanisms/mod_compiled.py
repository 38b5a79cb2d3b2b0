"""A user's mod file as it is compiled: its NEURON block with what a cell needs of it.

The equations stay as they are. The mechanism gets a name of its own; its currents and its reversal
potential become RANGE, to be recorded and set in each segment; and a current of no ion becomes a
non-specific one.
"""

import re
from collections.abc import Collection

from .nmodl import Block, comments_of, neuron_spans

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
NO_IONS = frozenset({"h", "hcn"})
"""Names of what some files call an ion: the current of HCN channels, which several ions carry."""


def neuron_block(
    text: str,
    code: str,
    blocks: Collection[Block],
    *,
    name: str,
    ranges: Collection[str],
    no_ions: Collection[str],
) -> str:
    """The text with its NEURON blocks changed and nothing else.

    Parameters
    ----------
    code, blocks
        The text without comments, and its blocks.
    name : str
        The new SUFFIX.
    ranges : collection of str
        Variables to be RANGE that are not yet.
    no_ions : collection of str
        Of `NO_IONS`: those whose current becomes non-specific.
    """
    changes: list[tuple[int, int, str]] = []
    for block in (block for block in blocks if block.head == "NEURON"):
        for keyword, start, end in neuron_spans(code, block):
            rest = code[start:end]
            if keyword == "SUFFIX" and (suffix := re.match(r"\s*(\w+)", rest)):
                further = f" RANGE {', '.join(ranges)}" if ranges else ""
                place = start + suffix.start(1), start + suffix.end(1)
                changes.append((*place, name + further))
            elif keyword == "GLOBAL":
                changes += _without(rest, start, end, ranges)
            elif keyword == "USEION" and (ion := rest.split()[0]) in no_ions:
                last = start + len(rest.rstrip())
                changes.append((start - len("USEION"), last, f"NONSPECIFIC_CURRENT i{ion}"))
    return _changed(text, changes)


def ascii_comments(text: str) -> str:
    """The text with a ``_`` for every letter of a comment or title that is not ASCII.

    NEURON's translator refuses some of those, by where they stand.
    """
    parts, place = [], 0
    for start, end in comments_of(text):
        parts += [text[place:start], _NOT_ASCII.sub("_", text[start:end])]
        place = end
    return "".join([*parts, text[place:]])


def _without(rest: str, start: int, end: int, taken: Collection[str]) -> list[tuple[int, int, str]]:
    """The change that leaves names out of a GLOBAL statement."""
    names = re.findall(r"[A-Za-z]\w*", rest)
    kept = [one for one in names if one not in taken]
    if kept == names:
        return []
    last = start + len(rest.rstrip())
    if kept:
        return [(start, last, f" {', '.join(kept)}")]
    return [(start - len("GLOBAL"), last, "")]


def _changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text
