"""How a cell fires: rate of lasting firing, its gain, after-hyperpolarisation, jitter of spikes."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import ModelError
from .recordings import baseline
from .trials import slope

AHP_MS = (5.0, 150.0)
"""Where the after-hyperpolarisation is looked for, from the spike's peak."""
_FEWEST_SPIKES, _FEWEST_RATES = 3, 3
_INTERVALS_TO_END = 2.0
_RESAMPLED, _SEED = 4000, 0


class Jitter(NamedTuple):
    """How precisely events are answered by spikes.

    Attributes
    ----------
    n_events, n_fired : int
    mean_latency_ms, jitter_ms : float
        Mean and standard deviation of the latency over the events that fired; NaN below 3 of them.
    lower_ms, upper_ms : float
        95 % confidence band of the jitter, bootstrapped over these events.
    """

    n_events: int
    n_fired: int
    mean_latency_ms: float
    jitter_ms: float
    lower_ms: float
    upper_ms: float


def lasting_rate(spike_times_ms: np.ndarray, start_ms: float, stop_ms: float) -> float:
    """Rate (Hz) of firing that lasts as long as the step does: 1 / mean interval; NaN otherwise.

    It lasts if there are 3 spikes at least and none of them is the last by more than two mean
    intervals before the step's end. A count over 500 ms would come in steps of 2 Hz.
    """
    spikes = np.asarray(spike_times_ms, float)
    spikes = spikes[(spikes >= start_ms) & (spikes < stop_ms)]
    if len(spikes) < _FEWEST_SPIKES:
        return math.nan
    interval_ms = float(np.diff(spikes).mean())
    lasts = stop_ms - spikes[-1] <= _INTERVALS_TO_END * interval_ms
    return 1e3 / interval_ms if lasts else math.nan


def firing_gain(current_nA: Sequence[float], rate_Hz: Sequence[float]) -> float:
    """Slope (Hz/nA) of the f-I curve: least squares over the rates there are; NaN below 3."""
    current, rate = np.asarray(current_nA, float), np.asarray(rate_Hz, float)
    there = np.isfinite(rate)
    if there.sum() < _FEWEST_RATES:
        return math.nan
    return slope(current[there], rate[there])


def after_hyperpolarisation(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    stimulus_ms: float,
    *,
    window_ms: tuple[float, float] = AHP_MS,
) -> tuple[float, float]:
    """Depth of the after-hyperpolarisation (mV), and its time from the spike's peak (ms).

    The depth is that of the lowest potential in the window after the peak below the potential 3 to
    1 ms before the stimulus; it is negative where the potential stays above that.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        A trace with one spike.
    stimulus_ms : float
        When the pulse that evokes the spike begins.
    window_ms : (float, float)
        From the peak of the spike.
    """
    after = time_ms >= stimulus_ms
    peak_ms = float(time_ms[after][np.argmax(v_mV[after])])
    inside = (time_ms >= peak_ms + window_ms[0]) & (time_ms <= peak_ms + window_ms[1])
    if not inside.any():
        raise ModelError(
            f"the trace ends at {time_ms[-1]:g} ms, before the after-hyperpolarisation: it is looked"
            f" for from {peak_ms + window_ms[0]:g} ms on."
        )
    lowest = int(np.argmin(v_mV[inside]))
    depth_mV = baseline(time_ms, v_mV, stimulus_ms) - v_mV[inside][lowest]
    return float(depth_mV), float(time_ms[inside][lowest]) - peak_ms


def latencies(
    spike_times_ms: np.ndarray, events_ms: Sequence[float], within_ms: float
) -> np.ndarray:
    """Time from each event to the first spike after it (ms); NaN where none comes `within_ms`."""
    spikes = np.sort(np.asarray(spike_times_ms, float))
    events = np.asarray(events_ms, float)
    following = np.append(spikes, np.inf)[np.searchsorted(spikes, events)]
    waited_ms = following - events
    return np.where(waited_ms <= within_ms, waited_ms, np.nan)


def spike_jitter(latencies_ms: np.ndarray) -> Jitter:
    """Jitter of the spikes that events evoke, with its band (bootstrap, always the same draws)."""
    all_ms = np.asarray(latencies_ms, float)
    fired = all_ms[np.isfinite(all_ms)]
    if len(fired) < _FEWEST_SPIKES:
        return Jitter(len(all_ms), len(fired), math.nan, math.nan, math.nan, math.nan)
    draws = np.random.default_rng(_SEED).integers(len(fired), size=(_RESAMPLED, len(fired)))
    lower, upper = np.percentile(fired[draws].std(axis=1, ddof=1), (2.5, 97.5))
    sd_ms = float(fired.std(ddof=1))
    return Jitter(len(all_ms), len(fired), float(fired.mean()), sd_ms, float(lower), float(upper))
