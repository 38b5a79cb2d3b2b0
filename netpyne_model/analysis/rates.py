"""Firing rate along the track."""

import math

import numpy as np

RATE_SIGMA_MS = 150.0  # one theta cycle


def smoothed_rate(
    spike_times_ms: np.ndarray,
    time_ms: np.ndarray,
    *,
    sigma_ms: float = RATE_SIGMA_MS,
    circular: bool = False,
    interval_ms: tuple[float, float] | None = None,
) -> np.ndarray:
    """Firing rate in Hz, smoothed by a Gaussian.

    Parameters
    ----------
    spike_times_ms : ndarray, shape (k,)
        Spikes; those outside the interval are not counted.
    time_ms : ndarray, shape (n,)
        Evenly spaced, ascending times at which the rate is wanted.
    sigma_ms : float
        Standard deviation of the Gaussian.
    circular : bool
        Whether the end of the interval joins its beginning: `time_ms` is then one lap, without the
        repeated end point. Otherwise the kernel is divided by the part of it inside the interval,
        so that a steady train keeps its rate up to the ends.
    interval_ms : (float, float), optional
        Beginning and end of the interval; without it from the first to the last of `time_ms`, and
        one step more on a circular track.
    """
    time_ms = np.asarray(time_ms, float)
    spikes = np.asarray(spike_times_ms, float)
    if interval_ms is None:
        step = (time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)
        interval_ms = time_ms[0], time_ms[-1] + (step if circular else 0.0)
    start, stop = interval_ms
    spikes = spikes[(spikes >= start) & (spikes <= stop)]
    lap = stop - start
    # Images further away than the kernel reaches add nothing: 8 sigma leave 1e-15 of its mass.
    reach = int(np.ceil(8 * sigma_ms / lap)) if circular else 0
    rate = np.zeros(len(time_ms))
    for shift in np.arange(-reach, reach + 1) * lap:
        for spike in spikes + shift:
            rate += np.exp(-0.5 * ((time_ms - spike) / sigma_ms) ** 2)
    rate *= 1e3 / (sigma_ms * np.sqrt(2 * np.pi))
    if not circular:
        rate /= _normal_below(stop - time_ms, sigma_ms) - _normal_below(start - time_ms, sigma_ms)
    return rate


def _normal_below(values: np.ndarray, sigma: float) -> np.ndarray:
    """Share of a normal distribution about 0 below the values."""
    scaled = (-values / (np.sqrt(2) * sigma)).tolist()
    return np.array([0.5 * math.erfc(one) for one in scaled])
