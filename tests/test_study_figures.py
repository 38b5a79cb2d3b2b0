"""The figures of a study show means, bands, differences and spikes of the data they are given, whatever was swept."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import FillBetweenPolyCollection, LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from scipy import stats

from netpyne_model import figures
from netpyne_model.figures.conditions import COMPARED
from netpyne_model.figures.factor_levels import levels_of, measure_name
from netpyne_model.figures.style import FIELD

DC_NA = (-0.15, -0.05, 0.0, 0.1)
POSITION_CM = np.arange(0.5, 187)
V_MV = np.arange(-79.75, -30, 0.5)
CONDITIONS = (
    "control",
    "without NMDA",
    "half the sodium",
    "inhibition reduced out of field",
    "uniform weights",
    "DC 0",
)
LONG = tuple(
    f"a condition {n} of a name far too long to be read, at $5 each, that somebody gave it"
    for n in range(6)
)


def study(rows, *, silent=False, field=True, centre=93.5, circular=True):
    """Table, profiles and spikes of trials that are declared as a list of dicts."""
    draw = np.random.default_rng(1)
    bump = np.exp(-(((POSITION_CM - centre + 93.5) % 187 - 93.5) ** 2) / 800)
    trials, rates, ramps, inside, outside, spikes = [], [], [], [], [], []
    for number, row in enumerate(rows):
        v_mV = -62 + 50 * row.get("dc_nA", 0.0) + draw.normal(0, 0.3)
        gain = (
            0
            if silent
            else np.exp(10 * row.get("dc_nA", 0.0)) * (0.4 if row.get("drugs") == "TTX" else 1)
        )
        rates.append(bump * gain * draw.uniform(8, 12))
        ramps.append(v_mV + bump * (2 + gain))
        inside.append(stats.norm.pdf(V_MV, v_mV + 3, 3) if field else np.full(len(V_MV), np.nan))
        outside.append(stats.norm.pdf(V_MV, v_mV, 2) if field else np.full(len(V_MV), np.nan))
        n = draw.poisson(10 * gain)
        at = (centre + draw.normal(0, 15, n)) % 187
        spikes += list(zip([number] * n, at, draw.uniform(0, 360, n), strict=True))
        measures = dict(zip(COMPARED, draw.normal(gain, 0.1, len(COMPARED)), strict=True))
        if silent:
            measures |= {name: 0.0 for name in COMPARED if name.endswith("_hz")} | {
                "precession_deg_per_field": np.nan
            }
        potentials = {"mean_v_out_of_field_mV": v_mV, "mean_v_in_field_mV": v_mV + 3}
        if not field:
            potentials = dict.fromkeys(potentials, np.nan)
        trials.append(row | measures | potentials)
    table = pd.DataFrame(trials)
    where = {"field_centre": centre, "field_width": 90.0} if field else {}
    profiles = xr.Dataset(
        {
            "rate_hz": (("trial", "position"), rates),
            "ramp_mV": (("trial", "position"), ramps),
            "v_density_in_field": (("trial", "v_mV"), inside),
            "v_density_out_of_field": (("trial", "v_mV"), outside),
        },
        {
            "position": ("position", POSITION_CM, {"units": "cm", "long_name": "track position"}),
            "v_mV": V_MV,
            **{name: ("trial", np.full(len(rows), value)) for name, value in where.items()},
            **{name: ("trial", table[name].to_numpy()) for name in rows[0]},
        },
        {"track_length": 187.0} if circular else {},
    )
    return table, profiles, pd.DataFrame(spikes, columns=["trial", "position", "theta_phase_deg"])


def sweep(n_trials=4, **options):
    grid = itertools.product(("control", "TTX"), DC_NA, range(n_trials))
    return study(
        [
            {"condition": f"dc_nA={dc}, drugs={drugs}", "drugs": drugs, "dc_nA": dc, "seed": seed}
            for drugs, dc, seed in grid
        ],
        **options,
    )


def comparison(names=CONDITIONS, n_trials=4, **options):
    return study(
        [{"condition": name, "seed": seed} for name in names for seed in range(n_trials)], **options
    )


@pytest.fixture(scope="module")
def silent_place():
    return sweep()


@pytest.fixture(scope="module")
def place_cell():
    return comparison()


def traces(n=3):
    at = np.linspace(150, 187 + 187, 4000, endpoint=False) % 187
    return [
        (f"trial {number}", at, -60 + number + np.sin(np.arange(4000) / 30)) for number in range(n)
    ]


def at(table, **levels):
    return np.flatnonzero(
        np.logical_and.reduce([table[name] == level for name, level in levels.items()])
    )


def dots(ax):
    return [item.get_offsets() for item in ax.collections if isinstance(item, PathCollection)]


def strokes(ax):
    """The segments of all strokes, (n, 2, 2)."""
    return np.concatenate(
        [item.get_segments() for item in ax.collections if isinstance(item, LineCollection)]
    )


def bands(ax):
    return [item for item in ax.collections if isinstance(item, FillBetweenPolyCollection)]


def edges(polygon, x):
    """Lower and upper edge of a band at its positions."""
    vertices = polygon.get_paths()[0].vertices
    at_x = [np.unique(vertices[np.isclose(vertices[:, 0], value), 1]) for value in x]
    return np.array([(values.min(), values.max()) for values in at_x]).T


def fields(ax):
    """Begin and end of the shaded place fields."""
    return sorted(
        (patch.get_x(), patch.get_x() + patch.get_width())
        for patch in ax.patches
        if isinstance(patch, Rectangle)
        and patch.get_facecolor()[:3] == pytest.approx(to_rgb(FIELD))
    )


def student(values):
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return values.mean(axis=0), values.mean(axis=0) - half, values.mean(axis=0) + half


def colliding(figure):
    """Pairs of texts whose boxes overlap, and texts that leave the figure; ticks that are not drawn apart."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    axes = [(axis, ax) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    of_ticks = {
        id(label)
        for axis, _ in axes
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
    }
    drawn = {
        id(label)
        for axis, _ in axes
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
    }
    texts = [
        text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()
    ]
    texts = [text for text in texts if id(text) not in of_ticks or id(text) in drawn]
    boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]
    width, height = canvas.get_width_height()
    pairs = [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if one.overlaps(two)]
    return pairs + [
        a
        for a, box in boxes
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width + 1 or box.y1 > height + 1
    ]


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
        f"n {len(chosen)}, \N{GREEK SMALL LETTER RHO} \N{MINUS SIGN}0.50, p < 0.001"
    )
    figure = figures.precession(
        spikes, table, by="dc_nA", panels="drugs", fits=fits.assign(n_spikes=7)
    )
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert any(f"n 7 of {len(chosen)}, " in title for title in titles)
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
        assert set(drawn) == wanted | {"track_profiles", "rasters", "single_trials"}
        assert {name: found for name, figure in drawn.items() if (found := colliding(figure))} == {}


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
        undefined = [any(text.get_text() == "undefined" for text in ax.texts) for ax in axes]
        assert undefined.count(True) == 2


@pytest.mark.parametrize("noise", [0.0, 3e-17])
def test_the_rates_of_silent_cells_stand_on_an_axis_of_positive_rates(noise):
    rates = noise * np.array([-1.0, 1.0, 0.0, -1.0])
    table = pd.DataFrame({"condition": list("aabb"), "peak_rate_hz": rates})
    (ax,) = figures.conditions(table).axes
    assert ax.get_xlim() == (-0.05, 1)


def test_a_study_whose_trials_end_before_the_track_has_no_figure():
    table = sweep(1)[0].assign(**dict.fromkeys(COMPARED, np.nan))
    assert figures.study_figures(figures.StudyData(table)) == {}


def test_single_trials_of_no_known_track_are_drawn():
    shown = figures.single_trials(traces(2), trials=[0, 5]).axes
    assert [len(ax.patches) for ax in shown] == [0, 0]
    assert shown[0].get_xlim() == shown[1].get_xlim()
