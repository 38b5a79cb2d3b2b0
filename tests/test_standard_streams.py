"""Standard output and error that are closed, full, or know few letters: a run keeps its results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model import load

ROOT = Path(__file__).resolve().parents[1]
RUN = "run --duration 10 --set excitation=false --set n_inhibitory=0 --no-report"
FULL = "error: standard output cannot be written (No space left on device); "


def shell(folder, line, **environment):
    """Code and messages of a line of a shell, in which ``ca1`` is the command."""
    line = f'ca1() {{ "{sys.executable}" -m netpyne_model "$@"; }}; {line}'
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    ("streams", "environment"),
    [
        (">&-", {}),
        ("<&- >&- 2>&-", {}),
        ("2>/dev/full", {}),
        ("| true; exit ${PIPESTATUS[0]}", {}),
        ("", {"PYTHONIOENCODING": "ascii"}),
        ("", {"OMP_NUM_THREADS": "4,2"}),
    ],
    ids=["closed", "all closed", "errors on a full disk", "pipe", "letters", "list of threads"],
)
def test_a_run_keeps_its_results(streams, environment, tmp_path):
    code, _, told = shell(
        tmp_path, f"{RUN.replace('run', 'ca1 run')} --out 'ö' {streams}", **environment
    )
    assert (code, "Traceback" in told) == (0, False), told
    assert len(load(tmp_path / "ö").time_ms) == 101
    assert sorted(path.suffix for path in (tmp_path / "ö").iterdir()) == sorted(
        [".json"] * 3 + [".nwb", ".png", ".svg"]
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_under_the_output_is_told_and_costs_no_results(tmp_path):
    code, _, told = shell(tmp_path, f"ca1 {RUN} --out a >/dev/full")
    assert (code, told.count("\n")) == (2, 1)
    assert told.startswith(FULL)
    assert len(load(tmp_path / "a").time_ms) == 101


def test_who_has_read_enough_is_told_nothing(tmp_path):
    code, shown, told = shell(tmp_path, "ca1 run --list-fields | head -1; exit ${PIPESTATUS[0]}")
    assert (code, shown, told) == (0, b"cell_file = null\n", "")


def test_names_that_the_system_cannot_write(tmp_path):
    few_letters = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code, _, told = shell(tmp_path, f"ca1 {RUN} --out 'ö'", **few_letters)
    assert (code, told.count("\n")) == (2, 1)
    assert told.endswith("nothing was kept; set PYTHONUTF8=1.\n")
    assert list(tmp_path.iterdir()) == []
    code, _, told = shell(tmp_path, f"ca1 {RUN} --out 'ö'", **few_letters | {"PYTHONUTF8": "1"})
    assert (code, told) == (0, "")
