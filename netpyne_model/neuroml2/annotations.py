"""Annotates components of NeuroML2 and LEMS files: what they stand for, whence they come; as RDF."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from ..data_folders import NEUROML2
from ..errors import ModelError
from ..files import read_mapping, write_text
from ..xml_files import read_xml

TABLE = Path(__file__).with_name("annotations.yaml")
IDENTIFIERS = "https://identifiers.org/"
# Elements of a file that describe or hold no part of the model.
_UNANNOTATED = {
    "notes",
    "annotation",
    "include",
    "Include",
    "Target",
    "Simulation",
    "ComponentType",
}
_INPUTS = {"pulseGenerator", "spikeArray"}


@cache
def annotations() -> dict[str, dict[str, Any]]:
    """By component id its title and, for each qualifier, terms with their labels.

    Raises ModelError if a component names a term that the table does not list.
    """
    table = read_mapping(TABLE)
    terms = table["terms"]
    entries = {}
    for kind in table["kinds"].values():
        for component, own in kind["components"].items():
            entry = {**kind["each"], **own}
            entries[component] = {
                qualifier: value
                if qualifier == "title"
                else _labelled(value, terms, f"{component}, {qualifier}")
                for qualifier, value in entry.items()
            }
    return entries


def _labelled(names: Sequence[str], terms: Mapping[str, str], where: str) -> dict[str, str]:
    if unknown := [name for name in names if name not in terms]:
        raise ModelError(
            f"{TABLE.name}, {where}: '{unknown[0]}'; expected a term of the list 'terms'; add it."
        )
    return {IDENTIFIERS + name: terms[name] for name in names}


def components_to_annotate(path: Path) -> list[str]:
    """Ids of the cells, channels, synapses and networks of a file; of types alone, its own."""
    root, _ = read_xml(path, "NeuroML2")
    ids = [
        element.get("id")
        for element in root.iterchildren(tag=etree.Element)
        if etree.QName(element).localname not in _UNANNOTATED | _INPUTS
    ]
    return ids or [root.get("id")]


def annotated_files(folder: Path = NEUROML2) -> list[Path]:
    """Files of a folder that hold cells, channels, synapses, clamps or networks, or types of them."""
    lems = (f"LEMS_CA1_{kind}.xml" for kind in ("*receptors", "clamps"))
    return sorted([*folder.rglob("*.nml"), *(path for one in lems for path in folder.glob(one))])


def annotate(path: Path) -> None:
    """Write the table's annotations into a file, in place of those that it has."""
    text = before = path.read_text(encoding="utf-8")
    for component in components_to_annotate(path):
        if component in annotations():
            text = _inserted(text, component)
    if text != before:
        write_text(path, text)


def _inserted(text: str, component: str) -> str:
    """The text of a file with the annotation of one component, behind its notes."""
    start = re.search(
        rf'^( *)<([\w:]+)(?=[\s][^>]*?\bid="{re.escape(component)}")[^>]*>', text, re.M
    )
    if start is None:
        raise ModelError(
            f"component '{component}' does not begin a line of its file; put it on one of its own."
        )
    indent, tag = start[1] + 4 * " ", start[2]
    annotation = textwrap.indent(_rdf(component), indent)
    if start[0].endswith("/>"):
        opened = start[0].removesuffix("/>").rstrip() + ">"
        return (
            f"{text[: start.start()]}{opened}\n{annotation}{start[1]}</{tag}>{text[start.end() :]}"
        )
    rest = text[start.end() :]
    notes = re.match(r"\s*<notes>.*?</notes>", rest, re.S)
    behind = notes.end() if notes else 0
    rest, kept = rest[behind:], rest[:behind]
    rest = re.sub(r"\A\s*<annotation>.*?</annotation>(?=\n)", "", rest, count=1, flags=re.S)
    return f"{text[: start.end()]}{kept}\n{annotation.rstrip()}{rest}"


def _unbroken(between: re.Match) -> str:
    """One line for each qualifier: a file of parameters stays readable."""
    return between[0].rstrip()


def _rdf(component: str) -> str:
    """The ``<annotation>`` of a component."""
    from pyneuroml.annotations import create_annotation

    form = {"annotation_style": "miriam", "xml_header": False, "indent": 0}
    text = create_annotation(component, **form, **annotations()[component]).strip()
    # The namespaces come in an order that differs from process to process.
    text = re.sub(r"(?<=<rdf:RDF )[^>]*", lambda names: " ".join(sorted(names[0].split())), text)
    text = re.sub(r">\s+(?=</?rdf:(?:Bag|li)\b)|(?<=</rdf:Bag>)\s+", _unbroken, text)
    return f"<annotation>\n{textwrap.indent(text, '    ')}\n</annotation>\n"
