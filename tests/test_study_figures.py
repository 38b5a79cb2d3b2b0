"""Figures of a study show means, bands and differences of the data they are given, whatever was swept."""

import warnings

import numpy as np
import pandas as pd
import pytest
from drawn_figures import colliding
from drawn_studies import (
    CONDITIONS,
    DC_NA,
    LONG,
    at,
    bands,
    comparison,
    dots,
    edges,
    strokes,
    student,
    sweep,
    traces,
)

from netpyne_model import figures
from netpyne_model.figures.conditions import COMPARED
from netpyne_model.figures.factor_levels import levels_of, measure_name


@pytest.fixture(scope="module")
def silent_place():
    return sweep()


@pytest.fixture(scope="module")
def place_cell():
    return comparison()


def test_dose_response_draws_mean_response_against_mean_potential_with_both_bands(silent_place):
    table, *_ = silent_place
    figure = figures.dose_response(table, by="dc_nA", panels="drugs")
    assert len(figure.axes) == 12
    ax = figure.axes[0]
    assert ax.get_ylabel() == "Peak rate (Hz)"
    x, y = table["mean_v_out_of_field_mV"].to_numpy(), table["peak_rate_hz"].to_numpy()
    drawn = strokes(ax)
    for line, drugs in zip(ax.lines, ("control", "TTX"), strict=True):
        for place, dc_nA in zip(line.get_xydata(), DC_NA, strict=True):
            trials = at(table, dc_nA=dc_nA, drugs=drugs)
            (x_mean, *x_limits), (y_mean, *y_limits) = student(x[trials]), student(y[trials])
            np.testing.assert_allclose(place, (x_mean, y_mean))
            for ends in (([x_mean] * 2, y_limits), (x_limits, [y_mean] * 2)):
                assert np.isclose(drawn, np.array(ends).T).all(axis=(1, 2)).any()
    np.testing.assert_allclose(np.concatenate(dots(ax)), np.stack([x, y], axis=1))
    assert [ax.get_xlabel() for ax in figure.axes[9:]] == [
        "Mean V out of the field (mV)", "Mean V in the field (mV)", "DC (nA)"]  # fmt: skip


def test_differences_are_paired_by_seed_whatever_the_order_of_the_rows(silent_place):
    table = silent_place[0].sample(frac=1, random_state=3)
    figure = figures.dose_response(table, by="dc_nA", panels="drugs")
    first, second = dict.fromkeys(table["drugs"])
    minus = "\N{MINUS SIGN}"
    assert figure.axes[2].get_title(loc="left") == f"{first} {minus} {second}, same seed"
    for row, response in enumerate(("peak_rate_hz", "mean_rate_in_field_hz", "ramp_amplitude_mV")):
        ax = figure.axes[3 * row + 2]
        wide = table.pivot(index=["dc_nA", "seed"], columns="drugs", values=response)
        paired = (wide[first] - wide[second]).unstack("seed")
        mean, lower, upper = student(paired.to_numpy().T)
        line = next(line for line in ax.lines if len(line.get_xdata()) == len(DC_NA))
        np.testing.assert_allclose(line.get_xdata(), DC_NA)
        np.testing.assert_allclose(line.get_ydata(), mean)
        np.testing.assert_allclose(edges(bands(ax)[0], DC_NA), (lower, upper))


def test_a_trial_without_its_partner_is_in_no_difference(silent_place):
    table = silent_place[0].drop(index=at(silent_place[0], dc_nA=0.1, drugs="TTX", seed=2))
    ax = figures.dose_response(table, by="dc_nA", panels="drugs").axes[2]
    (pairs,) = dots(ax)
    assert np.isfinite(pairs[:, 1].astype(float)).sum() == 15
    line = next(line for line in ax.lines if len(line.get_xdata()) == len(DC_NA))
    wide = (
        table.pivot(index=["dc_nA", "seed"], columns="drugs", values="peak_rate_hz")
        .loc[0.1]
        .dropna()
    )
    assert line.get_ydata()[-1] == pytest.approx((wide["control"] - wide["TTX"]).mean())


def test_only_the_first_the_zero_and_the_last_level_are_named(silent_place):
    ax = figures.dose_response(silent_place[0], by="dc_nA", panels="drugs").axes[0]
    named = {text.get_text(): text.xy[0] for text in ax.texts}
    assert set(named) == {"DC \N{MINUS SIGN}0.15 nA", "DC 0 nA", "DC +0.10 nA"}
    assert named["DC 0 nA"] == ax.lines[0].get_xdata()[2]


def test_conditions_show_each_trial_and_mean_and_band_of_each_condition(place_cell):
    table = place_cell[0].copy()
    table.loc[0, "peak_rate_hz"] = np.nan
    figure = figures.conditions(table, measures=["peak_rate_hz"])
    (ax,) = figure.axes
    assert [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()] == list(CONDITIONS)
    assert ax.yaxis_inverted()
    for level, name in enumerate(CONDITIONS):
        values = table.loc[table["condition"] == name, "peak_rate_hz"].to_numpy()
        np.testing.assert_allclose(dots(ax)[level][:, 0].filled(np.nan), values)
        mean, lower, upper = student(values[np.isfinite(values)])
        at_level = [line.get_xdata() for line in ax.lines if np.allclose(line.get_ydata(), level)]
        np.testing.assert_allclose(np.concatenate(at_level), [lower, upper, mean])


@pytest.mark.parametrize(
    ("data", "swept", "wanted"),
    [
        (
            sweep(),
            {"by": "dc_nA", "panels": "drugs"},
            {"dose_response", "precession", "voltage_distribution"},
        ),
        (sweep(1), {"by": "dc_nA"}, {"dose_response", "precession", "voltage_distribution"}),
        (
            sweep(2, silent=True),
            {"by": "dc_nA", "panels": "drugs"},
            {"dose_response", "voltage_distribution"},
        ),
        (sweep(2, field=False), {"by": "dc_nA", "panels": "drugs"}, {"conditions", "precession"}),
        (
            comparison(LONG, 2, circular=False),
            {},
            {"conditions", "precession", "voltage_distribution"},
        ),
        (comparison(CONDITIONS[:1], 1), {}, {"conditions", "precession", "voltage_distribution"}),
    ],
    ids=["sweep", "one-trial", "silent", "no-field", "long-names", "single"],
)
def test_every_study_draws_what_it_has_without_warnings_or_overlaps(data, swept, wanted):
    table, profiles, spikes = data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = figures.study_figures(figures.StudyData(table, profiles, spikes, traces(), **swept))
        with_spikes = {"rasters"} if len(spikes) else set()
        assert set(drawn) == wanted | with_spikes | {"track_profiles", "single_trials"}
        assert {
            name: found
            for name, figure in drawn.items()
            if (found := colliding(figure, beyond_px=1))
        } == {}


def test_a_study_without_profiles_and_spikes_has_its_comparison():
    table, *_ = comparison()
    assert list(figures.study_figures(figures.StudyData(table))) == ["conditions"]


def test_levels_of_any_field():
    table = pd.DataFrame(
        {
            "n": [20, 3, 20],
            "flag": [True, False, True],
            "mixed": [None, 0.5, "all"],
            "same": [0.5] * 3,
        }
    )
    assert levels_of(table, "n").texts == ("3", "20")
    np.testing.assert_array_equal(levels_of(table, "n").codes, [1, 0, 1])
    assert levels_of(table, "flag").values == ("True", "False")
    assert levels_of(table, "mixed").values == ("none", "0.5", "all")
    assert len(levels_of(table, "same").colours) == 1
    assert len(levels_of(table, None)) == 1
    from_netcdf = pd.DataFrame({"cell_file": ["", "my.yaml"]})
    assert levels_of(from_netcdf, "cell_file").values == ("none", "my.yaml")


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("record_step_ms", "Record step (ms)"),
        ("scale_uS", "Scale (µS)"),
        ("w_max", "W max"),
        ("theta_phase_deg", "Theta phase (°)"),
    ],
)
def test_an_unknown_measure_is_named_with_its_unit(column, name):
    assert measure_name(column) == name


def test_a_panel_without_data_leaves_the_others_of_a_dose_response_their_limits():
    """Whichever panel of a column it is."""
    for empty in ("peak_rate_hz", "theta_amplitude_in_field_mV"):
        table = sweep()[0].assign(**{empty: np.nan})
        axes = figures.dose_response(table, by="dc_nA", panels="drugs").axes
        x = table["mean_v_out_of_field_mV"]
        left, right = axes[0].get_xlim()
        assert left < x.min()
        assert x.max() < right < left + 2 * np.ptp(x)
        reason = "no value in any trial"
        empty_panels = [any(text.get_text() == reason for text in ax.texts) for ax in axes]
        assert empty_panels.count(True) == 2


@pytest.mark.parametrize(
    ("measure", "reason"),
    [("spatial_information_bits", "no spikes"), ("ramp_amplitude_mV", "no value in any trial")],
)
def test_a_panel_without_data_says_why(measure, reason):
    table = pd.DataFrame({"condition": list("ab"), "peak_rate_hz": 0.0, measure: np.nan})
    _, empty = figures.conditions(table).axes
    assert [text.get_text() for text in empty.texts] == [reason]


@pytest.mark.parametrize("noise", [0.0, 3e-17])
def test_the_rates_of_silent_cells_stand_on_an_axis_of_positive_rates(noise):
    rates = noise * np.array([-1.0, 1.0, 0.0, -1.0])
    table = pd.DataFrame({"condition": list("aabb"), "peak_rate_hz": rates})
    (ax,) = figures.conditions(table).axes
    assert ax.get_xlim() == (-0.05, 1)


def test_a_study_whose_trials_end_before_the_track_has_no_figure():
    table = sweep(1)[0].assign(**dict.fromkeys(COMPARED, np.nan))
    drawn, left_out = figures.drawn_and_left_out(figures.StudyData(table))
    assert drawn == {}
    assert {*left_out, "lost_spikes"} == set(figures.STUDY_FIGURES)
    assert "several values of a swept number" in left_out["dose_response"]
    assert left_out["track_profiles"].startswith("the trials end before the track begins")


def test_a_dose_response_is_left_out_where_no_trial_reaches_the_field():
    """Rates and potentials out of the field are there, those in it are not: it would be blank."""
    table = sweep(2)[0].assign(mean_v_in_field_mV=np.nan, mean_rate_in_field_hz=np.nan)
    _, left_out = figures.drawn_and_left_out(figures.StudyData(table, by="dc_nA"))
    assert left_out["dose_response"].startswith("no trial has potentials and responses both in")


def test_the_title_of_a_dose_response_fits_one_trial_each():
    titles = [
        figures.dose_response(sweep(n)[0], by="dc_nA", panels="drugs").get_suptitle()
        for n in (1, 3)
    ]
    assert ["one trial each" in " ".join(text.split()) for text in titles] == [True, False]
