"""Studies that are run: what they leave, that it does not depend on the workers, what is run again and what is not."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from damaged_files import DAMAGED_STUDY as DAMAGED
from following import advised, told

from netpyne_model.analysis import MEASURES, summarise
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.inputs.events_file import COLUMNS as EVENT_COLUMNS
from netpyne_model.progress import Progress
from netpyne_model.results import read_nwb
from netpyne_model.simulation import run_trial
from netpyne_model.studies import Study, load_results, run_study
from netpyne_model.studies.measures import measure_trial

ROOT = Path(__file__).resolve().parents[1]
# 150 ms of track behind 550 ms of settling and lead-in; the field begins in their middle. 0.3 nA makes the cell spike.
BASE = {
    "duration_ms": 700.0,
    "n_excitatory": 40,
    "n_inhibitory": 20,
    "dt_ms": 0.1,
    "integration": "second_order",
    "field_centre_fraction": 0.2527,
    "record_currents": True,
}
STUDY = {
    "name": "short",
    "title": "A short one",
    "grid": {"dc_nA": [0.0, 0.3]},
    "trials": 2,
    "base": BASE,
}
TABLES = {"trials.csv", "conditions.csv", "spikes.csv", "runs.csv"}
FILES = TABLES | {"study.json", "datapackage.json", "profiles.nc", "trials", ".lock"}
UNITS = {name: name for name in ("nA", "ms", "mV", "mV2", "deg", "s", "MB", "cm")}
UNITS |= {
    "hz": "Hz",
    "bits": "bits/spike",
    "field": "deg/field",
}  # the last by the end of a column's name
TYPES = {"integer": (int,), "number": (float, int), "string": (str,)}
# Times of events come back from a file in seconds: two units in the last place, as tests/test_results.py says.
SECONDS_RTOL = 2 * np.finfo(float).eps


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory, loaded) -> Iterator[str]:
    """Address of a scheduler with two workers, which most studies here share: they know NEURON already."""
    file = tmp_path_factory.mktemp("scheduler") / "scheduler.json"
    common = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": file.parent}
    quiet["env"] = os.environ | {"PYTHONPATH": str(ROOT)}
    dask = [sys.executable, "-m", "dask"]
    started = [subprocess.Popen([*dask, "scheduler", "--port", "0", *common], **quiet)]
    started += [
        subprocess.Popen([*dask, "worker", "--nthreads", "1", "--no-nanny", *common], **quiet)
        for _ in "ab"
    ]
    try:
        end_s = time.monotonic() + 60
        while not (file.is_file() and file.read_text().endswith("}")):
            assert time.monotonic() < end_s
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def swept(tmp_path_factory, loaded):
    """A study on two workers of this machine, in a folder in which an earlier start was killed."""
    folder = tmp_path_factory.mktemp("swept") / "short"
    (folder / "trials").mkdir(parents=True)
    for name in (".lock", ".study.0123abcd.json"):
        (folder / name).touch()
    seen: list[Progress] = []
    results = run_study(Study(**STUDY), folder, processes=2, report=seen.append)
    return SimpleNamespace(results=results, folder=folder, seen=seen)


@pytest.fixture(scope="module")
def alone(loaded):
    """The trial of 0.3 nA with seed 1, without any study."""
    return run_trial(load_configuration(None, BASE, {"dc_nA": 0.3, "seed": 1}))


@pytest.fixture
def copy(swept, tmp_path) -> Path:
    """A copy of the swept folder, times of its files included."""
    return Path(shutil.copytree(swept.folder, tmp_path / "copy"))


def trial_files(folder: Path) -> dict[str, tuple]:
    """What tells of every trial's file whether it was touched."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in (folder / "trials").iterdir()
    }


def study(**changes) -> object:
    return Study(**STUDY | changes)


# -- what is left -----------------------------------------------------------------------------------------------------


def test_the_folder_holds_the_documented_files_and_nothing_half_written(swept):
    assert {path.name for path in swept.folder.iterdir()} == FILES
    names = [path.name for path in (swept.folder / "trials").iterdir()]
    expected = {f"dc_nA={dc}_seed_{seed}" for dc in ("0", "0.3") for seed in (0, 1)}
    assert len(names) == len(expected)
    assert {name.rsplit("_", 1)[0] for name in names} == expected


def test_progress_was_told(swept):
    assert swept.seen[0].total == 4
    assert swept.seen[-1] == Progress(total=4, done=4, running=0, failed=0, left_s=0.0)
    # Workers are asked now and then: that a single one was running between two answers need not be seen.
    assert max(one.running for one in swept.seen) == 2


def test_the_table_has_a_row_a_trial(swept):
    table = swept.results.table
    assert list(table) == ["trial", "condition", "dc_nA", "seed", *MEASURES, "file"]
    assert table[["trial", "dc_nA", "seed"]].to_numpy().tolist() == [
        [0, 0, 0],
        [1, 0, 1],
        [2, 0.3, 0],
        [3, 0.3, 1],
    ]
    assert table["condition"].tolist() == ["dc_nA=0"] * 2 + ["dc_nA=0.3"] * 2
    assert all((swept.folder / file).is_file() for file in table["file"])
    assert (table.loc[table["dc_nA"] == 0, "n_spikes"] == 0).all()
    assert (table.loc[table["dc_nA"] == 0.3, "n_spikes"] > 1).all()
    spikes = swept.results.spikes
    assert (
        spikes.groupby("trial").size().to_dict()
        == table.set_index("trial")["n_spikes"][2:].to_dict()
    )


def test_every_table_is_described_column_by_column(swept):
    package = json.loads((swept.folder / "datapackage.json").read_text())
    assert {resource["path"] for resource in package["resources"]} == TABLES
    for resource in package["resources"]:
        table = pd.read_csv(swept.folder / resource["path"])
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert list(fields) == list(table)
        for name, field in fields.items():
            assert field["description"]
            if (suffix := name.rsplit("_", 1)[-1]) in UNITS and not name.startswith(
                ("n_", "fraction_")
            ):
                assert field["unit"] == UNITS[suffix], name
            else:
                assert "unit" not in field, name
            values = table[name].dropna()
            assert values.map(type).isin(TYPES[field["type"]]).all(), name


def test_runs_say_where_and_how_long_each_trial_ran(swept):
    runs = swept.results.runs
    assert list(runs) == [
        "trial",
        "condition",
        "dc_nA",
        "seed",
        "host",
        "process",
        "wall_s",
        "memory_MB",
    ]
    assert runs["host"].nunique() == 1
    assert 1 <= runs["process"].nunique() <= 2
    assert os.getpid() not in set(runs["process"])
    assert (runs["wall_s"] > 0.05).all()
    assert runs["memory_MB"].between(50, 4000).all()


def test_profiles_are_labelled_by_trial_and_position(swept):
    profiles = swept.results.profiles
    assert profiles["rate_hz"].dims == ("trial", "position")
    assert profiles.sizes == {"trial": 4, "position": 3, "v_mV": 100}
    # Bins of 50 ms at 30 cm/s (187 cm in 6,233 ms): 1.5 cm.
    np.testing.assert_allclose(profiles["position"], [0.75, 2.25, 3.75], rtol=1e-3)
    assert profiles["position"].attrs["units"] == "cm"
    assert profiles["dc_nA"].values.tolist() == [0, 0, 0.3, 0.3]
    assert all(
        profiles[name].attrs["units"] and profiles[name].attrs["long_name"] for name in profiles
    )
    for where in ("in_field", "out_of_field"):  # densities: their integral over 0.5 mV bins is 1
        np.testing.assert_allclose(0.5 * profiles[f"v_density_{where}"].sum("v_mV"), 1, rtol=1e-12)
    assert (profiles["ramp_mV"].sel(trial=2) > profiles["ramp_mV"].sel(trial=0)).all()


def test_a_trial_is_read_when_it_is_asked_for(swept, alone):
    trial = swept.results.trial(3)
    assert trial.configuration == alone.configuration
    assert [one.configuration["seed"] for one in load_results(swept.folder).trials()] == [
        0,
        1,
        0,
        1,
    ]
    with pytest.raises(ModelError, match=r"trial 4 is not in .*; it has 4 trials\."):
        swept.results.trial(4)


# -- against a run without a study ------------------------------------------------------------------------------------


def test_a_trial_of_a_study_is_the_packages_trial(swept, alone):
    """The same program and seed, in another process: every voltage and current to the last bit."""
    trial = swept.results.trial(3)
    for name, trace in alone.voltage_mV.items():
        np.testing.assert_array_equal(trial.voltage_mV[name], trace)
    assert list(trial.recordings) == list(alone.recordings)
    for name, one in alone.recordings.items():
        np.testing.assert_array_equal(trial.recordings[name].values, one.values)
    np.testing.assert_allclose(trial.spike_times_ms, alone.spike_times_ms, rtol=SECONDS_RTOL)


def test_the_row_of_a_trial_is_measured_of_that_trial(swept, alone):
    """The table keeps every digit; spike times differ by rounding (SECONDS_RTOL), and what is made of them by little more."""
    row, measured = swept.results.table.iloc[3], measure_trial(alone).row
    for name, value in measured.items():
        assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name
    # The run ends before the field's middle, with fewer than six spikes in it: all else has a number.
    missing = {name for name, value in measured.items() if np.isnan(value)}
    assert missing <= {
        "ramp_asymmetry",
        "ramp_width_ms",
        "precession_deg_per_field",
        "precession_rho",
        "precession_p",
    }


def test_measures_agree_with_the_summary_of_a_run(swept, alone):
    row, summary = swept.results.table.iloc[3], summarise(alone)
    for where in ("in_field", "out_of_field"):
        # The same samples of the same trace: rounding of the mean.
        assert row[f"mean_v_{where}_mV"] == pytest.approx(summary[f"mean_v_{where}_mV"], rel=1e-9)
        assert row[f"mean_rate_{where}_hz"] == summary[f"mean_rate_{where}_hz"]
    for name in ("peak_rate_hz", "ramp_amplitude_mV"):
        expected = summary[name]
        assert row[name] == pytest.approx(
            np.nan if expected is None else expected, rel=1e-9, nan_ok=True
        ), name
    assert row["n_spikes"] == (alone.spike_times_ms >= alone.track.start_ms).sum()
    currents = {
        name: one.values[alone.time_ms >= alone.track.start_ms - 0.01]
        for name, one in alone.recordings.items()
    }
    for receptor in ("AMPA", "NMDA", "GABA_A"):
        both = [row[f"i_{receptor}_{where}_nA"] for where in ("in_field", "out_of_field")]
        assert min(both) < currents[f"i_{receptor}"].mean() < max(both)


# -- the workers do not matter ----------------------------------------------------------------------------------------


def assert_same_tables(folder: Path, other: Path) -> None:
    for name in TABLES - {"runs.csv"} | {"datapackage.json", "profiles.nc"}:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name


def test_workers_elsewhere_give_the_same_tables(swept, scheduler, tmp_path):
    run_study(Study(**STUDY), tmp_path / "elsewhere", scheduler=scheduler)
    assert_same_tables(tmp_path / "elsewhere", swept.folder)


# -- what is run again, and what is not -------------------------------------------------------------------------------


def test_finished_trials_stay_and_only_what_is_missing_is_run(copy, scheduler):
    """With a seed more in one condition, and what a killed sweep left of its tables."""
    before = trial_files(copy)
    (copy / ".trials.0123abcd.csv").touch()
    more = run_study(study(grid={"dc_nA": [0.3]}, trials=3), copy, scheduler=scheduler)
    files = trial_files(copy)
    assert {name: files[name] for name in before} == before
    (new,) = files.keys() - before.keys()
    assert more.table["seed"].tolist() == [0, 1, 2]
    assert more.table["file"].tolist()[2] == f"trials/{new}"
    assert {path.name for path in copy.iterdir()} == FILES


def test_a_damaged_folder_is_mended_as_its_messages_say(copy, scheduler):
    """By running the study again: finished trials stay."""
    line = told(lambda: load_results(copy.parent / "nothing"), "give a folder that a study wrote.")
    line = told(lambda: Study.load(copy), "is the folder of a study that was run; it goes on there")
    assert Study.load(advised(line, "with ca1 study (.*) --out")).conditions
    for content in ("{}", '{"study": {"trials": 0}}'):
        (copy / "study.json").write_text(content)
        told(lambda: load_results(copy).study, "study.json")
    for read, name, content, says in DAMAGED:
        (copy / name).unlink() if content is None else (copy / name).write_text(content)
        line = told(lambda read=read: getattr(load_results(copy), read), says)
        assert content is None or "run the study again in its folder" in line
    study().run(copy, scheduler=scheduler)
    results = load_results(copy)
    for read in ("study", *(one[0] for one in DAMAGED)):
        assert getattr(results, read) is not None
    line = told(lambda: results.trial(99), "trial 99 is not in", "it has 4 trials.")
    assert results.trial(int(advised(line, r"it has (\d+) trials")) - 1).spike_times_ms is not None


def test_a_run_that_ends_before_the_track_has_nothing_to_measure(copy, scheduler):
    """Its row has no number, and the profiles of the earlier trials go."""
    results = run_study(
        study(base=BASE | {"duration_ms": 300.0}, trials=1), copy, scheduler=scheduler
    )
    on_track = [name for name, one in MEASURES.items() if {"track", "field"} & set(one.needs)]
    assert results.table[on_track].isna().all(axis=None)
    assert not (copy / "profiles.nc").exists()
    told(lambda: results.profiles, "holds no profiles.nc; no trial got as far as the track.")
    study(trials=1).run(copy, scheduler=scheduler)
    assert load_results(copy).profiles is not None


def test_input_trains_are_kept_where_they_are_wanted(swept, alone, scheduler, tmp_path):
    one = study(grid={"dc_nA": [0.3]}, first_seed=1, trials=1, keep_inputs=True)
    results = run_study(one, tmp_path / "kept", scheduler=scheduler)
    (file,) = results.table["file"]
    kept = read_nwb(tmp_path / "kept" / file)
    pd.testing.assert_frame_equal(kept.synapses, alone.synapses, check_dtype=False)
    for mine, its in zip(kept.released_ms, alone.released_ms, strict=True):
        np.testing.assert_allclose(mine, its, rtol=SECONDS_RTOL)
    without = read_nwb(swept.folder / swept.results.table["file"][3])
    assert len(without.synapses) == len(without.released_ms) == 0
    np.testing.assert_array_equal(without.voltage_mV["soma"], kept.voltage_mV["soma"])


# -- what fails, fails alone ------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path):
    """A study of which one condition replays a file with a section that the cell does not have; and what mends it."""
    events = tmp_path / "events.csv"
    lines = [",".join(EVENT_COLUMNS), "0,CA3,37,0.5,exc,3,1.5e-3,560"]
    events.write_text("\n".join([*lines, "1,CA3,99999,0.5,exc,3,1.5e-3,570", ""]))
    numbers = {name: BASE[name] for name in ("n_excitatory", "n_inhibitory")}
    conditions = [
        {"condition": "drawn", **numbers},
        {"condition": "replayed", "events_file": str(events)},
    ]
    base = {name: value for name, value in BASE.items() if name not in numbers}
    (tmp_path / "mine.yaml").write_text(
        json.dumps({"list": conditions, "trials": 2, "base": base | {"duration_ms": 660.0}})
    )
    return SimpleNamespace(
        file=tmp_path / "mine.yaml", mend=lambda: events.write_text("\n".join([*lines, ""]))
    )


def test_a_trial_that_fails_leaves_the_others_and_is_told(broken, scheduler, tmp_path, capsys):
    out = tmp_path / "out"
    command = [
        "study",
        str(broken.file),
        "--scheduler",
        scheduler,
        "--out",
        str(out),
        "--no-figures",
    ]
    assert main([*command, "--quiet"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: 2 of 4 trials failed, first replayed, seed 0: ")
    assert "99999" in said.err
    assert said.err.count("\n") == 1
    failures = (out / "failures.txt").read_text()
    assert failures.count("99999") == 2
    assert [line.partition(":")[0] for line in failures.splitlines() if line] == [
        "replayed, seed 0",
        "replayed, seed 1",
    ]
    assert load_results(out).table["condition"].tolist() == ["drawn", "drawn"]
    before = trial_files(out)
    assert len(before) == 2

    broken.mend()
    assert main(command) == 0
    assert "4 of 4 trials done, 0 running, 0 failed" in capsys.readouterr().out
    after = trial_files(out)
    assert {name: after[name] for name in before} == before
    assert load_results(out).table["condition"].tolist() == [
        "drawn",
        "drawn",
        "replayed",
        "replayed",
    ]
    assert not (out / "failures.txt").exists()


def test_a_study_of_which_every_trial_fails_has_empty_tables(broken, scheduler, tmp_path):
    content = json.loads(broken.file.read_text())
    with pytest.raises(ModelError, match=r"^2 of 2 trials failed, first replayed, seed 0: "):
        run_study(
            Study(**content | {"list": content["list"][1:]}), tmp_path / "out", scheduler=scheduler
        )
    results = load_results(tmp_path / "out")
    assert len(results.table) == len(results.conditions) == len(results.spikes) == 0


def test_a_condition_that_does_not_hold_stops_before_anything_is_made(tmp_path):
    with pytest.raises(ModelError, match="condition 'dc_nA=9': dc_nA = 9"):
        run_study(study(grid={"dc_nA": [0, 9]}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_profiles_of_different_tracks_share_positions_in_time(scheduler, tmp_path):
    """Place cell and silent cell: a straight track of 7.5 s and a lap; and one longer than the other."""
    conditions = [
        {"setup": "place_cell", "duration_ms": 760.0},
        {"setup": "silent_cell", "duration_ms": 700.0},
    ]
    base = {name: value for name, value in BASE.items() if name != "duration_ms"}
    results = run_study(Study(list=conditions, base=base), tmp_path / "out", scheduler=scheduler)
    profiles = results.profiles
    assert "track_length" not in profiles.attrs
    assert profiles["position"].attrs["units"] == "s"
    np.testing.assert_allclose(
        profiles["position"], [0.02625, 0.07875, 0.13125, 0.18375], rtol=0.01
    )
    assert profiles["setup"].values.tolist() == ["place_cell", "silent_cell"]
    assert np.isfinite(profiles["ramp_mV"][0]).all()
    assert np.isnan(profiles["ramp_mV"][1, -1])
