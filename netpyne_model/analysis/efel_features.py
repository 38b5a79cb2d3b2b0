"""Features of a trace by eFEL, under settings of one's own, with eFEL left as it was."""

import warnings
from collections.abc import Iterable

import numpy as np

from .samples import same_length


def efel_features(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    features: Iterable[str],
    *,
    start_ms: float,
    stop_ms: float | None = None,
    interp_step_ms: float | None = None,
    threshold_mV_per_ms: float | None = None,
) -> dict[str, np.ndarray]:
    """Values of eFEL's features by name, in its units; empty where a trace has none.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
    features : iterable of str
    start_ms, stop_ms : float
        Of the stimulus; without `stop_ms` it lasts to the end of the trace.
    interp_step_ms : float, optional
        Step to which eFEL resamples the trace; its own 0.1 ms without.
    threshold_mV_per_ms : float, optional
        Rate of rise (V/s) at which a spike begins; its own 10 without.
    """
    import efel  # takes a while, and few need it

    time_ms, v_mV = same_length(time_ms=time_ms, v_mV=v_mV)
    stop_ms = float(time_ms[-1]) if stop_ms is None else stop_ms
    trace = {"T": time_ms, "V": v_mV, "stim_start": [start_ms], "stim_end": [stop_ms]}
    given = {"interp_step": interp_step_ms, "DerivativeThreshold": threshold_mV_per_ms}
    settings = {name: value for name, value in given.items() if value is not None}
    # eFEL keeps its settings in global state: what was there is put back.
    before = efel.get_settings()
    kept = {name: getattr(before, name) for name in settings}
    try:
        for name, value in settings.items():
            efel.set_setting(name, value)
        with warnings.catch_warnings():
            # A feature that a trace does not have comes out empty or NaN: that is all to be said.
            warnings.simplefilter("ignore", RuntimeWarning)
            # Features go by the names that published tables of them have.
            warnings.simplefilter("ignore", DeprecationWarning)
            (values,) = efel.get_feature_values([trace], list(features), raise_warnings=False)
    finally:
        for name, value in kept.items():
            efel.set_setting(name, value)
    return {name: np.asarray([] if one is None else one, float) for name, one in values.items()}
