"""A study of laps of one cell with recordings of its own: its further tables, and its figure."""

import numpy as np
import pandas as pd
import pytest

from netpyne_model import figures
from netpyne_model.analysis import common_tuning
from netpyne_model.figures.style import OKABE_ITO
from netpyne_model.studies import Study
from netpyne_model.studies.derived_figures import derived_figures
from netpyne_model.studies.figure_data import study_data

RECORD = {"tuft": "tuft_60(0.5)", "I_A": "kad.i trunk@200"}


@pytest.fixture(scope="module")
def laps(tmp_path_factory, loaded):
    """Two laps of one cell without excitation, and two of which each has its own assignment."""
    base = {"spines": "none", "excitation": False, "n_inhibitory": 30, "dc_nA": 0.0}
    steps = {"integration": "second_order", "dt_ms": 0.1, "record_step_ms": 1.0}
    conditions = [{"condition": "one cell", "assignment_seed": 5}, {"condition": "two cells"}]
    study = Study(base=base | steps | {"record": RECORD}, list=conditions, trials=2)
    return study.run(tmp_path_factory.mktemp("laps") / "laps", processes=2)


def test_laps_of_one_cell_are_tested_and_others_are_not(laps):
    table = pd.read_csv(laps.folder / "lap_tuning.csv")
    assert table[["condition", "profile"]].to_numpy().tolist() == [["one cell", "ramp_mV"]]
    mine = (laps.profiles["condition"] == "one cell").to_numpy()
    expected = common_tuning(laps.profiles["ramp_mV"].to_numpy()[mine])
    # As texts hold doubles: to the last digit.
    np.testing.assert_allclose(table.loc[0, list(expected._fields)].astype(float), expected)
    assert table.loc[0, "n"] == 2


def test_the_figure_of_laps_has_a_dot_a_condition_beside_chance(laps):
    table = pd.read_csv(laps.folder / "lap_tuning.csv")
    drawn = derived_figures(laps)["lap_tuning"]
    (ax,) = drawn.axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["one cell"]
    dots = [x for line in ax.lines if line.get_marker() == "o" for x in line.get_xdata()]
    assert dots == table["spread"].tolist()
    (chance,) = (line for line in ax.lines if line.get_marker() == "|")
    assert chance.get_xdata().tolist() == table["by_chance"].tolist()
    filled = [line for line in ax.lines if line.get_markerfacecolor() == OKABE_ITO[0]]
    assert bool(len(filled[0].get_xdata())) == (table.loc[0, "p"] < 0.05)


def test_recordings_are_tabled_in_the_field_and_out_of_it(laps):
    table = pd.read_csv(laps.folder / "recordings.csv")
    assert table["recording"].tolist() == ["soma", "tuft", "I_A"] * 4
    assert table["unit"].tolist()[:3] == ["mV", "mV", "mA/cm2"]
    result = laps.trial(3)
    tuft_mV, track_ms = result.voltage_mV["tuft"], result.track_time_ms
    on_track = result.track.on_track(track_ms, tolerance_ms=0.5)
    inside = on_track & result.track.inside(track_ms)
    row = table[(table["trial"] == 3) & (table["recording"] == "tuft")].iloc[0]
    parts = (("in_field", inside), ("out_of_field", on_track & ~inside))
    for part, there in parts:
        assert row[f"mean_{part}"] == pytest.approx(tuft_mV[there].mean(), rel=1e-12)
        assert row[f"highest_{part}"] == pytest.approx(tuft_mV[there].max(), rel=1e-12)
    assert row["mean_in_field"] != row["mean_out_of_field"]


def test_the_figure_has_a_column_a_condition_and_a_row_a_recording(laps):
    drawn = figures.study_figures(study_data(laps))["recordings"]
    titles = [ax.get_title(loc="left") for ax in drawn.axes[:2]]
    assert titles == ["one cell", "two cells"]
    assert len(drawn.axes) == 2 * 3
    tuft = drawn.axes[2].lines[0]
    np.testing.assert_array_equal(
        tuft.get_ydata(), laps.trial(0).voltage_mV["tuft"][laps.trial(0).track_time_ms >= 0]
    )
    assert drawn.axes[2].get_ylim() == drawn.axes[3].get_ylim()


def test_a_study_without_recordings_of_its_own_has_neither(tmp_path, laps):
    data = study_data(laps)
    others = {name: value for name, value in vars(data).items() if name != "recorded"}
    _, left_out = figures.drawn_and_left_out(figures.StudyData(**others))
    assert left_out["recordings"] == "no trial has recordings of its own (record)"
