"""The first and the last of a run: every sample up to the end, and no spike at the start."""

import math

import pytest

from netpyne_model import Cell, Protocol, Trial

GENERAL = {"spines": "folded", "channels": "separate", "receptors": "generated"}
WITHOUT_INPUT = {"excitation": False, "n_inhibitory": 0}
WAYS = {
    "fixed_step": {},
    "second_order": {"integration": "second_order", "dt_ms": 0.05},
    "variable_step": {"integration": "variable_step"} | GENERAL,
    "whole steps": {"dt_ms": 0.1},
}


@pytest.mark.parametrize("duration_ms", [20.0, 50.0, 33.33])
@pytest.mark.parametrize("way", WAYS)
def test_trials_have_every_sample_up_to_the_end(way, duration_ms):
    result = Trial(duration_ms=duration_ms, **WITHOUT_INPUT, **WAYS[way]).run()
    assert len(result.time_ms) == math.floor(duration_ms / 0.1 + 1e-6) + 1
    last_ms = math.floor(duration_ms / 0.1 + 1e-6) * 0.1
    assert result.time_ms[-1] == pytest.approx(last_ms, abs=1e-9)


@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_protocols_have_as_many_samples_as_trials(dt_ms):
    protocol = Protocol(duration_ms=33.33, dt_ms=dt_ms, record={"soma": "soma"})
    assert len(protocol.run(Cell.simple()).time_ms) == 334


def test_a_trial_that_goes_on_has_as_many_samples(tmp_path):
    trial = Trial(duration_ms=33.33, **WITHOUT_INPUT)
    result = trial.run(checkpoint=tmp_path / "run.checkpoint", checkpoint_every_ms=10)
    assert len(result.time_ms) == 334


@pytest.mark.parametrize("way", WAYS)
def test_a_trial_that_starts_above_the_threshold_has_not_fired(way):
    fields = {"duration_ms": 10, "v_init_mV": 10.0} | WITHOUT_INPUT
    result = Trial(**fields, **WAYS[way]).run()
    assert result.voltage_mV["soma"][0] > -10
    assert len(result.spike_times_ms) == 0


@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_a_protocol_that_starts_above_the_threshold_fires_when_it_crosses_it(dt_ms):
    stimuli = [{"kind": "CurrentClamp", "amplitude_nA": 2.0, "start_ms": 20.0}]
    protocol = Protocol(
        duration_ms=30, dt_ms=dt_ms, v_init_mV=10.0, stimuli=stimuli, record={"soma": "soma"}
    )
    spikes_ms = protocol.run(Cell()).spike_times_ms
    assert len(spikes_ms) > 0
    assert spikes_ms[0] > 20


def test_arbor_counts_no_spike_at_the_start_either():
    pytest.importorskip("arbor")
    result = Trial(duration_ms=10, v_init_mV=10.0, **WITHOUT_INPUT).run_in_arbor()
    assert len(result.time_ms) == 101
    assert len(result.spike_times_ms) == 0
