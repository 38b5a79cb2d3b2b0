"""The f-I curve of a cell: the experiment's steps, of any cell, kept where a folder is given."""

import pandas as pd
import pytest

from netpyne_model import Cell, ModelError, fi_curve
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


def test_no_currents_are_refused_with_some_that_hold(cell):
    with pytest.raises(ModelError, match=r"such as \[0\.1, 0\.2, 0\.3\]\.$"):
        fi_curve(cell, [])
