"""Annotations: on every cell, channel, synapse and network, as the table has them, read back by pyNeuroML."""

import re
import shutil

import pytest
from lxml import etree
from pyneuroml.annotations import Annotation, extract_annotations

from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.files import read_mapping
from netpyne_model.neuroml2 import annotations as module
from netpyne_model.neuroml2.annotations import (
    TABLE,
    annotate,
    annotated_files,
    annotations,
    components_to_annotate,
)
from netpyne_model.neuroml2.validation import validate_schema

FILES = annotated_files()


def read_back(path) -> dict[str, dict]:
    """What pyNeuroML reads of a file, by component.

    One by one of a LEMS file, which has no namespace, and of several components, whose terms it adds up otherwise.
    """
    found = list(etree.parse(str(path)).getroot().iter("{*}annotation"))
    if len(found) == 1 and path.suffix == ".nml":
        return extract_annotations(str(path))
    return {one.getparent().get("id"): Annotation().parse_rdf(one) for one in found}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_component_is_annotated_as_in_the_table(path):
    found = read_back(path)
    assert set(found) == set(components_to_annotate(path))
    for component, read in found.items():
        given = {name: value for name, value in read.items() if value}
        table = annotations()[component]
        assert given.pop("title") == table["title"]
        assert {name: set(value) for name, value in given.items()} == {
            name: set(value) for name, value in table.items() if name != "title"
        }


def test_every_cell_channel_and_synapse_says_where_it_comes_from_and_what_it_is():
    of_files = {one for path in FILES for one in components_to_annotate(path)}
    assert of_files == set(annotations())  # none without one, none of what is gone
    for component, entry in annotations().items():
        assert "https://identifiers.org/modeldb:240960" in entry["predecessors"], component
        assert any("doi:" in term for term in entry["citations"]), component
        assert entry["is_version_of"], component
        assert entry["is_part_of"], component
        assert entry["organisms"], component


def test_terms_have_the_form_of_their_database_and_are_used():
    text = TABLE.read_text()
    for term in read_mapping(TABLE)["terms"]:
        assert re.fullmatch(
            r"modeldb:\d+|doi:10\.\d{4,}/\S+|taxonomy:\d+|CL:\d{7}|UBERON:\d{7}|CHEBI:\d+|GO:\d{7}"
            r"|neurolex:sao\d+",
            term,
        )
        assert text.count(f'"{term}"') > 1, term


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_up_to_date(path, tmp_path):
    copy = shutil.copy(path, tmp_path)
    annotate(tmp_path / path.name)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes(), f"run ca1 build: {copy}"


def test_an_annotation_is_replaced_not_added_to(tmp_path):
    channel = tmp_path / "kdr.channel.nml"
    text = (NEUROML2 / "channels" / channel.name).read_text()
    channel.write_text(re.sub(r"<dc:title>.*</dc:title>", "<dc:title>Another</dc:title>", text))
    annotate(channel)
    assert channel.read_text() == text
    channel.write_text(re.sub(r"\n *<annotation>.*</annotation>", "", text, flags=re.S))
    annotate(channel)
    assert channel.read_text() == text
    assert validate_schema([channel]) == []


def test_a_term_that_the_list_lacks(tmp_path, monkeypatch):
    table = tmp_path / "annotations.yaml"
    table.write_text(TABLE.read_text().replace('  "GO:0005251":', '  "GO:0005252":'))
    monkeypatch.setattr(module, "TABLE", table)
    with pytest.raises(ModelError, match=r"kdr, is_version_of: 'GO:0005251'; expected a term"):
        annotations.__wrapped__()
