"""What is recorded at channels, spines and synapses belongs to one time."""

from pathlib import Path

import numpy as np
import pytest
from protocol_runs import MODES, same, values

from netpyne_model import ModelError
from netpyne_model.protocols import CurrentClamp, Holding, Protocol, ShaftInput, SpineInput

KSLOW = Path(__file__).parent / "data" / "kslow.mod"


# Rounding alone: what belongs to one time is recorded at one time.
ROUNDING = 1e-12


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


@MODES
def test_what_is_sampled_alone_is_what_is_recorded_then(cell, step):
    """Potential and current, sample by sample and to the last bit."""
    protocol = Protocol(
        duration_ms=40,
        stimuli=CurrentClamp(amplitude_nA=0.4, start_ms=10),
        record={"v": "soma", "ina": "nas.i soma", "gate": "kdr.n trunk@100"},
        holding=Holding(target_mV=-62),
        record_step_ms=0.1,
        **step,
    )
    whole = protocol.run(cell)
    looked_at = (whole.time_ms >= 25) & (np.arange(len(whole.time_ms)) % 3 == 0)
    late = protocol.sampled(cell, whole.time_ms[looked_at])
    assert (late.time_ms == whole.time_ms[looked_at]).all()
    assert len(late.time_ms) == 50
    for name, trace in whole.traces.items():
        assert (late.values[name] == trace.values[looked_at]).all(), name
    assert (late.spike_times_ms == whole.spike_times_ms).all()
    assert len(whole.spike_times_ms)


@pytest.mark.parametrize("wrong", [[], [3.0, 2.0], [-1.0], [2.0, 41.0], [np.nan]])
def test_times_that_a_run_does_not_have_are_refused(cell, wrong):
    protocol = Protocol(duration_ms=40, record={"v": "soma"})
    with pytest.raises(ModelError, match="times_ms: expected rising times from 0 to 40 ms"):
        protocol.sampled(cell, np.array(wrong))
