"""Channels and receptors in Arbor's NMODL, and a described cell on Arbor's segment tree."""

import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from channel_texts import written
from following import told
from test_channels import REFERENCE_OF
from test_peers import published

from netpyne_model.cell.arbor_layout import SegmentTree, joined
from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import arbor_catalogue
from netpyne_model.mechanisms.arbor_nmodl import channel_text, channel_text_of, receptor_text
from netpyne_model.mechanisms.cache import CACHE_VARIABLE
from netpyne_model.mechanisms.channel_equations import read_channel
from netpyne_model.mechanisms.conversion import GENERATED
from netpyne_model.mechanisms.user_channels import converted_mod_file, read_user_channel
from netpyne_model.morphology import Location
from netpyne_model.neuroml2.components import component

arbor = pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")

SPINES = (0, 1, 2, 700, 11000)


def carried_out(text: str, v_mV: float) -> dict[str, float]:
    """The rates of a mod file of Arbor's at a voltage: inf and tau by gate."""

    def exprelr(x: float) -> float:
        return x / math.expm1(x) if x else 1.0

    known = {"v": v_mV, "exp": math.exp, "exprelr": exprelr, "max": max}
    body = text.split("DERIVATIVE states {")[1].split("BREAKPOINT")[0]
    found = {}
    for line in map(str.strip, body.splitlines()):
        if slope := re.fullmatch(r"(\w+)_q' = \((.*) - \w+\)/\((.*)\)", line):
            found |= {
                f"{slope[1]}_inf": eval(slope[2], known),
                f"{slope[1]}_tau": eval(slope[3], known),
            }
        elif " = " in line:
            exec(line, known)
    return found


@pytest.mark.parametrize("channel", REFERENCE_OF)
def test_the_text_for_arbor_says_the_same(reference, channel):
    v_mV, columns = published(reference, channel)
    text = channel_text(read_channel(channel, 35.0))
    for row in range(0, len(v_mV), 7):
        found = carried_out(text, float(v_mV[row]))
        assert found.keys() <= columns.keys()
        for name, value in found.items():
            assert value == pytest.approx(columns[name][row], rel=1e-9), (v_mV[row], name)


def test_channels_for_arbor_are_in_its_own_words():
    text = channel_text(read_channel("nas_soma", 35.0))
    assert "USEION na READ ena WRITE ina" in text
    assert "m_forwardRate_r = 2.88 * exprelr(-m_forwardRate_x)" in text
    assert "m_timeCourse_t = max(m_timeCourse_unlimited, 0.02)" in text
    assert "ina = gmax*(m_q * m_q * m_q * h_q * s_q)*(v - ena)" in text
    assert "NONSPECIFIC_CURRENT i\n    RANGE gmax, e\n" in channel_text(
        read_channel("h_dist", 35.0)
    )
    km2 = channel_text(read_channel("km2", 35.0))
    assert "if (m_q < m_steadyState_x) {" in km2  # the same exp() is not taken twice
    assert "fabs" not in text + km2  # modcc has no such function


def test_a_channel_of_reactions_starts_in_its_steady_state():
    text = channel_text_of("NaV2", 33.0)
    assert "SOLVE states STEADYSTATE sparse" in text
    # O <-> I6 of Carter et al. (2012): 8 and 0.05 per ms at 37 degC, Q10 2.3.
    forward, backward = re.search(
        r"~ states_O_occupancy <-> states_I6_occupancy \(([\d.]+), ([\d.]+)\)", text
    ).groups()
    assert float(forward) == pytest.approx(8 * 2.3**-0.4, rel=1e-12)
    assert float(backward) == pytest.approx(0.05 * 2.3**-0.4, rel=1e-12)
    with pytest.raises(ModelError, match=r"^AMPA_2: no channel of the package"):
        channel_text_of("AMPA_2", 33.0)


@pytest.mark.parametrize("receptor", ["AMPA", "NMDA", "GABA_A"])
def test_a_receptor_for_arbor_has_its_components_parameters_and_reactions(receptor):
    text = receptor_text(receptor)
    found = {
        name: float(value) for name, value in re.findall(r"(\w+) = (-?[\d.e-]+) \(|$", text) if name
    }
    given = component(receptor)
    # Without a unit, so without a bracket behind it.
    without_unit = re.findall(r"^    (speedUp) = ([\d.]+)$", text, re.MULTILINE)
    found |= {name: float(value) for name, value in without_unit}
    for parameter, value in given.items():
        assert found[parameter] == pytest.approx(value, rel=1e-6), parameter  # as jNeuroML rounds
    assert "~ Ru <-> Rb (C*kon, koff)" in text
    assert "CONSERVE Ru + Rb + Rc + Ro = 1" in text
    assert "net_send" not in text


def test_the_slope_of_the_magnesium_block_stands_in_the_current():
    """modcc differentiates the current's expression alone; the step's start decides the rates."""
    text = receptor_text("NMDA")
    current = re.search(r"^    i = (.*)$", text, re.MULTILINE)[1]
    assert "exp(0 - slope*v)" in current
    assert "ASSIGNED {\n    closing\n}" in text
    assert "exp" not in text.split("KINETIC")[1]


def test_what_is_no_receptor_of_pulses_is_refused():
    for name in ("EPSC", "kdr", "no_such"):
        with pytest.raises(ModelError, match=rf"^{name} is no receptor of reactions and pulses"):
            receptor_text(name)


@pytest.mark.java
def test_a_neuroml_channel_of_ones_own_has_a_text_too(tmp_path):
    """A copy of the package's says what the package's does, under the name of its mechanism."""
    text = (NEUROML2 / "channels" / "kdr.channel.nml").read_text()
    for name in ("rateTypes.xml", *re.findall(r'href="([^"]+)"', text)):
        if (NEUROML2 / "channels" / name).is_file():
            shutil.copy(NEUROML2 / "channels" / name, tmp_path)
    user_channel = read_user_channel(written(tmp_path, text, "kdr.channel.nml"))
    file = converted_mod_file(user_channel)
    own = channel_text(read_channel(user_channel.name, 35.0, file))
    assert own.replace(user_channel.name, "kdr") == channel_text(read_channel("kdr", 35.0))
    user_channel.file.write_text(f"{text}<!-- changed -->\n")
    with pytest.raises(ModelError, match=r"kdr\.channel\.nml has changed since it was read"):
        converted_mod_file(user_channel)


def test_a_mod_file_of_ones_own_is_refused(tmp_path):
    file = tmp_path / "kdr.mod"
    shutil.copy(GENERATED / "kdr.mod", file)
    with pytest.raises(ModelError, match=r"kdr\.mod: a mod file says more than another simulator"):
        converted_mod_file(read_user_channel(file))


@pytest.fixture(scope="module")
def spiny(cell):
    """The cell with some spines as sections, and its segments in Arbor."""
    described = cell.describe("folded", explicit=SPINES)
    return described, SegmentTree(described, cell.morphology)


def control_volumes(segments: SegmentTree, with_membrane=()):
    """The cell in Arbor without anything painted on it, and its control volumes."""
    policy = arbor.cv_policy_explicit(segments.boundaries(with_membrane))
    built = arbor.cable_cell(arbor.morphology(segments.tree), arbor.decor(), None, policy)
    return built, arbor.cv_data(built)


def test_a_union_of_many_parts_is_not_deep():
    """All spines as sections have as many boundaries, and as deep Arbor's stack ends."""
    parts = [f"({number})" for number in range(46_001)]
    union = joined(parts)
    assert re.findall(r"\(\d+\)", union) == parts
    steps = [{"(": 1, ")": -1}.get(sign, 0) for sign in union]
    assert np.cumsum(steps).max() == 1 + math.ceil(math.log2(len(parts)))


def test_every_segment_is_one_control_volume(spiny):
    """Beside them are NEURON's nodes without membrane: where three or more sections meet."""
    described, segments = spiny
    _, volumes = control_volumes(segments)
    joints = [segments.node(Location(name, 0.0)) for name in described.sections]
    meeting = {joint for joint in joints if joint.x in (0, 1) and joints.count(joint) > 1}
    n_segments = sum(section.nseg for section in described.sections.values())
    assert n_segments == 453 + 2 * len(SPINES)
    assert volumes.num_cv == n_segments + len(meeting)
    assert len(meeting) == 55


def test_segments_have_their_area_and_spines_their_place(spiny):
    """Ends of a segment of Arbor's are float64: lengths come back to rounding."""
    described, segments = spiny
    built, _ = control_volumes(segments)
    pieces = arbor.place_pwlin(arbor.morphology(segments.tree))
    for name, section in described.sections.items():
        for segment, parts in enumerate(segments.segments[name]):
            area_um2 = 0.0
            for part in parts:
                (cable,) = built.cables(f"(segment {part})")
                for one in pieces.segments([cable]):
                    ends = np.array([[end.x, end.y, end.z] for end in (one.prox, one.dist)])
                    area_um2 += 2 * np.pi * one.prox.radius * np.linalg.norm(ends[1] - ends[0])
            assert area_um2 == pytest.approx(section.area_um2[segment], rel=1e-9), (name, segment)
    for number in SPINES:
        neck = described.sections[f"neck_{number}"]
        parent = described.sections[neck.parent]
        borne = min(int(neck.parent_loc * parent.nseg), parent.nseg - 1)
        assert len(segments.segments[neck.parent][borne]) == 2
        assert segments.node(Location(neck.name, 0.0)) == segments.node(
            Location(neck.parent, neck.parent_loc)
        )


@pytest.mark.parametrize(
    ("end", "n_more"), [(Location("trunk_37", 1.0), 0), (Location("soma_0", 0.0), 3)]
)
def test_an_end_where_a_current_enters_gets_a_membrane(spiny, end, n_more):
    """A millionth of each section that meets there; Arbor keeps a point at the root beside it."""
    _, segments = spiny
    (_, without), (_, with_it) = (control_volumes(segments, ends) for ends in ([], [end]))
    assert with_it.num_cv == without.num_cv + n_more

    def tiny(volumes) -> list[float]:
        lengths = [
            [cable.dist - cable.prox for cable in volumes.cables(number)]
            for number in range(volumes.num_cv)
        ]
        return [sum(cables) for cables in lengths if 0 < sum(cables) < 1e-5]

    assert tiny(without) == []
    assert len(tiny(with_it)) == max(n_more, 1)


def test_a_text_that_modcc_refuses_leaves_its_reason_in_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError, match=r"^arbor-build-catalogue failed \(code") as refused:
        arbor_catalogue.load_catalogue({"kdr": "NEURON { SUFFIX kdr }\nBREAKPOINT { i = }\n"})
    log = Path(str(refused.value).split("its output is in ")[1].removesuffix("."))
    assert "kdr" in log.read_text()
    assert not list(tmp_path.glob("**/*.so"))
    monkeypatch.setattr(arbor_catalogue.shutil, "which", lambda name, path: None)
    with pytest.raises(ModelError, match=r"^'cmake' was not found; .*: pip install cmake\.$"):
        arbor_catalogue.load_catalogue({"kdr": ""})


def test_silent_spines_and_a_missing_library_are_one_line(cell, monkeypatch):
    line = told(
        lambda: cell.to_arbor(spines="silent"), "spines = 'silent': a mechanism of NEURON's"
    )
    for spines in re.search(r"for Arbor expected '(\w+)', '(\w+)', or", line).groups():
        assert cell.to_arbor(spines=spines).catalogue
    monkeypatch.setattr(arbor_catalogue, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"^Arbor is not installed; .* pip install arbor cmake\.$"):
        cell.to_arbor()
