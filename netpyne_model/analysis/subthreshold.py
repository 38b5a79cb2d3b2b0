"""Slow and theta-band components of a voltage trace without spikes.

The filters are digital Butterworth filters of second order, forwards and backwards: no phase shift,
half of the amplitude at the corner. They are applied to the spectrum of the trace with its mirror
image, or of a whole lap: exact up to the ends, which a filter that steps through the samples has to
be padded for.
"""

from collections.abc import Callable

import numpy as np

RAMP_CUTOFF_HZ = 3.0
THETA_BAND_HZ = (5.0, 10.0)


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
    corner = _warped(cutoff_hz, time_ms)
    return _filtered(time_ms, v_mV, circular, lambda f: 1 / (1 + (f / corner) ** 4))


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
    low, high = (_warped(corner_hz, time_ms) for corner_hz in band_hz)

    def gain(f: np.ndarray) -> np.ndarray:
        below = f * (high - low)  # 0 at frequency 0, where nothing is left
        return below**4 / (below**4 + (f**2 - low * high) ** 4)

    band = _filtered(time_ms, v_mV, circular, gain)
    analytic = _analytic(band)
    return band, np.abs(analytic), np.degrees(np.angle(analytic))


def _sampling_hz(time_ms: np.ndarray) -> float:
    return 1e3 * (len(time_ms) - 1) / float(time_ms[-1] - time_ms[0])


def _warped(frequency_hz: float | np.ndarray, time_ms: np.ndarray) -> np.ndarray:
    """Where the bilinear transform of a sampled filter puts a frequency."""
    return np.tan(np.pi * np.asarray(frequency_hz) / _sampling_hz(time_ms))


def _filtered(
    time_ms: np.ndarray, v_mV: np.ndarray, circular: bool, gain: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The trace times a gain, which is a function of the warped frequency."""
    values = np.asarray(v_mV, float)
    whole = values if circular else _mirrored(values)
    frequency_hz = np.fft.rfftfreq(len(whole), 1 / _sampling_hz(time_ms))
    spectrum = np.fft.rfft(whole) * gain(_warped(frequency_hz, time_ms))
    return np.fft.irfft(spectrum, len(whole))[: len(values)]


def _mirrored(values: np.ndarray) -> np.ndarray:
    """The trace and its mirror image, which may repeat the samples at its ends or not.

    Not a point reflection: that would pin the slow voltage to the last, noisy sample. Of the three
    lengths the one of the smallest factors is transformed, in up to a tenth of the time.
    """
    images = (values[-2:0:-1], values[-2::-1], values[::-1])
    image = min(images, key=lambda image: _largest_factor(len(values) + len(image)))
    return np.concatenate([values, image])


def _largest_factor(number: int) -> int:
    """The largest prime factor of a number."""
    factor = 2
    while factor * factor <= number:
        if number % factor:
            factor += 1
        else:
            number //= factor
    return number


def _analytic(band: np.ndarray) -> np.ndarray:
    """The signal with its Hilbert transform as imaginary part."""
    n = len(band)
    doubled = np.zeros(n)
    doubled[: n // 2 + 1] = 2
    doubled[0] = 1
    if n % 2 == 0:
        doubled[n // 2] = 1
    return np.fft.ifft(np.fft.fft(band) * doubled)
