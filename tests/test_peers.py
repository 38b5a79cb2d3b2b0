"""The peers' comparison: this package's channels as other simulators get them, and its own rows."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from test_channels import GATES, REFERENCE_OF

from netpyne_model.benchmarks import report
from netpyne_model.benchmarks.measure import in_a_process_of_its_own
from netpyne_model.benchmarks.peers import cases, jaxley_cell
from netpyne_model.benchmarks.peers.condition import SmoothCell, crossings_ms, densities
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.channel_equations import read_channel

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


@pytest.mark.slow
def test_arbor_spikes_alike(smooth):
    """Its step of a gate is a Pade approximant: 20 spikes of 500 ms come up to 0.044 ms early."""
    pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")
    ours, arbor = (
        in_a_process_of_its_own(cases.run_peer, name, smooth) for name in (cases.OURS, "Arbor")
    )
    np.testing.assert_allclose(arbor["spikes_ms"], ours["spikes_ms"], rtol=0, atol=0.05)
    assert arbor["n_compartments"] == smooth.n_segments + 55  # where sections meet
    assert np.isfinite(arbor["ns_per_segment_step"])
