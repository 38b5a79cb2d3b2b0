"""Gain of one potential over another: by hand, around spikes, and of a study's pairs."""

import math

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis import TrialOnTrack, paired_gain
from netpyne_model.errors import ModelError
from netpyne_model.figures.paired_gains import paired_gains
from netpyne_model.studies import Study
from netpyne_model.studies.derived_figures import derived_figures
from netpyne_model.studies.paired_gain import COLUMNS

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
    drawn = derived_figures(results)["paired_gains"]
    for ax, column in zip(drawn.axes, ("gain", "difference_mV"), strict=True):
        dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        assert dots == table[column].tolist()
    assert table.loc[0, "difference_mV"] == pytest.approx(expected_mV, rel=1e-9)


def test_the_figure_says_where_a_cell_fires_too_often_to_tell():
    """A pair that follows in one part alone has its dot there; one that never does has words."""
    columns = list(COLUMNS)
    rows = [
        ("a", "a0", "in_field", 4, 1.2, 1.1, 1.3, 0.99, 0.4, 0.3, 0.5),
        ("a", "a0", "out_of_field", 4, 1.9, 1.0, 2.8, 0.6, 0.4, 0.3, 0.5),
        ("b", "b0", "in_field", 4, 0.9, 0.1, 1.7, 0.51, 1.4, 0.3, 2.5),
        ("b", "b0", "out_of_field", 0, *[np.nan] * 7),
    ]
    figure = paired_gains(pd.DataFrame(rows, columns=columns))
    for ax, mean, band in ((figure.axes[0], 1.2, (1.1, 1.3)), (figure.axes[1], 0.4, (0.3, 0.5))):
        dots = [line.get_xdata() for line in ax.lines if line.get_marker() == "o"]
        assert [x for dot in dots for x in dot if np.isfinite(x)] == [mean]
        (drawn,) = [path.vertices[:, 0] for lines in ax.collections for path in lines.get_paths()]
        assert drawn.tolist() == [*band]
    words = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts}
    assert words == {"fires too often (correlation 0.51)": 1}
