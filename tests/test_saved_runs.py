"""Results of protocols: saved, loaded, and what they say was done."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from nwbinspector import inspect_nwbfile
from protocol_runs import DRIVEN, STEP, same

from netpyne_model import (
    Cell,
    CurrentClamp,
    Holding,
    ModelError,
    ShaftInput,
    SpineInput,
    load,
    save,
)


@pytest.fixture(scope="module")
def kept(reduced, tmp_path_factory):
    """A run with everything in it, and the folder it was saved to."""
    stimuli = [
        SpineInput(times_ms=np.array([22.0, 12.0]), place=("trunk_44", 0.65), n=2),
        ShaftInput(times_ms=20, place="soma_0(0.5)", weight=3),
        CurrentClamp(amplitude_nA=1.0, place="trunk@50", start_ms=10, stop_ms=20),
    ]
    protocol = dataclasses.replace(DRIVEN, stimuli=stimuli, holding=Holding(target_mV=-66))
    numbers = reduced.spines_near(("trunk_44", 0.65), 2)
    record = {
        "soma": "soma_0(0)",
        "head": f"spine_{numbers[0]}",
        "ina": "na.i soma_0(0)",
        "m": "nas.m soma_0(0)",
    }
    result = dataclasses.replace(protocol, record=record | {"g": f"AMPA.g spine_{numbers[1]}"}).run(
        reduced, name="all"
    )
    return result, save(result, tmp_path_factory.mktemp("kept") / "run")


def test_a_result_comes_back_as_it_was_saved(kept):
    result, folder = kept
    for got in (load(folder), load(str(folder / "results.nwb"))):
        assert same(got, result)
        assert np.array_equal(got.time_ms, result.time_ms)
        assert (got.configuration, got.provenance) == (result.configuration, result.provenance)
        assert got.sites == result.sites
        for name, recording in result.recordings.items():
            assert dataclasses.replace(got.recordings[name], values=None) == dataclasses.replace(
                recording, values=None
            )
        pd.testing.assert_frame_equal(got.synapses, result.synapses, check_exact=True)
        np.testing.assert_allclose(
            np.concatenate(got.released_ms), np.concatenate(result.released_ms), rtol=1e-15
        )
        assert [step.amplitude_nA for step in got.stimulus] == [
            step.amplitude_nA for step in result.stimulus
        ]
        assert len(got.spike_times_ms) == len(result.spike_times_ms) > 0


def test_a_result_says_what_was_done(kept, cell, reduced):
    result, _ = kept
    assert result.configuration["run"] == "all"
    assert [one["kind"] for one in result.configuration["protocol"]["stimuli"]] == [
        "SpineInput",
        "ShaftInput",
        "CurrentClamp",
    ]
    assert result.provenance["cell"] == reduced.provenance
    change = "biophysics.channels.nas.gbar_S_per_cm2.soma: {value: 0.04} -> {value: 0.02}"
    assert change in result.configuration["cell"]["changes"]
    step, held = result.stimulus
    assert (step.start_ms, step.stop_ms, step.amplitude_nA) == (10, 20, 1.0)
    assert (held.start_ms, held.stop_ms, held.site, held.x) == (0, 30, "soma_0", 0.0)
    assert held.amplitude_nA == result.configuration["holding_current_nA"]
    spines = result.synapses.query("group == 'spine'")
    wanted = cell.placement.spines.loc[reduced.spines_near(("trunk_44", 0.65), 2)]
    np.testing.assert_array_equal(spines[["section", "x"]], wanted[["section", "x"]])
    np.testing.assert_array_equal(spines["gmax_uS"], wanted["gmax_AMPA_uS"])
    assert [times.tolist() for times in result.presynaptic_ms] == [[12, 22], [12, 22], [20]]
    assert result.synapses["kind"].tolist() == ["exc", "exc", "inh"]


def test_a_saved_run_is_complete_and_sound(kept):
    result, folder = kept
    names = {"results.nwb", "configuration.json", "provenance.json", "summary.json"}
    assert {path.name for path in folder.iterdir()} == names
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["held_mV"] == pytest.approx(-66, abs=0.01)
    assert set(summary["recordings"]) == set(result.traces)
    assert summary["recordings"]["soma"]["highest"] == result.voltage_mV["soma"].max()
    assert summary["n_spikes_in_run"] == len(result.spike_times_ms)
    messages = inspect_nwbfile(nwbfile_path=str(folder / "results.nwb"))
    assert [one.check_function_name for one in messages] == ["check_keywords"]  # see results/nwb.py


def test_a_folder_with_results_is_kept(kept):
    result, folder = kept
    with pytest.raises(ModelError, match="holds"):
        save(result, folder)
    assert save(result, folder, overwrite=True) == folder


def test_the_same_protocol_on_another_cell_is_another_configuration(cell):
    one, other = STEP.run(cell), STEP.run(cell.with_rule("soma", "nas.gbar", value=0.03))
    assert one.configuration != other.configuration
    assert one.configuration == STEP.run(Cell()).configuration
