"""Slow and theta-band components of a voltage trace without spikes."""

import numpy as np

RAMP_CUTOFF_HZ = 3.0
THETA_BAND_HZ = (5.0, 10.0)
_ORDER = 2  # forwards and backwards: no phase shift, twice the slope, half at the corner


def ramp(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    *,
    cutoff_hz: float = RAMP_CUTOFF_HZ,
    circular: bool = False,
) -> np.ndarray:
    """Subthreshold ramp: the part of the voltage below 3 Hz, without phase shift (model.md 7).

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
        The trace, evenly sampled and free of spikes (see `cut_spikes`).
    cutoff_hz : float
        Corner frequency of the Butterworth low-pass filter.
    circular : bool
        Whether the end of the trace joins its beginning; otherwise it is continued by its mirror
        image.

    Returns
    -------
    ndarray, shape (n,)
        Voltage in mV.
    """
    from scipy.signal import butter

    sos = butter(_ORDER, cutoff_hz, btype="lowpass", fs=_sampling_hz(time_ms), output="sos")
    return _zero_phase(sos, time_ms, v_mV, cutoff_hz, circular)


def theta_band(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    *,
    band_hz: tuple[float, float] = THETA_BAND_HZ,
    circular: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theta-band component of the voltage, its amplitude and its phase.

    Parameters
    ----------
    time_ms, v_mV, circular
        As for `ramp`.
    band_hz : (float, float)
        Corner frequencies of the Butterworth band-pass filter.

    Returns
    -------
    band_mV, amplitude_mV, phase_deg : ndarray, shape (n,)
        Filtered voltage; its envelope (analytic signal); its phase in -180..180 degrees, 0 at the
        peak.
    """
    from scipy.signal import butter, hilbert

    sos = butter(_ORDER, band_hz, btype="bandpass", fs=_sampling_hz(time_ms), output="sos")
    band = _zero_phase(sos, time_ms, v_mV, band_hz[0], circular)
    analytic = hilbert(band)
    return band, np.abs(analytic), np.degrees(np.angle(analytic))


def _sampling_hz(time_ms: np.ndarray) -> float:
    return 1e3 * (len(time_ms) - 1) / float(time_ms[-1] - time_ms[0])


def _zero_phase(
    sos: np.ndarray, time_ms: np.ndarray, v_mV: np.ndarray, lowest_hz: float, circular: bool
) -> np.ndarray:
    from scipy.signal import sosfiltfilt

    # The filter forgets its start within about one period of its lowest corner; pad by two.
    padding = min(round(2 * _sampling_hz(time_ms) / lowest_hz), len(v_mV) - 1)
    # A mirror image, not a point reflection: that would pin the slow voltage to the last, noisy
    # sample.
    padded = np.pad(np.asarray(v_mV, float), padding, mode="wrap" if circular else "reflect")
    return sosfiltfilt(sos, padded, padlen=0)[padding : padding + len(v_mV)]
