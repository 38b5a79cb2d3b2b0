"""What a mod file asks of what is around it and a cell cannot give: refused when it is read.

NEURON would run with an address of nothing, or end the process.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from ..errors import shortened

_FROM_OUTSIDE = {
    "POINTER": "declare it RANGE, with its value in PARAMETER",
    "BBCOREPOINTER": "declare it RANGE, with its value in PARAMETER",
    "EXTERNAL": "declare it GLOBAL, with its value in PARAMETER",
    "RANDOM": "write the mechanism without random numbers",
}
_FUNCTION_TABLE = re.compile(r"\bFUNCTION_TABLE\s+([A-Za-z]\w*)")
_NET_RECEIVE = re.compile(r"\bNET_RECEIVE\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)\s*(?:\[[^][\n]{0,80}\]\s*)?(?:=(?!=)|')")


def missing_from_cell(code: str, listed: Callable[[str], Sequence[str]]) -> str | None:
    """What a cell cannot give to a mechanism, with what to do; None if it needs nothing.

    `code` is the file's without comments, `listed` gives the names after a keyword of its NEURON
    block.
    """
    for keyword, advice in _FROM_OUTSIDE.items():
        if names := listed(keyword):
            return (
                f"{keyword} {shortened(', '.join(names))} cannot be set by a cell; expected a mechanism that"
                f" needs nothing from outside: {advice}."
            )
    if table := _FUNCTION_TABLE.search(code):
        return (
            f"FUNCTION_TABLE {shortened(table[1])} needs a table that cannot be given here; expected equations:"
            f" write it as FUNCTION {table[1]}."
        )
    if _NET_RECEIVE.search(code):
        return (
            "NET_RECEIVE cannot stand in a density mechanism, to which no events come; expected a"
            " channel that depends on potential and concentrations: leave the block out."
        )
    return None


def never_given(
    globals: Sequence[str], assigned: Mapping[str, str], procedures: str, verbatim: str
) -> str | None:
    """The first GLOBAL of ASSIGNED that the equations read and nothing gives a value.

    Parameters
    ----------
    globals : sequence of str
    assigned : mapping
        What ASSIGNED declares.
    procedures, verbatim : str
        The code outside the declarations, and that in C, which may assign what it names.
    """
    # A conservation or a linear equation solves for what it names.
    if "~" in procedures:
        return None
    read = set(_WORD.findall(procedures)) - set(_WORD.findall(verbatim))
    given = set(_ASSIGNED.findall(procedures))
    missing = (read - given) & assigned.keys()
    return next((name for name in globals if name in missing), None)
