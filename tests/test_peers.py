"""The peers' comparison: this package's channels as other simulators get them, and its own rows."""

import io
import math
import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from test_channels import GATES, REFERENCE_OF

from netpyne_model.benchmarks import report
from netpyne_model.benchmarks.measure import in_a_process_of_its_own
from netpyne_model.benchmarks.peers import arbor_cell, cases, jaxley_cell
from netpyne_model.benchmarks.peers.condition import SmoothCell, crossings_ms, densities
from netpyne_model.benchmarks.peers.equations import read_channel
from netpyne_model.errors import ModelError

CHANNELS = sorted(GATES)


@pytest.fixture(scope="module")
def smooth() -> SmoothCell:
    return SmoothCell(until_ms=60.0)


def published(reference, channel) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Voltages, and the published steady states and time constants by gate (``m_inf``)."""
    table = pd.read_csv(reference / "channels" / f"{REFERENCE_OF[channel]}.csv")
    columns = {}
    for column in table.columns[1:]:
        kind = "inf" if "inf" in column else "tau"
        columns[f"{column.replace(kind, '')}_{kind}"] = table[column].to_numpy()
    return table["v"].to_numpy(), columns


@pytest.mark.parametrize("channel", REFERENCE_OF)
def test_rates_as_functions_are_the_published_ones(reference, channel):
    """What Jaxley computes by JAX, here by numpy; the tables' own rounding is 1e-15."""
    v_mV, columns = published(reference, channel)
    read = read_channel(channel, 35.0)
    gates = [np.zeros_like(v_mV)] * len(read.gates)
    for gate, (inf, tau) in zip(
        read.gates, jaxley_cell.rates_of(read, np)(v_mV, *gates), strict=True
    ):
        name = gate.state.removesuffix("_q")
        np.testing.assert_allclose(
            np.broadcast_to(inf, v_mV.shape), columns[f"{name}_inf"], rtol=1e-9
        )
        np.testing.assert_allclose(
            np.broadcast_to(tau, v_mV.shape), columns[f"{name}_tau"], rtol=1e-9
        )


def test_the_rate_that_reads_its_gate(reference):
    """km2: slower while the gate is below its steady state."""
    table = pd.read_csv(reference / "channels" / "km2.csv")
    rates = jaxley_cell.rates_of(read_channel("km2", 35.0), np)
    for gate, column in ((0.0, "tau_when_m_lt_inf"), (1.0, "tau_when_m_ge_inf")):
        ((inf, tau),) = rates(table["v"].to_numpy(), np.full(len(table), gate))
        np.testing.assert_allclose(inf, table["inf"], rtol=1e-9)
        np.testing.assert_allclose(tau, table[column], rtol=1e-9)


def carried_out(text: str, v_mV: float) -> dict[str, float]:
    """The rates of a mod file of Arbor's at a voltage: inf and tau by gate."""

    def exprelr(x: float) -> float:
        return x / math.expm1(x) if x else 1.0

    known = {"v": v_mV, "exp": math.exp, "exprelr": exprelr, "max": max}
    body = text.split("DERIVATIVE states {")[1]
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
    text = arbor_cell.channel_text(read_channel(channel, 35.0))
    for row in range(0, len(v_mV), 7):
        found = carried_out(text, float(v_mV[row]))
        assert found.keys() <= columns.keys()
        for name, value in found.items():
            assert value == pytest.approx(columns[name][row], rel=1e-9), (v_mV[row], name)


def test_channels_for_arbor_are_in_its_own_words():
    text = arbor_cell.channel_text(read_channel("nas_soma", 35.0))
    assert "USEION na READ ena WRITE ina" in text
    assert "m_forwardRate_r = 2.88 * exprelr(-m_forwardRate_x)" in text
    assert "m_timeCourse_t = max(m_timeCourse_unlimited, 0.02)" in text
    assert "ina = gmax*(m_q * m_q * m_q * h_q * s_q)*(v - ena)" in text
    assert "NONSPECIFIC_CURRENT i\n    RANGE gmax, e\n" in arbor_cell.channel_text(
        read_channel("h_dist", 35.0)
    )
    km2 = arbor_cell.channel_text(read_channel("km2", 35.0))
    assert "if (m_q < m_steadyState_x) {" in km2  # the same exp() is not taken twice
    assert "fabs" not in text + km2  # modcc has no such function


def test_a_channel_steps_and_conducts_in_jaxley():
    """Its class, below one in place of Jaxley's, with the exact step of a gate."""

    class Base:
        def __init__(self, name):
            self.name = name

    def steps(gate, dt_ms, inf, tau_ms):
        return inf + (gate - inf) * np.exp(-dt_ms / tau_ms)

    kad = jaxley_cell.channel_class(read_channel("kad", 35.0), Base, steps, np)
    v_mV = np.array([-60.0, 0.0])
    start = kad.init_state({}, v_mV, {}, 0.025)
    assert start.keys() == kad.channel_states.keys() == {"kad_n_q", "kad_l_q"}
    params = {"kad_gmax": 0.05, "kad_e": -77.0}
    stepped = kad.update_states(start, 0.025, v_mV, params)
    for gate, values in stepped.items():  # it starts in the steady state
        np.testing.assert_allclose(values, start[gate], rtol=1e-12)
    current = kad.compute_current(start, v_mV, params)
    open_fraction = start["kad_n_q"] * start["kad_l_q"]
    np.testing.assert_allclose(current, 0.05 * open_fraction * (v_mV + 77), rtol=1e-12)
    moved = kad.update_states(start, 0.025, v_mV + 20, params)
    assert (moved["kad_n_q"] > start["kad_n_q"]).all()  # depolarised, it opens


def test_what_is_no_channel_of_gates_is_refused():
    with pytest.raises(ModelError, match=r"^no_such: no channel of the package, so no other"):
        read_channel("no_such", 35.0)
    with pytest.raises(ModelError, match=r"^NaV2 is no channel of gates"):
        read_channel("NaV2", 33.0)


def test_a_cell_seen_from_a_tip_has_the_same_joints(smooth):
    """Every section once, joined to the end that its parent leaves by."""
    order = list(jaxley_cell.from_a_tip(smooth))
    assert sorted(section.name for section, _, _ in order) == sorted(smooth.description.sections)
    assert [parent for _, _, parent in order if parent < 0] == [-1]
    root = smooth.sections[0].name

    def joints(section) -> list[tuple[str, float]]:
        near = (section.name, 0) if section.name == root else (section.parent, section.parent_loc)
        return [near, (section.name, 1)]

    for section, backwards, parent in order:
        entry = joints(section)[:: -1 if backwards else 1][0]
        if parent >= 0:
            above, above_backwards, _ = order[parent]
            assert entry == joints(above)[:: -1 if above_backwards else 1][1]
    joined = {section.name: joints(section) for section, _, _ in order}
    away = dict(joined)
    del away[order[0][0].name]
    assert not any(
        joined[order[0][0].name][1 if order[0][1] else 0] in ends for ends in away.values()
    )


def test_every_segment_has_its_own_channels_and_no_others(smooth):
    assert smooth.n_segments == 453
    assert smooth.channels == CHANNELS
    counted = 0
    for section in smooth.sections:
        for segment in range(section.nseg):
            present = densities(section, segment)
            assert all(gmax > 0 for gmax in present.values())
            counted += sum(len(GATES[channel]) for channel in present)
    assert smooth.n_gates == counted


def test_crossings_are_interpolated():
    time_ms = np.array([0.0, 1.0, 2.0, 3.0])
    assert crossings_ms(time_ms, np.array([-60.0, -30.0, 10.0, -60.0]), -20.0) == [1.25]
    assert crossings_ms(time_ms, np.full(4, -60.0), -20.0) == []


class ArborInName:
    """What `arbor_cell` calls of Arbor to build a cell, which here only keeps what it is given."""

    mnpos = -1

    class _Ones:
        def __getattr__(self, name):
            return 1.0

    units = _Ones()

    class segment_tree:
        def __init__(self):
            self.segments = []

        def append(self, parent, begin, end, tag):
            self.segments.append((parent, begin, end, tag))
            return len(self.segments) - 1

    class decor:
        def __init__(self):
            self.painted, self.placed = {}, []

        def set_property(self, **properties):
            self.properties = properties

        def paint(self, region, density=None, **values):
            painted = self.painted.setdefault(region, {})
            painted |= dict([density]) if density else {}
            painted |= {values.pop("ion"): values["rev_pot"]} if "ion" in values else values

        def place(self, locations, clamp):
            self.placed.append((locations, clamp))

    @staticmethod
    def mpoint(x, y, z, radius):
        return x, radius

    @staticmethod
    def density(name, values):
        return name, values

    @staticmethod
    def i_clamp(onset, duration, current):
        return onset, duration, current

    @staticmethod
    def morphology(tree):
        return tree

    @staticmethod
    def cv_policy_every_segment():
        return "every segment"

    @staticmethod
    def cable_cell(*parts):
        return parts


def test_the_cell_for_arbor_is_the_described_one(smooth):
    """A cylinder a segment with the segment's values, joined as the sections are."""
    tree, decor, _, policy = arbor_cell.cable_cell_of(smooth, ArborInName)
    assert (len(tree.segments), policy) == (453, "every segment")
    assert decor.placed == [("(on-components 0.5 (tag 1))", (25.0, 35.0, 0.3))]
    assert decor.properties == {"Vm": -67.0, "tempK": pytest.approx(308.15)}
    tag, last = 0, {}
    for section in smooth.sections:
        joined_to = -1 if section.parent_loc == 0 else last[section.parent]
        for segment in range(section.nseg):
            tag += 1
            parent, (start_um, _), (end_um, radius_um), tag_there = tree.segments[tag - 1]
            assert (parent, tag_there) == (joined_to, tag)
            area_um2 = 2 * np.pi * radius_um * (end_um - start_um)
            assert area_um2 == pytest.approx(section.area_um2[segment], rel=1e-12)
            painted = decor.painted[f"(tag {tag})"]
            assert painted["cm"] == pytest.approx(0.01 * section.cm_uF_per_cm2[segment])  # F/m2
            assert painted["rL"] == section.Ra_ohm_cm
            assert (painted["na"], painted["k"]) == (50.0, -77.0)
            assert painted["leak"]["g"] == section.leak_S_per_cm2[segment]
            for name, gmax in densities(section, segment).items():
                assert painted[name]["gmax"] == gmax
                assert painted[name].get("e") == section.reversal_mV.get(name)
            joined_to = tag - 1
        last[section.name] = joined_to


def measured(spikes_ms, ns=20.0) -> dict:
    return {
        "ns_per_segment_step": ns,
        "n_segments": 453,
        "n_gates": 3136,
        "n_compartments": 508,
        "spikes_ms": spikes_ms,
        "version": "1.0",
        "how": "quickly",
    }


def test_peers_are_held_against_our_spikes(monkeypatch):
    answers = {
        (cases.NAME, cases.OURS): measured([30.0, 50.0]),
        (cases.NAME, "Arbor"): measured([30.01, 70.0], ns=40.0),
    }
    monkeypatch.setattr(cases, "find_spec", lambda name: None if name == "jaxley" else name)
    found = cases.results(answers)
    arbor = found["rows"]["Arbor"]
    assert (arbor["n_unmatched"], arbor["times_of_ours"]) == (2, 2)
    assert arbor["spike_shift_ms"] == pytest.approx(0.01)
    assert set(found["missing"].values()) == {"jaxley"}
    terminal = io.StringIO()
    Console(file=terminal, width=200).print(report.peers_table(found))
    text = terminal.getvalue()
    assert "2 spikes (2 without their like), shifted by 0.01 ms" in text
    assert "pip install jaxley" in text
    assert "453 segments, 3136 gates" in text
    assert [case.name for case in cases.cases()] == [
        name for name, peer in cases.PEERS.items() if peer.needs != "jaxley"
    ]


def test_our_own_rows_are_measured_and_spike_alike(smooth):
    """Fused channels against a mechanism each: rates from tables of the same steps."""
    rows = {
        name: in_a_process_of_its_own(cases.run_peer, name, smooth)
        for name in (cases.OURS, "NEURON, a mechanism each")
    }
    ours, separate = rows.values()
    assert np.isfinite(ours["ns_per_segment_step"])
    assert len(ours["spikes_ms"]) > 0
    # A rounding of 1e-15 in a gate grows on the upstroke; a step is 0.025 ms.
    np.testing.assert_allclose(separate["spikes_ms"], ours["spikes_ms"], rtol=0, atol=1e-4)
