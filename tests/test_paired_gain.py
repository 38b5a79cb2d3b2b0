"""Gain of one potential over another: by hand, around spikes, and of a study's pairs."""

import math

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis import TrialOnTrack, paired_gain
from netpyne_model.errors import ModelError
from netpyne_model.figures.paired_gains import paired_gains
from netpyne_model.studies import Study
from netpyne_model.studies.paired_gain import read_paired_gains

TIME_MS = np.arange(0.0, 1000.0, 0.5)
REFERENCE_MV = -60 + 2 * np.sin(TIME_MS / 40)
NONE = np.empty(0)


def test_a_line_gives_back_its_slope():
    one = paired_gain(TIME_MS, 1.25 * REFERENCE_MV + 14, REFERENCE_MV, spikes_ms=NONE)
    assert one.gain == pytest.approx(1.25, rel=1e-12)
    assert one.correlation == pytest.approx(1, rel=1e-12)
    difference_mV = 0.25 * REFERENCE_MV.mean() + 14
    assert one.difference_mV == pytest.approx(difference_mV, rel=1e-9)


def test_what_is_beside_a_spike_and_what_is_not_asked_for_counts_for_nothing():
    v_mV = 1.25 * REFERENCE_MV
    spoilt = v_mV.copy()
    spoilt[(TIME_MS > 396) & (TIME_MS < 499)] += 30
    spoilt[TIME_MS > 800] -= 10
    early = TIME_MS <= 800
    one = paired_gain(TIME_MS, spoilt, REFERENCE_MV, spikes_ms=np.array([400.0]), samples=early)
    assert one.gain == pytest.approx(1.25, rel=1e-12)
    assert paired_gain(TIME_MS, spoilt, REFERENCE_MV, spikes_ms=NONE).gain != pytest.approx(1.25)


def test_without_samples_there_is_no_gain():
    nothing = np.zeros(len(TIME_MS), bool)
    one = paired_gain(TIME_MS, REFERENCE_MV, REFERENCE_MV, spikes_ms=NONE, samples=nothing)
    assert all(map(math.isnan, one))
    with pytest.raises(ModelError, match="one a sample of time_ms"):
        paired_gain(TIME_MS, REFERENCE_MV, REFERENCE_MV, spikes_ms=NONE, samples=nothing[1:])


def test_a_study_tables_the_gains_of_the_pairs_in_its_contrasts(tmp_path, loaded):
    """Inhibition alone, 0.6 s of the track with half of its field, at two currents."""
    base = {"setup": "place_cell", "spines": "none", "excitation": False, "n_inhibitory": 30}
    base |= {"duration_ms": 4200.0, "integration": "second_order", "dt_ms": 0.1}
    claim = {"claim": "A", "measure": "mean_v_in_field_mV", "expected": "larger"}
    study = Study(
        base=base | {"record_step_ms": 1.0},
        list=[{"condition": "more", "dc_nA": 0.05}, {"condition": "less", "dc_nA": 0.0}],
        contrasts=[claim | {"difference": ["more", "less"]}],
        trials=1,
    )
    results = study.run(tmp_path / "gain", processes=1)
    table = pd.read_csv(results.folder / "paired_gain.csv")
    assert table["part"].tolist() == ["in_field", "out_of_field"]
    assert table["n"].tolist() == [1, 1]
    more, less = (TrialOnTrack(results.trial(number)) for number in (0, 1))
    inside = more.parts["in_field"]
    line = np.polyfit(less.voltage_mV[inside], more.voltage_mV[inside], 1)
    assert table.loc[0, "gain"] == pytest.approx(line[0], rel=1e-6)
    expected_mV = more.voltage_mV[inside].mean() - less.voltage_mV[inside].mean()
    drawn = paired_gains(read_paired_gains(results))
    dots = [line.get_xdata()[0] for line in drawn.axes[0].lines if line.get_marker() == "o"]
    assert dots == table["gain"].tolist()
    assert table.loc[0, "difference_mV"] == pytest.approx(expected_mV, rel=1e-9)
