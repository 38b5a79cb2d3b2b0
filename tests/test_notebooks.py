"""The notebooks: each says the same as the text beside it, shows what it came to, and links to what there is.

`make test-all` runs them, by nbmake.
"""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
TEXTS = sorted(FOLDER.glob("*.py"))
LARGEST = 1_000_000  # bytes: a clone carries them


def sources(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_there_are_five_and_the_page_lists_them():
    assert len(TEXTS) == 5
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in TEXTS}
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\w+)\.ipynb\)", page) == [path.stem for path in TEXTS]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_a_notebook_is_its_text_with_outputs(text):
    file = text.with_suffix(".ipynb")
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert sources(notebook) == sources(jupytext.read(text))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3
    assert file.stat().st_size < LARGEST
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text.read_text(encoding="utf-8")):
        assert (FOLDER / link).exists()
