"""All currents of a run: that Kirchhoff's law closes in every node, in each way of running, and what is refused."""

import numpy as np
import pandas as pd
import pynwb
import pytest
from following import advised, told

from netpyne_model import (
    Cell,
    CurrentClamp,
    Protocol,
    SpineInput,
    SynapticConductance,
    VoltageClamp,
)
from netpyne_model.analysis.currentscapes import currentscape
from netpyne_model.cell import step_currents
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.exports.general_mode import in_general_mode
from netpyne_model.mechanisms import loading
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.results.membrane_currents import SIGNIFICANT_BITS, rounded
from netpyne_model.simulation import Checkpoint, run_trial

# From the input's start on; in it the cell fires.
SHORT = {"duration_ms": 320.0, "dc_nA": 0.6, "n_excitatory": 400, "n_inhibitory": 100}
SOME = {"record_membrane_currents_ms": 0.1, "record_membrane_currents_from_ms": 250.0}
GENERAL = {"spines": "silent", "channels": "separate", "receptors": "generated"}
WAYS = {
    "fast": {},
    "second_order": {"integration": "second_order"},
    "general": GENERAL,
    "blocked": {"drugs": ["INaP:0.5", "AP5"]},  # a channel of negative density
    "bare": {"spines": "none"},  # AMPA and GABA_A are of one mechanism on one segment
    "folded": {"spines": "folded", "receptors": "fast"},
    "clamped": {
        "drugs": ["INaP"],
        "stimuli": [{"kind": "DynamicClamp", "region": "all", "factor": 0.5}],
    },
}
# NEURON solves for potentials of 100 mV to 16 digits, across conductances of some uS: 1e-13 nA.
KIRCHHOFF_NA = 1e-12


def trial(**fields):
    return run_trial(load_configuration(None, SHORT | fields))


@pytest.fixture
def charging(monkeypatch):
    """What the currents leave in each node, and what charges its capacitance, of all samples (nA)."""
    kept = []
    flows = step_currents.StepCurrents.flows

    def watched(self, rows):
        found = flows(self, rows)
        kept.append((_left(self, found), _capacitive(self, rows)))
        return found

    monkeypatch.setattr(step_currents.StepCurrents, "flows", watched)
    return kept


def _left(step, flows):
    nodes = step.nodes
    sums = np.zeros((len(nodes), len(flows.current_nA)))
    np.add.at(sums, step.columns["node"].to_numpy(), flows.current_nA.T)
    axial = np.zeros_like(sums)
    is_segment = nodes["is_segment"].to_numpy()
    axial[is_segment] = flows.axial_nA.T
    for node in range(len(nodes) - 1, 0, -1):
        parent = nodes["parent_node"][node]
        if not is_segment[node]:
            axial[node] = -sums[node]
        sums[node] += axial[node]
        sums[parent] -= axial[node]
    return -sums


def _capacitive(step, rows):
    """Capacitance times rate of change of each node, from what NEURON has, not from the currents."""
    sections, dt_ms = step._built.sections, 0.025
    n = step._n_nodes
    moved = rows[:, step._n_taken : step._n_taken + n] - rows[:, :n]
    capacitive = np.zeros((len(step.nodes), len(rows)))
    for number, node in step.nodes[step.nodes["is_segment"]].iterrows():
        segment = sections[node["section"]](node["x"])
        nF = 1e-5 * segment.cm * segment.area()
        capacitive[number] = nF * moved[:, segment.node_index()] / dt_ms
    return capacitive


@pytest.mark.parametrize("way", WAYS)
def test_kirchhoffs_law_closes_in_every_node(way, charging):
    result = trial(**SOME, **WAYS[way])
    assert len(result.spike_times_ms)
    assert sum(left.shape[1] for left, _ in charging) == 701
    for left, capacitive in charging:
        np.testing.assert_allclose(left, capacitive, rtol=0, atol=KIRCHHOFF_NA)
    assert max(np.abs(capacitive).max() for _, capacitive in charging) > 0.1  # in a spike
    sums = currentscape(result)["part_nA"].sum(["current", "region"])
    np.testing.assert_allclose(sums.sel(side="inward"), sums.sel(side="outward"), rtol=1e-9)


@pytest.fixture(scope="module")
def recorded():
    return trial(**SOME)


def test_a_run_is_the_same_with_and_without(recorded):
    alone = trial()
    assert alone.membrane_currents is None
    np.testing.assert_array_equal(alone.spike_times_ms, recorded.spike_times_ms)
    for name, trace in alone.traces.items():
        np.testing.assert_array_equal(trace.values, recorded.traces[name].values)


@pytest.mark.parametrize(
    "place", ["soma", "ais", "trunk", "trunk_37", "soma_0(0.5)", "distal_trunk"]
)
def test_parts_sum_to_what_flows_in_and_out(recorded, place):
    scape = currentscape(recorded, place)
    sums = scape["part_nA"].sum(["current", "region"])
    np.testing.assert_allclose(sums.sel(side="inward"), sums.sel(side="outward"), rtol=1e-9)
    along = sums - scape["own_nA"].sum("current")
    np.testing.assert_allclose(along, scape["axial_nA"], rtol=1e-9, atol=1e-9 * float(sums.max()))
    assert (scape["part_nA"] >= 0).all()
    sodium = {f"{part} {name}" for part in ("persistent", "transient") for name in ("nas", "nax")}
    assert set(scape["current"].values) >= {"kdr", "AMPA", "NMDA", "GABA_A", "capacitive"} | sodium


def test_the_two_ways_of_running_give_the_same_parts(recorded):
    """As far as the runs agree: to rounding, but for currents kept to 16 bits (1.6e-5)."""
    general = trial(**SOME, **GENERAL)
    np.testing.assert_array_equal(general.spike_times_ms, recorded.spike_times_ms)
    for place in ("soma", "trunk_37"):
        one, other = (currentscape(result, place) for result in (recorded, general))
        assert list(one["current"].values) == list(other["current"].values)
        total = one["part_nA"].sum(["side", "current", "region"])
        gap = np.abs(one["part_nA"] - other["part_nA"]) / total
        # Where a node's two sides change places within rounding, a part comes or goes at once.
        assert float(gap.quantile(0.999)) < 1e-4
        assert float(gap.mean()) < 1e-6


def test_currents_are_those_of_their_own_recordings():
    """A channel's current at a fixed step: that of the step's start, and its slope times what the step does."""
    places = {
        f"{name}_{what}": f"{name}.{what} trunk_37(0.5)" for name in ("nas", "kdr") for what in "ig"
    }
    protocol = Protocol(
        duration_ms=30.0,
        stimuli=CurrentClamp(amplitude_nA=0.8, start_ms=2.0, stop_ms=22.0),
        record={"v": "trunk_37(0.5)", **places},
        dt_ms=0.025,
        record_step_ms=0.025,
        record_membrane_currents_ms=0.025,
    )
    cell = Cell()
    for channels in ("separate", "fused"):
        result = protocol.__class__(**{**_fields(protocol), "channels": channels}).run(cell)
        assert len(result.spike_times_ms)
        kept = result.membrane_currents
        nodes = kept.nodes
        node = nodes.index[(nodes["section"] == "trunk_37") & nodes["is_segment"]]
        node = node[len(node) // 2]
        moved_mV = np.diff(result.voltage_mV["v"])
        for name in ("nas", "kdr"):
            density, slope = (result.recordings[f"{name}_{what}"].values[:-1] for what in "ig")
            at = kept.columns["current"].str.endswith(name) & (kept.columns["node"] == node)
            assert at.sum() == (2 if name == "nas" else 1)  # the persistent and the transient part
            expected = 1e-2 * nodes["area_um2"][node] * (density + slope * moved_mV)
            parts = kept.current_nA[: len(expected), np.flatnonzero(at)].astype(float)
            error = np.abs(parts.sum(axis=1) - expected)
            assert (error <= 2e-5 * np.abs(parts).sum(axis=1) + 1e-15).all()  # each of 16 bits


def _fields(protocol):
    import dataclasses

    return {one.name: getattr(protocol, one.name) for one in dataclasses.fields(protocol)}


def test_whatever_is_on_the_cell_is_there(charging):
    protocol = Protocol(
        duration_ms=12.0,
        stimuli=[
            VoltageClamp(levels=[(0.0, -70.0), (4.0, -40.0)], place="soma"),
            CurrentClamp(amplitude_nA=0.2, start_ms=2.0, stop_ms=7.0, place="trunk@100"),
            SynapticConductance(times_ms=3.0, peak_uS=0.001, place="trunk@100"),
            SpineInput(times_ms=3.0, spines=[900, 901]),
        ],
        dt_ms=0.025,
        record_membrane_currents_ms=0.25,
    )
    kept = protocol.run(Cell()).membrane_currents
    assert {"voltage clamp", "injected", "Exp2Syn", "AMPA", "NMDA"} <= set(kept.columns["current"])
    for left, capacitive in charging:
        # The clamp's resistance is 0.01 MOhm: its current has the digits that are left of 100 uS.
        np.testing.assert_allclose(left, capacitive, rtol=0, atol=1e-10)


# A calcium current that is no straight line of potential, and that a pool of its own follows.
CALCIUM = """
NEURON { SUFFIX cal  USEION ca READ eca WRITE ica  RANGE gbar }
UNITS { (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) }
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
BREAKPOINT { ica = gbar*(v - eca)/(1 + exp(-(v + 50)/5)) }
"""


@pytest.mark.parametrize("channels", ["fused", "separate"])
def test_a_channel_of_the_users_is_there_by_its_name(channels, charging, tmp_path):
    path = tmp_path / "own.mod"
    path.write_text(CALCIUM)
    cell = Cell().with_channel("calcium", path, {"soma": 1e-3, "trunk": 5e-4}, e_mV=120)
    result = run_trial(
        load_configuration(None, SHORT | SOME | {"cell": cell, "channels": channels})
    )
    columns = result.membrane_currents.columns
    assert set(
        result.membrane_currents.nodes["region"][columns["node"][columns["current"] == "calcium"]]
    ) == {"soma", "trunk"}
    for left, capacitive in charging:
        np.testing.assert_allclose(left, capacitive, rtol=0, atol=KIRCHHOFF_NA)


def test_the_file_keeps_them_and_others_read_it(recorded, tmp_path):
    write_nwb(recorded, tmp_path / "results.nwb")
    again = read_nwb(tmp_path / "results.nwb").membrane_currents
    kept = recorded.membrane_currents
    for name in ("potential_mV", "axial_nA", "current_nA"):
        np.testing.assert_array_equal(getattr(again, name), getattr(kept, name))
    pd.testing.assert_frame_equal(again.nodes, kept.nodes, check_dtype=False)
    pd.testing.assert_frame_equal(again.columns, kept.columns, check_dtype=False)
    np.testing.assert_allclose(again.time_ms, 250.0 + 0.1 * np.arange(701), rtol=1e-12)
    assert read_nwb(tmp_path / "results.nwb", inputs=False).membrane_currents is None
    with pynwb.NWBHDF5IO(str(tmp_path / "results.nwb"), "r") as io:
        table = io.read().processing["icephys"]["membrane_currents"].to_dataframe()
    np.testing.assert_array_equal(np.stack(table["flow"]).T, kept.current_nA)


def test_what_is_kept_is_rounded_to_16_bits():
    rng = np.random.default_rng(0)
    values = rng.normal(size=10_000) * 10.0 ** rng.integers(-9, 3, 10_000)
    kept = rounded(values)
    assert np.abs(kept / values - 1).max() < 2.0**-SIGNIFICANT_BITS + 1e-7  # float32's own rounding
    assert not np.any(kept.view(np.uint32) & np.uint32(0xFF))
    np.testing.assert_array_equal(rounded(kept), kept)


def test_a_run_goes_on_from_its_checkpoint_with_them(recorded, tmp_path):
    class Stopped(Exception):
        pass

    def stop(t_ms: float, end_ms: float) -> None:
        if t_ms > 290:
            raise Stopped

    config = load_configuration(None, SHORT | SOME)
    with pytest.raises(Stopped) as kept:
        run_trial(config, checkpoint=Checkpoint(tmp_path / "state", 20.0), progress=stop)
    assert kept.value.__traceback__ is not None
    assert not list(loading.neuron().allsec())  # whoever keeps the error does not keep the cell
    resumed = run_trial(config, checkpoint=Checkpoint(tmp_path / "state", 20.0)).membrane_currents
    for name in ("potential_mV", "axial_nA", "current_nA"):
        np.testing.assert_array_equal(
            getattr(resumed, name), getattr(recorded.membrane_currents, name)
        )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"record_membrane_currents_ms": 0.03}, "expected a multiple of dt_ms"),
        (
            {"record_membrane_currents_from_ms": 5.0},
            "no effect without record_membrane_currents_ms",
        ),
        (
            {
                "record_membrane_currents_ms": 1,
                "integration": "variable_step",
                **GENERAL,
                "spines": "folded",
            },
            "record_membrane_currents_ms=0",
        ),
    ],
)
def test_what_a_trial_cannot_record_is_refused(fields, message):
    with pytest.raises(ModelError, match=message):
        load_configuration(None, fields)


def test_an_export_of_a_trial_with_them_is_refused():
    config = load_configuration(None, SOME)
    with pytest.raises(ModelError, match="an export records voltages; set record_membrane"):
        in_general_mode(config)
    assert in_general_mode(load_configuration(None, {"record_membrane_currents_ms": 0}))


def test_too_many_samples_are_refused_before_the_run():
    with pytest.raises(ModelError, match=r"GB, expected 1 GB at most; set it to 0\.075, or a span"):
        trial(record_membrane_currents_ms=0.025, duration_ms=2000.0)


def test_a_span_without_a_sample_is_refused():
    with pytest.raises(ModelError, match="no multiple of it lies between 301 and 320 ms"):
        trial(record_membrane_currents_ms=100.0, record_membrane_currents_from_ms=301.0)
    with pytest.raises(ModelError, match="no multiple of it lies between 5 and 10 ms"):
        Protocol(
            duration_ms=10.0,
            dt_ms=0.025,
            record_membrane_currents_ms=20.0,
            record_membrane_currents_from_ms=5.0,
        )
    assert not list(loading.neuron().allsec())


def test_currents_are_told_to_be_of_one_thread_and_taken_of_one(neuron):
    protocol = Protocol(duration_ms=1.0, dt_ms=0.025, record_membrane_currents_ms=0.5)
    parallel = neuron.ParallelContext()
    parallel.nthread(2)
    try:
        line = told(lambda: protocol.run(Cell()), "currents are taken of one thread; ")
    finally:
        parallel.nthread(int(advised(line, r"set ParallelContext\(\)\.nthread\((\d)\), or")))
    assert "kdr" in set(protocol.run(Cell()).membrane_currents.columns["current"])


def test_protocols_with_an_adapted_step_are_refused():
    with pytest.raises(ModelError, match="give dt_ms too"):
        Protocol(duration_ms=10.0, record_membrane_currents_ms=0.1)
