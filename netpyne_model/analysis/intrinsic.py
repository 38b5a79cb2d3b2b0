"""Intrinsic features of a neuron: response to a current step, spike shape, firing, rheobase.

Spikes are measured by eFEL; what a step does below threshold is computed here, because the paper's
windows (480 to 499.9 ms after the onset, fits of 0.5 to 60 and 1 to 50 ms) are none of eFEL's.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..errors import ModelError
from .efel_features import efel_features
from .samples import same_length

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
    """Least-squares fit of ``v_end + (v_start - v_end) exp(-t / tau)``."""

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
    """Spikes during a step; times of the first and the last from its onset, NaN without any."""

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
            "amplitude_nA = 0: expected a current to measure the resistance with; give that of the step."
        )
    before = _window(time_ms, *_before(start_ms), "before the step")
    during = _window(time_ms, start_ms, stop_ms, "of the step")
    from_ms, to_ms = start_ms + steady_ms[0], start_ms + steady_ms[1]
    steady = _window(time_ms, from_ms, to_ms, "of the steady state")
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
    """Time (ms) until 1 - 1/e of the way between two potentials; NaN if it does not get so far."""
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
    """Fit one exponential to a piece of a trace; NaN where nothing fits.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
    from_ms : float
        Time from which the exponential counts: the onset or the end of a step.
    fit_ms : (float, float)
        What of the trace is fitted, from there.
    v_start_mV : float, optional
        Potential at `from_ms` that the exponential starts from; fitted too without it.
    """
    from scipy.optimize import curve_fit

    piece = _window(time_ms, from_ms + fit_ms[0], from_ms + fit_ms[1], "of the fit")
    t, v = np.asarray(time_ms[piece], float) - from_ms, np.asarray(v_mV[piece], float)

    def course(t, tau, end, start=v_start_mV):
        return end + (start - end) * np.exp(-t / abs(tau))

    guess = [0.3 * (t[-1] - t[0]), float(v[-1])]
    if v_start_mV is None:
        guess.append(float(v[0]))
    try:
        best, _ = curve_fit(course, t, v, p0=guess, maxfev=5000)
    except RuntimeError:
        return ExponentialFit(math.nan, math.nan, math.nan)
    start = best[2] if v_start_mV is None else v_start_mV
    return ExponentialFit(abs(float(best[0])), float(start), float(best[1]))


def spike_shape(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    start_ms: float,
    *,
    threshold_mV_per_ms: float = THRESHOLD_MV_PER_MS,
) -> SpikeShape:
    """Shape of the first spike after the onset of a stimulus, by eFEL; NaN without a spike.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        Evenly sampled; it is not resampled, so that the sampling should be fine (0.025 ms).
    start_ms : float
        The after-hyperpolarisation is measured from the potential before it.
    threshold_mV_per_ms : float
        Rate of rise (V/s) that marks the threshold.
    """
    features = {
        "threshold_mV": "AP_begin_voltage",
        "threshold_ms": "AP_begin_time",
        "amplitude_mV": "AP_amplitude",
        "half_width_ms": "AP_duration_half_width",
        "ahp_mV": "AHP_depth",
    }
    values = _efel(features.values(), time_ms, v_mV, start_ms, threshold_mV_per_ms)
    first = {}
    for name, feature in features.items():
        by_spike = values[feature]
        first[name] = float(by_spike[0]) if len(by_spike) else math.nan
    return SpikeShape(**first)


def spike_thresholds(
    time_ms: np.ndarray, v_mV: np.ndarray, *, threshold_mV_per_ms: float = THRESHOLD_MV_PER_MS
) -> np.ndarray:
    """Potential (mV) at which each spike begins, by eFEL; empty without spikes.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        Evenly sampled; steps beyond 0.1 ms make the thresholds coarse.
    threshold_mV_per_ms : float
        Rate of rise (V/s) that marks the threshold.
    """
    time_ms, v_mV = same_length(time_ms=time_ms, v_mV=v_mV)
    feature = "AP_begin_voltage"
    return _efel([feature], time_ms, v_mV, float(time_ms[0]), threshold_mV_per_ms)[feature]


def _efel(
    features: Iterable[str],
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    start_ms: float,
    threshold_mV_per_ms: float,
) -> dict[str, np.ndarray]:
    """Values of eFEL's features by name, one a spike, of the trace as it is sampled."""
    # The end of the trace, not that of a pulse: the after-hyperpolarisation is later.
    return efel_features(
        time_ms,
        v_mV,
        features,
        start_ms=start_ms,
        interp_step_ms=float(time_ms[-1] - time_ms[0]) / (len(time_ms) - 1),
        threshold_mV_per_ms=threshold_mV_per_ms,
    )


def peak_after(time_ms: np.ndarray, v_mV: np.ndarray, start_ms: float) -> tuple[float, float]:
    """Height (mV) of the peak after a stimulus over the potential before it, and its time (ms)."""
    before = _window(time_ms, *_before(start_ms), "before the stimulus")
    after = _window(time_ms, start_ms, math.inf, "after the stimulus")
    highest = int(np.argmax(v_mV[after]))
    height_mV = v_mV[after][highest] - v_mV[before].mean()
    return float(height_mV), float(time_ms[after][highest]) - start_ms


def firing(spike_times_ms: np.ndarray, start_ms: float, stop_ms: float) -> Firing:
    """The spikes during a step."""
    spikes = np.asarray(spike_times_ms, float)
    spikes = spikes[(spikes >= start_ms) & (spikes < stop_ms)] - start_ms
    first, last = (float(spikes[0]), float(spikes[-1])) if len(spikes) else (math.nan, math.nan)
    return Firing(len(spikes), 1e3 * len(spikes) / (stop_ms - start_ms), first, last)


def rheobase(current_nA: Sequence[float], n_spikes: Sequence[int]) -> float:
    """Smallest current (nA) of a series that fires; NaN where none or already the smallest does."""
    order = np.argsort(current_nA)
    fires = np.asarray(n_spikes)[order] > 0
    if not fires.any() or fires[0]:
        return math.nan
    return float(np.asarray(current_nA, float)[order][np.argmax(fires)])


def _before(start_ms: float) -> tuple[float, float]:
    return start_ms - _BEFORE_MS, start_ms - 2 * _ROUNDING_MS


def _window(time_ms: np.ndarray, low_ms: float, high_ms: float, what: str) -> np.ndarray:
    window = (time_ms >= low_ms - _ROUNDING_MS) & (time_ms <= high_ms + _ROUNDING_MS)
    if not window.any():
        raise ModelError(
            f"the trace ({time_ms[0]:g} to {time_ms[-1]:g} ms) has nothing {what},"
            f" {low_ms:g} to {high_ms:g} ms; give a trace that covers it."
        )
    return window
