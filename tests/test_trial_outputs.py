"""The outputs of a trial that a study reads: recorded synaptic currents, and the file without its inputs."""

import numpy as np
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.simulation import run_trial

CONFIGURATION = {
    "duration_ms": 700.0,
    "n_excitatory": 40,
    "n_inhibitory": 20,
    "dt_ms": 0.1,
    "integration": "second_order",
    "record_currents": True,
    "dc_nA": 0.3,  # makes the cell spike
}


@pytest.fixture(scope="module")
def alone(loaded):
    """A trial with its currents."""
    return run_trial(load_configuration(None, CONFIGURATION))


def test_a_file_can_be_read_without_its_inputs(alone, tmp_path):
    """Of a file that holds all: equal in all that it reads."""
    write_nwb(alone, tmp_path / "all.nwb")
    whole, outputs = read_nwb(tmp_path / "all.nwb"), read_nwb(tmp_path / "all.nwb", inputs=False)
    np.testing.assert_array_equal(outputs.time_ms, whole.time_ms)
    np.testing.assert_array_equal(outputs.spike_times_ms, whole.spike_times_ms)
    assert len(outputs.spike_times_ms) > 0
    assert list(outputs.voltage_mV) == list(whole.voltage_mV)
    assert all(
        np.array_equal(outputs.voltage_mV[name], trace) for name, trace in whole.voltage_mV.items()
    )
    assert list(outputs.recordings) == list(whole.recordings)
    for name, one in whole.recordings.items():
        assert np.array_equal(outputs.recordings[name].values, one.values)
        assert (outputs.recordings[name].label, outputs.recordings[name].unit) == (
            one.label,
            one.unit,
        )
    for name in ("sites", "configuration", "provenance", "track", "simulation_wall_s"):
        assert getattr(outputs, name) == getattr(whole, name)
    assert (
        len(whole.synapses)
        > 0
        == len(outputs.synapses)
        == len(outputs.released_ms)
        == len(outputs.stimulus)
    )
    (tmp_path / "half.nwb").write_bytes((tmp_path / "all.nwb").read_bytes()[:1000])
    problems = {
        "half.nwb": "is not a results file",
        "none.nwb": "does not exist",
        ".": "is a folder",
    }
    for name, problem in problems.items():
        with pytest.raises(ModelError, match=problem):
            read_nwb(tmp_path / name, inputs=False)


def test_recording_currents_leaves_the_voltages_alone(alone):
    """To the last bit: they are read, nothing is solved otherwise."""
    without = run_trial(load_configuration(None, alone.configuration, {"record_currents": False}))
    assert without.recordings == {}
    for name, trace in alone.voltage_mV.items():
        np.testing.assert_array_equal(without.voltage_mV[name], trace)


def test_currents_of_solved_spines_are_those_of_spines_that_are_sections(alone):
    """The spine's own potential is solved within the synapse in one case, with the whole cell in the other: rounding is left."""
    sections = run_trial(load_configuration(None, alone.configuration, {"spines": "silent"}))
    assert set(sections.recordings) == set(alone.recordings) == {"i_AMPA", "i_NMDA", "i_GABA_A"}
    for name, one in alone.recordings.items():
        other = sections.recordings[name].values
        largest = np.abs(other).max()
        assert largest > 1e-3  # nA
        assert np.abs(one.values - other).max() < 1e-6 * largest, name
