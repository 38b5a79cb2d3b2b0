#!/usr/bin/env python3
"""The package on machines that have nothing of it: ``python scripts/clean_machines.py [--python 3.10] [--versions oldest]``.

For every Python and either end of the declared ranges: a new environment, the wheel, an empty folder, an empty cache and
home; then what a user does first, and the tests of `TESTS`, copied out of the clone. Prints a row of docs/compatibility.md
each, and what failed. The oldest versions are those of pyproject.toml, or the first after them with a wheel for that Python:
nothing is compiled but our own mod files.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
SHOWN = ("neuron", "netpyne", "numpy", "pandas", "scipy", "pynwb", "pydantic", "dask")
"""Libraries whose versions a row names."""
TESTS = (
    "analysis",
    "biophysics",
    "configuration",
    "hdf5_claims",
    "placement",
    "setups",
    "trains",
    "user_channels",
)
"""Test files that need no more than pytest and hypothesis, in a minute together."""
UV = (sys.executable, "-m", "uv")
Command = list[str | Path]

TRIAL = ("run", "--duration", "50", "--set", "n_excitatory=200", "--out", "trial", "--quiet")
FIRST_STEPS = """
import netpyne_model as ca1

if __name__ == "__main__":
    pulse = ca1.CurrentClamp(amplitude_nA=0.5, start_ms=20)
    spikes = ca1.Protocol(duration_ms=100, stimuli=[pulse], dt_ms=0.025).run(ca1.Cell())
    assert len(spikes.spike_times_ms) > 0, spikes.spike_times_ms
    kept = ca1.load("trial")
    assert kept.voltage_mV["soma"].max() > -67
    ca1.plot(kept, file="trial.png")
    base = {"n_excitatory": 50, "duration_ms": 20}
    study = ca1.Study(base=base, grid={"nas.gbar*": [0.5, 1]}, trials=1)
    assert len(study.run("study", processes=2).table) == 2
"""
"""A protocol, a result read back, a figure, a study of two processes."""


def main() -> int:
    """Make the machines one after the other; 0 if nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--python", nargs="+", default=PYTHONS, help="versions or interpreters, as uv takes them"
    )
    parser.add_argument("--versions", nargs="+", default=list(RESOLUTIONS), choices=RESOLUTIONS)
    options = parser.parse_args()
    all_right = True
    print(
        "| Python | versions | libraries | first steps | tests |\n| --- | --- | --- | --- | --- |"
    )
    with tempfile.TemporaryDirectory() as folder:
        wheel = _build_wheel(Path(folder))
        for python in options.python:
            for versions in options.versions:
                machine = Path(folder) / "machine"
                machine.mkdir()
                failed = _try(machine, python, versions, wheel)
                print(*failed, sep="\n", end="", file=sys.stderr, flush=True)
                all_right = all_right and not failed
                shutil.rmtree(machine)
    return 0 if all_right else 1


def _build_wheel(folder: Path) -> Path:
    build: Command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _try(machine: Path, python: str, versions: str, wheel: Path) -> list[str]:
    """Make one machine and use it; print its row, return what failed."""
    interpreter = machine / "environment" / "bin" / "python"
    subprocess.run(
        [*UV, "venv", "--quiet", "--python", python, machine / "environment"], check=True
    )
    found = _install(machine, interpreter, versions, wheel)
    (machine / "home").mkdir()
    (machine / "work").mkdir()
    (machine / "work" / "first_steps.py").write_text(FIRST_STEPS)
    ca1 = interpreter.with_name("ca1")
    steps: tuple[Command, ...] = (
        [ca1, "--help"],
        [ca1, "cell"],
        [ca1, *TRIAL],
        [interpreter, "first_steps.py"],
    )
    started = time.monotonic()
    outcomes = [_run(machine, step) for step in steps]
    took_s = time.monotonic() - started
    tests = _run_tests(machine, interpreter)
    all_right = "right" if all(done.returncode == 0 for done in outcomes) else "FAILED"
    libraries = ", ".join(f"{name} {found[name]}" for name in SHOWN)
    summary = tests.stdout.strip().rpartition("\n")[2].strip("= ")
    print(
        f"| {found['python']} | {versions} | {libraries} | {all_right}, {took_s:.0f} s | {summary} |",
        flush=True,
    )
    return [
        f"{python}, {versions}: {done.args}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        for done in (*outcomes, tests)
        if done.returncode != 0
    ]


def _install(machine: Path, interpreter: Path, versions: str, wheel: Path) -> dict[str, str]:
    """Install the wheel with one end of the ranges; return what came, by name."""
    pinned = machine / "requirements.txt"
    resolve: Command = [*UV, "pip", "compile", "--quiet", "--no-build"]
    resolve += ["--resolution", RESOLUTIONS[versions]]
    where: Command = ["--python", interpreter, "--output-file", pinned, ROOT / "pyproject.toml"]
    subprocess.run([*resolve, *where], check=True)
    install: Command = [*UV, "pip", "install", "--quiet", "--python", interpreter]
    subprocess.run([*install, "-r", pinned, wheel, "pytest", "hypothesis"], check=True)
    show: Command = [interpreter, "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()
    return dict(re.findall(r"^([\w-]+)==(\S+)", pinned.read_text(), re.MULTILINE)) | {
        "python": version
    }


def _run(machine: Path, command: Command) -> subprocess.CompletedProcess:
    """Run a command as somebody would who has nothing but this machine."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    environment = kept | {"HOME": str(machine / "home")}
    return subprocess.run(
        command, cwd=machine / "work", env=environment, capture_output=True, text=True, check=False
    )


def _run_tests(machine: Path, interpreter: Path) -> subprocess.CompletedProcess:
    """Run the tests of `TESTS` on what is installed: of the clone there is nothing but them."""
    shutil.copytree(ROOT / "tests", machine / "work" / "tests")
    shutil.copy(ROOT / "pyproject.toml", machine / "work")
    files = [f"tests/test_{name}.py" for name in TESTS]
    return _run(machine, [interpreter, "-m", "pytest", "-q", "-m", "not slow and not java", *files])


if __name__ == "__main__":
    sys.exit(main())
