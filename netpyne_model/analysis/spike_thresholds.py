"""Threshold of each spike of a trace, by eFEL."""

import numpy as np

from .intrinsic import THRESHOLD_MV_PER_MS, efel_settings
from .samples import same_length


def spike_thresholds(
    time_ms: np.ndarray, v_mV: np.ndarray, *, threshold_mV_per_ms: float = THRESHOLD_MV_PER_MS
) -> np.ndarray:
    """Voltage at which each spike begins (eFEL's ``AP_begin_voltage``).

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        Evenly sampled. It is not resampled: the threshold is that of a sample, and steps beyond 0.1
        ms make it coarse.
    threshold_mV_per_ms : float
        Rate of rise (V/s) that marks the threshold; the default is that of the intrinsic features.

    Returns
    -------
    ndarray, shape (k,)
        In mV, one a spike, in their order; empty without spikes. ``mean_and_band(...).mean`` takes
        their mean, NaN without spikes.
    """
    import efel  # takes a while, and only this function needs it

    time_ms, v_mV = same_length(time_ms=time_ms, v_mV=v_mV)
    trace = {
        "T": time_ms,
        "V": v_mV,
        "stim_start": [float(time_ms[0])],
        "stim_end": [float(time_ms[-1])],
    }
    step_ms = float(time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)
    with efel_settings(efel, interp_step=step_ms, DerivativeThreshold=threshold_mV_per_ms):
        thresholds = efel.get_feature_values([trace], ["AP_begin_voltage"], raise_warnings=False)[
            0
        ]["AP_begin_voltage"]
    return np.empty(0) if thresholds is None else np.asarray(thresholds, float)
