"""The f-I curve of a cell: the experiment's steps, of any cell, kept where a folder is given."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from following import advised, told

from netpyne_model import Cell, fi_curve
from netpyne_model.experiments import EXPERIMENTS
from netpyne_model.experiments.condition import run_condition


def test_it_is_that_of_the_experiment_and_is_kept(tmp_path, cell):
    first = fi_curve(cell, [0.3], folder=tmp_path, processes=1)
    (condition,) = (
        one
        for one in EXPERIMENTS["intrinsic_features"].conditions(None)
        if one.labels.get("current_nA") == 0.3
    )
    # The experiment's channels are separate mechanisms, whose spikes are those of the fused ones to rounding.
    row = run_condition(condition).row
    assert first["n_spikes"][0] == row["n_spikes"] == 15
    for name in ("rate_Hz", "first_spike_ms", "last_spike_ms"):
        assert first[name][0] == pytest.approx(row[name], abs=1e-6)
    (kept,) = (tmp_path / "conditions").glob("*.npz")
    written = kept.stat().st_mtime_ns
    again = fi_curve(Cell(), [0.3, 0.05], folder=tmp_path, processes=1)
    assert kept.stat().st_mtime_ns == written
    pd.testing.assert_frame_equal(again[:1], first)
    assert again["n_spikes"].tolist() == [15, 0]


def test_no_currents_are_refused_with_some_that_hold():
    cell = Cell.simple()
    line = told(lambda: fi_curve(cell, []), "currents_nA = []: expected currents in nA, such as")
    currents_nA = json.loads(advised(line, r"such as (\[.*\])\.$"))
    curve = fi_curve(cell, currents_nA, step_ms=5.0, processes=1)
    assert curve["current_nA"].tolist() == currents_nA


def test_a_place_that_is_not_there_is_told_before_any_step():
    line = told(lambda: fi_curve(Cell.simple(), [0.1], place="soma_0(0.5)", processes=1))
    assert line.startswith("section 'soma_0' does not exist. Did you mean 'soma'?")


def test_what_the_error_of_a_step_names_is_there_and_a_lower_current_is_taken():
    """100 nA drive the cell beyond what a cell has; nothing else is left of a curve in no folder."""
    line = told(
        lambda: fi_curve(Cell.simple(), [100.0], step_ms=5.0, processes=1), "1 of 1 conditions"
    )
    failures = Path(advised(line, r"All others are kept; (\S+) lists them"))
    try:
        assert "beyond 200 mV" in failures.read_text()
    finally:
        shutil.rmtree(failures.parent)
    fi_curve(Cell.simple(), [0.1], step_ms=5.0, processes=1)
    assert not failures.parent.exists()
