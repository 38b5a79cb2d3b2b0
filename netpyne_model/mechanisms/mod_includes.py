"""What a mod file takes in from others: what it INCLUDEs, and headers that its VERBATIM includes."""

import re
from pathlib import Path

from ..errors import ModelError, quoted, shown_path
from ..files import read_bytes
from .nmodl import code_of, verbatim_of

MOST_MOD_BYTES = 300_000  # some 10,000 lines
_MOST_LEVELS = 20
_INCLUDE = re.compile(r'\bINCLUDE\s*"([^"\n]*)"')
_C_INCLUDE = re.compile(r'^([ \t]*#[ \t]*include[ \t]*)"([^"\n]+)"', re.MULTILINE)


def text_with_includes(file: Path, digest, includers: tuple[Path, ...] = ()) -> str:
    """The text of a mod file with what it INCLUDEs in place; `digest` is given every content.

    Raises ModelError if a file cannot be read, or includes itself.
    """
    whose = f", which {includers[-1]} INCLUDEs," if includers else ""
    if len(includers) > _MOST_LEVELS:
        raise ModelError(
            f"{includers[0]}: {_MOST_LEVELS} files INCLUDE each other; write them into one file."
        )
    what, expected = f"{shown_path(file)}{whose}", "expected a mod file"
    content = read_bytes(file, what, expected, most_bytes=MOST_MOD_BYTES)
    digest.update(content)
    text = content.decode("utf-8", "surrogateescape")  # NEURON takes any bytes in comments
    parts, place = [], 0
    for match in _INCLUDE.finditer(code_of(text)):
        included = file.parent / match[1]
        if included in (file, *includers):
            raise ModelError(
                f"{file}: INCLUDE {quoted(match[1])} comes back to itself; remove one of the INCLUDEs."
            )
        content_of_included = text_with_includes(included, digest, (*includers, file))
        parts += [text[place : match.start()], content_of_included, "\n"]
        place = match.end()
        if sum(map(len, parts)) > MOST_MOD_BYTES:
            raise ModelError(
                f"{file}: more than {MOST_MOD_BYTES / 1e6:g} MB with what it INCLUDEs; expected a"
                " mod file: INCLUDE each file once."
            )
    return "".join([*parts, text[place:]])


class Headers:
    """The C headers that lie beside a mod file: those of its VERBATIM, and those that these include.

    What is included and is not there, the compiler may know: it is left as it stands. Raises
    ModelError if a header cannot be read.
    """

    def __init__(self, file: Path, text: str, digest):
        self._folder = file.parent
        self._texts: dict[Path, str] = {}
        waiting = [self._beside(name, self._folder) for name in self._included(text)]
        while waiting:
            header = waiting.pop(0)
            if header is None or header in self._texts:
                continue
            what = f"{header}, which {file} includes,"
            content = read_bytes(header, what, "expected a header", most_bytes=MOST_MOD_BYTES)
            digest.update(content)
            self._texts[header] = content.decode("utf-8", "surrogateescape")
            names = (match[2] for match in _C_INCLUDE.finditer(self._texts[header]))
            waiting += [self._beside(name, header.parent) for name in names]

    def files(self, name: str) -> dict[str, str]:
        """The headers as they lie beside the mechanism of a name, each including the others so."""
        names = self._names(name)
        return {
            names[header]: self._pointed(text, header.parent, names)
            for header, text in self._texts.items()
        }

    def included_by(self, text: str, name: str) -> str:
        """The text of the mod file, its VERBATIM including the `files` of that name."""
        parts, place, names = [], 0, self._names(name)
        for start, end in verbatim_of(text):
            block = self._pointed(text[start:end], self._folder, names)
            parts += [text[place:start], block]
            place = end
        return "".join([*parts, text[place:]])

    def _names(self, name: str) -> dict[Path, str]:
        """Names that those of no other mechanism have, without folders."""
        return {header: f"{name}_{number}.h" for number, header in enumerate(self._texts, start=1)}

    def _included(self, text: str) -> list[str]:
        blocks = (text[start:end] for start, end in verbatim_of(text))
        return [match[2] for block in blocks for match in _C_INCLUDE.finditer(block)]

    def _beside(self, name: str, folder: Path) -> Path | None:
        """The header of a name: beside what includes it, or beside the mod file."""
        for place in (folder, self._folder):
            try:
                header = (place / name).resolve()
                if header.is_file():
                    return header
            except (OSError, ValueError):  # a name that no file can have
                continue
        return None

    def _pointed(self, text: str, folder: Path, names: dict[Path, str]) -> str:
        def new(include: re.Match) -> str:
            header = self._beside(include[2], folder)
            return include[0] if header is None else f'{include[1]}"{names[header]}"'

        return _C_INCLUDE.sub(new, text)
