"""Reads NMODL: the code without its comments, its blocks, and what they declare.

NEURON's own translator decides whether a file is right. This reads by the rules of that translator:
COMMENT and VERBATIM end at a line that begins with their END, ``:`` and ``?`` begin comments,
keywords are in capitals.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DECLARATIONS = ("NEURON", "UNITS", "PARAMETER", "CONSTANT", "ASSIGNED", "STATE", "INDEPENDENT")
NUMBER = r"[-+]?\s?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"

_IGNORED = re.compile(r"\b(?:COMMENT|VERBATIM|TITLE)\b|[:?]")
_ENDS = {
    word: re.compile(rf"^[ \t]*END{word}\b[^\n]*", re.MULTILINE) for word in ("COMMENT", "VERBATIM")
}
_LINE_END = re.compile(r"$", re.MULTILINE)
_HEAD = re.compile(
    rf"\b(?:{'|'.join(DECLARATIONS)}|INITIAL|BREAKPOINT|NET_RECEIVE|DERIVATIVE|KINETIC|LINEAR"
    r"|NONLINEAR|DISCRETE|PROCEDURE|FUNCTION|FUNCTION_TABLE|BEFORE|AFTER|CONSTRUCTOR|DESTRUCTOR"
    r"|WATCH)\b"
)
_KEYWORDS = (
    "SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL|USEION|NONSPECIFIC_CURRENT|ELECTRODE_CURRENT|RANGE"
    "|GLOBAL|POINTER|BBCOREPOINTER|EXTERNAL|SECTION|RANDOM|THREADSAFE"
)
_STATEMENT = re.compile(rf"\b(?:{_KEYWORDS})\b")
# What a declaration says of a variable besides its name, size and unit: value, range, start and
# tolerance.
_DETAILS = re.compile(
    rf"=\s?(?:{NUMBER}|[A-Za-z]\w*)|\bFROM\s{NUMBER}\sTO\s{NUMBER}|\bSTART\s{NUMBER}"
    r"|<[^<>]{0,200}>"
)
_DECLARED = re.compile(r"([A-Za-z]\w*)\s?(\[[^][]{0,200}\])?\s?(?:\(([^()\n]{0,200})\))?")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")  # not the exponent of a number
_FUNCTIONS = {"exp", "log", "sqrt", "pow", "fabs", "sin", "cos", "tanh"}


@dataclass(frozen=True)
class Block:
    """A block of NMODL; its content lies between two places of the file."""

    head: str  # NEURON, PROCEDURE, ...; empty where there is none that NMODL knows
    start: int
    end: int
    code: str  # the content, with blanks in place of comments


def code_of(text: str) -> str:
    """The text with blanks in place of what is not code: places in it are places in the text."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    parts, place = [], 0
    for _, start, end in _ignored(lines):
        parts += [lines[place:start], re.sub(r"[^\n]", " ", lines[start:end])]
        place = end
    return "".join([*parts, lines[place:]])


def verbatim_of(text: str) -> list[tuple[int, int]]:
    """Where the VERBATIM parts of a text start and end."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    return [(start, end) for word, start, end in _ignored(lines) if word == "VERBATIM"]


def comments_of(text: str) -> list[tuple[int, int]]:
    """Where the comments and titles of a text start and end."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    return [(start, end) for word, start, end in _ignored(lines) if word != "VERBATIM"]


def _ignored(text: str) -> Iterator[tuple[str, int, int]]:
    """Comments, titles and C: with what each begins, where it starts and ends, in one pass."""
    place = 0
    endless: set[str] = set()
    while (match := _IGNORED.search(text, place)) is not None:
        word, place = match[0], match.end()
        if word in endless:
            continue
        end = _ENDS.get(word, _LINE_END).search(text, place)
        if end is None:  # the word is code, and so is every later one
            endless.add(word)
            continue
        place = end.end()
        yield word, match.start(), place


def blocks_of(code: str) -> list[Block]:
    """The outermost blocks of NMODL code, in their order."""
    blocks = []
    place = 0
    while (opening := code.find("{", place)) >= 0:
        heads = _HEAD.findall(code, place, opening)
        end = _closing(code, opening)
        blocks.append(Block(heads[-1] if heads else "", opening + 1, end, code[opening + 1 : end]))
        place = end + 1
    return blocks


def declared(code: str) -> dict[str, str]:
    """Units of the variables that PARAMETER, ASSIGNED or STATE blocks declare, without arrays."""
    entries = _DECLARED.finditer(_single_blanks(_DETAILS.sub(" ", _single_blanks(code))))
    return {entry[1]: (entry[3] or "").strip() for entry in entries if not entry[2]}


def neuron_spans(code: str, block: Block) -> list[tuple[str, int, int]]:
    """The statements of a NEURON block: keyword, and where what follows it starts and ends."""
    found = list(_STATEMENT.finditer(code, block.start, block.end))
    ends = [following.start() for following in found[1:]] + [block.end]
    return [(one[0], one.end(), end) for one, end in zip(found, ends, strict=True)]


def _single_blanks(code: str) -> str:
    """The code with one blank in place of several, and without empty lines.

    Patterns that allow one blank do not try every division of many, line ends stay: a unit stands
    on its variable's line.
    """
    return "\n".join(" ".join(line.split()) for line in code.split("\n") if line.strip())


def neuron_statements(code: str) -> list[tuple[str, str]]:
    """The statements of NEURON blocks: keyword (``SUFFIX``, ``RANGE``, ...) and what follows it."""
    words = re.split(rf"\b({_KEYWORDS})\b", " ".join(code.split()))
    return list(zip(words[1::2], words[2::2], strict=True))


def names(text: str) -> frozenset[str]:
    """Variables that a piece of NMODL reads."""
    return frozenset(_NAME.findall(text)) - _FUNCTIONS


def _closing(code: str, opening: int) -> int:
    """Where the brace is closed that opens at a place; the end of the code where it is not."""
    depth = 0
    for brace in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.start()
    return len(code)
