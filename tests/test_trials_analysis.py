"""Ramp, crossings, variance, reliability, bands, bins, currents and thresholds: on signals of known answer."""

import math

import efel
import elephant.kernels
import elephant.statistics
import neo
import numpy as np
import pandas as pd
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist

from netpyne_model.analysis import (
    bin_along,
    charge_pC,
    cut_spikes,
    excitation_to_inhibition,
    in_field,
    mean_and_band,
    mean_currents,
    ramp,
    ramp_asymmetry,
    reliability,
    smoothed_rate,
    spike_thresholds,
    spike_times,
    threshold_crossings,
    voltage_histogram,
    voltage_variance,
)
from netpyne_model.errors import ModelError

FIELD = {"centre": 50.0, "width": 40.0}
POSITION = np.arange(0, 100.25, 0.25)
pytestmark = pytest.mark.filterwarnings("error")


def triangle(peak_at):
    """A ramp from 0 at one edge of the field over 5 mV to 0 at the other, on -65 mV."""
    return -65 + np.interp(POSITION, [30, peak_at, 70], [0, 5, 0])


def test_a_symmetric_ramp_has_no_asymmetry():
    assert ramp_asymmetry(POSITION, triangle(50), **FIELD) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("peak_at", "expected"),
    [(40, -2 / 3 * 0.5), (60, 2 / 3 * 0.5), (30.0001, -0.5), (69.9999, 0.5)],
)
def test_asymmetry_of_triangles(peak_at, expected):
    # With the peak half way to the edge one half of the field holds 2/3 of the area, with the peak at the edge 3/4.
    # Means of samples for areas: off by half a sample in eighty.
    assert ramp_asymmetry(POSITION, triangle(peak_at), **FIELD) == pytest.approx(expected, abs=0.02)


def test_a_ramp_in_one_half_only_has_an_asymmetry_of_one():
    early = -65 + 5.0 * ((POSITION > 35) & (POSITION < 45))
    assert ramp_asymmetry(POSITION, early, **FIELD) == -1
    assert ramp_asymmetry(POSITION, early[::-1], **FIELD) == 1
    below = early - 3.0 * ((POSITION > 55) & (POSITION < 65))
    assert ramp_asymmetry(POSITION, below, **FIELD) == -1


def test_asymmetry_is_undefined_without_a_ramp_a_half_or_an_outside():
    assert math.isnan(ramp_asymmetry(POSITION, np.full(len(POSITION), -65.0), **FIELD))
    started = POSITION < 45
    assert math.isnan(ramp_asymmetry(POSITION[started], triangle(50)[started], **FIELD))
    assert math.isnan(ramp_asymmetry(POSITION, triangle(50), centre=50.0, width=500.0))


@settings(deadline=None)
@given(st.integers(0, 399), st.floats(-3, 3), st.floats(0.1, 10), st.floats(31, 69))
def test_asymmetry_knows_no_seam_no_baseline_and_no_scale(turn, baseline_mV, scale, peak_at):
    track = {"track_length": 100.0}
    position, one = POSITION[:-1], triangle(peak_at)[:-1]
    expected = ramp_asymmetry(position, one, **FIELD, **track)
    moved = {"centre": (50.0 + 0.25 * turn) % 100, "width": 40.0}
    got = ramp_asymmetry(position, baseline_mV + scale * np.roll(one, turn), **moved, **track)
    assert got == pytest.approx(expected, abs=1e-9)
    assert -1 <= got <= 1


def test_crossings_of_a_sine_are_where_and_as_long_as_they_should():
    time_ms = np.arange(0, 1000.0, 0.5)
    v = -60 + 4 * np.sin(2 * np.pi * (time_ms + 10) / 100)
    found = threshold_crossings(time_ms, v, level_mV=-58)
    # sin = 1/2 at a twelfth of a cycle. A chord of 0.5 ms is off by 1.3e-4 of the amplitude: less than 0.01 ms.
    np.testing.assert_allclose(found.times_ms, 100 / 12 - 10 + 100 * np.arange(1, 11), atol=0.01)
    # Above 1/2 for a third of ten cycles, of which the last 0.5 ms are missing.
    assert found.fraction_above == pytest.approx(1 / 3, abs=1e-3)


def test_time_above_is_interpolated():
    found = threshold_crossings([0.0, 1.0, 2.0, 4.0], [-60.0, -50.0, -60.0, -60.0], level_mV=-57.5)
    assert found.times_ms == pytest.approx([0.25])
    assert found.fraction_above == pytest.approx(1.5 / 4)
    assert threshold_crossings([0.0, 1.0], [-57.5, -57.5], level_mV=-57.5).fraction_above == 1
    assert threshold_crossings([0.0, 1.0], [-60.0, -58.0], level_mV=-57.5).fraction_above == 0
    assert math.isnan(threshold_crossings([0.0], [-60.0], level_mV=-57.5).fraction_above)


@pytest.mark.parametrize(
    ("hysteresis_mV", "expected"), [(0.0, [0.5, 4.5, 8.5]), (2.0, [0.5, 8.5]), (20.0, [0.5])]
)
def test_hysteresis_leaves_out_crossings_after_a_small_dip(hysteresis_mV, expected):
    v = np.array(
        [-61.0, -59, -59, -59, -61, -59, -59, -59, -63, -57]
    )  # dips by 1 and by 3 mV below -60
    found = threshold_crossings(np.arange(10.0), v, level_mV=-60, hysteresis_mV=hysteresis_mV)
    assert found.times_ms == pytest.approx(expected, abs=1e-12)


def test_a_trace_that_starts_above_has_to_come_down_first():
    v = np.array([-55.0, -61, -55, -70, -55])
    assert len(threshold_crossings(np.arange(5.0), v, level_mV=-60).times_ms) == 2
    assert len(threshold_crossings(np.arange(5.0), v, level_mV=-60, hysteresis_mV=5).times_ms) == 1
    with pytest.raises(ModelError, match="hysteresis_mV = -1"):
        threshold_crossings(np.arange(5.0), v, level_mV=-60, hysteresis_mV=-1)


def test_a_trace_of_nothing_crosses_nothing():
    found = threshold_crossings([], [], level_mV=-60)
    assert len(found.times_ms) == 0
    assert math.isnan(found.fraction_above)


def test_variance_of_noise_without_the_ramp_is_that_of_the_noise():
    draw = np.random.default_rng(1)
    time_ms = np.arange(0, 60_000.0, 1.0)
    inside = in_field(time_ms, centre=30_000, width=20_000)
    slow = 5 * np.exp(-(((time_ms - 30_000) / 8000) ** 2))
    noise = draw.normal(0, np.where(inside, 2.0, 1.0))
    exact = voltage_variance(-65 + slow + noise, inside, ramp_mV=-65 + slow)
    # Standard error sqrt(2 / n) relative: 1 % of 4 with 20,000 samples, 0.7 % of 1 with 40,000; four of them.
    assert exact.in_field_mV2 == pytest.approx(4, rel=0.04)
    assert exact.out_of_field_mV2 == pytest.approx(1, rel=0.03)
    assert exact.whole_mV2 == pytest.approx(2, rel=0.04)
    filtered = voltage_variance(
        -65 + slow + noise, inside, ramp_mV=ramp(time_ms, -65 + slow + noise)
    )
    # The filter takes the noise below 3 Hz of 500 Hz with the ramp: under 1 %.
    assert filtered.in_field_mV2 == pytest.approx(exact.in_field_mV2, rel=0.01)
    total = voltage_variance(-65 + slow + noise, inside)
    assert total.in_field_mV2 == pytest.approx(exact.in_field_mV2 + slow[inside].var(), rel=0.03)


def test_variance_of_a_sine_is_half_its_amplitude_squared_and_none_without_samples():
    v = 3 * np.sin(2 * np.pi * np.arange(3000) / 150)
    inside = np.arange(3000) < 1500
    assert voltage_variance(v, inside) == pytest.approx((4.5, 4.5, 4.5))
    nowhere = voltage_variance(v, np.zeros(3000, bool))
    assert math.isnan(nowhere.in_field_mV2)
    assert nowhere.out_of_field_mV2 == pytest.approx(4.5)
    with pytest.raises(ModelError, match=r"v_mV \(3000,\), inside \(2,\)"):
        voltage_variance(v, [True, False])


def test_reliability_is_one_of_equal_and_zero_of_disjoint_trials():
    rates = np.array([[0, 4.0, 2, 0], [0, 8, 4, 0], [0, 2, 1, 0]])
    assert reliability(rates) == pytest.approx(1)
    assert reliability(np.eye(3)) == 0


def test_silent_trials_count_as_unlike_all_others():
    fires = np.array([0, 4.0, 2, 0])
    # Of the three pairs of three trials one is alike.
    assert reliability(np.array([fires, np.zeros(4), fires])) == pytest.approx(1 / 3)
    for few in ([fires], [fires, np.zeros(4)], np.zeros((5, 4)), np.empty((0, 4))):
        assert math.isnan(reliability(np.array(few)))
    with pytest.raises(ModelError, match=r"rates_hz has shape \(4,\)"):
        reliability(fires)


def test_reliability_agrees_with_scipy_and_falls_with_jitter():
    draw = np.random.default_rng(2)
    time_ms = np.arange(0, 3000.0, 10)
    known = np.sort(draw.uniform(500, 2500, 12))
    trials = {
        jitter: np.array(
            [
                smoothed_rate(known + draw.normal(0, jitter, 12), time_ms, sigma_ms=20)
                for _ in range(8)
            ]
        )
        for jitter in (2.0, 20.0, 200.0)
    }
    for rates in trials.values():
        assert reliability(rates) == pytest.approx(1 - pdist(rates, "cosine").mean(), rel=1e-9)
    assert 0.95 < reliability(trials[2.0]) <= 1
    assert reliability(trials[2.0]) > reliability(trials[20.0]) > reliability(trials[200.0])


def test_band_of_known_numbers():
    band = mean_and_band(np.array([1.0, 2.0, 3.0, 4.0]))
    # Standard error sqrt(5 / 3 / 4) = 0.6455; Student's t for 3 degrees of freedom, 97.5 %: 3.182446.
    assert band == pytest.approx(
        (2.5, 2.5 - 3.182446 * 0.645497, 2.5 + 3.182446 * 0.645497), abs=4e-6
    )


def test_band_leaves_out_missing_values_and_is_none_of_one_trial():
    values = np.array(
        [[1.0, np.nan, 5.0, np.nan], [2.0, 3.0, 5.0, np.nan], [3.0, np.nan, 5.0, np.nan]]
    )
    mean, lower, upper = mean_and_band(values)
    np.testing.assert_array_equal(mean, [2.0, 3.0, 5.0, np.nan])
    np.testing.assert_array_equal(np.isnan(lower), [False, True, False, True])
    np.testing.assert_array_equal(np.isnan(upper), np.isnan(lower))
    assert (lower[2], upper[2]) == (5.0, 5.0)
    short = mean_and_band(np.array([1.0, np.nan, 2.0]))
    assert short == pytest.approx(mean_and_band(np.array([1.0, 2.0])))
    one = mean_and_band(np.array([[7.0, 8.0]]))
    assert one.mean.tolist() == [7, 8]
    assert np.isnan(one.lower).all()
    assert math.isnan(mean_and_band(np.empty(0)).mean)
    with pytest.raises(ModelError, match="confidence = 95: expected more than 0 and less than 1"):
        mean_and_band(values, confidence=95)


def test_the_band_holds_the_true_mean_as_often_as_it_says():
    draws = np.random.default_rng(3).normal(4, 3, (6, 20_000))
    for confidence in (0.5, 0.95):
        _, lower, upper = mean_and_band(draws, confidence=confidence)
        # Binomial standard error of 20,000: 0.0035 and 0.0015; four of the larger.
        assert ((lower < 4) & (upper > 4)).mean() == pytest.approx(confidence, abs=0.014)


@given(arrays(float, (4, 3), elements=st.floats(-100, 100)), st.floats(-50, 50), st.floats(0.1, 10))
def test_the_band_moves_and_scales_with_the_values(values, shift, scale):
    one, other = mean_and_band(values), mean_and_band(shift + scale * values)
    for before, after in zip(one, other, strict=True):
        np.testing.assert_allclose(after, shift + scale * before, atol=1e-9)


def test_means_by_bin_of_position():
    position, values = (
        np.array([0.0, 4.9, 5.0, 9.0, 30.0, 31.0, -1.0]),
        np.array([1.0, 3, 10, 20, 7, 99, 99]),
    )
    got = bin_along(position, values, np.array([0.0, 5, 10, 20, 30]))
    np.testing.assert_array_equal(got, [2.0, 15.0, np.nan, 7.0])
    assert np.isnan(bin_along([], [], [0.0, 1.0, 2.0])).all()
    assert np.isnan(bin_along([5.0], [1.0], [0.0, 1.0, 2.0])).all()
    with pytest.raises(ModelError, match="expected two or more ascending edges"):
        bin_along(position, values, [5.0, 0.0])


def test_positions_of_every_lap_fall_into_the_same_bins():
    position = np.arange(-374, 374) + 0.5
    values = position % 187
    got = bin_along(position, values, np.linspace(0, 187, 18), track_length=187.0)
    np.testing.assert_allclose(got, 187 / 17 * (np.arange(17) + 0.5), atol=1e-9)
    centred = bin_along(position, values, np.array([-93.5, 0.0, 93.5]), track_length=187.0)
    np.testing.assert_allclose(
        centred, [np.mean(values[values > 93]), np.mean(values[values < 93])], atol=0.3
    )


def test_a_ramp_by_bin_is_the_ramp_at_the_bin():
    position = np.linspace(0, 187, 18_700, endpoint=False)
    got = bin_along(position, -65 + 0.02 * position, np.linspace(0, 187, 101))
    # The mean of a straight line is its middle; samples lie at the start of their step, 1e-4 mV off.
    np.testing.assert_allclose(got, -65 + 0.02 * 1.87 * (np.arange(100) + 0.5), atol=2e-4)


def test_voltage_density_is_that_of_the_distribution():
    v = np.random.default_rng(4).normal(-62, 3, 200_000)
    edges = np.arange(-80.0, -44.9, 0.5)
    density = voltage_histogram(v, edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    normal = np.exp(-0.5 * ((middle + 62) / 3) ** 2) / (3 * math.sqrt(2 * math.pi))
    # Counting error at the peak sqrt(0.133 / (0.5 * 200,000)) = 0.0012; four of them.
    np.testing.assert_allclose(density, normal, atol=0.005)
    assert (density * 0.5).sum() == pytest.approx(1, abs=1e-9)


def test_samples_off_the_edges_lower_the_integral():
    density = voltage_histogram([-70.0, -65.0, -64.0, 20.0], [-70.0, -60.0, -55.0])
    np.testing.assert_allclose(density, [0.75 / 10, 0.0])
    assert np.isnan(voltage_histogram([], [-70.0, -60.0])).all()


@pytest.fixture
def currents_nA():
    inside = (np.arange(100) >= 40) & (np.arange(100) < 60)
    levels = {"AMPA": (-0.3, -0.1), "NMDA": (-0.5, -0.1), "GABA_A": (0.4, 0.1)}
    return {receptor: np.where(inside, *level) for receptor, level in levels.items()}, inside


def test_mean_currents_of_known_levels(currents_nA):
    means = mean_currents(*currents_nA)
    assert means["NMDA"] == pytest.approx((-0.5, -0.1))
    assert list(means) == ["AMPA", "NMDA", "GABA_A"]
    nowhere = mean_currents(currents_nA[0], np.zeros(100, bool))["AMPA"]
    assert math.isnan(nowhere.in_field)
    with pytest.raises(ModelError, match=r"AMPA \(100,\), inside \(99,\)"):
        mean_currents(currents_nA[0], currents_nA[1][:-1])


def test_balance_of_excitation_and_inhibition(currents_nA):
    assert excitation_to_inhibition(*currents_nA) == pytest.approx((0.8 / 0.4, 0.2 / 0.1))
    only = excitation_to_inhibition(*currents_nA, excitatory=["AMPA"])
    assert only == pytest.approx((0.75, 1.0))
    currents, inside = currents_nA
    blocked = excitation_to_inhibition(currents | {"GABA_A": np.zeros(100)}, inside)
    assert all(math.isnan(ratio) for ratio in blocked)
    with pytest.raises(ModelError, match="receptor 'GABA' was recorded"):
        excitation_to_inhibition(currents, inside, inhibitory=["GABA"])


def test_charge_is_current_times_time():
    time_ms = np.arange(0, 200.1, 0.1)
    # A current that decays with 20 ms carries amplitude * tau; the trapezoids' error is (0.1 / 20)^2 / 12.
    assert charge_pC(time_ms, -0.5 * np.exp(-time_ms / 20)) == pytest.approx(
        -10 * (1 - math.exp(-10)), rel=1e-5
    )
    assert charge_pC([1.0], [3.0]) == 0


def test_thresholds_are_those_of_efel(reference):
    table = pd.read_csv(reference / "place" / "replay_voltage.csv.gz")
    time_ms, v = np.arange(len(table)) * 0.2, table["soma_mV"].to_numpy()
    before = efel.get_settings().interp_step
    found = spike_thresholds(time_ms, v)
    assert efel.get_settings().interp_step == before
    spikes = spike_times(time_ms, v, threshold_mV=-20)
    assert len(found) == len(spikes) == 3
    # The samples that end the slow rise, as `cut_spikes` finds them; eFEL asks more of the slope and may take the next.
    cut = cut_spikes(time_ms, v, spikes, onset_mV_per_ms=20.0)
    changed = np.flatnonzero(np.abs(cut - v) > 1e-9)
    first = changed[np.r_[True, np.diff(changed) > 1]]
    # Its interpolation rounds by 2e-8 mV.
    assert (found >= v[first - 1] - 1e-6).all()
    assert (found <= v[first] + 1e-6).all()
    assert (
        np.abs(found[:, None] - v).min(axis=1).max() < 1e-6
    )  # samples of the trace, not of a resampled one


def test_threshold_of_spikes_that_rise_from_a_known_voltage():
    time_ms = np.arange(0, 500.0, 0.025)
    v = np.full(len(time_ms), -65.0)
    for start, foot in ((100.0, -52.0), (300.0, -48.0)):
        v += np.interp(time_ms, [start - 40, start, start + 1, start + 3], [0, foot + 65, 95, 0])
    # Up to the foot at 0.4 mV/ms, from there at over 20; eFEL's derivative reaches over a sample on either side: 2 mV.
    np.testing.assert_allclose(spike_thresholds(time_ms, v), [-52, -48], atol=2.5)
    assert mean_and_band(spike_thresholds(time_ms, v)).mean == pytest.approx(-50, abs=2.5)


def test_a_silent_trace_has_no_threshold():
    time_ms = np.arange(0, 500.0, 0.1)
    found = spike_thresholds(time_ms, np.full(len(time_ms), -65.0))
    assert found.shape == (0,)
    assert math.isnan(mean_and_band(found).mean)


def test_smoothed_rate_is_that_of_elephant_away_from_the_edges():
    spikes = np.sort(np.random.default_rng(5).uniform(2000, 8000, 80))
    train = neo.SpikeTrain(spikes, units="ms", t_stop=10_000.0)
    theirs = elephant.statistics.instantaneous_rate(
        train,
        sampling_period=5 * pq.ms,
        kernel=elephant.kernels.GaussianKernel(150 * pq.ms),
        cutoff=6,
    )
    time_ms = np.asarray(theirs.times.rescale("ms"))
    inner = (time_ms > 1500) & (time_ms < 8500)
    ours = smoothed_rate(spikes, time_ms)
    # elephant puts spikes on the grid of 5 ms: up to 5 ms times the kernel's slope, which largely cancel over 80 spikes.
    np.testing.assert_allclose(ours[inner], np.asarray(theirs)[inner, 0], atol=0.5)
    np.testing.assert_allclose(ours[inner].mean(), np.asarray(theirs)[inner].mean(), rtol=1e-3)
