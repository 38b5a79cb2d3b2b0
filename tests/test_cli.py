"""The command line: quick help, one line for every user error, nothing left behind. The simulation is replaced."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import netpyne_model
from netpyne_model import __version__, cli
from netpyne_model.configuration import TrialConfig
from netpyne_model.errors import ModelError

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "run_netpyne.py"
HEAVY = {"neuron", "netpyne", "numpy", "pandas", "scipy", "matplotlib", "pynwb", "neuroml", "rich"}


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """A simulation that only notes its configuration and writes that alone; runs in an empty folder."""
    calls = []

    def run_trial(config, progress):
        calls.append(config)
        for t_ms in range(0, 1001, 25):
            if progress:
                progress(t_ms, 1000)
        return config

    def write(config, folder):
        (folder / "configuration.json").write_text(json.dumps(config.as_dict()))
        return {}

    simulation = SimpleNamespace(run_trial=run_trial, run_simple=run_trial)
    monkeypatch.setattr(netpyne_model, "simulation", simulation, raising=False)
    monkeypatch.setitem(sys.modules, "netpyne_model.simulation", simulation)
    monkeypatch.setattr(cli, "_write", write)
    monkeypatch.setattr(cli, "_print_summary", lambda summary, folder: print(f"results: {folder}"))
    monkeypatch.chdir(tmp_path)
    return SimpleNamespace(calls=calls, simulation=simulation, folder=tmp_path)


def error_line(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert captured.err.endswith("\n")
    return captured.err


def test_help_imports_nothing_heavy():
    # Stands for "--help takes under 0.5 s" (0.38 s when written), which a busy machine could not hold reliably.
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from netpyne_model import cli; code = cli.main(['--help']);"
        f"loaded = {HEAVY!r} & set(sys.modules); print(sorted(loaded), code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(SCRIPT.parents[1])], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[] 0"
    for option in (
        "--model",
        "--setup",
        "--seed",
        "--dc",
        "--duration",
        "--config",
        "--set",
        "--events",
        "--overwrite",
    ):
        assert option in done.stdout


def test_the_script_exits_with_the_code(tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, "--sed", "1"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: unknown option '--sed'. Did you mean '--seed'?\n"


def test_version_and_fields(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"ca1-place-cell {__version__}\n"
    assert cli.main(["--list-fields"]) == 0
    listed = capsys.readouterr().out
    for name in TrialConfig.model_fields:
        assert f"{name} = " in listed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sead", "1"], "Did you mean '--seed'?"),
        (["--seed"], "requires an argument"),
        (["extra"], "unexpected extra argument"),
        (["--seed", "one"], "seed = 'one': expected a whole number"),
        (["--dc", "100 pA"], "dc_nA = '100 pA': expected a number in nA"),
        (["--dc", "-9"], "dc_nA = -9: expected a number in nA from -5 to 5"),
        (["--setup", "silent"], "expected one of silent_cell, place_cell"),
        (["--set", "sede=1"], "Did you mean 'seed'?"),
        (["--set", "seed"], "expected key=value"),
        (["--config", "missing.yaml"], "missing.yaml cannot be read"),
        (["--model", "simple", "--dc", "0.1"], "no meaning for model 'simple'"),
    ],
)
def test_a_user_error_is_one_line_and_code_2(runs, capsys, arguments, says):
    assert cli.main(arguments) == 2
    assert says in error_line(capsys)
    assert runs.calls == []
    assert list(runs.folder.iterdir()) == []


def test_options_reach_the_run_and_the_folder_says_which(runs, capsys):
    arguments = ["--setup", "place_cell", "--seed", "3", "--dc", "-0.1", "--duration", "500", "--events", "a.csv"]
    assert cli.main([*arguments, "--events-are", "presynaptic", "--set", "w_max=2", "--set", "seed=4"]) == 0
    config = runs.calls[0]
    assert (config.setup, config.seed, config.dc_nA, config.duration_ms) == ("place_cell", 4, -0.1, 500)
    assert (config.events_file, config.events_are, config.w_max) == (Path("a.csv"), "presynaptic", 2)
    assert (runs.folder / "output" / "full_place_cell_seed4" / "configuration.json").exists()
    assert "output/full_place_cell_seed4" in capsys.readouterr().out


def test_a_written_configuration_repeats_the_run(runs):
    assert cli.main(["--seed", "7", "--out", "first", "--quiet"]) == 0
    assert cli.main(["--config", "first/configuration.json", "--out", "second", "--quiet"]) == 0
    assert runs.calls[0] == runs.calls[1]


def test_existing_results_are_refused_before_the_run_starts(runs, capsys):
    assert cli.main(["--out", "run", "--quiet"]) == 0
    assert cli.main(["--out", "run", "--seed", "1", "--quiet"]) == 2
    assert "--overwrite" in error_line(capsys)
    assert len(runs.calls) == 1
    assert cli.main(["--out", "run", "--seed", "1", "--overwrite", "--quiet"]) == 0
    assert json.loads((runs.folder / "run" / "configuration.json").read_text())["seed"] == 1


def test_progress_without_a_terminal_is_ten_plain_lines(runs, capsys):
    assert cli.main([]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "ms simulated" in line]
    assert len(lines) == 10
    assert lines[0].startswith("100 of 1000 ms simulated")
    assert cli.main(["--no-progress", "--overwrite"]) == 0
    assert "ms simulated" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stop", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ModelError("events.csv, line 3: time 'x'; expected a number."), 2, "events.csv, line 3"),
        (OSError(28, "No space left on device", "results.nwb"), 2, "results.nwb: No space left on device"),
    ],
)
def test_a_run_that_stops_leaves_nothing_behind(runs, capsys, monkeypatch, stop, code, says):
    def run_trial(config, progress):
        raise stop

    monkeypatch.setattr(runs.simulation, "run_trial", run_trial)
    assert cli.main(["--out", "made/for/run"]) == code
    assert says in error_line(capsys)
    assert list(runs.folder.iterdir()) == []


def test_the_termination_signal_leaves_nothing_behind(runs, capsys, monkeypatch):
    monkeypatch.setattr(runs.simulation, "run_trial", lambda config, progress: os.kill(os.getpid(), signal.SIGTERM))
    assert cli.main([]) == 130
    assert "interrupted" in error_line(capsys)
    assert list(runs.folder.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_fault_of_the_program_is_not_hidden(runs, monkeypatch):
    def run_trial(config, progress):
        raise ZeroDivisionError

    monkeypatch.setattr(runs.simulation, "run_trial", run_trial)
    with pytest.raises(ZeroDivisionError):
        cli.main([])
    assert list(runs.folder.iterdir()) == []
