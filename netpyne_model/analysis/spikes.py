"""Action potentials in a voltage trace: when they occur, and the trace without them.

eFEL finds the same spikes and thresholds (the tests compare), but keeps its settings in global
state and resamples the trace; these functions need neither.
"""

import numpy as np

ONSET_MV_PER_MS = 10.0  # rate of rise that marks the threshold of a spike
LONGEST_SPIKE_MS = 10.0  # from threshold to recovery, however large the after-depolarisation


def spike_times(
    time_ms: np.ndarray, v_mV: np.ndarray, *, threshold_mV: float, interpolate: bool = False
) -> np.ndarray:
    """Times at which the voltage crosses the threshold upwards.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        The trace.
    threshold_mV : float
        Level that counts as crossed when reached.
    interpolate : bool
        Whether to give the crossing between the two samples (linear) instead of the first sample at
        or above.

    Returns
    -------
    ndarray
        Spike times in ms, ascending.
    """
    time_ms, v_mV = np.asarray(time_ms, float), np.asarray(v_mV, float)
    above = v_mV >= threshold_mV
    after = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    if not interpolate:
        return time_ms[after]
    before = after - 1
    fraction = (threshold_mV - v_mV[before]) / (v_mV[after] - v_mV[before])
    return time_ms[before] + fraction * (time_ms[after] - time_ms[before])


def cut_spikes(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    spike_times_ms: np.ndarray,
    *,
    onset_mV_per_ms: float = ONSET_MV_PER_MS,
    longest_ms: float = LONGEST_SPIKE_MS,
) -> np.ndarray:
    """Replace every spike by a straight line from its threshold to its recovery.

    A spike begins where the rate of rise before the crossing last exceeds `onset_mV_per_ms`, and
    ends where the voltage comes back to the value it had there, `longest_ms` later at most. Spikes
    that touch are cut as one; a spike that the trace breaks off in is replaced by its threshold.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        The trace, evenly sampled.
    spike_times_ms : ndarray
        Spikes, on their upstroke, as `spike_times` finds them.

    Returns
    -------
    ndarray, shape (n,)
        The voltage without spikes; equal to `v_mV` outside them.
    """
    time_ms, v_mV = np.asarray(time_ms, float), np.asarray(v_mV, float)
    spikes = np.asarray(spike_times_ms, float)
    slope = np.diff(v_mV) / np.diff(time_ms)
    longest = round(longest_ms / (time_ms[1] - time_ms[0]))
    inside = np.zeros(len(v_mV), bool)
    for crossing in np.searchsorted(time_ms, spikes):
        begin, end = _extent(v_mV, slope, crossing, onset_mV_per_ms, longest)
        inside[begin + 1 : end] = True
    if inside.all():
        return v_mV.copy()
    return np.interp(time_ms, time_ms[~inside], v_mV[~inside])


def _extent(
    v_mV: np.ndarray, slope: np.ndarray, crossing: int, onset_mV_per_ms: float, longest: int
) -> tuple[int, int]:
    """Samples at the threshold and at the recovery, or past the end, of a spike."""
    earliest = max(crossing - longest, 0)
    slow = np.flatnonzero(slope[earliest : max(crossing - 1, earliest)] < onset_mV_per_ms)
    begin = earliest + int(slow[-1]) + 1 if len(slow) else earliest
    last = min(begin + longest, len(v_mV) - 1)
    # The search for the recovery starts at the peak: at the crossing itself v may still be near
    # threshold.
    peak = crossing + int(np.argmax(v_mV[crossing : last + 1])) if crossing <= last else last
    back = np.flatnonzero(v_mV[peak : last + 1] <= v_mV[begin])
    if len(back):
        return begin, peak + int(back[0])
    return begin, len(v_mV) if last == len(v_mV) - 1 else last
