"""docs/performance.md: its tables are filled from the benchmark's file, and no others are touched."""

import re
import runpy
from pathlib import Path

import pytest

from netpyne_model.benchmarks import growth
from netpyne_model.benchmarks.peers.cases import OURS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
NAMES = re.findall(r"<!-- measured: (.+?) -->", PAGE)


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(ROOT / "scripts" / "performance_page.py"))


def choice(**fields) -> dict:
    accuracy = {
        "n_spikes": 58,
        "n_unmatched": 0,
        "spike_shift_ms": 0.0,
        "dv_soma_mV": 3e-6,
        "dv_distal_trunk_mV": None,
        "epsp_mV": 3.7664,
        "epsp_error_percent": -3.94,
    }
    numbers = {"wall_ms_per_ms": 0.654, "times_as_fast": 61.4, "set_up_s": 0.31, "peak_mb": 212.4}
    more = {"run_wall_s": 0.123, "accuracy": accuracy, "accuracy_converged": accuracy}
    return numbers | more | fields


@pytest.fixture
def results() -> dict:
    """A file of the benchmark, with made-up figures: the place trial alone."""
    default = "spines solved (default)"
    return {
        "machine_info": {"cpu": {"brand_raw": "Model 7"}, "cores": 2, "load_average_1min": 0.04},
        "commit_info": {"id": "0123456789", "dirty": False},
        "datetime": "2027-01-02T03:04:05",
        "workloads": {
            "place_trial": {
                "straightforward": "straightforward",
                "choices": {default: choice(of_before=0.41)},
                "before": {default: choice(wall_ms_per_ms=1.63)},
            }
        },
    }


def test_what_was_measured_is_filled_in_and_the_rest_stays(script, results):
    page = script["updated"](PAGE, results)
    assert "Model 7, 2 cores, 2027-01-02, load 0.0; 0123456:\n\n| choice |" in page
    row = "| **spines solved (default)** | 0.654 | 61.4 | 0.41 | 0.3 | 212 | 58 | 0.000 | 3e-06,  |"
    assert row in page
    assert "| before: spines solved (default) | 1.63 | | | 0.3 | 212 |" in page.replace("  ", " ")
    untouched = [name for name in NAMES if not name.startswith("place_trial")]
    for name in untouched:
        block = PAGE.split(f"<!-- measured: {name} -->")[1].split("<!-- end -->")[0]
        assert block in page, name
    assert script["updated"](page, results) == page


def test_a_measurement_without_the_straightforward_choice_leaves_the_table(script, results):
    results["workloads"]["place_trial"]["straightforward"] = None
    assert script["updated"](PAGE, results) == PAGE


def test_every_table_of_the_page_has_a_writer_and_every_writer_a_place(script):
    assert sorted(NAMES) == sorted(script["TABLES"])


def test_the_other_tables_are_written(script, results):
    line = growth.line_of(
        "cell",
        [1, 2],
        [{"cpu_ms_per_ms": 1.0, "wall_ms_per_ms": 1.0, "set_up_s": 1.0, "peak_mb": 9.0}] * 2,
    )
    row = {"ns_per_segment_step": 21.4, "times_of_ours": 1.0, "spikes_ms": [1.0], "n_unmatched": 1}
    epsp = {"straightforward": "straightforward", "choices": {"default": choice()}}
    results["workloads"]["epsp"] = epsp
    results |= {
        "peers": {"rows": {OURS: row | {"spike_shift_ms": 0.002, "version": "9", "how": "so"}}},
        "command": {"help_s": 0.15, "first_step_s": 1.2, "trial_peak_mb": 240.0},
        "growth": {
            "series": {"cells": line},
            "cells": {
                "us_per_step_each": {"1": 20.0, "8": 22.0},
                "times_of_one": {"1": 1, "8": 1.1},
            },
            "trials": {},
            "processes": {"times_of_one": {"2": 1.9}},
            "estimate": {"n_cells": 1000, "hours": {"1": 3.9}, "gb": {"1": 0.4}},
        },
    }
    del results["workloads"]["place_trial"]
    page = script["updated"](PAGE, results)
    for text in (
        "| **default** | 0.12 | 3.766 | -3.94 % |",
        f"| {OURS} | 21.4 | 1.00 | 1 (1 without their like) | 0.002 | 9 | so |",
        "| its peak memory (MB) | 240 |",
        "| cells | 1 to 2 cells | 25.0 |",
        "| times that of one alone | 1.00 | 1.10 |",
        "| 1000 such trials (hours) | 3.9 |",
        "| smooth cell, a segment and step | at most 22 ns | 21.4 |",
    ):
        assert text in page


def test_of_several_files_the_last_counts_and_aims_are_of_all(script, results):
    first = results | {"command": {"help_s": 0.3}, "peers": {}, "growth": {}}
    second = results | {"command": {"help_s": 0.2}, "workloads": {"epsp": {}}, "datetime": "later"}
    merged = script["together"]([first, second])
    assert merged["command"] == {"help_s": 0.2}
    assert merged["workloads"].keys() == {"place_trial", "epsp"}
    assert (merged["peers"], merged["datetime"]) == ({}, "later")
    page = script["updated"](PAGE, merged | {"workloads": {}}, only_aims=True)
    assert "| help of the command | at most 0.5 s | 0.2 |" in page
    assert (
        page.split("<!-- measured: command -->")[1] == PAGE.split("<!-- measured: command -->")[1]
    )
