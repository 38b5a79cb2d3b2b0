"""A sweep that is killed again and again: nothing finished changes, is run twice or is lost, and nothing is left over."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from netpyne_model.results.nwb_outputs import read_outputs
from netpyne_model.studies import load_results

ROOT = Path(__file__).resolve().parents[1]
SOON_S = 120.0  # far more than anything here takes, on a machine that is busy with other things
TRIALS = 24  # a stop finishes up to five: those at work end while it is answered
SWEEP = (
    "--sweep",
    "dc_nA=[0, 0.3]",
    "--sweep",
    "drugs=[[], [TTX], [AP5], [Ba]]",
    "--trials",
    "3",
    "--processes",
    "2",
)
SETTINGS = (
    "duration_ms=700",
    "n_excitatory=20",
    "n_inhibitory=10",
    "dt_ms=0.1",
    "integration=second_order",
)
TABLES = ("trials.csv", "conditions.csv", "spikes.csv", "profiles.nc", "datapackage.json")
# How it is stopped: without a word, as a cluster does at its time limit, and as Ctrl-C does, which a terminal sends to every
# process. The order is mixed, so that each also meets what the others left.
STOPS = ("SIGKILL", "SIGTERM", "SIGKILL", "SIGINT", "SIGKILL")
STOPPED = "error: interrupted; finished trials are kept; the same command goes on from there.\n"


def command(out: Path) -> list[str]:
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    return [
        sys.executable,
        str(ROOT / "scripts" / "run_study.py"),
        *SWEEP,
        *settings,
        "--no-figures",
        "--out",
        str(out),
    ]


def start(out: Path) -> subprocess.Popen:
    """The command in a process group of its own, as a terminal's shell starts it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": out.parent}
    return subprocess.Popen(command(out), start_new_session=True, **pipes)


def finished(out: Path) -> dict[str, tuple]:
    """Of every finished trial what would tell that it was written again."""
    return {
        path.name: (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted((out / "trials").glob("[!.]*.nwb"))
    }


def family(process: subprocess.Popen) -> list[psutil.Process]:
    """All processes that it has started, and they."""
    return psutil.Process(process.pid).children(recursive=True)


def stop_at_random(out: Path, how: str, delay_s: float) -> SimpleNamespace:
    """Start the command, wait for a new file and then a while, and stop it."""
    there = len(list((out / "trials").glob("[!.]*.nwb")))
    process = start(out)
    end_s = time.monotonic() + SOON_S
    while len(list((out / "trials").glob("[!.]*.nwb"))) <= there:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end_s
        time.sleep(0.005)
    time.sleep(delay_s)
    children = family(process)
    if how == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(getattr(signal, how))
    said, complained = process.communicate(
        timeout=SOON_S
    )  # ends when all that hold its output have ended
    _, alive = psutil.wait_procs(children, timeout=SOON_S)
    return SimpleNamespace(
        code=process.returncode,
        said=said,
        complained=complained,
        alive=alive,
        children=len(children),
    )


def kill_at_its_start(out: Path) -> None:
    """Start the command and kill it as soon as it has made its folder, before that says of what study it is."""
    process = start(out)
    end_s = time.monotonic() + SOON_S
    while not (out / "trials").is_dir():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end_s
    process.kill()
    process.communicate(timeout=SOON_S)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, loaded):
    """The same sweep, left alone."""
    out = tmp_path_factory.mktemp("undisturbed") / "sweep"
    done = subprocess.run(command(out), capture_output=True, text=True, timeout=SOON_S * 5)
    assert (done.returncode, done.stderr) == (0, "")
    return SimpleNamespace(out=out, said=done.stdout)


def test_a_sweep_that_is_killed_again_and_again_ends_as_if_it_had_not_been(undisturbed, tmp_path):
    out, draw = tmp_path / "sweep", random.Random(240960)
    kill_at_its_start(out)
    seen: dict[str, tuple] = {}
    for how in STOPS:
        stopped = stop_at_random(out, how, draw.uniform(0, 0.4))
        assert stopped.alive == []
        assert stopped.children >= 2
        if how == "SIGKILL":
            assert (stopped.code, stopped.complained) == (-signal.SIGKILL, "")
        else:
            assert (stopped.code, stopped.complained) == (130, STOPPED)
        assert not (out / "trials.csv").exists()  # it was not at its end
        now = finished(out)
        assert {name: now[name] for name in seen} == seen
        assert len(seen) < len(now) < TRIALS
        for name in now.keys() - seen.keys():
            assert len(read_outputs(out / "trials" / name).time_ms) == 7000  # whole
        seen = now

    done = subprocess.run(command(out), capture_output=True, text=True, timeout=SOON_S * 5)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 of 24 trials done, ")
    now = finished(out)
    assert {name: now[name] for name in seen} == seen
    assert set(now) == set(finished(undisturbed.out))
    for name in TABLES:
        assert (out / name).read_bytes() == (undisturbed.out / name).read_bytes(), name
    # None was run twice, since no file was written twice; there is one a trial, and nothing beside them.
    assert {path.name for path in (out / "trials").iterdir()} == set(now)
    assert {path.name for path in out.iterdir()} == {
        path.name for path in undisturbed.out.iterdir()
    }
    assert load_results(out).runs["process"].nunique() >= len(STOPS)


def test_an_undisturbed_sweep_says_how_far_it_is(undisturbed):
    first, *lines, last = undisturbed.said.splitlines()
    assert re.fullmatch(r"0 of 24 trials done, [012] running, 0 failed", first)
    assert lines[-1] == "24 of 24 trials done, 0 running, 0 failed, 0 s left"
    assert re.fullmatch(
        rf"sweep: 24 trials, \d+ s; table {re.escape(str(undisturbed.out))}/trials\.csv", last
    )
