"""``ca1 doctor`` finds what is there and what is not; completion of the shell."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netpyne_model.commands import COMMANDS, main
from netpyne_model.configuration import SETUPS
from netpyne_model.experiments import EXPERIMENTS
from netpyne_model.installation import findings, summary
from netpyne_model.mechanisms.cache import CACHE_VARIABLE
from netpyne_model.specification import drugs
from netpyne_model.studies import PUBLISHED

ROOT = Path(__file__).parents[1]


def found(folder: Path) -> dict:
    return {one.name: one for one in findings(folder)}


def test_this_machine_runs_the_package(tmp_path, capsys):
    assert main(["doctor", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith("Runs work here.\n")
    assert "MISSING" not in printed
    assert list(tmp_path.iterdir()) == []


def test_json_says_the_same(tmp_path, capsys):
    assert main(["doctor", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["works"] is True
    names = {one["name"] for one in told["findings"]}
    wanted = {"Python", "neuron", "netpyne", "compiler", "cache", "Java", "results", "locks"}
    assert wanted | {"disk", "cores", "memory", "display"} <= names
    again = [one.as_dict() for one in findings(tmp_path)]
    for found in (*told["findings"], *again):
        if found["name"] in ("memory", "disk"):  # other programs take and give back of them
            del found["found"]
    assert told["findings"] == again


def test_a_missing_compiler_is_said_with_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    compiler = found(tmp_path)["compiler"]
    assert compiler.state == "missing"
    assert "build-essential" in compiler.advice
    java = found(tmp_path)["Java"]
    assert (java.state, "install a Java runtime" in java.advice) == ("note", True)
    assert main(["doctor", str(tmp_path)]) == 1
    assert "MISSING compiler" in capsys.readouterr().out
    assert summary(findings(tmp_path))["works"] is False


def test_a_cache_that_cannot_be_made_is_said_and_the_advice_works(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    cache = found(tmp_path)["cache"]
    assert cache.state == "missing"
    assert f"set {CACHE_VARIABLE} to a folder that can be written" in cache.advice
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    cache = found(tmp_path)["cache"]
    assert (cache.state, list((tmp_path / "cache").iterdir())) == ("ok", [])


def test_the_nearest_folder_that_exists_is_looked_at(tmp_path):
    there = found(tmp_path / "not" / "yet")
    assert there["results"].found == f"{tmp_path} can be written"
    assert f"free in {tmp_path}" in there["disk"].found


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ca1 re", {"report", "reproduce"}),
        ("ca1 run --du", {"--duration"}),
        ("ca1 doct", {"doctor"}),
    ],
)
def test_the_shell_completes_commands_and_options(words, offered):
    assert set(completed(words)) == offered
    assert offered & {*COMMANDS, "--duration"} == offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ca1 run --setup ", list(SETUPS)),
        ("ca1 run --simulator a", ["arbor"]),
        ("ca1 study ", list(PUBLISHED)),
        ("ca1 reproduce ", [*EXPERIMENTS, "all"]),
        ("ca1 reproduce ep", ["epsc_amplification", "epsp_amplification"]),
        ("ca1 benchmark pl", ["place_trial"]),
        ("ca1 cell --draw re", ["regions"]),
        ("ca1 cell --plot km", ["km2.gbar"]),
        ("ca1 run --set drugs", [f"drugs=[{name}]" for name in sorted(drugs())]),
        ("ca1 study --set dt", ["dt_ms="]),
    ],
)
def test_the_shell_completes_values(words, offered):
    assert completed(words) == offered


def completed(words: str) -> list[str]:
    """What bash would be told of a line that ends where the cursor is."""
    environment = os.environ | {
        "_CA1_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
        "PYTHONPATH": str(ROOT),
    }
    return completed_by(environment).split()


def completed_by(environment: dict[str, str]) -> str:
    """What the command prints when a shell asks."""
    code = "import sys; from netpyne_model.commands import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="completion is tried in a bash")
def test_a_bash_completes_what_follows_an_equals_sign():
    """Typed at a terminal: bash takes words apart at the sign, and puts in what follows it."""
    assert "--set setup=place_cell" in typed_in_bash("ca1 run --set setup=pl\t", "place_cell")


def typed_in_bash(keys: str, awaited: str) -> str:
    """What a terminal shows once it shows what is awaited, or after 30 s."""
    source = completed_by(os.environ | {"_CA1_COMPLETE": "source_bash"})
    terminal, inside = pty.openpty()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COMPLETION": source,
        "TERM": "dumb",
    }
    bash = ["bash", "--norc", "--noprofile", "-i"]
    shown = b""
    with subprocess.Popen(
        bash, stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True
    ) as process:
        os.write(terminal, b'eval "$COMPLETION"; PS1=ready; stty columns 200\n')
        give_up_s = time.monotonic() + 30
        typed = False
        while awaited.encode() not in shown and time.monotonic() < give_up_s:
            if select.select([terminal], [], [], 0.5)[0]:
                shown += os.read(terminal, 4096)
            if b"\nready" in shown and not typed:
                typed, shown = True, b""
                os.write(terminal, keys.encode())
        process.kill()
    os.close(terminal)
    os.close(inside)
    return shown.decode()
