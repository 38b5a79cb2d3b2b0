"""Many trials leave nothing behind: a short run of ``scripts/soak.py``, of which docs/robustness.md has a long one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTHING = {"descriptors": 0, "processes": 0, "threads": 0, "temporary_files": 0, "sections": 0}
# A trial's results are 100 kB here, its cell 50 times that: kept, either would be seen. What a
# thousand trials came to is in docs/robustness.md; of a few the allocator's steps make more.
MOST_KB_A_TRIAL = 50


@pytest.mark.slow
def test_trials_leave_nothing_behind():
    command = [sys.executable, ROOT / "scripts" / "soak.py", "--study", "24", "--in-a-row", "40"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)

    study, in_a_row = figures["study"], figures["in_a_row"]
    assert (study["trials"], in_a_row["trials"]) == (24, 40)
    assert study["left"] == in_a_row["left"] == NOTHING
    assert in_a_row["process"]["slope_kB_a_trial"] < MOST_KB_A_TRIAL
    # A worker's descriptors come and go by a file or two; they do not add up.
    assert all(most - fewest < 6 for fewest, most in study["descriptors_of_workers"])
