"""Pages of the docs: their code blocks, their commands, and running the code from top to bottom.

A page's ``python`` blocks are one program, in a folder that has what a clone has. A block with
``if __name__ == "__main__":`` is a script of its own, since its workers import it. A ``text`` block
right after one is what it prints.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        ROOT / "notebooks" / "README.md",
    ]
    + [path for path in (ROOT / "docs").rglob("*.md") if "site" not in path.parts]
)
"""Every page of the site."""
CLONE = ("NeuroML2", "morphologies", "mod", "NetPyNE")
"""Folders that the code of a page may count on."""
_BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:```text\n(?P<output>.*?)^```\n)?",
    flags=re.MULTILINE | re.DOTALL,
)
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
_OF_A_SHELL = ("", "bash", "powershell")
_INDENTED = re.compile(r"^    (?=\S)(.*)$", flags=re.MULTILINE)
_COMMAND = re.compile(r"^(?:ca1|python|make|mpiexec|pynml|omv|export|pip|jnml) ?")


class Block(NamedTuple):
    """Code of a page, and what the page says it prints."""

    code: str
    output: str | None

    @property
    def is_script(self) -> bool:
        """Whether its workers import it."""
        return '__name__ == "__main__"' in self.code


class Ran(NamedTuple):
    """What every block of a page printed, the folder in which they ran, and the names they made."""

    printed: list[str]
    folder: Path
    names: dict[str, object]


def name_of(page: Path) -> str:
    """A page's path in the clone."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """The code of a page, in its order."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(one["code"], one["output"]) for one in found]


def commands(page: Path) -> Iterator[str]:
    """The command lines of a page, without what is said behind them."""
    text = page.read_text(encoding="utf-8")
    fenced = "".join(code for kind, code in _FENCED.findall(text) if kind in _OF_A_SHELL)
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [*fenced.replace("\\\n", " ").splitlines(), *_INDENTED.findall(outside)]
    for line in lines:
        if _COMMAND.match(line):
            yield re.sub(r"  +#.*", "", line).strip()


def run_page(page: Path, folder: Path) -> Ran:
    """Run a page's code in a folder, as a reader in a clone would."""
    for data in CLONE:
        if not (folder / data).exists():
            (folder / data).symlink_to(ROOT / data)
    names: dict[str, object] = {"__name__": "page"}
    printed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, block in enumerate(blocks(page)):
            if block.is_script:
                printed.append(_run_script(block.code, folder / f"block_{number}.py"))
                continue
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(block.code, name_of(page), "exec"), names)
            printed.append(said.getvalue())
    return Ran(printed, folder, names)


def _run_script(code: str, file: Path) -> str:
    file.write_text(code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, file.name]
    done = subprocess.run(
        command, cwd=file.parent, env=environment, capture_output=True, text=True, timeout=400
    )
    assert (done.returncode, done.stderr) == (0, ""), file
    return done.stdout


def check_output(page: Path, ran: Ran) -> None:
    """What the blocks printed is what the page says; what it does not say is left open."""
    for block, printed in zip(blocks(page), ran.printed, strict=True):
        if block.output is not None:
            assert printed == block.output, block.code
