"""Eligibility traces of spikes and the instructive signal of plateaus: exponential filters.

Equations 8 and 9 of Milstein et al. 2021. Both are exact at the times that are asked for: a spike
between two of them decays from its own time on, a plateau begins and ends at its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from ..errors import ModelError


class PlateauPulse(NamedTuple):
    """When a plateau begins and ends (ms), and its height in units of a plateau's."""

    start_ms: float
    stop_ms: float
    height: float = 1.0


def eligibility(
    spikes_ms: Sequence[np.ndarray],
    times_ms: np.ndarray,
    tau_ms: float,
    *,
    step_ms: float,
    before: np.ndarray | None = None,
) -> np.ndarray:
    """Traces that grow by 1 with each spike and decay exponentially.

    Parameters
    ----------
    spikes_ms : sequence of arrays
        Spike times of each synapse.
    times_ms : ndarray, shape (m,)
        In even steps of `step_ms`.
    tau_ms, step_ms : float
    before : ndarray, shape (n,), optional
        The traces one step before the first of `times_ms`, of all spikes until then; without it
        every spike counts.

    Returns
    -------
    ndarray, shape (n, m)
    """
    times_ms = np.asarray(times_ms, float)
    first_ms = times_ms[0]
    counts = [len(train) for train in spikes_ms]
    rows = np.repeat(np.arange(len(counts)), counts)
    spikes = np.concatenate([np.empty(0), *spikes_ms])
    kept = spikes <= times_ms[-1]
    if before is not None:
        kept &= spikes > first_ms - step_ms
    rows, spikes = rows[kept], spikes[kept]
    # The first time at or after the spike; less a little, for a spike at one of the times.
    columns = np.maximum(np.ceil((spikes - first_ms) / step_ms - 1e-9), 0).astype(int)
    columns = np.minimum(columns, len(times_ms) - 1)
    impulses = np.zeros((len(counts), len(times_ms)))
    np.add.at(impulses, (rows, columns), np.exp(-(times_ms[columns] - spikes) / tau_ms))
    decay = np.exp(-step_ms / tau_ms)
    at_start = np.zeros(len(counts)) if before is None else decay * np.asarray(before, float)
    traces, _ = lfilter([1.0], [1.0, -decay], impulses, axis=1, zi=at_start[:, None])
    return traces


def mean_eligibility_peak(rate_hz: np.ndarray, step_ms: float, tau_ms: float) -> float:
    """Highest value that the trace of an input takes on average, of its rate in even steps.

    In units of `eligibility`: what a trace is divided by for its mean to peak at 1.
    """
    decay = np.exp(-step_ms / tau_ms)
    # A rate constant within a step leaves tau (1 - decay) times it at the end of the step.
    of_step = 1e-3 * np.asarray(rate_hz, float) * tau_ms * (1 - decay)
    return float(lfilter([1.0], [1.0, -decay], of_step).max())


def instructive(
    plateaus: Sequence[PlateauPulse], times_ms: np.ndarray, tau_ms: float
) -> np.ndarray:
    """Signal that approaches the height of a plateau while it lasts and decays exponentially.

    Both with the same time constant; plateaus add up.
    """
    times_ms = np.asarray(times_ms, float)
    signal = np.zeros(times_ms.shape)
    for start_ms, stop_ms, height in plateaus:
        if not stop_ms > start_ms:
            raise ModelError(
                f"plateau from {start_ms:g} to {stop_ms:g} ms: expected an end after the start."
            )
        risen = 1 - np.exp(-np.clip(times_ms - start_ms, 0, stop_ms - start_ms) / tau_ms)
        signal += height * risen * np.exp(-np.clip(times_ms - stop_ms, 0, None) / tau_ms)
    return signal


def instructive_peak(duration_ms: float, tau_ms: float) -> float:
    """Highest value of the signal of one plateau of height 1: what it is divided by to peak at 1."""
    return float(1 - np.exp(-duration_ms / tau_ms))
