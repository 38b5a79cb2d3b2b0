"""Protocols on a cell in NEURON alone: against the published model, against linear algebra, and against each other."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.cell.cell import Cell
from netpyne_model.errors import ModelError
from netpyne_model.protocols import (
    CurrentClamp,
    Holding,
    Protocol,
    ShaftInput,
    SpineInput,
    VoltageClamp,
)
from netpyne_model.protocols.holding import hold
from netpyne_model.protocols.rig import Rig

KSLOW = Path(__file__).parent / "data" / "kslow.mod"
SOMA, BRANCH = "soma_0(0)", "trunk_50(0)"
FIRST_EVENT_MS = 250.0
# Rounding alone: what belongs to one time is recorded at one time.
ROUNDING = 1e-12
MODES = pytest.mark.parametrize("step", [{}, {"dt_ms": 0.025}], ids=["variable", "fixed"])


@pytest.fixture(scope="module")
def passive(cell) -> Cell:
    """The published cell without channels: a linear system."""
    for channel in cell.specification.biophysics.channels:
        cell = cell.without(channel)
    return cell


def values(result) -> dict[str, np.ndarray]:
    """Every recording of a run, potentials among them."""
    return {name: trace.values for name, trace in result.traces.items()}


def same(one, other) -> bool:
    """Whether two runs agree bit for bit."""
    one, other = values(one), values(other)
    return all(np.array_equal(one[name], other[name]) for name in one)


# -- against the published model ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(reference) -> dict:
    """Holding currents and EPSPs, traces, and the stimulated spines, measured on the published model."""
    folder = reference / "epsp"
    return {
        "cases": pd.read_csv(folder / "convergence.csv").query("mode == 'atol1e-6'"),
        "traces": pd.read_csv(folder / "traces_dc_soma_converged.csv.gz"),
        "spines": json.loads((folder / "stimulated_spines.json").read_text())["DC_soma_ap5_0"][
            "spines"
        ],
        "held": pd.read_csv(folder / "amplification_dc_soma.csv").query("DC_section == 'soma'"),
    }


@pytest.fixture(scope="module")
def spines(cell, published) -> list[int]:
    """Numbers of the published spines: nearest of their section."""
    numbers = []
    for spine in published["spines"]:
        away = (
            cell.placement.spines.query(f"section == {spine['section_index']}")["x"] - spine["loc"]
        ).abs()
        assert away.min() < 1e-9
        numbers.append(int(away.idxmin()))
    return numbers


@pytest.fixture(scope="module")
def conditions(cell) -> dict[str, Cell]:
    return {"Control": cell, "TTX": cell.with_scaled_channels(["nas", "nax"], 0.5)}


def epsp_protocol(case, spines, **fields) -> Protocol:
    """The published EPSP at the published holding current, sampled as the published traces are."""
    events = SpineInput(times_ms=FIRST_EVENT_MS + 10 * np.arange(5), spines=spines)
    return Protocol(
        duration_ms=450,
        stimuli=[CurrentClamp(amplitude_nA=case.i_holding), events],
        record={"soma": SOMA, "dend": ("trunk_50", 0)},
        v_init_mV=case.v_init,
        record_step_ms=0.04,
        **fields,
    )


def epsp(result, place: str) -> float:
    time, v = result.time_ms - FIRST_EVENT_MS, result.voltage_mV[place]
    return v[time > -1e-6].max() - v[(time > -3 - 1e-6) & (time < -1 + 1e-6)].mean()


@pytest.mark.parametrize(
    "row", [0, *(pytest.param(row, marks=pytest.mark.slow) for row in (1, 2, 3))]
)
def test_published_epsp(published, conditions, spines, row):
    case = published["cases"].iloc[row]
    cell = conditions[case.group]
    # Measured at the default tolerance: 8e-5, 1.5e-3 (control at -56 mV, the regenerative one), 6e-5 and 4e-4.
    assert epsp(epsp_protocol(case, spines).run(cell), "soma") == pytest.approx(
        case.epsp_soma, rel=2e-3
    )
    fine = epsp_protocol(case, spines, atol=1e-5).run(cell)
    # Measured: 1e-6 to 3e-4 at the soma, 1e-4 at the trunk; the traces differ by 1.3e-3 and 7e-3 mV.
    assert epsp(fine, "soma") == pytest.approx(case.epsp_soma, rel=5e-4)
    assert epsp(fine, "dend") == pytest.approx(case.epsp_dend, rel=5e-4)
    first = round((FIRST_EVENT_MS + published["traces"]["t_ms_after_first_event"].iloc[0]) / 0.04)
    for place, error_mV in (("soma", 0.003), ("dend", 0.02)):
        wanted = published["traces"][f"{case.group}_{case.target_vrest}mV_{place}"].to_numpy()
        got = fine.voltage_mV[place][first:][: len(wanted)]
        assert np.abs(got - wanted[: len(got)]).max() < error_mV


@pytest.mark.parametrize("group", ["Control", "TTX"])
@pytest.mark.parametrize("target_mV", [-66, -60, -56])
def test_published_holding_current(published, conditions, spines, group, target_mV):
    case = published["held"].query(f"group == '{group}' and target_vrest == {target_mV}").iloc[0]
    events = SpineInput(times_ms=FIRST_EVENT_MS, spines=spines)
    for target, error_nA in ((case.v_rest_attained_DCsection, 1e-4), (target_mV, 0.01)):
        # The search for the published currents went by steps of 0.01 nA; at what it attained, 2e-5 nA are measured.
        holding = Holding(target_mV=target)
        protocol = Protocol(duration_ms=450, stimuli=events, holding=holding)
        found = hold(Rig(conditions[group], protocol), holding)
        assert found.current_nA == pytest.approx(case.i_holding_nA, abs=error_nA)
        assert found.attained_mV == pytest.approx(target, abs=0.01)
        assert found.n_runs <= 2


# -- holding -----------------------------------------------------------------------------------------------------------


@MODES
@pytest.mark.parametrize("place", [SOMA, ("trunk_50", 0)])
def test_a_run_begins_at_the_held_potential(cell, place, step):
    protocol = Protocol(
        duration_ms=60,
        stimuli=SpineInput(times_ms=50, place="trunk@200"),
        holding=Holding(target_mV=-61, place=place),
        record={"held": place},
        **step,
    )
    result = protocol.run(cell)
    time, v = result.time_ms, result.voltage_mV["held"]
    assert v[(time > 46.9) & (time < 49.1)].mean() == pytest.approx(
        -61, abs=0.02
    )  # the run starts at what is attained
    assert result.configuration["held_mV"] == pytest.approx(-61, abs=0.01)
    (current,) = result.stimulus
    assert (current.start_ms, current.stop_ms) == (0, 60)
    assert current.amplitude_nA == result.configuration["holding_current_nA"]
    assert f"{current.site}({current.x:g})" == (SOMA if place == SOMA else BRANCH)


def test_settling_ends_with_the_first_change_of_a_stimulus(cell):
    def held(stimuli, **fields):
        protocol = Protocol(
            duration_ms=40,
            stimuli=stimuli,
            holding=Holding(target_mV=-65, **fields),
            record_step_ms=5,
        )
        return hold(Rig(cell, protocol), protocol.holding).current_nA

    there = CurrentClamp(amplitude_nA=0.05, stop_ms=30)  # from the start: what is held includes it
    assert held([there]) == pytest.approx(
        held([], until_ms=30) - 0.05, abs=5e-4
    )  # two tolerances of 0.01 mV
    assert held([CurrentClamp(amplitude_nA=0.05, start_ms=30)]) == pytest.approx(
        held([], until_ms=30), rel=1e-6
    )


def test_what_cannot_be_held_is_refused(cell):
    with pytest.raises(
        ModelError, match=r"^holding soma at -50 mV: the cell fires at 0\.\d+ nA; .*\.$"
    ):
        Protocol(duration_ms=250, holding=Holding(target_mV=-50)).run(cell)
    early = SpineInput(times_ms=[2, 90], place="trunk@200")
    with pytest.raises(
        ModelError, match=r"^holding: 2 ms to settle are too few; expected at least 4 ms"
    ):
        Protocol(duration_ms=100, stimuli=early, holding=Holding(target_mV=-65)).run(cell)


# -- clamps, against the cable as a system of linear equations --------------------------------------------------------


class Cable:
    """The passive cell at rest: segments and section ends as nodes, half a segment's resistance between two of them."""

    def __init__(self, cell: Cell, spines: str):
        self.sections = cell.describe(spines).sections
        nodes = [
            (name, k) for name, section in self.sections.items() for k in range(section.nseg + 1)
        ]
        self.index = {
            node: number for number, node in enumerate(nodes)
        }  # the last of a section is its 1 end
        self.root = len(nodes)
        conductance, current = np.zeros((self.root + 1, self.root + 1)), np.zeros(self.root + 1)
        for name, section in self.sections.items():
            area_cm2, half_um = section.area_um2 * 1e-8, section.length_um / section.nseg / 2
            half_MOhm = 1e-2 * section.Ra_ohm_cm * half_um / (np.pi * section.diam_um**2 / 4)
            before, resistance = self.node(name, 0.0), 0.0
            for k, half in enumerate([*half_MOhm, 0.0]):
                here = self.index[name, k]
                link = 1 / (resistance + half)
                conductance[[before, here], [before, here]] += link
                conductance[[before, here], [here, before]] -= link
                before, resistance = here, half
            inside, leak_uS = (
                [self.index[name, k] for k in range(section.nseg)],
                1e6 * section.leak_S_per_cm2 * area_cm2,
            )
            conductance[inside, inside] += leak_uS
            current[inside] += leak_uS * section.leak_e_mV
            if section.silent_spines is not None:
                of_spines_uS = silent_leak_uS(section.silent_spines, section.nseg)
                conductance[inside, inside] += of_spines_uS
                current[inside] += of_spines_uS * section.silent_spines.cable["e_pas"]
        self.resistance_MOhm = np.linalg.inv(conductance)
        self.rest_mV = self.resistance_MOhm @ current

    def node(self, name: str, x: float) -> int:
        section = self.sections[name]
        if x == 0:
            return (
                self.root
                if section.parent is None
                else self.node(section.parent, section.parent_loc)
            )
        return self.index[name, section.nseg if x == 1 else int(x * section.nseg)]


def silent_leak_uS(spines, nseg: int) -> np.ndarray:
    """The conductance at rest of the spines of each segment: membrane of the head, its resistance to the neck, and so on."""
    cable = spines.cable
    neck, head = (1e-2 * spines.g_pas * cable[f"area_{part}"] for part in ("neck", "head"))
    at_neck = neck + 1 / (1 / head + 1 / cable["G_neck_head"])
    return spines.counts(nseg) / (1 / at_neck + 1 / cable["G_branch_neck"])


PLACES = [("soma_0", 0.0), ("trunk_50", 0.5), ("trunk_50", 0.0)]
SETTLED = {"duration_ms": 1500, "record_step_ms": 100}


@pytest.fixture(scope="module")
def cables(passive) -> dict[str, Cable]:
    """Spines are solved with their segments at fixed time steps, folded into them at variable ones."""
    return {"dt_ms": Cable(passive, "silent"), "atol": Cable(passive, "folded")}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("step", [{"dt_ms": 0.1}, {"atol": 1e-8}], ids=["fixed", "variable"])
def test_input_and_transfer_resistance(passive, cables, place, step):
    (kind,) = step
    cable = cables[kind]
    clamp = CurrentClamp(amplitude_nA=0.1, place=place)
    result = Protocol(stimuli=clamp, record={"here": place, "soma": SOMA}, **SETTLED, **step).run(
        passive
    )
    here, soma = cable.node(*place), cable.node("soma_0", 0)
    for name, node in (("here", here), ("soma", soma)):
        rise_mV = result.voltage_mV[name][-1] - cable.rest_mV[node]
        assert rise_mV / 0.1 == pytest.approx(
            cable.resistance_MOhm[here, node], rel=1e-6
        )  # measured: 5e-9


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("series_MOhm", [0.01, 20.0])
def test_clamp_current_is_what_the_cable_takes(passive, cables, place, series_MOhm):
    cable = cables["dt_ms"]
    clamp = VoltageClamp(
        levels=[(0, -80), (10, -60)], place=place, series_resistance_MOhm=series_MOhm
    )
    result = Protocol(stimuli=clamp, dt_ms=0.1, **SETTLED).run(passive)
    current, node = result.recordings["clamp_current"], cable.node(*place)
    wanted_nA = (-60 - cable.rest_mV[node]) / (cable.resistance_MOhm[node, node] + series_MOhm)
    assert wanted_nA > 0  # it depolarises
    assert current.values[-1] == pytest.approx(wanted_nA, rel=1e-6)
    assert (current.unit, current.variable, current.site.section) == ("nA", "clamp.i", place[0])


@MODES
def test_clamp_levels_and_waveform_are_followed(passive, step):
    times_ms, potentials_mV = np.array([0, 50, 100]), np.array([-70, -70, -20])
    for clamp, command in (
        (
            VoltageClamp(levels=np.array([[0, -70], [50, -20]])),
            lambda t: np.where(t < 50 - 1e-6, -70, -20),
        ),
        (
            VoltageClamp(waveform=(times_ms, potentials_mV)),
            lambda t: np.interp(t, times_ms, potentials_mV),
        ),
    ):
        result = Protocol(duration_ms=130, stimuli=clamp, record={"v": SOMA}, **step).run(passive)
        time, v = result.time_ms, result.voltage_mV["v"]
        apart_mV, current_nA = command(time) - v, result.recordings["clamp_current"].values
        calm = (time > 1) & (np.abs(time - 50) > 1)  # jumps charge the cell with hundreds of nA
        # Measured: 0.026 mV by the clamp's own resistance. At fixed steps a ramp of 1 mV/ms is half a step late.
        late_mV = step.get("dt_ms", 0) / 2
        assert np.abs(apart_mV[calm]).max() < 0.05
        assert np.abs(apart_mV - 0.01 * current_nA)[calm].max() <= late_mV + 1e-9


# -- recordings --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[{}, {"dt_ms": 0.025}], ids=["variable", "fixed"])
def spiking(cell, request):
    """Channels of the soma and of the trunk under a current that makes the cell fire."""
    names = (
        "nas.i",
        "nas.g",
        "nas.m",
        "nas.h",
        "nas.s",
        "na.i",
        "kdr.i",
        "kap.i",
        "km2.i",
        "k.i",
        "k.e",
        "h.i",
        "h.g",
    )
    record = {name.replace(".", "_"): f"{name} soma_0(0.5)" for name in (*names, "pas.i")}
    record |= {
        "v": "soma_0(0.5)",
        "joint": "nas.i soma_0(0)",
        "dend": "nas.i trunk@150",
        "dend_v": "trunk@150",
    }
    stimuli = CurrentClamp(amplitude_nA=1.0, start_ms=5)
    result = Protocol(
        duration_ms=25, stimuli=stimuli, record=record, record_step_ms=0.025, **request.param
    ).run(cell)
    assert len(result.spike_times_ms) >= 2
    return result


def test_what_is_recorded_of_a_channel_belongs_together(cell, spiking):
    # NEURON's currents and conductances stand a fixed step behind potentials and gates: read as they come, nas.g is
    # wrong by 0.2 of its peak in a spike. Read a step later there is nothing but rounding; CVode has no lag.
    one, soma = values(spiking), cell.describe().sections["soma_0"]
    g = soma.gbar_S_per_cm2["nas_soma"][0] * one["nas_m"] ** 3 * one["nas_h"] * one["nas_s"]
    np.testing.assert_allclose(one["nas_g"], g, rtol=ROUNDING, atol=0)
    np.testing.assert_allclose(
        one["nas_i"], g * (one["v"] - soma.reversal_mV["na"]), rtol=ROUNDING, atol=1e-15
    )
    np.testing.assert_allclose(one["na_i"], one["nas_i"], rtol=ROUNDING, atol=1e-15)
    np.testing.assert_allclose(
        one["k_i"], one["kdr_i"] + one["kap_i"] + one["km2_i"], rtol=ROUNDING, atol=1e-15
    )
    np.testing.assert_allclose(
        one["h_i"], one["h_g"] * (one["v"] - soma.reversal_mV["h_prox"]), rtol=ROUNDING, atol=1e-15
    )
    leak = soma.leak_S_per_cm2[0] * (one["v"] - soma.leak_e_mV[0])
    np.testing.assert_allclose(one["pas_i"], leak, rtol=ROUNDING, atol=1e-15)
    assert set(one["k_e"]) == {soma.reversal_mV["k"]}
    assert one["nas_i"].min() < -0.1


def test_the_end_of_a_section_has_the_membrane_of_the_segment_beside_it(cell, spiking):
    assert np.array_equal(spiking.recordings["joint"].values, spiking.recordings["nas_i"].values)
    assert spiking.recordings["joint"].site.x == 0


def test_a_place_by_path_distance(cell, spiking):
    assert spiking.sites["dend_v"].path_distance_um == pytest.approx(150)
    assert (
        spiking.sites["dend_v"].section
        == spiking.recordings["dend"].site.section
        == cell.locate("trunk@150").section
    )
    assert spiking.voltage_mV["dend_v"].max() > -20  # the spike travels back
    units = {name: spiking.recordings[name].unit for name in ("nas_i", "nas_g", "nas_m", "k_e")}
    assert units == {"nas_i": "mA/cm2", "nas_g": "S/cm2", "nas_m": "", "k_e": "mV"}


@MODES
def test_a_channel_of_ones_own(cell, step):
    own = cell.with_channel("kslow", KSLOW, {"soma": {"value": 0.01}})
    names = (
        "kslow.m",
        "kslow.i",
        "kslow.ik",
        "kslow.minf",
        "k.i",
        "k.e",
        "kdr.i",
        "kap.i",
        "km2.i",
    )
    record = {"v": "soma_0(0.5)"} | {
        name.replace(".", "_"): f"{name} soma_0(0.5)" for name in names
    }
    stimuli = CurrentClamp(amplitude_nA=0.6, start_ms=5)
    one = values(Protocol(duration_ms=20, stimuli=stimuli, record=record, **step).run(own))
    assert one["v"].max() > 0
    np.testing.assert_allclose(
        one["kslow_i"], 0.01 * one["kslow_m"] * (one["v"] - one["k_e"]), rtol=ROUNDING, atol=1e-15
    )
    np.testing.assert_allclose(
        one["kslow_minf"], 1 / (1 + np.exp(-(one["v"] + 35) / 7)), rtol=ROUNDING
    )
    of_all = sum(one[f"{channel}_i"] for channel in ("kslow", "kdr", "kap", "km2"))
    np.testing.assert_allclose(one["k_i"], of_all, rtol=ROUNDING, atol=1e-15)
    assert np.array_equal(one["kslow_i"], one["kslow_ik"])


@MODES
def test_a_driven_spine(cell, step):
    (number,) = cell.spines_near("trunk@200")
    places = {"head": f"spine_{number}", "branch": "trunk@200", "leak": f"pas.i spine_{number}"}
    names = ("AMPA.g", "AMPA.i", "AMPA.Ro", "NMDA.g", "NMDA.i", "NMDA.B", "NMDA.Ro")
    record = places | {name.replace(".", "_"): f"{name} spine_{number}" for name in names}
    result = Protocol(
        duration_ms=30,
        stimuli=SpineInput(times_ms=[10, 20], place="trunk@200", weight=1.5),
        record=record,
        **step,
    ).run(cell)
    one = values(result)
    gmax_uS = cell.placement.spines.loc[number, "gmax_AMPA_uS"]
    np.testing.assert_allclose(one["AMPA_g"], 1.5 * gmax_uS * one["AMPA_Ro"], rtol=ROUNDING)
    np.testing.assert_allclose(one["AMPA_i"], one["AMPA_g"] * one["head"], rtol=ROUNDING)
    np.testing.assert_allclose(
        one["NMDA_B"], 1 / (1 + np.exp(-0.101 * one["head"]) / 9.98), rtol=ROUNDING
    )
    np.testing.assert_allclose(
        one["NMDA_g"], 3.026e-3 * one["NMDA_B"] * one["NMDA_Ro"], rtol=ROUNDING
    )
    np.testing.assert_allclose(one["NMDA_i"], one["NMDA_g"] * one["head"], rtol=ROUNDING)
    during = result.time_ms > 10.5
    assert (one["head"] > one["branch"])[during].all()
    assert (one["head"] - one["branch"]).max() > 10
    site = result.sites["head"]
    assert (site.section, site.x) == (f"head_{number}", 0.5)
    assert site.path_distance_um == pytest.approx(
        cell.placement.spines.loc[number, "path_distance"]
    )
    assert (result.recordings["AMPA_i"].unit, result.recordings["AMPA_g"].unit) == ("nA", "uS")


def test_inputs_to_one_spine_share_its_receptors(cell):
    def run(*stimuli):
        return Protocol(
            duration_ms=40, stimuli=stimuli, record={"v": "spine_3790", "g": "AMPA.g spine_3790"}
        ).run(cell)

    together = run(SpineInput(times_ms=[20, 10], spines=3790))
    apart = run(
        SpineInput(times_ms=10, spines=3790), SpineInput(times_ms=[20], spines=np.array([3790]))
    )
    assert same(together, apart)
    assert (len(together.synapses), len(apart.synapses)) == (1, 2)


@MODES
@pytest.mark.parametrize("target_mV", [-80, -62])
def test_inhibition_draws_towards_its_reversal_potential(cell, step, target_mV):
    names = {"g": "GABA_A.g trunk@100", "i": "GABA_A.i trunk@100", "v": "trunk@100"}
    inhibition = ShaftInput(times_ms=[30, 32], place="trunk@100", weight=20)
    holding = Holding(target_mV=target_mV, place="trunk@100")
    result = Protocol(
        duration_ms=40, stimuli=inhibition, holding=holding, record=names, **step
    ).run(cell)
    one, event = values(result), result.time_ms >= 30
    np.testing.assert_allclose(one["i"], one["g"] * (one["v"] + 73), rtol=ROUNDING)
    moved_mV = one["v"][event] - one["v"][event][0]
    assert np.abs(moved_mV).max() > 0.5
    assert moved_mV[np.abs(moved_mV).argmax()] * (-73 - target_mV) > 0
    assert result.synapses[["group", "kind"]].to_numpy().tolist() == [["shaft", "inh"]]


@pytest.mark.slow
@pytest.mark.parametrize(("group", "drugs"), [("Control", ()), ("TTX", ("TTX",))])
def test_the_published_search_in_steps_finds_the_published_currents(reference, group, drugs):
    table = pd.read_csv(reference / "epsp" / "amplification_dc_soma.csv")
    cell = Cell().with_drugs(*drugs)
    for row in table[table["group"] == group].itertuples():
        holding = Holding(target_mV=row.target_vrest, place=SOMA, until_ms=250, step_nA=0.01)
        run = Protocol(duration_ms=251, holding=holding, atol=1e-3).run(cell)
        assert run.configuration["holding_current_nA"] == pytest.approx(row.i_holding_nA, abs=1e-9)
        # Both at atol 1e-3: the steps fall otherwise.
        assert run.configuration["held_mV"] == pytest.approx(
            row.v_rest_attained_DCsection, abs=0.02
        )
