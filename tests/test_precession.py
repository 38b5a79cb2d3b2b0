"""Theta phase of spikes and circular-linear regression: on phases of known answer, and against elephant and scipy."""

import math

import elephant.phase_analysis
import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brute
from scipy.signal import hilbert

from netpyne_model.analysis import FEWEST_SPIKES, circular_linear_fit, theta_phase_deg
from netpyne_model.errors import ModelError

pytestmark = pytest.mark.filterwarnings("error")


def turned(difference_deg):
    """An angle as -180 to 180."""
    return (np.asarray(difference_deg) + 180) % 360 - 180


def precessing(n=200, *, slope=-4.0, offset=300.0, noise_deg=20.0, seed=1):
    """Spikes of a field 90 cm wide whose phases follow a line, with noise."""
    draw = np.random.default_rng(seed)
    position = np.clip(draw.normal(45, 18, n), 0, 90)
    return position, (offset + slope * position + draw.normal(0, noise_deg, n)) % 360


def resultant(position, phase_deg, slope):
    return np.abs(np.exp(1j * np.radians(phase_deg - slope * position)).mean())


def test_phase_is_that_of_the_input():
    # An input of preferred phase 0 fires most where 2 pi s / 150 - phi = 0: at s = 150 phi / (2 pi) and every 150 ms.
    peaks = 150 * 0.8 / (2 * math.pi) + 150 * np.arange(-3, 4)
    np.testing.assert_allclose(
        turned(theta_phase_deg(peaks, period_ms=150, phase_rad=0.8)), 0, atol=1e-9
    )
    np.testing.assert_allclose(
        theta_phase_deg(peaks + 37.5, period_ms=150, phase_rad=0.8), 90, atol=1e-9
    )
    with pytest.raises(ModelError, match="period_ms = 0: expected a positive period"):
        theta_phase_deg([1.0], period_ms=0, phase_rad=0)


@given(st.floats(-1e4, 1e4), st.floats(0, 7), st.integers(-50, 50))
def test_phase_stays_below_360_and_repeats_with_theta(time_ms, phase_rad, cycles):
    phase, later = theta_phase_deg(
        [time_ms, time_ms + 150 * cycles], period_ms=150, phase_rad=phase_rad
    )
    assert 0 <= phase < 360
    assert turned(later - phase) == pytest.approx(0, abs=1e-6)


def test_phase_just_below_zero_is_not_360():
    assert theta_phase_deg([-1e-16], period_ms=150, phase_rad=0.0) == [0.0]


def test_phase_agrees_with_elephant_on_the_analytic_signal():
    phi, spikes = 1.1, np.sort(np.random.default_rng(2).uniform(500, 5500, 60))
    s = np.arange(6000.0)
    # Forty whole cycles: the analytic signal of a cosine is exact.
    signal = neo.AnalogSignal(
        hilbert(np.cos(2 * np.pi * s / 150 - phi)), units="dimensionless", sampling_period=1 * pq.ms
    )
    train = neo.SpikeTrain(spikes, units="ms", t_stop=6000.0)
    (phases,), _, _ = elephant.phase_analysis.spike_triggered_phase(signal, train, interpolate=True)
    # elephant interpolates between samples 2.4 degrees apart along the chord: off by less than 0.01 degrees.
    ours = theta_phase_deg(spikes, period_ms=150, phase_rad=phi)
    np.testing.assert_allclose(turned(ours - np.degrees(phases)), 0, atol=0.01)


@pytest.mark.parametrize("slope", [-7.5, -4.0, -1.0, 2.5])
def test_slope_and_offset_of_a_line_without_noise(slope):
    position, phase = precessing(slope=slope, noise_deg=0)
    fit = circular_linear_fit(position, phase)
    # The search stops at 1e-9 cycles over the extent; the maximum is found from values, to the root of their rounding.
    assert fit.slope_deg_per_unit == pytest.approx(slope, abs=1e-5)
    assert turned(fit.offset_deg - 300) == pytest.approx(0, abs=1e-3)
    assert fit.resultant_length == pytest.approx(1, abs=1e-9)
    assert fit.rho == pytest.approx(math.copysign(1, slope), abs=1e-6)
    assert fit.p_value < 1e-6
    assert fit.n_spikes == 200
    np.testing.assert_allclose(turned(fit.phase_deg(position) - phase), 0, atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_slope_with_noise_is_within_its_standard_error(seed):
    position, phase = precessing(noise_deg=25, seed=seed)
    fit = circular_linear_fit(position, phase)
    # Linear regression's error, a little more for large noise: 25 / (17 sqrt(200)) = 0.10 degrees a cm; four of them.
    assert fit.slope_deg_per_unit == pytest.approx(-4.0, abs=0.42)
    assert turned(fit.offset_deg - 300) == pytest.approx(0, abs=0.42 * 45 + 4 * 25 / math.sqrt(200))
    # Normal noise of s radians leaves exp(-s^2 / 2) = 0.909; standard error 0.01.
    assert fit.resultant_length == pytest.approx(math.exp(-0.5 * math.radians(25) ** 2), abs=0.04)
    assert fit.rho < -0.8


@pytest.mark.parametrize("seed", range(10))
def test_no_local_maximum_is_taken_for_the_best_slope(seed):
    draw = np.random.default_rng(seed)
    position, phase = (
        draw.uniform(0, 90, 12),
        draw.uniform(0, 360, 12),
    )  # few random phases: many maxima nearly as high
    fit = circular_linear_fit(position, phase)
    extent = np.ptp(position)
    found = brute(
        lambda slope: -resultant(position, phase, slope[0]),
        [(-720 / extent, 720 / extent)],
        Ns=4001,
        finish=None,
    )
    # The maximum of 4,001 points lies below that of the curve by less than (2 pi * 0.0005)^2 / 8 = 1e-6.
    assert fit.resultant_length >= resultant(position, phase, found) - 1e-9
    assert fit.resultant_length == pytest.approx(resultant(position, phase, found), abs=1e-5)


def test_phases_without_relation_correlate_by_chance_only():
    draw = np.random.default_rng(3)
    fits = [
        circular_linear_fit(draw.uniform(0, 90, 100), draw.uniform(0, 360, 100)) for _ in range(100)
    ]
    rho = np.array([fit.rho for fit in fits])
    # Standard deviation 1 / sqrt(100) a fit, 0.01 of the mean of a hundred; four of them.
    assert abs(rho.mean()) < 0.04
    assert rho.std() < 0.15
    # At 5 % some 2 to 7 of a hundred are rejected; 15 would be four standard deviations more.
    assert np.mean([fit.p_value < 0.05 for fit in fits]) < 0.15
    assert np.median([fit.resultant_length for fit in fits]) < 0.3


def test_precession_over_a_whole_cycle_is_seen_though_no_mean_phase_exists():
    draw = np.random.default_rng(4)
    position = np.arange(360) / 4  # evenly over 90 cm: phases evenly all round
    fit = circular_linear_fit(position, (200 - 4 * position + draw.normal(0, 30, 360)) % 360)
    # For even angles rho is the resultant length of the noise itself, exp(-s^2 / 2) = 0.87; standard error 0.01.
    assert fit.rho == pytest.approx(-math.exp(-0.5 * math.radians(30) ** 2), abs=0.04)
    assert fit.p_value < 1e-6


def test_rho_and_p_are_those_of_the_published_formula():
    position, phase = precessing(
        40, slope=-1.5, noise_deg=50, seed=5
    )  # concentrated: the means are well defined
    fit = circular_linear_fit(position, phase)
    phi, theta = np.radians(phase), np.radians(abs(fit.slope_deg_per_unit) * position)
    a, b = (np.sin(x - np.angle(np.exp(1j * x).sum())) for x in (phi, theta))
    rho = (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())
    z = rho * np.sqrt(40 * (a**2).mean() * (b**2).mean() / (a**2 * b**2).mean())
    assert fit.rho == pytest.approx(rho, rel=1e-9)
    assert fit.p_value == pytest.approx(1 - math.erf(abs(z) / math.sqrt(2)), abs=1e-12)
    assert 1e-12 < fit.p_value < 0.05


def test_the_range_of_slopes_bounds_the_search():
    position, phase = precessing(noise_deg=5)
    steep = circular_linear_fit(position, phase, slope_range_deg_per_unit=(-5, -3))
    assert steep.slope_deg_per_unit == pytest.approx(-4, abs=0.1)
    shallow = circular_linear_fit(position, phase, slope_range_deg_per_unit=(-3, 3))
    assert -3 <= shallow.slope_deg_per_unit <= 3
    assert shallow.resultant_length < steep.resultant_length
    with pytest.raises(ModelError, match=r"slope_range_deg_per_unit = \(3, -3\)"):
        circular_linear_fit(position, phase, slope_range_deg_per_unit=(3, -3))


@pytest.mark.parametrize("n", range(FEWEST_SPIKES))
def test_too_few_spikes_have_no_fit(n):
    fit = circular_linear_fit(np.arange(float(n)), 10 * np.arange(float(n)))
    assert fit.n_spikes == n
    for name in ("slope_deg_per_unit", "offset_deg", "resultant_length", "rho", "p_value"):
        assert math.isnan(getattr(fit, name))


def test_spikes_at_one_place_have_no_fit_and_the_fewest_spikes_have_one():
    assert math.isnan(circular_linear_fit(np.full(20, 3.0), np.arange(20.0)).slope_deg_per_unit)
    fit = circular_linear_fit(
        np.arange(float(FEWEST_SPIKES)), 350 - 20 * np.arange(float(FEWEST_SPIKES))
    )
    assert fit.slope_deg_per_unit == pytest.approx(-20, abs=1e-4)


def test_phases_that_are_all_the_same_are_fitted_by_a_level_line_without_correlation():
    fit = circular_linear_fit(np.arange(10.0), np.full(10, 359.0))
    assert fit.slope_deg_per_unit == pytest.approx(0, abs=1e-5)
    assert fit.offset_deg == pytest.approx(359, abs=1e-3)
    assert fit.resultant_length == pytest.approx(1)
    assert math.isnan(fit.rho)
    assert math.isnan(fit.p_value)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 1000),
    st.floats(-500, 500),
    st.floats(-1000, 1000),
    st.sampled_from([0.01, 1.0, 40.0]),
)
def test_shifts_units_and_direction_move_the_line_and_not_its_fit(seed, shift, turn_deg, unit):
    position, phase = precessing(40, noise_deg=40, seed=seed)
    fit = circular_linear_fit(position, phase)
    moved = circular_linear_fit(unit * (position + shift), phase + turn_deg)
    mirrored = circular_linear_fit(-position, phase)
    # The maximum is flat: its place is known to the root of the rounding of its height.
    assert unit * moved.slope_deg_per_unit == pytest.approx(fit.slope_deg_per_unit, abs=1e-4)
    assert moved.resultant_length == pytest.approx(fit.resultant_length, abs=1e-9)
    assert moved.rho == pytest.approx(fit.rho, abs=1e-4)
    mean_place = unit * (position.mean() + shift)
    difference = moved.phase_deg(mean_place) - fit.phase_deg(position.mean()) - turn_deg
    assert turned(difference) == pytest.approx(0, abs=1e-2)
    assert mirrored.slope_deg_per_unit == pytest.approx(-fit.slope_deg_per_unit, abs=1e-4)
    assert mirrored.rho == pytest.approx(-fit.rho, abs=1e-4)
