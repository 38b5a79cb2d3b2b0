"""Building a trial gives its memory back."""

import gc
import tracemalloc

import numpy as np

from netpyne_model.configuration import load_configuration
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.run import build, clear, run_trial

FEW = {"duration_ms": 20.0, "n_excitatory": 400, "n_inhibitory": 100, "dc_nA": 1.0}


def test_a_trial_that_is_gone_leaves_nothing_behind(loaded):
    """NEURON 9.0 keeps 96 bytes of each object that Python makes; one an input would be 45 kB."""
    trial = prepare_trial(load_configuration(None, FEW | {"duration_ms": None}))
    n_inputs = sum(len(train) > 0 for train in trial.driven.released_ms)
    assert n_inputs > 450
    build(trial)  # the first one fills caches
    clear()
    tracemalloc.start(1)
    build(trial)
    clear()
    gc.collect()
    of_building = [tracemalloc.Filter(True, f"*{room}/*") for room in ("netpyne", "simulation")]
    kept = tracemalloc.take_snapshot().filter_traces(of_building)
    tracemalloc.stop()
    kept_bytes = sum(one.size for one in kept.statistics("filename"))
    # Less than half an object an input; what NetPyNE itself keeps of its last network.
    assert kept_bytes < 48 * n_inputs


def test_a_second_trial_is_the_first_again(loaded):
    one, two = (run_trial(load_configuration(None, FEW)) for _ in range(2))
    assert len(one.spike_times_ms) > 0
    np.testing.assert_array_equal(one.voltage_mV["soma"], two.voltage_mV["soma"])
