"""Intrinsic features of a neuron: response to a current step, time constants, spike shape, firing, rheobase.

Pure functions over arrays. Spikes are measured by eFEL; what a step does below threshold is
computed here, because the paper's windows (480 to 499.9 ms after the onset, fits of 0.5 to 60 and 1
to 50 ms) are none of eFEL's.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import curve_fit

from ..errors import ModelError

STEADY_MS = (480.0, 499.9)  # after the onset of a step of 500 ms (model.md 6)
ON_FIT_MS = (0.5, 60.0)  # after the onset
OFF_FIT_MS = (1.0, 50.0)  # after the end
THRESHOLD_MV_PER_MS = 20.0  # rate of rise, V/s, at which a spike begins
_BEFORE_MS = 10.0  # of the step, whose mean is the potential it starts from
_ROUNDING_MS = 1e-6


class StepResponse(NamedTuple):
    """What a hyperpolarising or small depolarising step does to the potential.

    Attributes
    ----------
    v_rest_mV, v_peak_mV, v_steady_mV : float
        Before the step; where it is farthest from there; mean over the steady window.
    peak_ms : float
        From the onset to the peak.
    input_resistance_steady_MOhm, input_resistance_peak_MOhm : float
    sag_ratio : float
        Steady deflection over that at the peak: 1 without sag.
    sag_mV : float
        Steady potential minus that at the peak: positive for a hyperpolarising step.
    """

    v_rest_mV: float
    v_peak_mV: float
    peak_ms: float
    v_steady_mV: float
    input_resistance_steady_MOhm: float
    input_resistance_peak_MOhm: float
    sag_ratio: float
    sag_mV: float


class ExponentialFit(NamedTuple):
    """Least-squares fit of ``v_end + (v_start - v_end) exp(-t / tau)``, t from the time it counts from."""

    tau_ms: float
    v_start_mV: float
    v_end_mV: float


class SpikeShape(NamedTuple):
    """The first spike of a trace.

    Attributes
    ----------
    threshold_mV, threshold_ms : float
        Potential and time at which the rate of rise last exceeds the threshold's before the peak.
    amplitude_mV : float
        From threshold to peak.
    half_width_ms : float
        At half the amplitude.
    ahp_mV : float
        Lowest potential after the spike minus that before the stimulus: negative where it
        undershoots rest.
    """

    threshold_mV: float
    threshold_ms: float
    amplitude_mV: float
    half_width_ms: float
    ahp_mV: float


class Firing(NamedTuple):
    """Spikes during a step: their number, mean rate, and time of the first and of the last from its onset (NaN: none)."""

    n_spikes: int
    rate_Hz: float
    first_spike_ms: float
    last_spike_ms: float


def step_response(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    start_ms: float,
    stop_ms: float,
    amplitude_nA: float,
    *,
    steady_ms: tuple[float, float] = STEADY_MS,
) -> StepResponse:
    """Input resistance at the peak and at steady state, and sag, of the response to a current step.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        Potential at the place of the current.
    start_ms, stop_ms : float
        Onset and end of the step.
    steady_ms : (float, float)
        Window of the steady state, from the onset.
    """
    if amplitude_nA == 0:
        raise ModelError(
            "amplitude_nA = 0: expected a current; without one there is no input resistance."
        )
    before = _window(time_ms, start_ms - _BEFORE_MS, start_ms - 2 * _ROUNDING_MS, "before the step")
    during = _window(time_ms, start_ms, stop_ms, "of the step")
    steady = _window(
        time_ms, start_ms + steady_ms[0], start_ms + steady_ms[1], "of the steady state"
    )
    rest = float(v_mV[before].mean())
    deflections = np.sign(amplitude_nA) * (v_mV[during] - rest)
    farthest = int(np.argmax(deflections))
    peak, steady_mV = float(v_mV[during][farthest]), float(v_mV[steady].mean())
    return StepResponse(
        v_rest_mV=rest,
        v_peak_mV=peak,
        peak_ms=float(time_ms[during][farthest]) - start_ms,
        v_steady_mV=steady_mV,
        input_resistance_steady_MOhm=(steady_mV - rest) / amplitude_nA,
        input_resistance_peak_MOhm=(peak - rest) / amplitude_nA,
        sag_ratio=(steady_mV - rest) / (peak - rest) if peak != rest else math.nan,
        sag_mV=float(-np.sign(amplitude_nA) * (steady_mV - peak)),
    )


def time_to_63_percent(
    time_ms: np.ndarray, v_mV: np.ndarray, from_ms: float, v_start_mV: float, v_end_mV: float
) -> float:
    """Time (ms) from `from_ms` until the potential has gone 1 - 1/e of the way from `v_start_mV` to `v_end_mV`.

    The first sample there; NaN if it does not get so far.
    """
    after = _window(time_ms, from_ms, math.inf, "after the onset")
    way = (v_mV[after] - v_start_mV) / (v_end_mV - v_start_mV)
    arrived = np.flatnonzero(way >= 1 - math.exp(-1))
    return float(time_ms[after][arrived[0]]) - from_ms if len(arrived) else math.nan


def exponential_fit(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    from_ms: float,
    fit_ms: tuple[float, float],
    *,
    v_start_mV: float | None = None,
) -> ExponentialFit:
    """Fit one exponential to a piece of a trace.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
    from_ms : float
        Time from which the exponential counts: the onset or the end of a step.
    fit_ms : (float, float)
        What of the trace is fitted, from there.
    v_start_mV : float, optional
        Potential at `from_ms` that the exponential starts from; fitted too without it.

    Returns
    -------
    ExponentialFit
        NaN throughout where nothing fits.
    """
    piece = _window(time_ms, from_ms + fit_ms[0], from_ms + fit_ms[1], "of the fit")
    t, v = np.asarray(time_ms[piece], float) - from_ms, np.asarray(v_mV[piece], float)
    guess = (0.3 * (t[-1] - t[0]), float(v[-1]), float(v[0]))

    def course(t, tau, end, start):
        return end + (start - end) * np.exp(-t / abs(tau))

    def course_from(t, tau, end):
        return course(t, tau, end, v_start_mV)

    free = v_start_mV is None
    try:
        fitted, _ = curve_fit(
            course if free else course_from, t, v, p0=guess if free else guess[:2], maxfev=5000
        )
    except RuntimeError:
        return ExponentialFit(math.nan, math.nan, math.nan)
    start = float(fitted[2]) if v_start_mV is None else float(v_start_mV)
    return ExponentialFit(tau_ms=abs(float(fitted[0])), v_start_mV=start, v_end_mV=float(fitted[1]))


def spike_shape(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    start_ms: float,
    *,
    threshold_mV_per_ms: float = THRESHOLD_MV_PER_MS,
) -> SpikeShape:
    """Threshold, amplitude, half width and after-hyperpolarisation of the first spike after `start_ms`, by eFEL.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        Evenly sampled; it is not resampled, so that the sampling should be fine (0.025 ms).
    start_ms : float
        Onset of the stimulus. The potential before is what the after-hyperpolarisation is measured
        from.
    threshold_mV_per_ms : float
        Rate of rise (V/s) that marks the threshold.

    Returns
    -------
    SpikeShape
        NaN throughout without a spike.
    """
    import efel  # not with the package: this module alone needs it, and the import takes a while

    features = {
        "threshold_mV": "AP_begin_voltage",
        "threshold_ms": "AP_begin_time",
        "amplitude_mV": "AP_amplitude",
        "half_width_ms": "AP_duration_half_width",
        "ahp_mV": "AHP_depth",
    }
    # The end of the trace, not that of a pulse: the after-hyperpolarisation is later.
    trace = {"T": time_ms, "V": v_mV, "stim_start": [start_ms], "stim_end": [float(time_ms[-1])]}
    step_ms = float(time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)
    with efel_settings(efel, interp_step=step_ms, DerivativeThreshold=threshold_mV_per_ms):
        by_feature = efel.get_feature_values(
            [trace], list(features.values()), raise_warnings=False
        )[0]
    first = {name: by_feature[feature] for name, feature in features.items()}
    return SpikeShape(
        **{
            name: float(one[0]) if one is not None and len(one) else math.nan
            for name, one in first.items()
        }
    )


def peak_after(time_ms: np.ndarray, v_mV: np.ndarray, start_ms: float) -> tuple[float, float]:
    """Amplitude (mV) of the highest potential after a stimulus over that just before it, and its time from the onset (ms)."""
    before = _window(
        time_ms, start_ms - _BEFORE_MS, start_ms - 2 * _ROUNDING_MS, "before the stimulus"
    )
    after = _window(time_ms, start_ms, math.inf, "after the stimulus")
    highest = int(np.argmax(v_mV[after]))
    return float(v_mV[after][highest] - v_mV[before].mean()), float(
        time_ms[after][highest]
    ) - start_ms


def firing(spike_times_ms: np.ndarray, start_ms: float, stop_ms: float) -> Firing:
    """Number and mean rate of the spikes during a step, and when the first and the last one come."""
    spikes = np.asarray(spike_times_ms, float)
    spikes = spikes[(spikes >= start_ms) & (spikes < stop_ms)] - start_ms
    first, last = (float(spikes[0]), float(spikes[-1])) if len(spikes) else (math.nan, math.nan)
    return Firing(len(spikes), 1e3 * len(spikes) / (stop_ms - start_ms), first, last)


def rheobase(current_nA: Sequence[float], n_spikes: Sequence[int]) -> float:
    """Smallest current (nA) of a series that fires.

    NaN where none fires, or already the smallest does: the rheobase is then outside the series.
    """
    order = np.argsort(current_nA)
    fires = np.asarray(n_spikes)[order] > 0
    if not fires.any() or fires[0]:
        return math.nan
    return float(np.asarray(current_nA, float)[order][np.argmax(fires)])


def _window(time_ms: np.ndarray, low_ms: float, high_ms: float, what: str) -> np.ndarray:
    window = (time_ms >= low_ms - _ROUNDING_MS) & (time_ms <= high_ms + _ROUNDING_MS)
    if not window.any():
        raise ModelError(
            f"the trace ({time_ms[0]:g} to {time_ms[-1]:g} ms) has nothing {what}, {low_ms:g} to {high_ms:g} ms."
        )
    return window


@contextmanager
def efel_settings(efel: Any, **settings: float) -> Iterator[None]:
    """Set what eFEL keeps in global state, and put back what was there."""
    before = efel.get_settings()
    kept = {field.name: getattr(before, field.name) for field in fields(before)}
    for name, value in settings.items():
        efel.set_setting(name, value)
    try:
        yield
    finally:
        for name in settings:
            efel.set_setting(name, kept[name])
