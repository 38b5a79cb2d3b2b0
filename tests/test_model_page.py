"""docs/model.md: its tables and the numbers of its equations are those of the files, and what cites it finds its section."""

import re
import runpy
from pathlib import Path

import pytest
from lxml import etree

from netpyne_model.data_folders import NEUROML2, PACKAGE
from netpyne_model.files import read_mapping

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "model.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\d+)\. (.+)$", TEXT, flags=re.MULTILINE))
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
CITED_FROM = ("README.md", "docs", "netpyne_model", "scripts", "tests")
READ = {".py", ".pyi", ".yaml", ".md", ".mod", ".inc"}


def subsections():
    """Title, text and files of every part of the page that names its files, where they hold its numbers."""
    for part in re.split(r"^##+ (?=\d)", TEXT, flags=re.MULTILINE)[1:]:
        title = part.partition("\n")[0]
        files = [
            PAGE.parent / link
            for link in re.findall(r"\]\((\.\./[^)#]+)\)", part)
            if link.endswith((".nml", ".xml", ".yaml"))
        ]
        if files and title[0] in "1457":
            yield pytest.param(part, files, id=title)


def test_tables_are_those_of_the_files():
    updated = runpy.run_path(str(ROOT / "scripts" / "model_page.py"))["updated"]
    assert updated(TEXT) == TEXT, "run: python scripts/model_page.py"


@pytest.mark.parametrize(("part", "files"), list(subsections()))
def test_numbers_of_equations_stand_in_the_files_beside_them(part, files):
    held = {
        float(one) for path in files for one in NUMBER.findall(path.read_text(encoding="utf-8"))
    }
    for equation in re.findall(r"\$\$(.+?)\$\$", part, flags=re.DOTALL):
        bare = re.sub(r"\\frac12", "", re.sub(r"\^\{?\(?-?\d\)?\}?", "", equation))
        strangers = {one for one in NUMBER.findall(bare) if float(one) not in held}
        assert strangers - {"0", "1", "2"} == set(), equation


def test_every_channel_and_receptor_stands_on_the_page():
    channels = [
        element.get("id")
        for path in (NEUROML2 / "channels").glob("*.nml")
        for element in etree.parse(path).getroot()
        if isinstance(element.tag, str) and "ionChannel" in element.tag
    ]
    receptors = [
        element.get("id")
        for element in etree.parse(NEUROML2 / "LEMS_CA1_receptors.xml").getroot()
        if isinstance(element.tag, str) and element.get("id")
    ]
    receptors += read_mapping(PACKAGE / "receptors" / "receptors.yaml")
    assert len(channels) >= 19
    for name in channels + receptors:
        assert f"`{name}`" in TEXT, f"{name}: run python scripts/model_page.py"
    for path in (*(NEUROML2 / "channels").glob("*.nml"), *(NEUROML2 / "synapses").glob("*.nml")):
        assert path.name in TEXT


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXT):
        assert (PAGE.parent / link).exists(), link


def test_each_section_that_is_cited_exists():
    cited = [
        (path, section)
        for folder in CITED_FROM
        for path in ([ROOT / folder] if (ROOT / folder).is_file() else (ROOT / folder).rglob("*"))
        if path.suffix in READ and path != PAGE
        for section in re.findall(r"model\.md (\d+)", path.read_text(encoding="utf-8"))
    ]
    assert cited
    for path, section in cited:
        assert section in SECTIONS, f"{path.relative_to(ROOT)} cites model.md {section}"
    for section in SECTIONS:
        assert f'<a id="section-{section}"></a>' in TEXT
