"""Where the package's messages are written: every place of its source that makes a `ModelError`.

`python tests/message_sites.py` lists them: file, line, function, what stands in the source.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "netpyne_model"
ERRORS = ("ModelError", "NotWritten", "CannotHold")
REASONS = ("ValueError", "NotPlain", "ConstructorError", "ComposerError", "TypeError")
"""What a reader, a validator of a field raises; its text becomes part of a message."""
HOLE = "\0"
"""Stands in a text for a value that is known only when the message is made."""
_SHORTEST = 12  # letters of a text by which it is told in a message, or from others of its file
_LONGEST = 80  # characters of a message by which it is named


@dataclass(frozen=True)
class Site:
    """A place of the source that makes a message, or a reason that becomes part of one."""

    file: str
    first_line: int
    last_line: int
    function: str
    kind: str
    text: str

    @property
    def is_message(self) -> bool:
        return self.kind in ERRORS

    @property
    def written(self) -> str:
        """The text as the source has it, ``{}`` for each value."""
        return self.text.replace(HOLE, "{}")

    @property
    def key(self) -> tuple[str, str]:
        """Its file, and the beginning of its text; its function too where it has no words."""
        text = " ".join(self.written.split())
        if len(self.text.replace(HOLE, "")) < _SHORTEST:
            text = f"{self.function}: {text}"
        return self.file, text[:_LONGEST]

    @property
    def pieces(self) -> list[str]:
        """What stands in the source between values, from the longest to the shortest."""
        return sorted(filter(None, self.text.split(HOLE)), key=len, reverse=True)

    def is_in(self, message: str) -> bool:
        """Whether a message has this text, whatever the values; False if the text is too short."""
        if sum(map(len, self.pieces)) < _SHORTEST:
            return False
        pattern = ".*".join(re.escape(one) for one in self.text.strip(HOLE + " ").split(HOLE))
        return re.search(pattern, message) is not None


def _text(node: ast.AST) -> str:
    """A message as written: the words of a (formatted) text, a hole for each of its values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else HOLE
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return HOLE


def _sites_below(node: ast.AST, file: str, within: str) -> Iterator[Site]:
    for child in ast.iter_child_nodes(node):
        inside = within
        if isinstance(child, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            inside = f"{within}.{child.name}".lstrip(".")
        if isinstance(child, ast.Call):
            name = getattr(child.func, "id", getattr(child.func, "attr", ""))
            if name in ERRORS + REASONS:
                text = "".join(map(_text, child.args)) if child.args else HOLE
                last = child.end_lineno or child.lineno
                yield Site(file, child.lineno, last, within, name, text)
        yield from _sites_below(child, file, inside)


@cache
def sites() -> tuple[Site, ...]:
    """Every site of the package, by file and line."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        found += _sites_below(ast.parse(path.read_text(encoding="utf-8")), file, "")
    return tuple(sorted(found, key=lambda site: (site.file, site.first_line)))


def keys_of(file: str, line: int, message: str) -> list[tuple[str, str]]:
    """The message that was made at a line, and the reasons of others' that stand in it."""
    found = []
    for site in sites():
        at_line = site.file == file and site.first_line <= line <= site.last_line
        if at_line if site.is_message else site.is_in(message):
            found.append(site.key)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    for site in sites():
        print(f"{site.file}:{site.first_line}\t{site.function}\t{site.kind}\t{site.written}")
