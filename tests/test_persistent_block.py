"""The drug INaP: what it takes away of each sodium channel, where, and that nothing else changes."""

import re

import mpmath
import numpy as np
import pytest
from lxml import etree

from netpyne_model import Cell, Holding, ModelError, Protocol, SpineInput, VoltageClamp
from netpyne_model.analysis import epsp_amplitude
from netpyne_model.data_folders import NEUROML2
from netpyne_model.mechanisms.arbor_nmodl import channel_text_of
from netpyne_model.neuroml2.annotations import annotate
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.neuroml2.steady_channels import write_steady_channels
from netpyne_model.specification import find_drug

BLOCKED = Cell().with_drugs("INaP")
PARTS = {"nas": "nas_steady", "nax": "nax_steady"}
VOLTAGES_MV = np.arange(-120.0, 60.5, 2.5)
# Midpoint of activation, and what never inactivates slowly (None: no such gate): model.md 1.1.
OF_CHANNEL = {
    "nas_soma": (-28.3, 1.0),
    "nas_dend": (-23.3, 0.8),
    "nax": (-28.3, None),
    "nax_ais": (-31.9, None),
}


def sodium_mA_per_cm2(neuron, cell: Cell, *, fused: bool) -> dict[float, np.ndarray]:
    """The sodium current of every segment of a cell whose gates have come to rest, by potential."""
    built = cell.build(fused=fused)
    neuron.celsius = cell.specification.biophysics.run.celsius
    found = {}
    for v_mV in VOLTAGES_MV:
        neuron.finitialize(v_mV)
        neuron.fcurrent()
        found[float(v_mV)] = np.array(
            [
                one.ina
                for section in built.sections.values()
                for one in section
                if hasattr(one, "ina")
            ]
        )
    return found


def scale(v_mV: float) -> float:
    """What a current is compared with: all of the densest sodium conductance open (mA/cm2)."""
    return 0.42 * abs(v_mV - 50) + 1e-3


@pytest.fixture
def control(neuron):
    return sodium_mA_per_cm2(neuron, Cell(), fused=False)


@pytest.mark.parametrize("fused", [False, True])
def test_at_rest_nothing_is_left_and_a_dose_leaves_the_rest(neuron, control, fused):
    for drug, left in (("INaP", 0.0), ("INaP:0.25", 0.75), ("INaP:0", 1.0)):
        found = sodium_mA_per_cm2(neuron, Cell().with_drugs(drug), fused=fused)
        for v_mV, current in found.items():
            # Rounding: gates and what is taken from them have the same table. That of the fused channels has
            # its rows placed by another product, and a quarter of a gradient is written in twelve figures.
            error = np.abs(current - left * control[v_mV]) / scale(v_mV)
            assert error.max() < (1e-13 if fused or left == 0.75 else 1e-15), (drug, v_mV)
    assert np.abs(control[-40.0]).max() > 1e-2  # of 37 mA/cm2


def test_block_and_persistent_channels_come_to_the_whole_current_at_rest(neuron, control):
    blocked, alone = (
        sodium_mA_per_cm2(neuron, Cell().with_drugs(drug), fused=False)
        for drug in ("INaP", "persistent_only")
    )
    for v_mV, whole in control.items():
        assert np.abs(blocked[v_mV] + alone[v_mV] - whole).max() < 1e-15 * scale(v_mV)


def test_persistent_channels_come_to_what_is_taken_within_a_millisecond():
    """After a step into the window: what INaP takes is there at once, the persistent channel within 5 time constants."""
    clamp = VoltageClamp(levels=[(0, -90), (50, -50)], place="soma_0(0.5)")
    record = {"nas": "nas.i soma_0(0.5)"}
    step = {"duration_ms": 60, "dt_ms": 0.005, "record_step_ms": 0.005, "stimuli": clamp}
    alone = Protocol(**step, record=record).run(Cell().with_drugs("persistent_only"))
    taken = Protocol(**step, record={"nas": "nas_steady.i soma_0(0.5)"}).run(BLOCKED)
    after_ms = alone.time_ms - 50
    lag = 1 + alone.recordings["nas"].values / taken.recordings["nas"].values
    # 0.14 ms of m, as its cube, and 0.05 ms of h: 5 of the slower leave 3 * exp(-5) = 2 %.
    assert np.abs(lag[after_ms > 0.75]).max() < 0.02
    assert (
        np.abs(lag[after_ms > 3]).max() < 1e-3
    )  # beside the clamp the two cells are not at one potential
    assert lag[(after_ms > 0.02) & (after_ms < 0.05)].min() > 0.5


def steady_part(v_mV: float, midpoint_mV: float, never: float | None) -> float:
    """m_inf^3 h_inf s_inf by the two rates of m as published, in 40 figures."""
    v, exp = mpmath.mpf(v_mV), mpmath.exp

    def linear(rate, scale_mV):
        u = (v - mpmath.mpf(str(midpoint_mV))) / mpmath.mpf(str(scale_mV))
        return mpmath.mpf(str(rate)) * u / (1 - exp(-u))

    alpha, beta = linear(2.88, 7.2), linear(0.8928, -7.2)
    part = (alpha / (alpha + beta)) ** 3 / (1 + exp((v + mpmath.mpf("48.3")) / 4))
    if never is not None:
        c = 1 / (1 + exp((v + mpmath.mpf("56.3")) / 2))
        part *= c + mpmath.mpf(str(never)) * (1 - c)
    return float(part)


@pytest.mark.parametrize("channel", OF_CHANNEL)
def test_the_open_part_is_the_published_formula(neuron, section, channel):
    name = f"{channel}_steady"
    section.insert(name)
    mechanism = getattr(section(0.5), name)
    mpmath.mp.dps = 40
    for tabled, tolerance in (
        (0, 1e-12),
        (1, 3e-6),
    ):  # a table of 0.01 mV: 3 gates' curvature h^2/8
        setattr(neuron, f"usetable_{name}", tabled)
        for v_mV in np.arange(-120.003, 60.0, 7.77):
            neuron.finitialize(float(v_mV))
            expected = steady_part(float(v_mV), *OF_CHANNEL[channel])
            assert mechanism.fopen == pytest.approx(expected, rel=tolerance), v_mV


def test_of_the_scheme_of_twelve_states_it_is_the_solution_of_the_linear_system(neuron, section):
    section.insert("NaV2_steady")
    root = etree.parse(NEUROML2 / "channels" / "NaV2.channel.nml").getroot()
    transitions = list(root.iter("{*}forwardTransition", "{*}reverseTransition"))
    states = sorted(
        {one.get("from") for one in transitions} | {one.get("to") for one in transitions}
    )
    mpmath.mp.dps = 60
    for v_mV in (-130, -90, -70.5, -60, -47.25, -40, -20, 0, 35):
        flow = mpmath.zeros(12, 12)
        for one in transitions:
            start, end = states.index(one.get("from")), states.index(one.get("to"))
            if "reverse" in one.tag:
                start, end = end, start
            (rate,) = one
            value = mpmath.mpf(rate.get("rate").removesuffix("per_ms"))
            if rate.get("type") == "nav2_rate":
                value *= mpmath.exp(mpmath.mpf(v_mV) / int(rate.get("scale").removesuffix("mV")))
            flow[end, start] += value
            flow[start, start] -= value
        for column in range(12):
            flow[0, column] = 1  # the parts add up to 1
        rest = mpmath.lu_solve(flow, mpmath.matrix([1, *[0] * 11]))
        neuron.finitialize(v_mV)
        # The rates stand in NMODL with 15 figures, and the parts are ratios of products of up to 12 of them.
        assert section(0.5).NaV2_steady.fopen == pytest.approx(
            float(rest[states.index("O")]), rel=1e-12
        )


def test_the_simple_model_at_rest(neuron):
    control, blocked = (
        sodium_mA_per_cm2(neuron, cell, fused=False)
        for cell in (Cell.simple(), Cell.simple().with_drugs("INaP"))
    )
    for v_mV in VOLTAGES_MV[VOLTAGES_MV <= 0]:
        # NEURON's own solution of the scheme at the start, which is what is not exact.
        assert np.abs(blocked[v_mV]).max() <= 1e-6 * np.abs(control[v_mV]).max() + 1e-18


def test_it_has_no_state_and_follows_the_potential_without_a_step(neuron, section):
    section.insert("nas_dend_steady")
    mechanism = section(0.5).nas_dend_steady
    mechanism.gmax = -0.01
    neuron.finitialize(-90)
    for v_mV in (-50.0, -30.0):
        section(0.5).v = v_mV
        neuron.fcurrent()
        expected = -0.01 * steady_part(v_mV, *OF_CHANNEL["nas_dend"]) * (v_mV - section(0.5).ena)
        assert mechanism.i == pytest.approx(expected, rel=3e-6)
    states = neuron.MechanismStandard("nas_dend_steady", 3)
    assert int(states.count()) == 0


EVENTS = SpineInput(place="trunk@220", n=4, times_ms=[250, 260, 270, 280, 290])


def epsp(cell: Cell, **fields):
    record = {"soma": "soma", "trunk": "trunk@220"}
    return Protocol(duration_ms=350, stimuli=EVENTS, record=record, **fields).run(cell)


def test_dose_0_is_the_cell_and_leaves_a_run_as_it_is():
    assert Cell().with_drugs("INaP:0") == Cell()
    assert Cell().with_drugs("INaP:0@ais").specification == Cell().specification


def test_the_fast_way_is_the_general_one():
    fast, general = (epsp(BLOCKED, dt_ms=0.025, channels=one) for one in ("fused", "separate"))
    control = [epsp(Cell(), dt_ms=0.025, channels=one) for one in ("fused", "separate")]
    for name, voltage_mV in fast.voltage_mV.items():
        apart_mV = np.abs(voltage_mV - general.voltage_mV[name]).max()
        usual_mV = np.abs(control[0].voltage_mV[name] - control[1].voltage_mV[name]).max()
        # The gates' tables differ (test_fused_channels.py); what is taken away is the same in both.
        assert apart_mV < 3 * usual_mV + 1e-9 < 1e-5


def test_steps_of_the_simulator_converge_to_the_same_run():
    adapted = epsp(BLOCKED, atol=1e-6)
    errors_mV = [
        np.abs(epsp(BLOCKED, dt_ms=dt_ms).voltage_mV["trunk"] - adapted.voltage_mV["trunk"]).max()
        for dt_ms in (0.05, 0.025, 0.0125)
    ]
    # First order: halving the step halves the error, to what the adapted step errs by.
    assert errors_mV[0] / errors_mV[1] == pytest.approx(2, rel=0.15)
    assert errors_mV[1] / errors_mV[2] == pytest.approx(2, rel=0.15)


def test_without_it_an_epsp_is_that_without_any_sodium():
    """Below threshold the amplification is the persistent current's; the transient adds nothing."""
    size_mV = {}
    for drug in ((), ("INaP",), ("TTX_everywhere",)):
        for target_mV in (-62, -56):
            run = epsp(Cell().with_drugs(*drug), holding=Holding(target_mV=target_mV))
            size_mV[drug, target_mV] = epsp_amplitude(
                run.time_ms, run.voltage_mV["soma"], first_event_ms=250
            )
    assert size_mV[(), -56] > 1.4 * size_mV[(), -62]
    for target_mV in (-62, -56):
        blocked, none = size_mV[("INaP",), target_mV], size_mV[("TTX_everywhere",), target_mV]
        assert blocked < 0.95 * size_mV[(), target_mV]
        # 0.4 % at -56 mV: what the gates lag behind during the EPSP.
        assert blocked == pytest.approx(none, rel=0.01)


def test_a_dose_and_a_region_are_in_the_densities():
    control = Cell().table()
    table = Cell().with_drugs("INaP:0.5@axonal", "INaP:0.5@ais").table()
    assert "nas_steady.gbar" not in table
    ratio = table["nax_steady.gbar"] / control["nax.gbar"]
    for region, taken in (("ais", 0.75), ("axon", 0.5), ("axon_hill", 0.5)):
        assert ratio[control["region"] == region].to_numpy() == pytest.approx(-taken, rel=1e-9)
    kept = [name for name in control if name != "nax_steady.gbar"]
    assert table[kept].equals(control[kept])


def test_it_follows_rules_and_drugs_in_whatever_order():
    def changed(cell):
        return cell.with_rule("trunk", "nas.gbar", factor=0.5).with_drugs("TTX")

    first, last = changed(BLOCKED), changed(Cell()).with_drugs("INaP")
    assert first == last
    table = first.table()
    for channel, part in PARTS.items():
        gbar = table[f"{channel}.gbar"].fillna(0).to_numpy()
        np.testing.assert_allclose(table[f"{part}.gbar"].fillna(0), -gbar, rtol=1e-9)


def test_what_is_taken_is_recorded_saved_and_written(tmp_path):
    BLOCKED.save(tmp_path / "cell.yaml", changes_only=True)
    assert Cell(specification=tmp_path / "cell.yaml") == BLOCKED
    written = read_cell(BLOCKED.write_neuroml(tmp_path))
    for name, section in BLOCKED.describe("none").sections.items():
        for channel, gbar in section.gbar_S_per_cm2.items():
            np.testing.assert_allclose(written.sections[name].gbar_S_per_cm2[channel], gbar)
    assert (tmp_path / "channels" / "nax_ais_steady.channel.nml").is_file()
    assert Cell(specification=BLOCKED.without(["nas", "nax"]).specification) == Cell().without(
        ["nas", "nax"]
    )


def test_the_files_are_written_from_those_of_the_channels(tmp_path):
    for path in write_steady_channels(tmp_path):
        annotate(path)
        committed = NEUROML2 / "channels" / path.name
        assert path.read_text() == committed.read_text(), "run ca1 build"


def test_for_arbor_the_current_is_one_expression_of_the_potential():
    text = channel_text_of("nas_soma_steady", 35.0)
    (current,) = re.findall(r"ina = gmax\*(.*)\*\(v - ena\)", text)
    assert "STATE" not in text
    for v_mV in (-70.0, -40.0):
        found = eval(current, {"v": v_mV, "exp": np.exp})
        assert found == pytest.approx(steady_part(v_mV, *OF_CHANNEL["nas_soma"]), rel=1e-12)
    with pytest.raises(ModelError, match="NaV2_steady: its steady state is too long"):
        channel_text_of("NaV2_steady", 33.0)


@pytest.mark.parametrize(
    ("text", "amount", "provenance"),
    [
        ("INaP", "a dose of 1", {"dose": 1.0}),
        ("INaP:0.5@axonal", "a dose of 0.5 in axonal", {"dose": 0.5, "region": "axonal"}),
        ("TTX:0.25", "times 0.25", 0.25),
        ("AP5@tuft", "times 0 in tuft", {"factor": 0.0, "region": "tuft"}),
    ],
)
def test_a_drug_says_how_much_of_it_there_is(text, amount, provenance):
    assert find_drug(text).amount == amount
    assert find_drug(text).provenance == provenance


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("INaP:2", "the number of INaP is its dose, the fraction that it takes away; expected"),
        ("INaP:half", "with a dose from 0 to 1, such as INaP:0.5."),
        ("INaP@aiss", "region 'aiss' does not exist. Did you mean 'ais'"),
        ("TTX@ais", "TTX acts on the whole cell; leave out '@ais', or take one of TTX_everywhere"),
        ("persistent_only@ais", "persistent_only acts on the whole cell"),
        ("persistent_only:0.5", "has no factor and no dose; write persistent_only."),
        ("XE991@tuft", "region tuft has no km2, and there is nothing to block"),
    ],
)
def test_what_does_not_hold_is_one_line(text, told):
    with pytest.raises(ModelError, match=re.escape(told)) as raised:
        Cell().with_drugs(text)
    assert "\n" not in str(raised.value)


def test_its_density_has_no_rules_of_its_own(tmp_path):
    with pytest.raises(ModelError, match=r"its density follows that of nas: change nas.gbar"):
        BLOCKED.with_rule("soma", "nas_steady.gbar", value=0.1)
    with pytest.raises(ModelError, match=r"nas_steady.gbar has no rules of its own"):
        BLOCKED.with_rule("soma", "nas_steady.gbar", factor=0.5)
    own = tmp_path / "nas.channel.nml"
    text = (NEUROML2 / "channels" / "kdr.channel.nml").read_text()
    own.write_text(text.replace('id="kdr"', 'id="mine"').replace('species="k"', 'species="na"'))
    for cell in (BLOCKED, Cell()):
        with pytest.raises(ModelError, match=r"nas comes from|is taken from 'nas'"):
            cell.with_channel("nas", own).with_drugs("INaP")
