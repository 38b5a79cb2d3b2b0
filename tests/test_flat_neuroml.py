"""The flat profile of a cell's NeuroML: the same cell for readers that know little."""

import re
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from netpyne_model.cell.sections import build_sections
from netpyne_model.commands import main
from netpyne_model.data_folders import NEUROML2
from netpyne_model.description import cut_sections
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.jneuroml import export_mechanisms
from netpyne_model.neuroml2 import validation
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.neuroml2.flat_cell import flat_segments
from netpyne_model.neuroml2.flat_channel import flat_channel

DATA = Path(__file__).parent / "data"
NEUROML = {"n": "http://www.neuroml.org/schema/neuroml2"}


@pytest.fixture(scope="module")
def flat(cell, tmp_path_factory):
    """The published cell's flat file."""
    return cell.write_neuroml(tmp_path_factory.mktemp("flat"), flat=True)


def test_it_is_valid(flat):
    files = validation.model_files(flat.parents[1])
    assert len(files) == 12  # the cell, its ten channels and the leak
    assert validation.validate_schema(files) == []
    assert validation.validate_includes(files) == []


@pytest.mark.java
def test_jneuroml_finds_no_problem(flat):
    assert validation.validate_with_jneuroml(flat.parents[1]) == []


def test_it_asks_little_of_its_reader(flat):
    tree = etree.parse(str(flat))
    for unknown in ("channelDensityNonUniform", "inhomogeneousParameter"):
        assert tree.findall(f".//n:{unknown}", NEUROML) == []
    assert all(one.get("fractionAlong") is None for one in tree.findall(".//n:parent", NEUROML))
    for segment in tree.findall(".//n:segment", NEUROML):
        ends = (segment.find(f"n:{end}", NEUROML) for end in ("proximal", "distal"))
        assert len({end.get("diameter") for end in ends}) == 1
    for channel in (flat.parents[1] / "channels").iterdir():
        text = channel.read_text(encoding="utf-8")
        assert not re.search(r'<include|<Requirement name="temperature"|baseHH', text), channel.name


def test_read_back_it_has_the_values_of_every_segment(cell, flat):
    """To the fifteen digits that are written; lengths to those of coordinates of some 1,000 um."""
    read, described = read_cell(flat), cut_sections(cell.describe("folded"))
    assert read.sections.keys() == described.sections.keys()
    assert read.channel_ions == described.channel_ions
    for name, section in described.sections.items():
        found = read.sections[name]
        np.testing.assert_allclose(found.length_um, section.length_um, rtol=1e-11)
        assert (found.nseg, found.Ra_ohm_cm) == (section.nseg, section.Ra_ohm_cm)
        for array in ("diam_um", "cm_uF_per_cm2", "leak_S_per_cm2", "leak_e_mV"):
            expected = getattr(section, array)
            np.testing.assert_allclose(getattr(found, array), expected, rtol=1e-14, atol=1e-18)
        present = {key: gbar for key, gbar in section.gbar_S_per_cm2.items() if gbar.any()}
        assert found.gbar_S_per_cm2.keys() == present.keys(), name
        for channel, gbar in present.items():
            np.testing.assert_allclose(found.gbar_S_per_cm2[channel], gbar, rtol=1e-14)


def test_built_it_is_the_same_cell(cell, flat, neuron):
    """Also where its tree begins at another end: 5 ms with the sodium current flowing.

    NEURON keeps 3D points in float32, of which lengths are made anew: 1e-7 of each.
    """
    h, voltages = neuron, []
    for described in (cell.describe("folded"), read_cell(flat)):
        sections = build_sections(described)
        clamp = h.IClamp(sections["soma_0"](0.5))
        clamp.dur, clamp.amp = 1e9, 2.0
        seen = [h.Vector().record(sections[name](0.5)._ref_v) for name in ("soma_0", "soma_1")]
        h.finitialize(-67.0)
        while h.t < 5.0:
            h.fadvance()
        voltages.append(np.array(seen))
        del clamp, sections
    assert voltages[0].max() > 0  # it fires
    np.testing.assert_allclose(voltages[1], voltages[0], atol=1e-3)


def test_every_joint_is_at_a_far_end(cell):
    """The soma's halves and the axon meet at the root's 0 end: the tree begins at a tip."""
    described = cell.describe("folded")
    segments = flat_segments(described)
    assert segments[0].section.name == "axon_4"
    ids = {one.section.name: one.id for one in segments}
    at_the_joint = {one.section.name for one in segments if one.parent == ids["axon_hill_2_0"]}
    assert at_the_joint == {"soma_0", "soma_1"}
    assert [one.id for one in segments] == list(range(len(segments)))
    assert all(one.parent is None or one.parent < one.id for one in segments)
    for one in segments[1:]:
        np.testing.assert_array_equal(one.proximal_um, segments[one.parent].distal_um)


def test_a_joint_elsewhere_is_refused(cell):
    described = cell.describe("none")
    described.sections["apical_6"].parent_loc = 0.5
    with pytest.raises(ModelError, match=r"apical_6 is joined at 0\.5 of trunk_5") as error:
        flat_segments(described)
    assert "write it without flat" in str(error.value)


def test_a_channel_of_a_mod_file_is_refused_and_nothing_written(cell, tmp_path):
    own = cell.with_channel("kslow", DATA / "kslow.mod", {"soma": 1e-4})
    with pytest.raises(ModelError, match=r"channel kslow comes from kslow\.mod"):
        own.write_neuroml(tmp_path, flat=True)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_it(tmp_path, capsys):
    folder = tmp_path / "new"
    assert main(["export", "neuroml", str(folder), "--flat"]) == 0
    file = folder / "cells" / "CA1.cell.nml"
    assert f"NeuroML: {file}" in capsys.readouterr().out
    assert main(["export", "neuroml", str(folder)]) == 2
    assert "is left alone; choose another" in capsys.readouterr().err
    assert b"channelDensityNonUniform" not in file.read_bytes()


@pytest.mark.java
@pytest.mark.slow
def test_its_channels_convert_and_know_their_temperature(flat):
    """jNeuroML writes the temperature as the number it is fixed at."""
    folder = flat.parents[1] / "channels"
    files = [folder / f"{name}.channel.nml" for name in ("nas_soma", "kad", "h_dist", "km2")]
    for name, text in export_mechanisms(files).items():
        fixed = re.findall(r"^\s+\w+_temperature = (\S+)", text, re.MULTILINE)
        assert {float(value) for value in fixed} <= {308.15}, name
        assert bool(fixed) == (name != "km2")


def test_types_of_two_channels_go_together():
    """Both take their rates from one file; what each brings along bears its name."""
    names = []
    for channel in ("nas_soma", "nas_dend"):
        text = flat_channel(NEUROML2 / "channels" / f"{channel}.channel.nml", 35.0)
        names += [
            one.get("name") for one in etree.fromstring(text).findall("n:ComponentType", NEUROML)
        ]
    assert len(names) == len(set(names)) > 0
