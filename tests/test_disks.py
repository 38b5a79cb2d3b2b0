"""Disks that are full, file systems without locks, folders that are taken: nothing is lost or half-written."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from drawn_trials import make_trial
from full_disks import files_below

from netpyne_model import ModelError, Trial
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.results import write_nwb
from netpyne_model.simulation import expected_bytes, prepare_trial

PYTHON = [sys.executable, "-c"]
RUN = [sys.executable, "-m", "netpyne_model", "run", "--no-progress", "--quiet"]
FULL = """
import resource, sys
from netpyne_model import ModelError, Trial, save
result = Trial(duration_ms=10, excitation=False, n_inhibitory=0).run()
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    save(result, "out")
except ModelError as error:
    print(error)
"""
LOCK = """
import sys
from netpyne_model.file_locks import file_lock, needs_deleting, take_if_free
lock = file_lock("one.lock")
if take_if_free(lock):
    print("held", needs_deleting(lock), flush=True)
    sys.stdin.readline()
else:
    print("taken", flush=True)
"""
SWEEP = """
from pathlib import Path
from netpyne_model import ModelError
from netpyne_model.sweeps import Store
store = Store(Path("sweep"), "study.json", "trials", ".nwb")
with store.owned({}):
    try:
        with store.owned({}):
            pass
    except ModelError as error:
        print(error)
"""
NO_LOCKS = "#include <errno.h>\nint flock(int file, int how) { errno = ENOLCK; return -1; }\n"


def environment(**further: str) -> dict[str, str]:
    """That of a process that finds this package from any folder."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **further}


def started(command: list[str], folder: Path, **variables: str) -> subprocess.Popen:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment(**variables),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )


@pytest.fixture(scope="module")
def no_locks(tmp_path_factory):
    """Variables of a process whose file systems have no locks, as NFS and Lustre without flock."""
    if sys.platform != "linux":
        pytest.skip("a library in front of the system's is loaded by LD_PRELOAD")
    folder = tmp_path_factory.mktemp("no_locks")
    (folder / "no_locks.c").write_text(NO_LOCKS)
    compiler = shutil.which("cc") or "gcc"
    library = folder / "no_locks.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "no_locks.c"], check=True)
    return {"LD_PRELOAD": str(library)}


def test_a_disk_that_is_full_after_all_is_one_line_and_no_crash(tmp_path):
    process = started([*PYTHON, FULL], tmp_path)
    said, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (0, "")
    assert said.startswith("out cannot be written (File too large)")
    assert not list(tmp_path.iterdir())


def test_a_file_of_results_that_has_no_room_is_one_line_in_python(tmp_path):
    path = tmp_path / "results.nwb"
    with files_below(10_000), pytest.raises(ModelError) as caught:
        write_nwb(make_trial(), path)
    assert str(caught.value).startswith(f"{path}: File too large; choose a folder on another disk")
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_that_has_no_room_is_said_once_and_the_run_goes_on(tmp_path, capsys):
    trial = Trial(duration_ms=20, n_excitatory=0, n_inhibitory=0)
    whole = trial.run()
    file = tmp_path / "kept.npz"
    with files_below(10_000), pytest.warns(RuntimeWarning) as warned:
        result = trial.run(checkpoint=file, checkpoint_every_ms=5)
    (line,) = [str(one.message) for one in warned]
    assert line.startswith(f"checkpoint {file} could not be written at 5 ms (")
    assert line.endswith("); the run goes on without it.")
    assert np.array_equal(result.voltage_mV["soma"], whole.voltage_mV["soma"])
    assert capsys.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())


def test_the_command_says_that_a_checkpoint_was_not_written(tmp_path, capsys, monkeypatch):
    def full(path, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("netpyne_model.simulation.checkpoint.write_checkpoint", full)
    words = ["--duration", "20", "--set", "n_excitatory=0", "--set", "n_inhibitory=0", "--quiet"]
    words += ["--checkpoint-every", "5", "--out", str(tmp_path / "run"), "--no-report"]
    assert main(["run", *words]) == 0
    said = "could not be written at 5 ms (No space left on device); the run goes on without it."
    assert capsys.readouterr().err == f"note: checkpoint {tmp_path}/run.checkpoint {said}\n"
    assert [one.name for one in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("setup", ["silent_cell", "place_cell"])
def test_the_room_that_is_looked_for_counts_input_trains(setup):
    """At least a third of what they take, and no more than that: 6.5 bytes an event, packed."""
    config = load_configuration(None, {"setup": setup, "duration_ms": 2000})
    driven = prepare_trial(config).driven
    n_events = sum(map(len, [*driven.presynaptic_ms, *driven.released_ms]))
    counted = expected_bytes(config) - expected_bytes(config, with_inputs=False)
    assert 6.5 * n_events / 3 < counted < 6.5 * n_events
    none = config.model_copy(update={"n_excitatory": 0, "n_inhibitory": 0})
    assert expected_bytes(none) == expected_bytes(none, with_inputs=False)


def test_a_run_needs_no_locks(tmp_path, no_locks):
    process = started([*RUN, "--duration", "5", "--out", "run"], tmp_path, **no_locks)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 0
    assert (tmp_path / "run" / "results.nwb").is_file()


def test_without_locks_a_file_is_one_that_a_killed_process_does_not_keep(tmp_path, no_locks):
    holder = started([*PYTHON, LOCK], tmp_path, **no_locks)
    assert holder.stdout.readline() == "held True\n"
    other = started([*PYTHON, LOCK], tmp_path, **no_locks)
    assert other.communicate("\n", timeout=60)[0] == "taken\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    next_one = started([*PYTHON, LOCK], tmp_path, **no_locks)
    assert next_one.communicate("\n", timeout=60)[0] == "held True\n"


def test_where_files_are_locks_a_sweep_says_which_to_delete(tmp_path, no_locks):
    process = started([*PYTHON, SWEEP], tmp_path, **no_locks)
    said, _ = process.communicate(timeout=60)
    assert said == (
        "another sweep is at work in sweep; wait for it, delete sweep/.lock if there is none,"
        " or choose another folder.\n"
    )


def test_a_run_whose_folder_is_taken_meanwhile_takes_the_next_number(tmp_path):
    process = started([*RUN, "--duration", "60"], tmp_path)
    folder = tmp_path / "output" / "full_silent_cell_seed0_60ms"
    while not list(tmp_path.glob("output/.*.partial")):
        assert process.poll() is None
        time.sleep(0.02)
    folder.mkdir()
    (folder / "configuration.json").write_text("{}")
    _, complained = process.communicate(timeout=120)
    assert process.returncode == 0
    assert complained == (
        "note: output/full_silent_cell_seed0_60ms was taken meanwhile; the results are in"
        " output/full_silent_cell_seed0_60ms_2\n"
    )
    assert (tmp_path / "output" / "full_silent_cell_seed0_60ms_2" / "results.nwb").is_file()
    assert (folder / "configuration.json").read_text() == "{}"


def test_a_run_whose_parent_folder_is_removed_is_kept(tmp_path):
    process = started([*RUN, "--duration", "300", "--out", "deep/run"], tmp_path)
    while not (tmp_path / "deep").exists():
        assert process.poll() is None
        time.sleep(0.02)
    while not _simulates(process.pid):
        assert process.poll() is None
        time.sleep(0.02)
    shutil.rmtree(tmp_path / "deep")
    assert process.communicate(timeout=120) == ("", "")
    assert (tmp_path / "deep" / "run" / "results.nwb").is_file()


def _simulates(pid: int) -> bool:
    """Whether a process has loaded the mechanisms: it has looked at its folders by then."""
    maps = Path(f"/proc/{pid}/maps")
    if not maps.exists():  # not Linux
        time.sleep(4)
        return True
    return "libnrnmech" in maps.read_text()
