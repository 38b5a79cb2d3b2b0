"""Assignment, rates and trains: against the published numbers, hand-derived values and statistics.

Statistical tests have a fixed seed, so they never fail by chance; their limits are four or five standard errors.
"""

import math

import numpy as np
import pandas as pd
import pytest
from drawn_inputs import one_input, same
from scipy import stats

from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.inputs import ReleaseParameters, draw_trial, group_names, load_setup, read_events
from netpyne_model.inputs.assignment import ampa_weight, assign, inhibitory_groups
from netpyne_model.inputs.rates import envelope, precession_rad, rates, reduction_window
from netpyne_model.morphology import read_section_table

RELEASE = ReleaseParameters(tau_F_ms=67.351, tau_D_ms=92.918, p0=0.2, f_step=1.769, d_factor=0.878)
GABA_GMAX_US = 5.9e-4


def places(name):
    names = {
        "section_index": "section",
        "section_type": "region",
        "loc": "x",
        "path_dist": "path_distance",
        "gmax_AMPA_uS": "gmax_uS",
    }
    table = pd.read_csv(REFERENCE / name).rename(columns=names)
    if "gmax_uS" not in table:
        table["gmax_uS"] = GABA_GMAX_US
    return table[["section", "region", "x", "path_distance", "gmax_uS"]]


@pytest.fixture(scope="module")
def cell():
    return {
        "morphology": read_section_table(),
        "spines": places("spines.csv.gz"),
        "inhibitory": places("inhibitory_synapses.csv"),
    }


@pytest.fixture(scope="module")
def place_cell(cell):
    """One assignment of the place cell."""
    return assign(load_setup("place_cell"), seed=0, **cell)


def trial(cell, setup, seed=0, release_parameters=RELEASE):
    return draw_trial(setup, seed=seed, release_parameters=release_parameters, **cell)


def test_regions_get_their_share(place_cell):
    counts = place_cell.groupby(["kind", "region"]).size()
    assert counts["exc"].to_dict() == {"basal": 984, "trunk": 270, "apical": 1597, "tuft": 347}
    expected = {"soma": 39, "ais": 9, "basal": 171, "trunk": 57, "apical": 89, "tuft": 233}
    assert counts["inh"].to_dict() == expected


def test_places_are_distinct_and_carry_their_own_figures(cell, place_cell):
    for kind, table in (("exc", cell["spines"]), ("inh", cell["inhibitory"])):
        drawn = place_cell[place_cell["kind"] == kind].merge(
            table.drop_duplicates(), on=["section", "x"]
        )
        assert (
            len(drawn)
            == len(drawn.drop_duplicates(["section", "x"]))
            == (place_cell["kind"] == kind).sum()
        )
        assert (drawn["region_x"] == drawn["region_y"]).all()
        assert (drawn["path_distance_x"] == drawn["path_distance_y"]).all()
        assert (drawn["gmax_uS_x"] == drawn["gmax_uS_y"]).all()


def test_every_spine_is_as_likely_as_its_neighbours(cell):
    setup, n, seeds = load_setup("silent_cell"), 984, 20
    times = np.zeros(len(cell["spines"]))
    basal = (cell["spines"]["region"] == "basal").to_numpy()
    keys = {
        key: row
        for row, key in enumerate(zip(cell["spines"]["section"], cell["spines"]["x"], strict=True))
    }
    for seed in range(seeds):
        drawn = assign(setup, seed=seed, **cell)
        drawn = drawn[(drawn["kind"] == "exc") & (drawn["region"] == "basal")]
        times[[keys[key] for key in zip(drawn["section"], drawn["x"], strict=True)]] += 1
    p = (n // 2) / basal.sum()
    half = times[basal][: basal.sum() // 2]
    # Number drawn from the first half of the table, against seeds * half * p; variance below that of independent draws.
    assert abs(half.sum() - seeds * len(half) * p) < 5 * math.sqrt(seeds * len(half) * p)
    assert (times[~basal] == 0).all()


def test_weights_and_rules_equal_the_recorded_trial(cell, place_cell):
    recorded = read_events(
        REFERENCE / "place" / "replay_events.csv.gz", cell["morphology"]
    ).synapses
    middle = load_setup("place_cell").changed(
        field_centre_fraction=0.5
    )  # the recorded trial is of the later runs
    for group in ("CA3", "ECIII"):
        expected = np.sort(recorded.loc[recorded["group"] == group, "ampa_weight"])
        found = np.sort(ampa_weight(middle, place_cell.loc[place_cell["group"] == group, "peak"]))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)  # the file holds nine digits
    inhibitory = recorded[recorded["kind"] == "inh"]
    setup, never, always = (
        load_setup("place_cell"),
        np.zeros(len(inhibitory)),
        np.full(len(inhibitory), 1 - 1e-9),
    )
    low = inhibitory_groups(setup, inhibitory, never, cell["morphology"])
    high = inhibitory_groups(setup, inhibitory, always, cell["morphology"])
    assert all(group in pair for group, *pair in zip(inhibitory["group"], low, high, strict=True))
    decided = np.array(low) == np.array(high)
    assert decided.sum() == 39 + 9 + 171 + 13  # soma, ais, basal, and the trunk up to 50 um


def test_odds_between_inhibitory_groups(cell):
    table, setup = cell["inhibitory"], load_setup("place_cell")
    table = pd.concat([table] * 40, ignore_index=True)
    chance = np.random.default_rng(5).random(len(table))
    group = np.array(inhibitory_groups(setup, table, chance, cell["morphology"]))
    terminal = np.array([cell["morphology"].is_terminal(section) for section in table["section"]])
    trunk = ((table["region"] == "trunk") & (table["path_distance"] > 50)).to_numpy()
    near = (table["path_distance"] <= 150).to_numpy()
    tuft = (table["region"] == "tuft").to_numpy()
    for name, where, odds in (
        ("apical dendritic", trunk & near, 2 / 3),
        ("apical dendritic", trunk & ~near, 1 / 3),
        ("tuft feedforward", tuft & terminal, 1 / 4),
        ("tuft feedforward", tuft & ~terminal, 1 / 2),
    ):
        n = where.sum()
        assert abs((group[where] == name).sum() - n * odds) < 4 * math.sqrt(n * odds * (1 - odds))


def test_obliques_go_by_the_point_where_their_family_leaves_the_trunk(cell):
    morphology = cell["morphology"]
    for section in morphology.in_region("apical"):
        origin = morphology.trunk_origin(section.index)
        leaves = morphology.path_distance(origin, 1.0)
        row = pd.DataFrame(
            {"section": [section.index], "region": ["apical"], "path_distance": [1.0]}
        )
        (group,) = inhibitory_groups(load_setup("place_cell"), row, [0.5], morphology)
        assert group == ("apical dendritic" if leaves <= 150 else "distal apical dendritic")


def test_peaks_form_an_even_grid(place_cell):
    for group, n in (("CA3", 2851), ("ECIII", 347)):
        peak = place_cell.loc[place_cell["group"] == group, "peak"].to_numpy()
        assert not (np.diff(peak) > 0).all()
        expected = -2250 + 12000 / n * np.arange(n)
        np.testing.assert_allclose(
            np.sort(peak), expected, rtol=0, atol=1e-8
        )  # ms; far below a time step
    assert place_cell.loc[place_cell["kind"] == "inh", "peak"].isna().all()


def test_weights_by_hand():
    place, silent = load_setup("place_cell"), load_setup("silent_cell")
    # Centre, half way down (a quarter of the period 3600 ms), edge (1800 ms) and beyond.
    np.testing.assert_allclose(
        ampa_weight(place, [4500, 3600, 5400, 6300, 6301, 0]), [2.5, 1.75, 1.75, 1, 1, 1]
    )
    # Centre 93.5 cm, period 108 cm, a quarter of it 27 cm.
    np.testing.assert_allclose(
        ampa_weight(silent, [93.5, 66.5, 120.5, 39.5, 147.6, 0]), [1.25, 1.125, 1.125, 1, 1, 1]
    )
    # A field at the start of the circular track lifts the weights before its end too.
    np.testing.assert_allclose(
        ampa_weight(silent.changed(field_centre_fraction=0), [0, 27, 160]), [1.25, 1.125, 1.125]
    )


def test_more_inputs_than_spines_are_refused(cell):
    with pytest.raises(ModelError, match="n_excitatory 11295 is more than the 11294 spines"):
        trial(cell, load_setup("place_cell").changed(n_excitatory=11295))


def test_more_inhibitory_synapses_than_the_cell_has_are_refused(cell):
    """The set-up's own number is one at most: a small cell is driven by all it has."""
    place = load_setup("place_cell")
    with pytest.raises(ModelError, match=r"n_inhibitory 629 is more than the 628.*=628"):
        trial(cell, place.changed(n_inhibitory=629))
    few = cell | {"inhibitory": cell["inhibitory"].iloc[:300]}
    kinds = assign(place, seed=1, **few)["kind"]
    assert 290 < (kinds == "inh").sum() <= 300  # a whole number of each region


# Rates


def test_envelope_by_hand():
    place, silent = load_setup("place_cell"), load_setup("silent_cell")
    sigma_ms = 3000 / (3 * math.sqrt(2))
    np.testing.assert_allclose(
        envelope(place, np.array([0, sigma_ms, -2 * sigma_ms])), np.exp([0, -1, -4])
    )
    # Half a lap away both images, 93.5 cm each, count.
    np.testing.assert_allclose(
        envelope(silent, np.array([93.5])), 2 * math.exp(-18 * (93.5 / 90) ** 2), rtol=1e-6
    )


def test_precession_by_hand():
    widths = np.array([-2, -0.35, -0.175, 0, 0.175, 0.35, 2])
    found = np.rad2deg(precession_rad(load_setup("place_cell"), 3000 * widths))
    np.testing.assert_allclose(found, [180, 180, 90, 0, -90, -180, -180], atol=1e-9)
    widths = np.array([-1, -0.7, -0.65, -0.6, -0.5, -0.35, 0, 0.07, 0.5, 0.65, 0.7, 1])
    found = np.rad2deg(precession_rad(load_setup("silent_cell"), 90 * widths))
    np.testing.assert_allclose(found, [0, 0, 90, 180, 180, 180, 0, -36, -180, -90, 0, 0], atol=1e-9)


def test_rates_by_hand():
    place = load_setup("place_cell")
    # CA3 at its peak, s = ten theta cycles: angle 165 deg; cos = -0.965926, exp(0.8 cos) = 0.461746,
    # rescaled (0.461746 - 0.449329) / (2.225541 - 0.449329) = 0.0069907; 40 (0.7 * that + 0.3) = 12.1957 Hz.
    assert one_input(place, "CA3", 1500).rate_hz([1500])[0, 0] == pytest.approx(12.1957, rel=1e-5)
    # ECIII at its peak and at its preferred phase, then half a cycle on: 40 Hz and 40 * 0.3 exp(-18 (75/3000)^2).
    found = one_input(place, "ECIII", 1500).rate_hz([1500, 1575])[0]
    np.testing.assert_allclose(found, [40, 12 * math.exp(-18 * 0.025**2)])
    # CA3 at the start of its precession (psi = 180 deg): angle 345 deg - 360 * 450/150.
    factor = (math.exp(0.8 * math.cos(math.radians(345))) - math.exp(-0.8)) / (
        math.exp(0.8) - math.exp(-0.8)
    )
    expected = 40 * math.exp(-18 * 0.35**2) * (0.7 * factor + 0.3)
    assert one_input(place, "CA3", 1500).rate_hz([450])[0, 0] == pytest.approx(expected)
    # Axo-axonic (45 deg) with phi = 30 deg prefers 75 deg: s = 150 * 75/360 = 31.25 ms; 100/3 Hz, half of it opposite.
    found = one_input(place, "axo-axonic", phase_rad=math.radians(30)).rate_hz([31.25, 106.25])[0]
    np.testing.assert_allclose(found, [100 / 3, 50 / 3])


def test_inhibition_means_23_8_hz():
    place = load_setup("place_cell")
    s_ms = np.arange(0, 150, 0.1)
    means = [one_input(place, group).rate_hz(s_ms).mean() for group in group_names("inh")]
    np.testing.assert_allclose(means, 23.78, rtol=1e-3)  # the nominal 25 Hz comes out as 23.8


def test_theta_factor_spans_its_depth_over_the_run(place_cell):
    place = load_setup("place_cell")
    s_ms = np.arange(-300, 7500, 0.5)
    model = one_input(place, "CA3", 1500, phase_rad=1.0)
    factor = model.rate_hz(s_ms)[0] / model.at(np.zeros(len(s_ms), int), s_ms, theta=False)
    # Sampled every 0.5 ms, an extreme is met within 0.25 ms of 150: 1 - cos is below 1e-4 there.
    assert factor.max() == pytest.approx(1, abs=1e-4)
    assert factor.min() == pytest.approx(0.3, abs=1e-4)


def test_silent_cell_goes_round():
    silent = load_setup("silent_cell")
    lap_ms, s_ms = silent.track_ms, np.linspace(-300, 6233, 2000)
    for peak in (0.0, 3.0, 93.5, 186.9):
        model = one_input(silent, "CA3", peak)
        rows = np.zeros(len(s_ms), int)
        once, again = (model.at(rows, s_ms + shift, theta=False) for shift in (0, lap_ms))
        np.testing.assert_allclose(
            once, again, rtol=0, atol=1e-9
        )  # Hz; rounding of positions of some 200 cm
        fine = model.at(np.zeros(60000, int), np.linspace(-300, 6233, 60000), theta=False)
        assert (
            np.abs(np.diff(fine)).max() < 0.01
        )  # steepest 0.05 Hz/ms, 0.11 ms apart: no jump anywhere
    psi = precession_rad(silent, silent.track.distance(s_ms, 10.0))
    np.testing.assert_allclose(
        precession_rad(silent, silent.track.distance(s_ms + lap_ms, 10.0)), psi, atol=1e-9
    )
    # 10 ms before the lap starts the animal is 0.3 cm before an input that peaks at 0.
    assert silent.track.distance(-10.0, 0.0) == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("reduction", "window"),
    [("out_of_field", (0, 1800)), ("in_field", (3600, 5400)), ("whole_run", (-math.inf, math.inf))],
)
def test_reduction_of_inhibition(reduction, window):
    place = load_setup("place_cell")
    reduced = place.changed(inhibition_reduction=reduction)
    assert reduction_window(reduced) == window
    s_ms = np.array([-300, -0.1, 0, 1799.9, 1800, 3599.9, 3600, 5399.9, 5400, 7499])
    inside = (s_ms >= window[0]) & (s_ms < window[1])
    for group in (*group_names("exc"), *group_names("inh")):
        peak = 2000 if group in group_names("exc") else math.nan
        ratio = (
            one_input(reduced, group, peak).rate_hz(s_ms)[0]
            / one_input(place, group, peak).rate_hz(s_ms)[0]
        )
        touched = group in group_names("inh") and group != "tuft feedforward"
        np.testing.assert_allclose(ratio, np.where(inside & touched, 0.64, 1))


def test_rates_do_not_depend_on_the_chunk(place_cell):
    model = rates(load_setup("place_cell"), place_cell, 0.5)
    random = np.random.default_rng(0)
    rows, s_ms = random.integers(0, len(place_cell), 5000), random.uniform(-300, 7500, 5000)
    whole = model.at(rows, s_ms)
    np.testing.assert_array_equal(model.at(rows, s_ms, chunk=17), whole)
    np.testing.assert_array_equal(model.rate_hz(s_ms[:5], rows=rows[:5]).diagonal(), whole[:5])
    assert (whole <= model.bound_hz[rows]).all()


# Trains


def test_trial_resembles_the_recorded_one(cell):
    setup = load_setup("place_cell")
    drawn = trial(cell, setup, seed=3)
    recorded = read_events(REFERENCE / "place" / "replay_events.csv.gz", cell["morphology"])
    first_ms, last_ms = 250, 3700  # what the recording holds

    def per_synapse(synapses, trains, kind):
        return np.array(
            [
                ((train >= first_ms) & (train < last_ms)).sum()
                for train, own in zip(trains, synapses["kind"], strict=True)
                if own == kind
            ]
        )

    for kind in ("exc", "inh"):
        ours = per_synapse(drawn.synapses, drawn.released_ms, kind)
        theirs = per_synapse(recorded.synapses, recorded.times_ms, kind)
        # Counts spread over synapses mostly because their fields lie elsewhere, alike in both: this bounds the error.
        error = math.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
        assert abs(ours.mean() - theirs.mean()) < 4 * error
        assert stats.ks_2samp(ours, theirs).pvalue > 1e-3


def test_trial_has_the_form_that_is_promised(cell):
    setup = load_setup("silent_cell")
    drawn = trial(cell, setup)
    assert drawn.synapses["synapse"].tolist() == list(range(1598 + 598))
    assert drawn.synapses.columns[:7].tolist() == [
        "synapse",
        "group",
        "section",
        "x",
        "kind",
        "ampa_weight",
        "gmax_uS",
    ]
    assert (drawn.synapses["kind"] == ["exc"] * 1598 + ["inh"] * 598).all()
    times = np.concatenate(drawn.presynaptic_ms)
    assert 250 <= times.min() < 260
    assert setup.duration_ms - 10 < times.max() < setup.duration_ms
    for kind, spikes, events in zip(
        drawn.synapses["kind"], drawn.presynaptic_ms, drawn.released_ms, strict=True
    ):
        assert spikes.dtype == events.dtype == np.float64
        assert (np.diff(spikes) >= 3).all()
        assert np.isin(events, spikes).all()
        assert kind == "exc" or np.array_equal(spikes, events)
    assert 0 <= drawn.theta_phase_rad < 2 * math.pi


def test_same_seed_same_trial(cell):
    setup = load_setup("silent_cell")
    first, again, other = trial(cell, setup, 5), trial(cell, setup, 5), trial(cell, setup, 6)
    pd.testing.assert_frame_equal(first.synapses, again.synapses)
    assert same(first.presynaptic_ms, again.presynaptic_ms)
    assert same(first.released_ms, again.released_ms)
    assert first.theta_phase_rad == again.theta_phase_rad != other.theta_phase_rad
    assert not first.synapses.equals(other.synapses)
    assert not same(first.presynaptic_ms, other.presynaptic_ms)
    assert (first.synapses["peak"] != other.synapses["peak"])[:1598].mean() > 0.9


def test_release_does_not_touch_the_trains(cell):
    setup = load_setup("silent_cell")
    weak = ReleaseParameters(
        tau_F_ms=67.351, tau_D_ms=92.918, p0=0.05, f_step=1.769, d_factor=0.878
    )
    usual, weaker = trial(cell, setup, 7), trial(cell, setup, 7, weak)
    assert same(usual.presynaptic_ms, weaker.presynaptic_ms)
    # The same numbers against a smaller p: what the weak synapse releases, the usual one releases too.
    for more, less in zip(usual.released_ms, weaker.released_ms, strict=True):
        assert np.isin(less, more).all()


def test_inputs_do_not_depend_on_how_many_there_are(cell):
    setup = load_setup("silent_cell")
    inhibitory = {n: trial(cell, setup.changed(n_excitatory=n), 8) for n in (0, 400, 1600)}
    trains = {n: inputs.presynaptic_ms[-598:] for n, inputs in inhibitory.items()}
    assert same(trains[0], trains[400])
    assert same(trains[0], trains[1600])
    without = trial(cell, setup.changed(n_inhibitory=0), 8)
    assert same(without.released_ms, inhibitory[1600].released_ms[:1598])


def test_unchecked_copies_are_checked_when_drawn(cell):
    for update in ({"n_excitatory": -5}, {"w_max": "much"}, {"inhibition_reduction": "some"}):
        with pytest.raises(ModelError, match=next(iter(update))):
            trial(cell, load_setup("place_cell").model_copy(update=update))
