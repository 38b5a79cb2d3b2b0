"""The analysis functions on signals of known answer, and against eFEL on the published model's voltage."""

import efel
import numpy as np
import pandas as pd
import pytest
from scipy import signal

from netpyne_model.analysis import cut_spikes, ramp, smoothed_rate, spike_times, theta_band
from netpyne_model.data_folders import REFERENCE

PLACE = REFERENCE / "place"
STEP_MS = 0.1


@pytest.fixture(scope="module")
def recording():
    table = pd.read_csv(PLACE / "replay_voltage.csv.gz")
    # The table's times are printed decimals; the grid itself is exact.
    return np.arange(len(table)) * 0.2, table["soma_mV"].to_numpy()


@pytest.fixture(scope="module")
def efel_spikes(recording):
    time_ms, v = recording
    efel.reset()
    efel.set_setting("Threshold", -20.0)
    efel.set_setting("interp_step", 0.2)
    trace = {"T": time_ms, "V": v, "stim_start": [0], "stim_end": [time_ms[-1]]}
    features = efel.get_feature_values([trace], ["peak_time", "AP_begin_time"])[0]
    efel.reset()
    return features


def spiky_trace(times_ms, base_mV, n=20_000):
    """A base voltage (number or array) with triangular spikes: 1 ms up to +30 mV, 2 ms down."""
    time_ms = np.arange(n) * STEP_MS
    v = np.full(n, base_mV, float) if np.isscalar(base_mV) else np.array(base_mV, float)
    for start in times_ms:
        up = np.clip((time_ms - start) / 1.0, 0, 1)
        down = np.clip((time_ms - start - 1.0) / 2.0, 0, 1)
        v += (30 - v) * (up - down)
    return time_ms, v


def test_spike_times_of_the_published_run_are_the_published_ones(recording):
    published = pd.read_csv(PLACE / "replay_soma_spikes.csv")["time_ms"].to_numpy()
    # The published times are crossings at dt 0.025 ms; the voltage table is sampled at 0.2 ms.
    np.testing.assert_allclose(spike_times(*recording, threshold_mV=-20), published, atol=0.2)


def test_interpolated_spike_time_is_where_the_line_crosses():
    time_ms, v = np.array([0.0, 1.0, 2.0]), np.array([-60.0, 20.0, -60.0])
    assert spike_times(time_ms, v, threshold_mV=-20, interpolate=True) == pytest.approx(
        [0.5], abs=1e-12
    )  # -20 is half way up
    assert spike_times(time_ms, v, threshold_mV=-20).tolist() == [1.0]


def test_a_voltage_that_starts_above_threshold_or_only_touches_from_above_is_no_spike():
    assert (
        len(spike_times(np.arange(4.0), np.array([10.0, 0.0, -70.0, -70.0]), threshold_mV=-20)) == 0
    )
    assert len(spike_times(np.arange(4.0), np.full(4, -70.0), threshold_mV=-20)) == 0
    assert spike_times(
        np.arange(4.0), np.array([-70.0, -20.0, -70.0, -70.0]), threshold_mV=-20
    ).tolist() == [1.0]


def test_spikes_are_cut_from_a_flat_trace_without_a_trace():
    time_ms, v = spiky_trace([500.0, 900.0, 903.0], -60.0)
    # The line is drawn between samples at the base voltage: only the recovery sample can be off, by less than a step
    # of the falling flank below the threshold voltage, which here is the base itself.
    np.testing.assert_allclose(
        cut_spikes(time_ms, v, spike_times(time_ms, v, threshold_mV=-20)), -60.0, atol=1e-6
    )


def test_cutting_leaves_everything_but_the_spikes_alone():
    base = -60 + 3 * np.sin(np.arange(20_000) * STEP_MS / 150)
    time_ms, v = spiky_trace([700.0], base)
    cut = cut_spikes(time_ms, v, spike_times(time_ms, v, threshold_mV=-20))
    outside = (time_ms < 699.5) | (time_ms > 704.5)
    np.testing.assert_array_equal(cut[outside], v[outside])
    assert np.abs(cut - base).max() < 0.1  # a straight line over 3 ms of a sine of slope 0.02 mV/ms


def test_a_spike_without_recovery_is_cut_for_the_longest_time():
    time_ms = np.arange(1000) * STEP_MS
    v = np.where(time_ms < 50, -60.0, 0.0)
    cut = cut_spikes(time_ms, v, spike_times(time_ms, v, threshold_mV=-20), longest_ms=10.0)
    assert cut[time_ms < 50].max() == -60.0
    assert cut[time_ms > 60.1].min() == 0.0
    assert np.all(np.diff(cut) >= 0)


def test_a_spike_on_the_last_samples_is_cut_too():
    time_ms, v = spiky_trace([1999.2], -60.0)
    assert v.max() > -20
    np.testing.assert_allclose(
        cut_spikes(time_ms, v, spike_times(time_ms, v, threshold_mV=-20)), -60.0, atol=1e-6
    )


def test_cut_begins_where_efel_finds_the_threshold(recording, efel_spikes):
    time_ms, v = recording
    cut = cut_spikes(time_ms, v, spike_times(time_ms, v, threshold_mV=-20))
    changed = np.flatnonzero(np.abs(cut - v) > 1e-9)
    first = time_ms[changed[np.r_[True, np.diff(changed) > 1]]]
    # The threshold sample itself is kept; both find it on the 0.2 ms grid, from slopes taken a sample apart.
    np.testing.assert_allclose(first, efel_spikes["AP_begin_time"] + 0.2, atol=0.4)
    assert len(spike_times(time_ms, v, threshold_mV=-20)) == len(efel_spikes["peak_time"])
    assert cut.max() < -45  # the highest threshold of the three spikes is -46.7 mV


def test_rate_of_a_steady_train_is_flat_up_to_the_ends():
    time_ms = np.arange(0, 5001.0, 10)
    spikes = np.arange(0, 5000, 25) + 12.5
    # Spikes half an interval from the ends: a midpoint sum of the kernel's integral, off by (25/150)^2 / 24 or so.
    np.testing.assert_allclose(smoothed_rate(spikes, time_ms), 40.0, rtol=2e-3)
    np.testing.assert_allclose(smoothed_rate(spikes, time_ms[:-1], circular=True), 40.0, rtol=1e-9)


def test_rate_on_a_circular_track_counts_every_spike_once_and_wraps():
    time_ms = np.arange(0, 6000.0, 10)
    rate = smoothed_rate(np.array([0.0, 2500.0]), time_ms, sigma_ms=200, circular=True)
    assert rate.sum() * 10 / 1e3 == pytest.approx(
        2.0, rel=1e-9
    )  # a periodic sum of Gaussians: exact to 1e-15
    np.testing.assert_allclose(rate[1:100], smoothed_rate(np.array([0.0, 2500.0]), time_ms, sigma_ms=200,
                                                          circular=True)[:-100:-1], rtol=1e-6)  # fmt: skip


def test_rate_at_the_middles_of_bins_counts_the_spikes_of_the_whole_interval():
    middles_ms = np.arange(25, 6000.0, 50)
    spikes = np.arange(0, 6000, 10) + 5.0
    for circular, exact in ((True, 1e-9), (False, 2e-3)):
        rate = smoothed_rate(spikes, middles_ms, circular=circular, interval_ms=(0, 6000))
        np.testing.assert_allclose(rate, 100.0, rtol=exact)
    rate = smoothed_rate([10.0], middles_ms, circular=True, interval_ms=(0, 6000))
    assert rate.sum() * 0.05 == pytest.approx(1, rel=1e-9)


def test_rate_of_one_spike_is_the_gaussian():
    time_ms = np.arange(0, 4000.0, 5)
    rate = smoothed_rate([2000.0], time_ms, sigma_ms=100)
    assert rate.max() == pytest.approx(1e3 / (100 * np.sqrt(2 * np.pi)), rel=1e-12)
    assert time_ms[rate.argmax()] == 2000.0
    assert not smoothed_rate([], time_ms).any()
    assert not smoothed_rate([-5.0, 4100.0], time_ms).any()


def test_ramp_keeps_the_slow_and_drops_theta():
    time_ms = np.arange(80_000) * STEP_MS
    slow = -60 + 5 * np.exp(-(((time_ms - 4000) / 1000) ** 2))
    theta = 2 * np.sin(2 * np.pi * time_ms / 150)
    got = ramp(time_ms, slow + theta)
    # Two second-order passes leave 1 / (1 + (6.67/3)^4) = 4 % of theta; the slow Gaussian passes to 0.02 mV.
    assert np.abs(got - slow)[5000:-5000].max() < 0.1
    assert time_ms[ramp(time_ms, slow).argmax()] == pytest.approx(4000, abs=0.5)  # no phase shift
    assert (
        np.abs(got - slow).max() < 2 * 2 / np.pi
    )  # at the ends: the mean of the last half cycle of theta


def test_circular_ramp_does_not_know_where_the_lap_begins():
    time_ms = np.arange(60_000) * STEP_MS
    v = -60 + 4 * np.cos(2 * np.pi * time_ms / 6000) + np.sin(2 * np.pi * time_ms / 150)
    shifted = np.roll(ramp(time_ms, np.roll(v, 20_000), circular=True), -20_000)
    # Rounding: the poles of a 3 Hz filter at 10 kHz lie within 1e-3 of the unit circle.
    np.testing.assert_allclose(shifted, ramp(time_ms, v, circular=True), atol=1e-4)


def test_theta_band_gives_amplitude_and_phase_of_a_known_wave():
    time_ms = np.arange(75_000) * STEP_MS
    phase = 2 * np.pi * time_ms / 150 + 0.7
    band, amplitude, phase_deg = theta_band(
        time_ms, -60 + 0.001 * time_ms + 3 * np.cos(phase), circular=False
    )
    inner = slice(10_000, -10_000)
    # 6.67 Hz lies inside the band of 5 to 10 Hz, where the filter passes at least 99 %.
    np.testing.assert_allclose(band[inner], 3 * np.cos(phase)[inner], atol=0.1)
    np.testing.assert_allclose(amplitude[inner], 3.0, rtol=0.03)
    error = np.angle(np.exp(1j * (np.radians(phase_deg) - phase)))
    assert np.abs(np.degrees(error[inner])).max() < 2


def test_the_filters_are_butterworths_forwards_and_backwards():
    """As scipy steps through the samples; it forgets its start over some periods of the lowest corner."""
    time_ms = np.arange(100_000) * 0.2
    v_mV = -60 + np.random.default_rng(5).normal(0, 3, len(time_ms))
    forgotten = slice(20_000, -20_000)  # 4 s: 12 periods of the ramp's corner, 20 of theta's
    for found, corners_hz, kind in (
        (ramp(time_ms, v_mV), 3.0, "lowpass"),
        (theta_band(time_ms, v_mV)[0], (5.0, 10.0), "bandpass"),
    ):
        sections = signal.butter(2, corners_hz, kind, fs=5000.0, output="sos")
        stepped = signal.sosfiltfilt(sections, v_mV)
        # Rounding of a filter with poles within 0.003 of the unit circle.
        np.testing.assert_allclose(found[forgotten], stepped[forgotten], atol=1e-8)
    band, amplitude, phase = theta_band(time_ms, v_mV)
    analytic = signal.hilbert(band)
    np.testing.assert_allclose(amplitude, np.abs(analytic), atol=1e-12)
    np.testing.assert_allclose(phase, np.degrees(np.angle(analytic)), atol=1e-9)


@pytest.mark.parametrize("n", [2, 3, 80, 81, 82])
def test_a_trace_of_any_length_keeps_its_length_and_its_mean_level(n):
    """A constant passes the ramp's filter whole, and none of it that of theta."""
    time_ms, v_mV = np.arange(n) * 0.1, np.full(n, -61.25)
    np.testing.assert_allclose(ramp(time_ms, v_mV), v_mV, atol=1e-12)
    np.testing.assert_allclose(theta_band(time_ms, v_mV)[0], np.zeros(n), atol=1e-12)
