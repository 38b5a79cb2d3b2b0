"""How far one potential follows another under the same inputs: gain, without a spike's time."""

from typing import NamedTuple

import numpy as np

from ..errors import ModelError
from .samples import same_length
from .trials import slope

BESIDE_SPIKE_MS = (5.0, 100.0)
"""Before and after a spike of either: what is not counted, the afterhyperpolarisation included."""


class PairedGain(NamedTuple):
    """How a potential follows a reference.

    Attributes
    ----------
    gain : float
        Slope of the least-squares line of the potential against the reference, sample by sample:
        above 1, whatever moves the reference moves the potential by more. NaN without samples.
    correlation : float
        Between the two; near 1, a line says all, and the gain does not hang on which is the
        reference.
    difference_mV : float
        Mean of the potential less that of the reference.
    """

    gain: float
    correlation: float
    difference_mV: float


def paired_gain(
    time_ms: np.ndarray,
    v_mV: np.ndarray,
    reference_mV: np.ndarray,
    *,
    spikes_ms: np.ndarray,
    samples: np.ndarray | None = None,
) -> PairedGain:
    """Compare two potentials of the same inputs, such as with a current and without it.

    Parameters
    ----------
    time_ms, v_mV, reference_mV : ndarray, shape (n,)
    spikes_ms : ndarray
        Of either cell; `BESIDE_SPIKE_MS` about each are left out.
    samples : ndarray of bool, shape (n,), optional
        Which samples count; all without it.
    """
    time_ms, v_mV = same_length(time_ms=time_ms, v_mV=v_mV)
    time_ms, reference_mV = same_length(time_ms=time_ms, reference_mV=reference_mV)
    kept = np.ones(len(time_ms), bool) if samples is None else np.array(samples, bool)
    if kept.shape != time_ms.shape:
        raise ModelError(
            f"samples have shape {kept.shape}: expected {time_ms.shape}, one a sample of time_ms."
        )
    before_ms, after_ms = BESIDE_SPIKE_MS
    for spike_ms in np.asarray(spikes_ms, float):
        kept &= (time_ms < spike_ms - before_ms) | (time_ms > spike_ms + after_ms)
    v_mV, reference_mV = v_mV[kept], reference_mV[kept]
    if len(v_mV) < 2 or not (np.ptp(v_mV) and np.ptp(reference_mV)):
        return PairedGain(np.nan, np.nan, np.nan)
    gain = slope(reference_mV, v_mV)
    correlation = gain * float(reference_mV.std() / v_mV.std())
    return PairedGain(gain, correlation, float(v_mV.mean() - reference_mV.mean()))
