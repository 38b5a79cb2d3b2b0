"""The dynamic clamp: what it adds, where and when, against what the cell has and against the passive cable."""

import re

import numpy as np
import pytest
from protocol_runs import same
from test_clamps import SETTLED, Cable, passive  # noqa: F401

from netpyne_model import (
    Cell,
    CurrentClamp,
    DynamicClamp,
    Holding,
    ModelError,
    Protocol,
    SpineInput,
    SynapticCurrent,
    Trial,
    VoltageClamp,
)
from netpyne_model.configuration import clamp_in_a_sentence, in_name, in_title, load_configuration
from netpyne_model.neuroml2.annotations import annotate
from netpyne_model.neuroml2.clamps import CLAMPS, write_clamps
from netpyne_model.protocols import stimulus_of
from netpyne_model.simulation import run_trial_in_arbor

BLOCKED = Cell().with_drugs("INaP")
ADD_BACK = DynamicClamp(region="all", factor=1)
FIXED = pytest.mark.parametrize(
    "way", [{"channels": "fused"}, {"channels": "separate"}], ids=["fast", "general"]
)
EVENTS = SpineInput(place="trunk@220", n=4, times_ms=[100, 110, 120, 130, 140])
STEP = CurrentClamp(amplitude_nA=0.35, start_ms=160)
SITES = {"soma": "soma", "trunk": "trunk@220"}


def run(cell, *clamps, record=SITES, duration_ms=230, dt_ms=0.025, **fields):
    stimuli = [one for one in (EVENTS, STEP, *clamps) if one.begins_ms < duration_ms]
    protocol = Protocol(
        duration_ms=duration_ms, stimuli=stimuli, record=record, dt_ms=dt_ms, **fields
    )
    return protocol.run(cell)


def apart_mV(one, other, until_ms=np.inf):
    times = one.time_ms < until_ms
    return max(
        np.abs(voltage - other.voltage_mV[name])[times].max()
        for name, voltage in one.voltage_mV.items()
    )


@FIXED
def test_what_the_block_takes_is_given_back(way):
    """INaP and the same density everywhere are control: EPSPs, and then two spikes."""
    control, given_back = run(Cell(), **way), run(BLOCKED, ADD_BACK, **way)
    assert len(control.spike_times_ms) >= 2
    assert np.array_equal(control.spike_times_ms, given_back.spike_times_ms)
    # The two currents are opposite but for the rounding of area times density, 1e-16 of each. Of an EPSP that
    # leaves 3e-12 mV; a spike's upstroke makes a hundred thousand times as much of it, 4e-7 mV.
    assert apart_mV(control, given_back, until_ms=160) < 1e-11
    assert apart_mV(control, given_back) < 1e-5
    assert apart_mV(control, run(BLOCKED, **way), until_ms=160) > 0.01


@FIXED
def test_a_clamp_below_0_is_the_block(way):
    taken = run(Cell(), DynamicClamp(region="all", factor=-1), **way)
    assert apart_mV(taken, run(BLOCKED, **way), until_ms=160) < 1e-11
    half = run(Cell(), DynamicClamp(region=["ais"], factor=-0.5), **way)
    assert apart_mV(half, run(Cell().with_drugs("INaP:0.5@ais"), **way), until_ms=160) < 1e-11


@FIXED
@pytest.mark.parametrize("factor", [0, 1])
def test_in_a_trial_the_same_holds(way, factor):
    """0.8 s: settling, lead-in and the first of the track, with a DC that makes it fire."""
    fields = {"setup": "place_cell", "duration_ms": 800.0, "dc_nA": 0.25, **way}
    clamp = {"kind": "DynamicClamp", "region": "all", "factor": factor}
    control = Trial(**fields).run()
    clamped = Trial(**fields, drugs=["INaP"] * factor, stimuli=[clamp]).run()
    assert len(control.spike_times_ms) > 2
    assert np.array_equal(control.spike_times_ms, clamped.spike_times_ms)
    if factor == 0:  # of no strength it changes no bit
        assert same(control, clamped)
        return
    # Measured: 2e-12 mV while it settles, 4e-6 mV over 14 spikes, all of them in the same step.
    assert apart_mV(control, clamped, until_ms=250) < 1e-11
    assert apart_mV(control, clamped) < 1e-4
    assert [one["kind"] for one in clamped.configuration["stimuli"]] == ["DynamicClamp"]
    assert clamped.provenance["drugs"] == {"INaP": {"dose": 1.0}}


@FIXED
def test_in_the_currents_of_all_segments_it_is_the_persistent_part_of_control(way):
    found, control = (
        run(cell, *clamps, record_membrane_currents_ms=20.0, **way).membrane_currents
        for cell, clamps in ((BLOCKED, [ADD_BACK]), (Cell(), []))
    )
    by_node, of_control = (
        one.columns.assign(number=range(len(one.columns))).set_index("node")
        for one in (found, control)
    )
    given = by_node[by_node["current"] == "dynamic clamp"]["number"]
    taken = of_control[of_control["current"].str.startswith("persistent")]["number"]
    on_branches = found.nodes["is_segment"] & ~found.nodes["on_spine"]
    assert len(given) == int(on_branches.sum())
    assert set(taken.index) <= set(
        given.index
    )  # at the tips of terminal branches the density may be 0
    pair = found.current_nA[:, given[taken.index]], control.current_nA[:, taken]
    # As they are rounded, and without spikes, in which a step's straight line is off the curve: 0.02 mV in a step of
    # an EPSP, of e-folds of 3 mV, is 2e-5.
    before = found.time_ms < STEP.start_ms
    assert before.sum() > 5
    np.testing.assert_allclose(pair[0][before], pair[1][before], rtol=5e-5, atol=1e-12)
    left = by_node["current"].str.startswith("persistent")
    assert left.any()
    assert not found.current_nA[:, by_node["number"][left]].any()


def test_of_no_strength_it_changes_no_bit():
    clamps = DynamicClamp(g_uS=0), DynamicClamp(current="leak", g_uS=0, reversal_mV=0)
    for step in ({"dt_ms": 0.025}, {"dt_ms": None}):
        assert same(run(Cell(), **step), run(Cell(), *clamps, **step))


@pytest.mark.parametrize("place", [("soma_0", 0.0), ("trunk_50", 0.5)])
@pytest.mark.parametrize("g_uS", [0.02, -0.002])
@pytest.mark.parametrize("step", [{"dt_ms": 0.1}, {"atol": 1e-9}], ids=["fixed", "variable"])
def test_a_leak_on_the_passive_cell_is_a_conductance_beside_its_input_resistance(
    passive,  # noqa: F811
    place,
    g_uS,
    step,
):
    """With R the input resistance and V the potential at rest: (V + R g E)/(1 + R g)."""
    cable = Cable(passive, "silent" if "dt_ms" in step else "folded")
    node = cable.node(*place)
    load = cable.resistance_MOhm[node, node] * g_uS
    clamp = DynamicClamp(current="leak", g_uS=g_uS, reversal_mV=-40, place=place)
    record = {"v": place, "i": f"dynamic_clamp.i {place[0]}({place[1]})"}
    found = Protocol(stimuli=clamp, record=record, **SETTLED, **step).run(passive)
    expected_mV = (cable.rest_mV[node] + load * -40) / (1 + load)
    # 1e-6 as the cable itself in test_clamps.py.
    assert found.voltage_mV["v"][-1] == pytest.approx(expected_mV, rel=1e-6)
    current = found.recordings["i"]
    assert current.values[-1] == pytest.approx(g_uS * (expected_mV + 40), rel=1e-5)
    assert (current.unit, current.variable) == ("nA", "dynamic_clamp.i")


def test_a_density_over_all_regions_is_that_of_the_cells_own_leak(passive):  # noqa: F811
    cell = passive.with_rule("all", "pas.e", value=-70.0)
    more = Protocol(duration_ms=30, dt_ms=0.025, stimuli=STEP_AT_ONCE).run(
        cell.with_rule("all", "pas.g", factor=1.0)
    )
    table = cell.table()
    (density,) = set(table.loc[table["region"] == "soma", "pas.g"])
    of_rule = cell.with_rule("soma", "pas.g", factor=3.0)
    clamp = DynamicClamp(
        current="leak", region="soma", density_S_per_cm2=2 * density, reversal_mV=-70
    )
    one = Protocol(duration_ms=30, dt_ms=0.025, stimuli=[STEP_AT_ONCE, clamp]).run(cell)
    other = Protocol(duration_ms=30, dt_ms=0.025, stimuli=STEP_AT_ONCE).run(of_rule)
    assert apart_mV(one, other) < 1e-10  # rounding
    assert apart_mV(one, more) > 1e-3


STEP_AT_ONCE = CurrentClamp(amplitude_nA=0.1)


@pytest.mark.parametrize("dt_ms", [0.025, None], ids=["fixed", "variable"])
def test_it_is_on_from_its_start_to_its_stop(dt_ms):
    clamp = DynamicClamp(current="leak", g_uS=0.01, reversal_mV=0, start_ms=50, stop_ms=80)
    record = SITES | {"g": "dynamic_clamp.g soma", "i": "dynamic_clamp.i soma"}
    clamped = run(Cell(), clamp, record=record, duration_ms=95, dt_ms=dt_ms)
    control = run(Cell(), duration_ms=95, dt_ms=dt_ms)
    g_uS, time_ms = clamped.recordings["g"].values, clamped.time_ms
    on = (time_ms > 50.01) & (time_ms < 79.99)
    off = (time_ms < 49.99) | (time_ms > 80.01)
    np.testing.assert_allclose(g_uS[on], 0.01)
    assert not g_uS[off].any()
    np.testing.assert_allclose(
        clamped.recordings["i"].values[on], 0.01 * clamped.voltage_mV["soma"][on], rtol=1e-9
    )
    # An adapted step starts anew there; before, steps of another length err by less than atol, 1e-4.
    apart = np.abs(clamped.voltage_mV["soma"] - control.voltage_mV["soma"])
    assert apart[time_ms < 49.99].max() < 1e-4 < 1 < apart[on].max()


def test_several_on_one_segment_add_up_and_are_recorded_together():
    record = {"soma": "soma", "g": "dynamic_clamp.g trunk@100", "v": "trunk@100"}
    twice = [
        DynamicClamp(current="leak", g_uS=g_uS, reversal_mV=-20, place="trunk@100")
        for g_uS in (0.003, -0.001)
    ]
    once = DynamicClamp(current="leak", g_uS=0.002, reversal_mV=-20, place="trunk@100")
    two, one = (run(Cell(), *some, record=record) for some in (twice, [once]))
    np.testing.assert_allclose(two.recordings["g"].values, 0.002)
    assert apart_mV(two, one, until_ms=160) < 1e-10


def test_the_kinetics_are_those_of_the_segment_or_of_a_component():
    """Held at -45 mV the clamp passes what the channel does, of each region's own and of another's."""
    held = VoltageClamp(levels=[(0, -45)])
    for place, own, other in (("soma_0(0.5)", "nas_soma", "nax_ais"), ("ais", "nax_ais", "nax")):
        record = {"soma": "soma", "v": place, "g": f"dynamic_clamp.g {place}"}
        found = {}
        for component in (None, own, other):
            clamp = DynamicClamp(g_uS=1e-6, place=place, component=component)
            fields = {"duration_ms": 5, "dt_ms": 0.025, "record": record, "stimuli": [held, clamp]}
            found[component] = Protocol(**fields).run(Cell()).recordings["g"].values[-1]
        assert found[None] == found[own] != found[other]


def test_what_the_simple_model_loses_is_given_back():
    event = SynapticCurrent(times_ms=20, peak_nA=0.02, source="EPSC_simple")
    runs = [
        Protocol(duration_ms=80, dt_ms=0.025, stimuli=[event, *clamps]).run(cell)
        for cell, clamps in (
            (Cell.simple(), ()),
            (Cell.simple().with_drugs("INaP"), (DynamicClamp(region="soma", factor=1),)),
        )
    ]
    assert apart_mV(*runs) < 1e-9


def test_a_held_cell_is_held_with_what_is_there_from_the_start():
    clamp = DynamicClamp(current="leak", g_uS=0.01, reversal_mV=0)
    held = Protocol(
        duration_ms=120, dt_ms=0.025, stimuli=[EVENTS, clamp], holding=Holding(target_mV=-66)
    ).run(Cell())
    assert held.configuration["held_mV"] == pytest.approx(-66, abs=0.01)


def test_it_reads_from_a_file_and_goes_into_title_name_and_report():
    text = "stimuli=[{kind: DynamicClamp, region: ais, factor: -0.5, start_ms: 300}]"
    fields = load_configuration(None, {}, [text]).as_dict()
    assert in_title(fields) == ["with dynamic clamp (persistent, × -0.5) in ais"]  # noqa: RUF001
    assert in_name(fields) == "_with-dynamic-clamp-persistent--0.5-in-ais"
    (declared,) = fields["stimuli"]
    assert clamp_in_a_sentence(declared) == (
        "A dynamic clamp takes away a persistent sodium current (× -0.5) in ais from 300 ms."  # noqa: RUF001
    )
    assert stimulus_of(declared) == DynamicClamp(region="ais", factor=-0.5, start_ms=300)
    leak = {"kind": "DynamicClamp", "current": "leak", "g_uS": 0.01, "reversal_mV": -60}
    assert clamp_in_a_sentence(leak) == "A dynamic clamp adds a leak (0.01 uS) at soma."


def test_the_components_are_written_from_the_channels(tmp_path):
    path = write_clamps(tmp_path / CLAMPS.name)
    annotate(path)
    assert path.read_text() == CLAMPS.read_text(), "run ca1 build"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({}, "a dynamic clamp with no strength: give one of g_uS, density_S_per_cm2, factor."),
        ({"g_uS": 1, "factor": 1}, "g_uS and factor: give one of"),
        ({"g_uS": 1, "region": "ais"}, "over a region give density_S_per_cm2 or factor"),
        ({"factor": 1, "region": "aiss"}, "region 'aiss' does not exist. Did you mean 'ais'"),
        ({"factor": 1, "region": "ais", "place": "soma"}, "either a place or a region"),
        ({"g_uS": "much"}, "g_uS = 'much': expected a number from -1000 to 1000"),
        ({"current": "persistant", "g_uS": 1}, "Did you mean 'persistent'"),
        ({"current": "leak", "g_uS": 1}, "a leak needs its reversal potential; give reversal_mV"),
        ({"current": "leak", "g_uS": 1, "reversal_mV": 0, "component": "nax"}, "has no gates"),
        ({"g_uS": 1, "component": "nas"}, "component 'nas': expected one of nas_soma, nas_dend"),
        ({"g_uS": 1, "start_ms": 9, "stop_ms": 9}, "expected more than start_ms (9)"),
        ({"g_uS": 1, "duration_ms": 9}, "Give stop_ms, the time of its end."),
    ],
)
def test_what_does_not_hold_is_one_line(entries, told):
    with pytest.raises(ModelError, match=re.escape(told)) as raised:
        DynamicClamp(**entries)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("clamp", "cell", "record", "told"),
    [
        ({"g_uS": 1}, Cell().without(["nas", "nax"]), "soma", "give component, one of nas_soma"),
        (
            {"factor": 1, "component": "nax"},
            Cell().without("nas"),
            "soma",
            "give density_S_per_cm2",
        ),
        ({"factor": 1, "region": "tuft"}, Cell.simple(), "soma", "the cell has no tuft"),
        ({"g_uS": 1}, Cell(), "dynamic_clamp.i trunk@200", "no dynamic clamp is there"),
        ({"g_uS": 1}, Cell(), "dynamic_clamp.m soma", "a dynamic clamp has i and g"),
    ],
)
def test_what_a_cell_cannot_have_is_one_line(clamp, cell, record, told):
    protocol = Protocol(
        duration_ms=1, dt_ms=0.025, stimuli=DynamicClamp(**clamp), record={"it": record}
    )
    with pytest.raises(ModelError, match=re.escape(told)) as raised:
        protocol.run(cell)
    assert "\n" not in str(raised.value)


def test_arbor_has_none_and_says_so():
    pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")
    stimuli = "stimuli=[{kind: DynamicClamp, g_uS: 0.01}]"
    with pytest.raises(ModelError, match="DynamicClamp: of electrodes Arbor gets CurrentClamp"):
        run_trial_in_arbor(load_configuration(None, {"n_excitatory": 10}, [stimuli]))


TWO_CHANNELS = {
    "nax on the trunk": Cell().with_rule("trunk", "nax.gbar", value=0.02),
    "nas in the initial segment": Cell().with_rule("ais", "nas.gbar", value=0.2),
    "none in the tuft": Cell().without("nas", "tuft"),
    "none left": Cell().with_drugs("TTX_everywhere"),
}


@pytest.mark.parametrize("cell", TWO_CHANNELS.values(), ids=TWO_CHANNELS)
def test_each_channel_of_a_segment_is_given_back_by_itself(cell):
    """Two channels of other steady states on one membrane, or none on some of it."""
    control = run(cell, channels="fused")
    given_back = run(cell.with_drugs("INaP"), ADD_BACK, channels="fused")
    assert np.array_equal(control.spike_times_ms, given_back.spike_times_ms)
    # Rounding as above, of up to five times the sodium (7e-11 mV), and what a spike's upstroke makes of it.
    assert apart_mV(control, given_back, until_ms=160) < 1e-9
    assert apart_mV(control, given_back) < 1e-4


@pytest.mark.parametrize(("nax_gbar", "of"), [(0.01, "nas_dend"), (0.2, "nax")])
def test_a_conductance_of_no_channel_has_the_kinetics_of_the_denser(nax_gbar, of):
    cell = Cell().with_rule("trunk", "nax.gbar", value=nax_gbar)
    found = {}
    for component in (None, "nas_dend", "nax"):
        clamp = DynamicClamp(g_uS=1e-6, place="trunk@100", component=component)
        record = {"soma": "soma", "g": "dynamic_clamp.g trunk@100"}
        made = run(cell, clamp, record=record, duration_ms=20)
        found[component] = made.recordings["g"].values
    np.testing.assert_array_equal(found[None], found[of])
    assert (found["nas_dend"] != found["nax"]).all()
