"""Short real runs through the command: what they write, that options reach them, that they repeat, how they stop."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pynwb
import pytest
from matplotlib.image import imread
from nwbinspector import inspect_nwbfile

from netpyne_model import Trial
from netpyne_model.commands import main
from netpyne_model.configuration import TrialConfig
from netpyne_model.inputs import read_events
from netpyne_model.inputs.events_file import COLUMNS
from netpyne_model.morphology import read_section_table
from netpyne_model.results import read_nwb

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "run_netpyne.py"
FILES = {"configuration.json", "provenance.json", "results.nwb", "summary.json"}
# 1 nA makes the cell spike within 50 ms of the settling, before any input drawn from the seed arrives.
DRAWN = (
    "--seed",
    "3",
    "--dc",
    "1",
    "--duration",
    "50",
    "--set",
    "n_excitatory=40",
    "--set",
    "n_inhibitory=20",
)
FEW = ("--set", "n_excitatory=40", "--set", "n_inhibitory=20")
# Four excitatory synapses, three events each, and an inhibitory one at the soma.
EVENTS = [
    f"{i},CA3,{s},0.5,exc,3,1.5e-3,{t}" for i, s in enumerate((37, 45, 50, 52)) for t in (1, 3, 5)
]
EVENTS += ["4,perisomatic,0,0.5,inh,1,1e-3,4"]


def run(out: Path, *arguments: str) -> SimpleNamespace:
    """Run the command in this process; say its folder, its result and what it printed."""
    printed, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(complained):
        code = main(["run", *arguments, "--out", str(out)])
    assert (code, complained.getvalue()) == (0, "")
    return SimpleNamespace(
        folder=out, result=read_nwb(out / "results.nwb"), printed=printed.getvalue()
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A run of the full model with inputs drawn from the seed."""
    return run(tmp_path_factory.mktemp("drawn") / "made" / "run", *DRAWN)


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    """Run the full model for 10 ms on the few events above, with further arguments; each set of arguments runs once."""
    folder = tmp_path_factory.mktemp("replay")
    events = folder / "events.csv"
    events.write_text("\n".join([",".join(COLUMNS), *EVENTS, ""]))
    runs = {}

    def replayed(*settings: str):
        if settings not in runs:
            words = [word for setting in settings for word in ("--set", setting)]
            out = folder / str(len(runs))
            runs[settings] = run(
                out, "--events", str(events), "--duration", "10", "--quiet", *words
            )
        return runs[settings]

    return replayed


def largest_difference(one, other) -> float:
    """Largest |dv| in mV of any site; the runs have equal sites and times."""
    np.testing.assert_array_equal(one.result.time_ms, other.result.time_ms)
    return max(
        np.abs(v - other.result.voltage_mV[site]).max() for site, v in one.result.voltage_mV.items()
    )


def assert_equal_results(one, other) -> None:
    """Bit for bit: voltages, output spikes, synapses, trains and releases."""
    assert largest_difference(one, other) == 0
    np.testing.assert_array_equal(one.result.spike_times_ms, other.result.spike_times_ms)
    assert one.result.synapses.equals(other.result.synapses)
    for name in ("presynaptic_ms", "released_ms"):
        for mine, its in zip(getattr(one.result, name), getattr(other.result, name), strict=True):
            np.testing.assert_array_equal(mine, its)


def assert_is_a_picture(path: Path) -> None:
    assert path.stat().st_size > 20_000
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert np.ptp(imread(path)[..., :3]) > 0.5


def test_the_folder_holds_the_documented_files_and_nothing_else(drawn):
    assert {path.name for path in drawn.folder.iterdir()} == FILES | {
        "overview.png",
        "overview.svg",
        "report.html",
    }
    assert [path.name for path in drawn.folder.parent.iterdir()] == ["run"]
    assert_is_a_picture(drawn.folder / "overview.png")
    summary = json.loads((drawn.folder / "summary.json").read_text())
    assert summary["n_spikes_in_run"] == len(drawn.result.spike_times_ms) > 0
    assert sum(summary["n_synapses"].values()) == len(drawn.result.synapses)
    provenance = json.loads((drawn.folder / "provenance.json").read_text())
    assert provenance == drawn.result.provenance
    assert provenance["versions"]["neuron"]


def test_options_reach_the_run(drawn):
    configuration = json.loads((drawn.folder / "configuration.json").read_text())
    assert configuration == drawn.result.configuration
    changed = {"seed": 3, "dc_nA": 1.0, "duration_ms": 50.0, "n_excitatory": 40, "n_inhibitory": 20}
    changed["record_segments_ms"] = 1.0  # for the report
    assert configuration == TrialConfig().as_dict() | changed
    (step,) = drawn.result.stimulus
    assert (step.site, step.amplitude_nA, step.start_ms, step.stop_ms) == ("soma_0", 1.0, 0.0, 50.0)
    assert drawn.result.time_ms[-1] == pytest.approx(50, abs=1e-9)
    assert set(drawn.result.voltage_mV) == {"soma", "ais", "proximal_trunk", "distal_trunk"}
    counts = drawn.result.synapses["kind"].value_counts()
    # Each region's share is rounded down: at most 4 excitatory and 6 inhibitory regions lose one each.
    assert 36 <= counts["exc"] <= 40
    assert 14 <= counts["inh"] <= 20


def test_the_run_says_how_far_it_is_and_what_came_out(drawn):
    note, *lines = drawn.printed.splitlines()
    assert note.startswith("note: the run ends at 50 ms, within the settling")
    assert lines[:2] == ["25 of 50 ms simulated", "50 of 50 ms simulated, 0 s left"]
    n = len(drawn.result.spike_times_ms)
    assert lines[2] == (
        "Silent cell before the track, +1 nA at the soma, first 50 ms, 40 excitatory inputs,"
        " 20 inhibitory inputs, seed 3"
    )
    assert lines[3].split(maxsplit=1) == [
        "Spikes",
        f"{n} in the whole run, which ends before the place field begins",
    ]
    assert f"{drawn.folder / 'overview.png'}, {drawn.folder / 'report.html'}" in lines[-2]
    assert len(lines) <= 2 + 10


def test_nwbinspector_finds_nothing_but_keywords(drawn):
    """With keywords neo opens no file (results/nwb.py)."""
    path = str(drawn.folder / "results.nwb")
    assert [m.check_function_name for m in inspect_nwbfile(nwbfile_path=path)] == ["check_keywords"]
    assert not pynwb.validate(path=path)


def test_a_written_configuration_repeats_the_run(drawn, tmp_path):
    again = run(tmp_path / "run", "--config", str(drawn.folder / "configuration.json"), "--quiet")
    assert again.printed == ""
    assert_equal_results(again, drawn)
    written = [(each.folder / "configuration.json").read_bytes() for each in (again, drawn)]
    assert written[0] == written[1]


def test_the_same_seed_gives_the_same_result_in_another_process(drawn, tmp_path):
    command = [sys.executable, SCRIPT, *DRAWN, "--no-progress"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ms simulated" not in done.stdout
    folder = tmp_path / "output" / "full_silent_cell_seed3_dc1nA_50ms_40exc_20inh"
    assert f"{folder.relative_to(tmp_path)}/overview.png" in done.stdout
    other = SimpleNamespace(result=read_nwb(folder / "results.nwb"))
    assert len(other.result.spike_times_ms) > 0
    assert_equal_results(other, drawn)


def test_existing_results_are_refused_and_replaced_only_on_demand(drawn, tmp_path, capsys):
    folder = tmp_path / "run"
    shutil.copytree(drawn.folder, folder)
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    arguments = ["--seed", "4", "--duration", "10", *FEW, "--quiet"]
    assert main(["run", *arguments, "--out", str(folder)]) == 2
    line = capsys.readouterr().err
    assert (
        line
        == f"error: output folder {folder} already holds results; choose another folder or give --overwrite.\n"
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    replaced = run(folder, *arguments, "--overwrite")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert replaced.result.configuration["seed"] == 4
    assert not replaced.result.synapses.equals(drawn.result.synapses)


def test_receptors_generated_from_neuroml_give_the_same_voltage(replay):
    """They solve the same step as those written by hand, so they differ by rounding alone (tests/test_replay.py)."""
    sections = ("spines=folded",)
    assert (
        0 < largest_difference(replay(*sections, "receptors=generated"), replay(*sections)) < 1e-6
    )


@pytest.mark.parametrize(
    ("setting", "at_least_mV"),
    [
        ("drugs=[AP5]", 0.01),
        ("spines=none", 0.1),
        ("drugs=[TTX_everywhere]", 0.01),
        ("excitation=false", 1.0),
    ],
)
def test_a_setting_changes_the_voltage(replay, setting, at_least_mV):
    assert largest_difference(replay(setting), replay()) > at_least_mV


def test_settings_change_what_they_say(replay):
    peaks = {
        name: replay(*name).result.voltage_mV["distal_trunk"].max()
        for name in ((), ("drugs=[AP5]",))
    }
    assert peaks["drugs=[AP5]",] < peaks[()]
    assert replay("excitation=false").result.synapses["kind"].tolist() == ["inh"]
    unchanged = replay("drugs=[TTX_everywhere:1]")
    assert largest_difference(unchanged, replay()) == 0


def test_presynaptic_events_of_the_published_trial_are_released_by_the_release_model(
    reference, tmp_path
):
    path = reference / "place" / "replay_events.csv.gz"
    arguments = (
        "--events",
        str(path),
        "--events-are",
        "presynaptic",
        "--duration",
        "10",
        "--quiet",
    )
    result = run(tmp_path / "run", *arguments).result
    events = read_events(path, read_section_table())
    excitatory = (result.synapses["kind"] == "exc").to_numpy()
    for row, times_ms in enumerate(events.times_ms):
        # The file holds seconds: two units in the last place.
        np.testing.assert_allclose(result.presynaptic_ms[row], times_ms, rtol=1e-15)
        if not excitatory[row]:
            np.testing.assert_array_equal(result.released_ms[row], result.presynaptic_ms[row])
        assert np.isin(result.released_ms[row], result.presynaptic_ms[row]).all()
    released = sum(len(result.released_ms[row]) for row in np.flatnonzero(excitatory))
    arrived = sum(len(result.presynaptic_ms[row]) for row in np.flatnonzero(excitatory))
    assert 0.2 < released / arrived < 0.8  # release probability starts at 0.2 and grows with use


# The command in a process of its own that sends itself a signal as soon as a condition holds.
STOPPED = """
import os, signal, sys, threading, time
root, condition, number, *arguments = sys.argv[1:]
sys.path.insert(0, root)
from netpyne_model.commands import main
def send():
    while not eval(condition):
        time.sleep(0.001)
    os.kill(os.getpid(), int(number))
threading.Thread(target=send, daemon=True).start()
sys.exit(main(["run", *arguments]))
"""
# NetPyNE catches every exception in parts of its import and of its building.
IMPORTING = "'netpyne.network.netrxd' in sys.modules"
NETWORK = "getattr(sys.modules.get('netpyne.sim'), 'net', None)"
BUILDING = f"getattr({NETWORK}, 'pops', None)"
CELLS = f"getattr({NETWORK}, 'cells', ())"
CONNECTING = f"any('synMechs' in one for cell in {CELLS} for one in list(cell.secs.values()))"
RUNNING = "getattr(getattr(sys.modules.get('neuron'), 'h', None), 't', 0) > 20"


@pytest.mark.parametrize(
    ("number", "condition"),
    [
        (signal.SIGINT, IMPORTING),
        (signal.SIGINT, BUILDING),
        (signal.SIGINT, CONNECTING),
        (signal.SIGINT, RUNNING),
        (signal.SIGTERM, RUNNING),
    ],
    ids=("importing", "building", "connecting", "running", "running_terminated"),
)
@pytest.mark.usefixtures("loaded")
@pytest.mark.slow
def test_a_stopped_run_says_so_and_leaves_nothing_behind(tmp_path, number, condition):
    arguments = (*FEW, "--duration", "1300", "--out", "made/for/run", "--no-progress")
    command = [sys.executable, "-c", STOPPED, str(ROOT), condition, str(int(number)), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=os.environ, timeout=60
    )
    assert (done.returncode, done.stderr) == (130, "error: interrupted; nothing was kept.\n")
    assert done.stdout.count("\n") == 1  # a run that went on to its end prints its summary too
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("integration", "dt_ms", "duration_ms"),
    [("fixed_step", 0.025, 200), ("second_order", 0.05, 50), ("second_order", 0.1, 120)],
)
def test_a_trial_has_a_sample_at_its_very_end(integration, dt_ms, duration_ms):
    fields = {"integration": integration, "dt_ms": dt_ms, "duration_ms": duration_ms}
    without_input = {"excitation": False, "n_inhibitory": 0}
    result = Trial(**fields, **without_input).run()
    assert len(result.time_ms) == 10 * duration_ms + 1
    assert result.time_ms[-1] == pytest.approx(duration_ms)
