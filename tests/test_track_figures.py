"""Figures of a study along the track show means, bands and spikes of the data they are given."""

import itertools

import numpy as np
import pandas as pd
import pytest
from drawn_studies import (
    CONDITIONS,
    DC_NA,
    POSITION_CM,
    at,
    bands,
    comparison,
    dots,
    edges,
    fields,
    strokes,
    student,
    sweep,
    traces,
)

from netpyne_model import figures


@pytest.fixture(scope="module")
def silent_place():
    return sweep()


@pytest.fixture(scope="module")
def place_cell():
    return comparison()


def test_profiles_are_the_means_of_the_trials_with_their_bands(silent_place):
    table, profiles, _ = silent_place
    figure = figures.track_profiles(profiles, by="dc_nA", panels="drugs")
    panels = figure.axes[:4]
    assert [ax.get_title(loc="left") for ax in panels] == ["control", "TTX", "", ""]
    assert [ax.get_ylabel() for ax in panels] == ["Firing rate (Hz)", "", "Ramp (mV)", ""]
    assert panels[3].get_xlabel() == "Track position (cm)"
    for (name, drugs), ax in zip(
        itertools.product(("rate_hz", "ramp_mV"), ("control", "TTX")), panels, strict=True
    ):
        assert len(ax.lines) == len(bands(ax)) == len(DC_NA)
        for dc_nA, line, polygon in zip(DC_NA, ax.lines, bands(ax), strict=True):
            mean, lower, upper = student(profiles[name].values[at(table, dc_nA=dc_nA, drugs=drugs)])
            np.testing.assert_allclose(line.get_xdata(), POSITION_CM)
            np.testing.assert_allclose(line.get_ydata(), mean, rtol=1e-12)
            np.testing.assert_allclose(
                edges(polygon, POSITION_CM), (lower, upper), rtol=1e-9, atol=1e-12
            )
        assert ax.get_xlim() == (0, 187)
        assert fields(ax) == [(48.5, 138.5)]


def test_the_colour_bar_names_every_level(silent_place):
    *_, bar = figures.track_profiles(silent_place[1], by="dc_nA", panels="drugs").axes
    assert bar.get_ylabel() == "DC (nA)"
    minus = "\N{MINUS SIGN}"
    assert [text.get_text() for text in bar.get_yticklabels()] == [
        f"{minus}0.15",
        f"{minus}0.05",
        "0",
        "+0.10",
    ]


def test_a_field_across_the_start_of_a_circular_track_is_shaded_at_both_ends():
    _, profiles, _ = sweep(1, centre=10.0)
    figure = figures.track_profiles(profiles, by="dc_nA")
    assert fields(figure.axes[0]) == [(0, 55), (152, 187)]


def test_many_conditions_get_a_panel_each_beside_the_first_with_the_field_of_their_own(place_cell):
    table, profiles, _ = place_cell
    centres = np.where(table["condition"] == "DC 0", 60.0, 93.5)
    figure = figures.track_profiles(
        profiles.assign_coords(field_centre=("trial", centres)), by="condition"
    )
    titled = {ax.get_title(loc="left"): ax for ax in figure.axes if ax.get_title(loc="left")}
    assert list(titled) == list(CONDITIONS[1:])
    for name, ax in titled.items():
        first, other = (
            profiles["rate_hz"].values[at(table, condition=each)].mean(axis=0)
            for each in ("control", name)
        )
        np.testing.assert_allclose(
            [line.get_ydata() for line in ax.lines], [first, other], rtol=1e-12
        )
        assert fields(ax) == [(15, 105) if name == "DC 0" else (48.5, 138.5)]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["control", "the condition named above the panel"]


def test_the_distribution_of_v_is_that_in_the_field_above_that_out_of_it(silent_place):
    table, profiles, _ = silent_place
    figure = figures.voltage_distribution(profiles, by="dc_nA", panels="drugs")
    for row, name in ((0, "v_density_in_field"), (2, "v_density_out_of_field")):
        for ax, drugs in zip(figure.axes[row : row + 2], ("control", "TTX"), strict=True):
            wanted = [
                profiles[name].values[at(table, dc_nA=dc_nA, drugs=drugs)].mean(axis=0)
                for dc_nA in DC_NA
            ]
            np.testing.assert_allclose([line.get_ydata() for line in ax.lines], wanted, rtol=1e-12)
    low, high = figure.axes[0].get_xlim()
    assert -80 < low < -70
    assert -50 < high < -40  # up to -57 mV + 3 mV + 3 SD and a little


def test_a_raster_has_every_spike_in_the_row_of_its_trial(silent_place):
    table, profiles, spikes = silent_place
    figure = figures.rasters(spikes, table, by="dc_nA", panels="drugs", profiles=profiles)
    for ax, drugs in zip(figure.axes, ("control", "TTX"), strict=True):
        here = spikes[spikes["trial"].isin(at(table, drugs=drugs))]
        drawn = strokes(ax)
        np.testing.assert_allclose(drawn[:, 0, 0], here["position"])
        # Levels ascend upwards, within a level the first trial is on top: 3 rows lie between the blocks of 4.
        within = here["trial"].to_numpy() % 16
        np.testing.assert_allclose(
            drawn[:, :, 1].mean(axis=1), 7 * (within // 4) + 3.5 - within % 4
        )
        assert len(here) > 50
        assert ax.get_title(loc="left") == f"{drugs}: 16 trials, {len(here)} spikes"
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()][2:] == ["0", "+0.10"]


def test_conditions_of_a_raster_stand_in_their_order_from_the_top(place_cell):
    table, _, spikes = place_cell
    (ax,) = figures.rasters(spikes, table, by="condition").axes
    heights = dict(
        zip(
            (text.get_text().replace("\n", " ") for text in ax.get_yticklabels()),
            ax.get_yticks(),
            strict=True,
        )
    )
    assert sorted(heights, key=heights.get, reverse=True) == list(CONDITIONS)


def test_precession_shows_each_spike_in_two_cycles_and_the_line_of_the_fit(silent_place):
    table, profiles, spikes = silent_place
    fits = pd.DataFrame({"dc_nA": [0.1, 0.1], "drugs": ["TTX", "control"], "slope_deg_per_unit": [np.nan, -4.0],
                         "offset_deg": [np.nan, 574.0], "rho": [np.nan, -0.5], "p_value": [np.nan, 1e-9]})  # fmt: skip
    figure = figures.precession(
        spikes, table, by="dc_nA", panels="drugs", fits=fits, profiles=profiles
    )
    titled = {ax.get_title(loc="left").split("\n")[0]: ax for ax in figure.axes}
    assert len(titled) == 8
    chosen = spikes[spikes["trial"].isin(at(table, dc_nA=0.1, drugs="control"))]
    ax = titled["control, DC +0.10 nA"]
    (drawn,) = dots(ax)
    np.testing.assert_allclose(drawn[:, 0], np.tile(chosen["position"], 2))
    np.testing.assert_allclose(
        drawn[:, 1], np.concatenate([chosen["theta_phase_deg"], chosen["theta_phase_deg"] + 360])
    )
    fitted = [line for line in ax.lines if line.get_ydata()[0] != line.get_ydata()[-1]]
    begins = sorted(line.get_ydata()[0] for line in fitted)
    np.testing.assert_allclose(
        begins, np.array([20, 380, 740])
    )  # 574 - 4 * 48.5 = 380, and a cycle up and down
    assert all(line.get_ydata() @ [-1, 1] == pytest.approx(-360) for line in fitted)  # over 90 cm
    assert ax.get_title(loc="left").endswith(
        f"n {len(chosen)}\n\N{GREEK SMALL LETTER RHO} \N{MINUS SIGN}0.50, p < 0.001"
    )
    figure = figures.precession(
        spikes, table, by="dc_nA", panels="drugs", fits=fits.assign(n_spikes=7)
    )
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert any(f"n 7 of {len(chosen)}\n" in title for title in titles)
    assert (
        len(titled["TTX, DC +0.10 nA"].lines) == 1
    )  # that between the cycles: a fit without a slope has none


def test_a_fit_about_an_origin_on_the_seam_goes_on_across_it():
    table, profiles, spikes = sweep(2, centre=0.0)
    fits = pd.DataFrame(
        {"dc_nA": [0.0], "slope_deg_per_unit": [-2.0], "offset_deg": [180.0], "origin": [187.0]}
    )
    figure = figures.precession(spikes, table, by="dc_nA", fits=fits, profiles=profiles)
    ax = next(ax for ax in figure.axes if ax.get_title(loc="left").startswith("DC 0 nA"))
    lines = {
        tuple(line.get_xdata()): tuple(line.get_ydata())
        for line in ax.lines
        if 180 in line.get_ydata()
    }
    assert lines == {(0, 45): (180, 90), (142, 187): (270, 180)}


def test_levels_without_spikes_are_left_out_of_precession_and_counted(silent_place):
    table, _, spikes = silent_place
    few = spikes[spikes["trial"].isin(at(table, dc_nA=0.1))]
    figure = figures.precession(few, table, by="dc_nA")
    assert len(figure.axes) == 1
    assert "3 levels without spikes" in figure.get_suptitle().replace("\n", " ")


def test_potentials_of_single_trials_share_their_scale_and_do_not_run_back_over_the_track(
    silent_place,
):
    shown = traces()
    figure = figures.single_trials(shown, profiles=silent_place[1])
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    for ax, (name, position, v_mV) in zip(figure.axes, shown, strict=True):
        (line,) = ax.lines
        assert ax.get_title(loc="left") == name
        x, y = line.get_data()
        np.testing.assert_allclose(x[~np.isnan(x)], position)
        np.testing.assert_allclose(y[~np.isnan(x)], v_mV)
        assert np.isnan(x).sum() == 1  # one lap ends
        assert np.nanmin(np.diff(x)) > -1


def test_a_single_trial_is_drawn_over_its_own_place_field():
    _, profiles, _ = sweep(1)
    profiles["field_centre"][2] = 120.0
    shown = figures.single_trials(traces(2), trials=[0, 2], profiles=profiles).axes
    spans = [[(box.get_x(), box.get_x() + box.get_width()) for box in ax.patches] for ax in shown]
    assert spans == [[(48.5, 138.5)], [(75.0, 165.0)]]


def test_single_trials_of_no_known_track_are_drawn():
    shown = figures.single_trials(traces(2), trials=[0, 5]).axes
    assert [len(ax.patches) for ax in shown] == [0, 0]
    assert shown[0].get_xlim() == shown[1].get_xlim()
