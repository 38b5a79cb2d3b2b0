"""Building a trial gives its memory back, and NetPyNE finds all of NEURON through what sees to that."""

import gc
import tracemalloc

import numpy as np

from netpyne_model.configuration import load_configuration
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.run import build, clear, run_trial

FEW = {"duration_ms": 20.0, "n_excitatory": 400, "n_inhibitory": 100, "dc_nA": 1.0}


def test_a_trial_that_is_gone_leaves_nothing_behind(loaded):
    """NEURON 9.0 keeps 96 bytes of each object that Python makes; three an input were 140 kB for these 500."""
    trial = prepare_trial(load_configuration(None, FEW | {"duration_ms": None}))
    n_inputs = sum(len(train) > 0 for train in trial.driven.released_ms)
    assert n_inputs > 450
    build(trial)  # the first one fills caches
    clear()
    tracemalloc.start(1)
    build(trial)
    clear()
    gc.collect()
    of_netpyne = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*netpyne/*")])
    tracemalloc.stop()
    kept_bytes = sum(one.size for one in of_netpyne.statistics("filename"))
    # Less than one of the three; what NetPyNE itself keeps of its last network.
    assert kept_bytes < 96 * n_inputs


def test_netpyne_sets_and_reads_neuron_as_ever(loaded):
    from netpyne.cell import pointCell
    from netpyne.sim import run
    from neuron import h

    run_trial(load_configuration(None, FEW | {"dt_ms": 0.05}))
    assert h.dt == 0.05
    for frugal in (pointCell.h, run.h):
        assert frugal is not h
        frugal.dt = 0.02
        assert h.dt == 0.02
        assert list(frugal.Vector([1.0, 2.0])) == [1, 2]
        assert frugal.Vector(3).size() == 3
        assert frugal.Vector().size() == 0
        assert frugal.celsius == h.celsius
    section = h.Section(name="alone")
    synapse = h.ExpSyn(section(0.5))
    source = h.NetStim()
    for frugal in (pointCell.h, run.h):
        assert frugal.NetCon(source, synapse).weight[0] == 0
        assert frugal.NetCon(section(0.5)._ref_v, None, sec=section).preseg() == section(0.5)
        called = []
        handler = frugal.FInitializeHandler(0, lambda called=called: called.append(1))
        h.finitialize(-65)
        assert called == [1]
        del handler


def test_a_second_trial_is_the_first_again(loaded):
    one, two = (run_trial(load_configuration(None, FEW)) for _ in range(2))
    assert len(one.spike_times_ms) > 0
    np.testing.assert_array_equal(one.voltage_mV["soma"], two.voltage_mV["soma"])
