"""Pages on extending the package: each one's files, scripts and commands, on a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "extend").glob("*.md"))
COPIED = ("netpyne_model", "NeuroML2", "mod", "morphologies", "scripts", "docs", "tests/data")
BLOCK = re.compile(
    r"(?:^\*\*`(?P<path>[^`]+)`\*\* \((?P<how>new|at the end)\)\n)?"
    r"^```(?P<kind>\w+)\n(?P<code>.*?)^```\n(?:```text\n(?P<output>.*?)^```\n)?",
    flags=re.MULTILINE | re.DOTALL,
)
MARKS = {"slow": pytest.mark.slow, "java": pytest.mark.java}


def pages():
    """Every page but the index, with the marks of its first line."""
    for page in PAGES:
        if page.stem != "index":
            first = page.read_text(encoding="utf-8").partition("\n")[0]
            marks = [
                mark for name, mark in MARKS.items() if re.search(rf"<!-- test:.*\b{name}\b", first)
            ]
            yield pytest.param(page, id=page.stem, marks=marks)


@pytest.fixture
def clone(tmp_path) -> Path:
    """A copy of what a clone holds."""
    for folder in COPIED:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def run(clone: Path, *command: str, shell: bool = False) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(clone), "MPLBACKEND": "agg", "COLUMNS": "200"}
    return subprocess.run(
        command[0] if shell else command,
        shell=shell,
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
    )


def check_commands(clone: Path, code: str) -> None:
    """Run the lines with $, and look for the lines after each in what it prints."""
    here = {"ca1": f'"{sys.executable}" -m netpyne_model', "python": f'"{sys.executable}"'}
    for part in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        program, _, arguments = command.partition(" ")
        done = run(clone, f"{here.get(program, program)} {arguments}", shell=True)
        printed = done.stdout + done.stderr
        expected = [line for line in output.splitlines() if line.strip() not in ("", "...")]
        assert done.returncode == 0 or expected, f"{command}\n{printed}"
        for line in expected:
            assert line.strip() in printed, f"{command}\n{printed}"


@pytest.mark.parametrize("page", list(pages()))
def test_what_a_page_adds_works(page, clone):
    touched = set()
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        code = block["code"]
        if block["path"]:
            path = clone / block["path"]
            assert path.exists() == (block["how"] == "at the end"), path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(code)
            touched.add(block["path"])
        elif block["kind"] == "python":
            done = run(clone, sys.executable, "-c", code)
            assert done.returncode == 0, done.stderr
            if block["output"] is not None:
                assert done.stdout == block["output"]
        elif block["kind"] == "console":
            check_commands(clone, code)
    index = (page.parent / "index.md").read_text(encoding="utf-8")
    stated = re.search(rf"\]\({page.name}\) \| (\d+) \|", index)
    assert stated, f"{page.name} is not in the index"
    assert len(touched) == int(stated[1]), sorted(touched)


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "extend" / "index.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.stem == "index" or f"]({page.name})" in index
