"""Results: the NWB file and back, summary, provenance, and the folder that a run leaves behind."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pynwb
import pytest
from drawn_trials import GROUPS, STEP_MS, make_trial
from neo.io import NWBIO
from nwbinspector import inspect_nwbfile
from pynwb import NWBHDF5IO
from rich.console import Console

from netpyne_model.analysis import format_summary, summarise
from netpyne_model.errors import ModelError
from netpyne_model.results import (
    Recording,
    file_hashes,
    provenance,
    read_nwb,
    write_nwb,
    write_results,
)

# x / 1000 * 1000 rounds twice.
SECONDS_RTOL = 2 * np.finfo(float).eps


def assert_same_trains(got, wanted):
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=SECONDS_RTOL, atol=0)


def assert_clean(path, *, suggested=("check_keywords",)):
    """Nothing for pynwb's validator; nothing for nwbinspector but keywords, with which neo opens no file."""
    with NWBHDF5IO(str(path), "r") as io:
        assert not pynwb.validate(io=io)
    found = inspect_nwbfile(nwbfile_path=str(path))
    assert [one.check_function_name for one in found] == list(suggested)


def test_a_trial_comes_back_from_its_nwb_file_as_it_went_in(tmp_path):
    trial = make_trial()
    write_nwb(trial, tmp_path / "results.nwb")
    got = read_nwb(tmp_path / "results.nwb")
    np.testing.assert_array_equal(got.time_ms, trial.time_ms)
    assert list(got.voltage_mV) == list(trial.voltage_mV)
    for name, trace in trial.voltage_mV.items():
        np.testing.assert_array_equal(got.voltage_mV[name], trace)
    assert got.sites == trial.sites
    pd.testing.assert_frame_equal(got.synapses, trial.synapses, check_exact=True)
    np.testing.assert_allclose(got.spike_times_ms, trial.spike_times_ms, rtol=SECONDS_RTOL)
    assert_same_trains(got.presynaptic_ms, trial.presynaptic_ms)
    assert_same_trains(got.released_ms, trial.released_ms)
    for step, wanted in zip(got.stimulus, trial.stimulus, strict=True):
        assert (step.site, step.x, step.amplitude_nA) == (
            wanted.site,
            wanted.x,
            wanted.amplitude_nA,
        )
        assert (step.start_ms, step.stop_ms) == pytest.approx(
            (wanted.start_ms, wanted.stop_ms), rel=SECONDS_RTOL
        )
    for name in ("configuration", "track", "provenance", "simulation_wall_s"):
        assert getattr(got, name) == getattr(trial, name)


@pytest.mark.parametrize("n_synapses", [0, 1, 6])
def test_a_silent_cell_without_current_and_with_few_synapses_comes_back(tmp_path, n_synapses):
    trial = make_trial(n_synapses=n_synapses, spikes_ms=(), stimulus=())
    write_nwb(trial, tmp_path / "results.nwb")
    got = read_nwb(tmp_path / "results.nwb")
    assert got.spike_times_ms.shape == (0,)
    assert got.stimulus == ()
    assert len(got.synapses) == n_synapses
    assert_same_trains(got.presynaptic_ms, trial.presynaptic_ms)
    table_of_one = ["check_single_row"] if n_synapses == 1 else []
    assert_clean(tmp_path / "results.nwb", suggested=["check_keywords", *table_of_one])


def test_the_nwb_file_holds_si_units_with_places_and_compressed_data(tmp_path):
    trial = make_trial()
    write_nwb(trial, tmp_path / "results.nwb")
    with NWBHDF5IO(str(tmp_path / "results.nwb"), "r") as io:
        nwbfile = io.read()
        series = nwbfile.acquisition["voltage_distal_trunk"]
        assert (series.unit, series.rate, series.starting_time) == ("volts", 10_000.0, 0.0)
        np.testing.assert_allclose(
            series.get_data_in_units(), trial.voltage_mV["distal_trunk"] / 1e3, rtol=1e-15
        )
        assert series.electrode.location == "trunk_37 (1.0), 152.9 um from the soma"
        assert series.data.compression == "gzip"
        current = nwbfile.stimulus["current_0"]
        assert current.unit == "amperes"
        np.testing.assert_allclose(current.get_data_in_units(), [1e-10, 0], rtol=1e-15)
        np.testing.assert_allclose(current.timestamps[:], [0.25, 3.0], rtol=1e-15)
        np.testing.assert_allclose(
            nwbfile.units["spike_times"][0], trial.spike_times_ms / 1e3, rtol=1e-15
        )
        table = nwbfile.processing["icephys"]["synapses"]
        np.testing.assert_allclose(table["released_s"][8], trial.released_ms[8] / 1e3, rtol=1e-15)
        assert "microsiemens" in table["gmax_uS"].description


def test_nwbinspector_finds_nothing_but_keywords(tmp_path):
    write_nwb(make_trial(), tmp_path / "trial.nwb")
    assert_clean(tmp_path / "trial.nwb")


def test_neo_reads_voltages_currents_recordings_and_spikes(tmp_path):
    trial = make_trial()
    na = Recording("na.i", "mA/cm2", trial.sites["soma"], trial.voltage_mV["soma"])
    ampa = Recording("AMPA.i", "nA", None, trial.voltage_mV["soma"])
    trial = dataclasses.replace(trial, recordings={"na": na, "i_AMPA": ampa})
    write_nwb(trial, tmp_path / "trial.nwb")
    io = NWBIO(str(tmp_path / "trial.nwb"), mode="r")
    (segment,) = io.read_block().segments
    signals = {signal.name: signal for signal in segment.analogsignals}
    assert set(signals) == {
        "voltage_soma",
        "voltage_distal_trunk",
        "recording_na",
        "recording_i_AMPA",
    }
    voltage = signals["voltage_soma"]
    assert (str(voltage.dimensionality), float(voltage.sampling_rate)) == ("mV", 1e3 / STEP_MS)
    np.testing.assert_array_equal(voltage.magnitude[:, 0], trial.voltage_mV["soma"])
    assert str(signals["recording_i_AMPA"].dimensionality) == "nA"
    current = segment.irregularlysampledsignals[0]
    np.testing.assert_allclose(current.magnitude[:, 0], [0.1, 0.0], rtol=1e-15)
    (train,) = segment.spiketrains
    np.testing.assert_allclose(
        train.rescale("ms").magnitude, trial.spike_times_ms, rtol=2 * SECONDS_RTOL
    )
    assert float(train.t_stop) == pytest.approx(trial.time_ms[-1] / 1e3)
    io.close()


def test_who_ran_it_stands_in_the_file_and_decides_nothing(tmp_path, monkeypatch):
    def general(path, simulator="NEURON"):
        with NWBHDF5IO(str(path), "r") as io:
            read = io.read()
            assert list(read.devices) == [simulator]
            return tuple(read.experimenter), read.institution, read.identifier

    write_nwb(make_trial(n_synapses=6), tmp_path / "nobody.nwb")
    monkeypatch.setenv("CA1_EXPERIMENTER", "Doe, Jane")
    monkeypatch.setenv("CA1_INSTITUTION", "An institute")
    write_nwb(make_trial(n_synapses=6, provenance=provenance()), tmp_path / "somebody.nwb")
    *nobody, identifier = general(tmp_path / "nobody.nwb")
    assert nobody == [("Simulation, NEURON",), "none: a simulation"]
    in_arbor = make_trial(n_synapses=6, provenance={"simulator": "arbor"})
    write_nwb(in_arbor, tmp_path / "in_arbor.nwb")
    assert general(tmp_path / "in_arbor.nwb", "arbor")[0] == ("Simulation, arbor",)
    assert_clean(tmp_path / "in_arbor.nwb")
    assert general(tmp_path / "somebody.nwb") == (("Doe, Jane",), "An institute", identifier)
    assert_clean(tmp_path / "somebody.nwb")


def test_the_identifier_depends_on_the_configuration_alone(tmp_path):
    def identifier(configuration):
        write_nwb(make_trial(n_synapses=1, configuration=configuration), tmp_path / "results.nwb")
        with NWBHDF5IO(str(tmp_path / "results.nwb"), "r") as io:
            return io.read().identifier

    first = identifier({"seed": 1, "setup": "place_cell"})
    assert identifier({"setup": "place_cell", "seed": 1}) == first
    assert identifier({"setup": "place_cell", "seed": 2}) != first


def test_a_failed_write_leaves_the_older_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "results.nwb"
    write_nwb(make_trial(n_synapses=1), path)
    before = path.read_bytes()

    def fail(self, *arguments, **options):
        raise OSError("disk full")

    monkeypatch.setattr(NWBHDF5IO, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        write_nwb(make_trial(), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.nwb"]


def test_files_that_are_no_results_are_refused_in_one_line(tmp_path):
    with pytest.raises(ModelError, match=r"nothing\.nwb does not exist"):
        read_nwb(tmp_path / "nothing.nwb")
    (tmp_path / "text.nwb").write_text("not HDF5")
    foreign = pynwb.NWBFile("another session", "x", pynwb.file.datetime(2020, 1, 1).astimezone())
    with NWBHDF5IO(str(tmp_path / "foreign.nwb"), "w") as io:
        io.write(foreign)
    for name in ("text.nwb", "foreign.nwb"):
        with pytest.raises(ModelError, match="is not a results file of this model") as caught:
            read_nwb(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_trial_refuses_arrays_that_do_not_fit():
    trial = make_trial(n_synapses=2)
    with pytest.raises(ValueError, match="every recording needs one value"):
        dataclasses.replace(trial, time_ms=trial.time_ms[:-1])
    with pytest.raises(ValueError, match="differ in names"):
        dataclasses.replace(trial, sites={})
    with pytest.raises(ValueError, match="2 synapses, 1 presynaptic"):
        dataclasses.replace(trial, presynaptic_ms=trial.presynaptic_ms[:1])


def test_summary_of_a_known_trial():
    numbers = summarise(make_trial())
    assert numbers["n_spikes"] == 4
    # All four spikes within the field, 1 s long, measured on a 10 ms grid.
    assert numbers["mean_rate_in_field_hz"] == pytest.approx(4.0, rel=0.02)
    assert numbers["mean_rate_out_of_field_hz"] == 0.0
    assert numbers["peak_rate_at_ms"] == pytest.approx(
        967.5, abs=10
    )  # their mean in track time, to a bin
    assert numbers["mean_v_settled_mV"] == pytest.approx(-65, abs=0.01)
    # Bump of 5 mV with 400 ms: its mean over +-500 ms is 5 * 400 * sqrt(pi)/2 * erf(1.25) / 500 = 3.27 mV.
    assert numbers["mean_v_in_field_mV"] == pytest.approx(-65 + 3.27, abs=0.05)
    assert numbers["ramp_amplitude_mV"] == pytest.approx(5 - 0.09, abs=0.15)
    assert numbers["n_synapses"] == dict.fromkeys(GROUPS, 20)
    assert (
        sum(numbers["n_presynaptic_spikes"].values()) == 68 * 20
    )  # 12 of the 80 inputs are silent
    assert sum(numbers["n_released_events"].values()) == 68 * 10
    assert numbers["wall_ms_per_simulated_ms"] == pytest.approx(2.0, rel=1e-3)


def test_on_a_circular_track_the_field_wraps():
    trial = make_trial(
        spikes_ms=(2900.0,)
    )  # track time 2,400 ms of 2,500, 200 ms before a field centred at 100
    track = dataclasses.replace(trial.track, centre_ms=100.0)
    straight = summarise(dataclasses.replace(trial, track=track))
    track = dataclasses.replace(track, kind="circular", length_cm=75.0)
    wrapped = summarise(dataclasses.replace(trial, track=track))
    assert straight["mean_rate_in_field_hz"] == 0.0
    assert wrapped["mean_rate_in_field_hz"] == pytest.approx(1.0, rel=0.02)
    assert wrapped["peak_rate_at_cm"] == pytest.approx(72.0, abs=0.5)


@pytest.mark.parametrize("stop_ms", [100.0, 400.0, 600.0, 1100.0])
def test_summary_of_a_run_that_stops_early_is_json_without_nan(stop_ms):
    trial = make_trial(spikes_ms=(), stop_ms=stop_ms)
    text = json.dumps(summarise(trial), allow_nan=False)
    assert json.loads(text)["n_spikes_in_run"] == 0


def test_the_printed_summary_names_every_number(tmp_path):
    for numbers, wanted in (
        (
            summarise(make_trial()),
            ("Output spikes", "Rate in the field (Hz)", "axo-axonic", "1,360"),
        ),
    ):
        console = Console(width=100, record=True, file=(tmp_path / "console").open("w"))
        console.print(format_summary(numbers))
        text = console.export_text()
        for part in wanted:
            assert part in text


def test_write_results_leaves_four_readable_files(tmp_path):
    trial = make_trial(provenance=provenance())
    numbers = summarise(trial)
    write_results(trial, numbers, tmp_path)
    names = {"results.nwb", "configuration.json", "provenance.json", "summary.json"}
    assert {entry.name for entry in tmp_path.iterdir()} == names
    read = {name: json.loads((tmp_path / name).read_text()) for name in names - {"results.nwb"}}
    assert read["configuration.json"] == trial.configuration
    assert read["provenance.json"] == trial.provenance
    assert read["summary.json"] == numbers


def test_provenance_names_versions_and_the_content_of_the_model():
    found = provenance()
    assert found["versions"]["numpy"] == np.__version__
    assert found["versions"]["neuron"]
    assert "morphologies/CA1_EB2.sections.csv" in found["files"]
    assert all(len(digest) == 64 for digest in found["files"].values())
    assert list(found["files"]) == sorted(found["files"])
    json.dumps(found, allow_nan=False)


def test_hashes_follow_content_and_pass_over_compiled_files(tmp_path, monkeypatch):
    for name, text in {
        "a.mod": "one",
        ".hidden": "x",
        "x86_64/special": "x",
        "__pycache__/a.pyc": "x",
    }.items():
        path = tmp_path / "mod" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    # `netpyne_model.results` exports a function of the module's name.
    module = sys.modules["netpyne_model.results.provenance"]
    monkeypatch.setattr(module, "MOD", tmp_path / "mod")
    monkeypatch.setattr(module.platform, "machine", lambda: "x86_64")
    before = {name: digest for name, digest in file_hashes().items() if name.startswith("mod/")}
    # sha256 of "one"
    assert before == {
        "mod/a.mod": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    }
    (tmp_path / "mod" / "a.mod").write_text("two")
    assert file_hashes()["mod/a.mod"] != before["mod/a.mod"]


def test_results_import_no_simulator():
    code = "import sys, netpyne_model.results; assert not {'neuron', 'netpyne', 'pynwb'} & set(sys.modules)"
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)
