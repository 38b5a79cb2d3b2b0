"""What the errors of NeuroML, of XML and of YAML advise is done, and works."""

import re

import pytest
from following import advised, told

from netpyne_model.biophysics.density_rules import MOST_SEGMENTS, MOST_SEGMENTS_IN_ALL
from netpyne_model.data_folders import NEUROML2
from netpyne_model.files import read_mapping
from netpyne_model.neuroml2.annotations import annotate
from netpyne_model.neuroml2.cell_reader import MOST_MEMBERS, read_cell
from netpyne_model.neuroml2.components import component
from netpyne_model.neuroml2.validation import model_files
from netpyne_model.yaml_values import MOST_VALUES

SIMPLE = (NEUROML2 / "cells" / "CA1_simple.cell.nml").read_text(encoding="utf-8")
SODIUM = re.search(r" *<channelDensity id=.NaV2_all.*\n", SIMPLE)[0]
SOMA = re.search(r" *<segmentGroup id=.soma. (?s:.*?)</segmentGroup>\n", SIMPLE)[0]
SEGMENT = re.search(r" *<segment id(?s:.*?)</segment>\n", SIMPLE)[0]
VARIED = """
<segmentGroup id="varied"><member segment="0"/>
<inhomogeneousParameter id="p" variable="p" metric="Path Length from root">
<proximal translationStart="0"/></inhomogeneousParameter></segmentGroup>
"""
DENSITY = """
<channelDensityNonUniform id="n" ionChannel="NaV2" erev="50 mV" ion="na">
<variableParameter parameter="condDensity" segmentGroup="varied">
<inhomogeneousValue inhomogeneousParameter="p" value="{}"/>
</variableParameter></channelDensityNonUniform>
"""


def with_formula(formula):
    """The simple cell with its sodium by a formula."""
    text = SIMPLE.replace("</morphology>", f"{VARIED}</morphology>")
    return text.replace(SODIUM, DENSITY.format(formula))


def with_sections(n, nseg):
    """The simple cell, of so many somata of so many divisions each."""
    groups = [
        SOMA.replace('id="soma"', f'id="s{one}"').replace('value="1"', f'value="{nseg}"')
        for one in range(n)
    ]
    return SIMPLE.replace(SOMA, SOMA + "".join(groups))


def with_groups(n):
    """The simple cell of a thousand segments, in so many groups of all of them."""
    segments = [SEGMENT.replace('id="0"', f'id="{one}"') for one in range(1, 1000)]
    members = "".join(f'<member segment="{one}"/>' for one in range(1, 1000))
    included = '<include segmentGroup="soma"/></segmentGroup>'
    groups = [f'<segmentGroup id="g{one}">{included}' for one in range(n)]
    soma = SOMA.replace("</segmentGroup>", f"{members}</segmentGroup>")
    text = SIMPLE.replace(SEGMENT, SEGMENT + "".join(segments)).replace(SOMA, soma)
    return text.replace("</morphology>", "".join(groups) + "</morphology>")


CELLS = {
    "another root": (
        "<cell/>",
        ("its first element is cell of no namespace; expected <neuroml xmlns=",),
        SIMPLE,
    ),
    "no XML": ("<neuroml>", ("is not XML (", "expected a NeuroML2 file."), SIMPLE),
    "a document type": (
        f"<!DOCTYPE neuroml>{SIMPLE}",
        ("has a DOCTYPE, which no NeuroML2 file needs; remove it.",),
        SIMPLE,
    ),
    "two densities": (
        SIMPLE.replace(SODIUM, 2 * SODIUM),
        ("channel 'NaV2' has two densities on section 'soma'; expected one.",),
        SIMPLE,
    ),
    "no part of a cell": (
        re.sub("<morphology(?s:.*)</morphology>", "", SIMPLE),
        ("is not one that this reads (a part is missing); expected sections",),
        SIMPLE,
    ),
    "no division": (
        SIMPLE.replace('Divisions" value="1"', 'Divisions" value="0"'),
        (f"has 0 segments; expected 1 to {MOST_SEGMENTS}: correct its numberInternalDivisions.",),
        SIMPLE.replace('Divisions" value="1"', f'Divisions" value="{MOST_SEGMENTS}"'),
    ),
    "no length": (
        SIMPLE.replace('<distal x="0.0" y="4.0"', '<distal x="0.0" y="0.0"'),
        (
            "section 'soma' is 0 um long; expected a length above 0: move the points of its segments",
        ),
        SIMPLE,
    ),
    "a unit of something else": (
        SIMPLE.replace("-70 mV", "-70 nA"),
        ("'-70 nA' is in none of the units mV",),
        SIMPLE,
    ),
    "no number": (SIMPLE.replace("-70 mV", "mV"), ("'mV' is no number with a unit",), SIMPLE),
    "a formula of other things": (
        with_formula("sin(p)"),
        ("'sin(p)': only numbers, p, + - * / ^ and exp, log, sqrt, H are known",),
        with_formula("exp(p) + log(1 + p) - sqrt(p)*H(p)/2^2"),
    ),
    "two reversal potentials": (
        SIMPLE.replace(
            SODIUM, SODIUM + SODIUM.replace("50 mV", "60 mV").replace('"NaV2"', '"nax"')
        ),
        ("'na' has two reversal potentials on section 'soma' (50.0 and 60.0 mV).",),
        SIMPLE.replace(SODIUM, SODIUM + SODIUM.replace('"NaV2"', '"nax"')),
    ),
    "more divisions than there may be": (
        with_sections(MOST_SEGMENTS_IN_ALL // MOST_SEGMENTS + 1, MOST_SEGMENTS),
        ("lower their numberInternalDivisions.",),
        with_sections(MOST_SEGMENTS_IN_ALL // MOST_SEGMENTS + 1, 1),
    ),
    "more members than there may be": (
        with_groups(MOST_MEMBERS // 999),
        ("segments in all groups together; expected fewer groups of groups.",),
        with_groups(1),
    ),
}


@pytest.mark.parametrize("case", CELLS)
def test_cells(case, tmp_path):
    wrong, says, right = CELLS[case]
    file = tmp_path / "one.cell.nml"
    file.write_text(wrong)
    told(lambda: read_cell(file), str(file), *says)
    file.write_text(right)
    assert read_cell(file).sections


def test_a_cell_of_another_name(tmp_path):
    file = tmp_path / "one.cell.nml"
    file.write_text(SIMPLE)
    line = told(lambda: read_cell(file, "CA3"), "holds the cells ['CA1_simple']; expected 'CA3'.")
    assert read_cell(file, advised(line, r"cells \['(\w+)'")).sections


def test_places_of_models(tmp_path):
    told(lambda: model_files(tmp_path), "give the folder of a NeuroML2 model.")
    told(lambda: model_files(tmp_path / "no"), "give a NeuroML2 file or a folder of them.")
    (tmp_path / "one.nml").write_text(SIMPLE)
    assert model_files(tmp_path) == model_files(tmp_path / "one.nml") == [tmp_path / "one.nml"]


def test_components(tmp_path):
    file = tmp_path / "LEMS.xml"
    file.write_text('<Lems><a id="AMPA_mine" tau="3 kHz"/></Lems>')
    line = told(lambda: component("AMPA_min", file), "has no component 'AMPA_min'. Did you mean")
    name = advised(line, "mean '(.*)'")
    line = told(lambda: component(name, file), "expected a plain number, or one with a unit like")
    for unit in advised(line, r"unit like (.*)\.").split(", "):
        again = tmp_path / f"{unit}.xml"
        again.write_text(file.read_text().replace("kHz", unit))
        assert component(name, again) == {"tau": 3.0}
    again.write_text(file.read_text().replace(" kHz", ""))
    component.cache_clear()
    assert component(name, again) == {"tau": 3.0}


def test_a_component_within_a_line(tmp_path):
    file = tmp_path / "one.cell.nml"
    file.write_text(SIMPLE.replace(" <cell id", " <!-- here --><cell id"))
    told(lambda: annotate(file), "does not begin a line of its file; put it on one of its own.")
    file.write_text(SIMPLE.replace(" <cell id", " <!-- here -->\n<cell id"))
    annotate(file)
    assert file.read_text().count("<dc:title>") == 1


YAML_TEXTS = {
    "a key that is a list": ("? [a]\n: 1", "expected every key to be a plain name", "a: 1"),
    "deeper than anything": (
        "[" * 60 + "]" * 60,
        "lists and mappings in more than 50 others; expected fewer levels",
        "[" * 49 + "]" * 49,
    ),
    "a list in itself": (
        "&a [*a]",
        "lists and mappings in more than 50 others; expected fewer levels",
        "[[]]",
    ),
    "many mappings in one": (
        f"a: &a {{b: 1}}\nc: {{<<: [{'*a, ' * 21}]}}",
        "expected fewer mappings after <<",
        f"a: &a {{b: 1}}\nc: {{<<: [{'*a, ' * 20}]}}",
    ),
    "many keys in one": (
        f"a: &a {{{', '.join(f'k{one}: 1' for one in range(1001))}}}\nc: {{<<: *a}}",
        "expected fewer keys after <<",
        f"a: &a {{{', '.join(f'k{one}: 1' for one in range(999))}}}\nc: {{<<: *a}}",
    ),
    "half a sign": (
        'a: "\\ud800"',
        "a text with a null character or half a character; write texts in UTF-8",
        'a: "é"',
    ),
    "a number of a thousand million": (
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
            for before, name in zip("abcdef", "bcdefg", strict=True)
        ),
        f"more than {MOST_VALUES} values; expected fewer",
        "a: &a [1, 1]\nb: &b [*a, *a]",
    ),
}


@pytest.mark.parametrize("case", YAML_TEXTS)
def test_yaml_texts(case, tmp_path):
    wrong, says, right = YAML_TEXTS[case]
    file = tmp_path / "one.yaml"
    file.write_text(wrong if ":" in wrong else f"a: {wrong}")
    told(lambda: read_mapping(file), says)
    file.write_text(right if ":" in right else f"a: {right}", encoding="utf-8")
    assert "a" in read_mapping(file)
