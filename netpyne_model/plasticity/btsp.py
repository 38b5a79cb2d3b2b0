"""Weights after plateaus, by the rule of Milstein et al. 2021 (equations 1 and 16).

The rule is linear in the weight, so a step in which the overlap is constant is exact, whatever its
length: the weight goes exponentially to the one that the overlap leads to, and never leaves 0 to
`w_max`. The overlap is taken at the middle of each step, which is of second order in the step.
"""

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from .rule import PlasticityRule
from .traces import PlateauPulse, eligibility, instructive

STEP_MS = 10.0
"""Step of the paper; the tests say how exact it is."""
_BLOCK = 200  # steps whose traces are in memory at a time
_NOTHING = 1e-6  # of a plateau's signal, below which no weight changes


def weights_after(
    weights: np.ndarray,
    spikes_ms: Sequence[np.ndarray],
    plateaus: Sequence[PlateauPulse],
    rule: PlasticityRule,
    *,
    from_ms: float,
    to_ms: float,
    eligibility_peak: float,
    instructive_peak: float,
    step_ms: float = STEP_MS,
) -> np.ndarray:
    """Weights of synapses after some time with spikes and plateaus.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        Before, 0 to ``rule.w_max``.
    spikes_ms : sequence of arrays
        Presynaptic spikes of each synapse, sorted.
    plateaus : sequence of PlateauPulse
    rule : PlasticityRule
    from_ms, to_ms : float
        The time that is integrated; spikes before it count in the eligibility traces.
    eligibility_peak, instructive_peak : float
        What the traces are divided by (`mean_eligibility_peak`, `instructive_peak`): the paper
        scales both to a largest value of 1.
    step_ms : float

    Returns
    -------
    ndarray, shape (n,)
    """
    weights = _checked(weights, len(spikes_ms), rule)
    n_steps = max(round((to_ms - from_ms) / step_ms), 1)
    step_ms = (to_ms - from_ms) / n_steps
    middles_ms = from_ms + step_ms * (np.arange(n_steps) + 0.5)
    signal = instructive(plateaus, middles_ms, rule.tau_IS_ms) / instructive_peak
    trace = None
    for first in range(0, n_steps, _BLOCK):
        block = slice(first, first + _BLOCK)
        traces = eligibility(
            spikes_ms, middles_ms[block], rule.tau_ET_ms, step_ms=step_ms, before=trace
        )
        trace = traces[:, -1]
        for column in np.flatnonzero(signal[block] > _NOTHING):
            overlap = traces[:, column] / eligibility_peak * signal[first + column]
            weights = _stepped(weights, overlap, rule, step_ms)
    return weights


def _stepped(
    weights: np.ndarray, overlap: np.ndarray, rule: PlasticityRule, step_ms: float
) -> np.ndarray:
    """Weights after one step of constant overlap."""
    up = 1e-3 * rule.k_plus_per_s * rule.potentiation(overlap)
    rate = up + 1e-3 * rule.k_minus_per_s * rule.depression(overlap)
    share = np.divide(up, rate, out=np.zeros(rate.shape), where=rate > 0)
    return weights + (rule.w_max * share - weights) * -np.expm1(-rate * step_ms)


def _checked(weights: np.ndarray, n_synapses: int, rule: PlasticityRule) -> np.ndarray:
    weights = np.array(weights, float)
    if weights.shape != (n_synapses,):
        raise ModelError(
            f"weights have shape {weights.shape}: expected one a synapse, {n_synapses}."
        )
    off = weights[~((weights >= 0) & (weights <= rule.w_max))]
    if len(off):
        raise ModelError(
            f"weight {off[0]:g}: the rule has weights from 0 to {rule.w_max:g}; scale them."
        )
    return weights
