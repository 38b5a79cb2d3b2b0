"""Protocols at second order: nearer the converged solution, and what a trial at second order does."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from protocol_runs import SPINE, difference, same

from netpyne_model import ModelError, Trial
from netpyne_model.protocols import CurrentClamp, Holding, PlaceFieldInput, Protocol, SpineInput
from netpyne_model.protocols.rig import Rig
from netpyne_model.protocols.synaptic_inputs import ShaftInput

FUSED = {"channels": "fused", "integration": "second_order"}
JOINT = "soma_0(0)"
CURRENT = CurrentClamp(amplitude_nA=0.2, place=JOINT)
SYNAPSES = (
    SpineInput(times_ms=[2.013, 3.027], spines=[SPINE, SPINE + 40]),
    ShaftInput(times_ms=[2.511, 4.03], place="trunk@150"),
)
DRIVEN = Protocol(
    duration_ms=12,
    stimuli=[CURRENT, *SYNAPSES],
    record={"soma": JOINT, "trunk": "trunk@200", "head": f"spine_{SPINE}"},
    dt_ms=0.05,
    **FUSED,
)


def run(cell, protocol, **fields):
    return replace(protocol, **fields).run(cell)


def test_the_error_falls_with_the_square_of_the_step(cell):
    """Events anywhere in a step, a current into a joint. Measured: 2.0 at soma and trunk.

    As in `test_integration_order`, where trials are: a difference of c dt^2 is four times smaller at half the step.
    Implicit Euler has 1. (The head of a spine follows its neck within 0.01 ms, which these steps do not resolve.)
    """
    runs = [run(cell, DRIVEN, dt_ms=dt_ms) for dt_ms in (0.025, 0.0125, 0.00625)]
    for name in ("soma", "trunk"):
        traces = [one.voltage_mV[name] for one in runs]
        assert np.ptp(traces[0]) > 0.5
        apart = [np.sqrt(np.mean((a - b) ** 2)) for a, b in itertools.pairwise(traces)]
        assert np.log2(apart[0] / apart[1]) == pytest.approx(2, abs=0.2), name


def test_both_ways_to_have_channels_are_the_same(cell):
    """To rounding and the tables of fused rates: 1e-6 mV."""
    fused, separate = (run(cell, DRIVEN, channels=one) for one in ("fused", "separate"))
    assert difference(fused, separate) < 1e-6


def test_it_is_what_a_trial_at_second_order_does(cell):
    """The same input into the same cell, by NetPyNE and by itself: equal to rounding, 1e-9 mV."""
    fields = {"setup": "place_cell", "n_excitatory": 30, "n_inhibitory": 20, "seed": 4}
    steps = {"dt_ms": 0.05, "record_step_ms": 0.1}
    trial = Trial(
        **fields, **steps, **FUSED, spines="silent", receptors="fast", duration_ms=290.0
    ).run()
    protocol = Protocol(
        duration_ms=290.0,
        stimuli=PlaceFieldInput(**fields),
        record={"soma": JOINT},
        **steps,
        **FUSED,
    )
    assert sum(map(len, trial.released_ms)) > 5
    assert np.ptp(trial.voltage_mV["soma"]) > 0.5
    assert difference(trial, protocol.run(cell)) < 1e-9


def test_all_inputs_to_a_spine_share_its_receptors(cell):
    together = [CURRENT, SpineInput(times_ms=[2.0, 2.2, 4.0], spines=SPINE)]
    apart = [
        CURRENT,
        *(SpineInput(times_ms=times_ms, spines=SPINE) for times_ms in ([2.0, 4.0], [2.2])),
    ]
    runs = [run(cell, DRIVEN, stimuli=one) for one in (together, apart)]
    assert same(*runs)


def test_a_joint_that_a_current_flows_into_does_not_alternate(cell):
    """It has no membrane to damp it: begun at the rest of the cell, it would by 0.0074 mV for ever.

    Second differences would be four times that, 0.03 mV; 3e-4 are left of switching the current on, and fade.
    """
    result = run(cell, DRIVEN, stimuli=CURRENT, record_step_ms=0.05, record={"soma": JOINT})
    faded = result.time_ms > 8
    assert np.abs(np.diff(result.voltage_mV["soma"][faded], n=2)).max() < 1e-3


def test_what_is_held_starts_anew(cell):
    """The search leaves nothing behind: the run is that of its current, from the potential attained."""
    holding = Holding(target_mV=-62, place=JOINT, until_ms=30, tolerance_mV=0.1)
    held = run(cell, DRIVEN, duration_ms=40, stimuli=SYNAPSES, holding=holding)
    current_nA, start_mV = (held.configuration[one] for one in ("holding_current_nA", "held_mV"))
    given = CurrentClamp(amplitude_nA=current_nA, place=JOINT)
    stimuli = [*SYNAPSES, given]
    assert same(held, run(cell, DRIVEN, duration_ms=40, stimuli=stimuli, v_init_mV=start_mV))


def test_receptors_keep_what_is_said(cell):
    record = {
        "i": f"NMDA.i spine_{SPINE}",
        "g": f"AMPA.g spine_{SPINE}",
        "open": f"AMPA.Ro spine_{SPINE}",
    }
    with pytest.raises(ModelError, match="keep i and g; set integration=fixed_step"):
        run(cell, DRIVEN, record=record)
    first = run(cell, DRIVEN, record=record, integration="fixed_step")
    assert first.recordings["open"].values.max() > 0.01
    del record["open"]
    second = run(cell, DRIVEN, record=record)
    for name in record:
        peaks = [np.abs(one.recordings[name].values).max() for one in (first, second)]
        assert peaks[1] == pytest.approx(peaks[0], rel=0.1), name  # first order errs by so much


def test_all_currents_of_a_step_are_named_by_receptor(cell):
    """As at first order, though one mechanism has the receptors of two kinds."""
    result = run(cell, DRIVEN, record_membrane_currents_ms=0.5)
    names = set(result.membrane_currents.columns["current"])
    first = run(cell, DRIVEN, record_membrane_currents_ms=0.5, integration="fixed_step")
    assert names == set(first.membrane_currents.columns["current"])
    assert {"AMPA", "NMDA", "GABA_A"} <= names


def test_what_is_held_is_so_in_the_steps_of_the_run(cell):
    """The search takes steps of 0.2 ms: the run is at what they attain to 1e-3 mV, of a tolerance of 0.01."""
    holding = Holding(target_mV=-58, place=JOINT)
    fields = {"duration_ms": 252, "stimuli": SpineInput(times_ms=250, spines=SPINE)}
    held = run(cell, DRIVEN, holding=holding, **fields)
    before = (held.time_ms > 247) & (held.time_ms < 249)
    attained_mV = held.voltage_mV["soma"][before].mean()
    assert attained_mV == pytest.approx(held.configuration["held_mV"], abs=1e-3)
    assert attained_mV == pytest.approx(-58, abs=0.011)


@pytest.mark.parametrize("target_mV", [-62, -56])
def test_coarse_steps_find_the_holding_current_of_fine_ones(cell, monkeypatch, target_mV):
    """Where a potential settles does not depend on the step; measured: 1e-6 nA and 1e-5 mV apart.

    A tenth of the tolerance of holding, 0.01 mV, and what holds that at 50 MOhm, 2e-5 nA.
    """
    holding = Holding(target_mV=target_mV, place=JOINT)
    rig = Rig(cell, replace(DRIVEN, duration_ms=252, holding=holding))
    current_nA = rig.clamped_current_nA(holding, 250)
    attained_mV, _ = rig.held_potential(holding, target_mV, 250, current_nA)
    monkeypatch.setattr("netpyne_model.protocols.rig._CLAMP_DT_MS", DRIVEN.dt_ms)
    monkeypatch.setattr("netpyne_model.protocols.rig._SEARCH_DT_MS", DRIVEN.dt_ms)
    assert rig.clamped_current_nA(holding, 250) == pytest.approx(current_nA, abs=2e-5)
    finer_mV, _ = rig.held_potential(holding, target_mV, 250, current_nA)
    assert attained_mV == pytest.approx(finer_mV, abs=1e-3)
