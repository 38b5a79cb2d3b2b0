"""Stochastic release with facilitation and depression (model.md 4), for many synapses at once.

On a presynaptic spike a time dt after the last one, F relaxes to 1 with tau_F and D with tau_D; the
release probability is p = min(1, p0 F D); then, released or not, F grows by `f_step` and D is
multiplied by `d_factor`. Source: Hsu et al. 2018, after Grienberger et al. 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ModelError, quoted
from .ragged import by_ordinal, flatten, split


@dataclass(frozen=True)
class ReleaseParameters:
    """Parameters of the release model; their numbers stand in the NeuroML component.

    Attributes
    ----------
    tau_F_ms, tau_D_ms : float
        Time constants of facilitation and depression.
    p0 : float
        Release probability at rest.
    f_step : float
        Added to F after each spike.
    d_factor : float
        Multiplies D after each spike.
    """

    tau_F_ms: float
    tau_D_ms: float
    p0: float
    f_step: float
    d_factor: float

    def __post_init__(self):
        limits = {
            "tau_F_ms": (0, np.inf),
            "tau_D_ms": (0, np.inf),
            "p0": (0, 1),
            "f_step": (0, np.inf),
            "d_factor": (0, 1),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            fits = low <= value <= high and np.isfinite(value)
            if not fits or (name.startswith("tau") and value == 0):
                raise ModelError(
                    f"release model: {name} = {quoted(value)};"
                    f" expected a number from {low:g} to {high:g}."
                )


def release_probability(
    presynaptic_ms: Sequence[np.ndarray], parameters: ReleaseParameters
) -> list[np.ndarray]:
    """Release probability at every presynaptic spike (sorted times, an array a synapse)."""
    times, counts = flatten(presynaptic_ms)
    return split(_probability(times, counts, parameters), counts)


def release(
    presynaptic_ms: Sequence[np.ndarray],
    uniforms: Sequence[np.ndarray],
    parameters: ReleaseParameters,
) -> list[np.ndarray]:
    """Filter presynaptic spikes to the events at which a vesicle is released.

    Parameters
    ----------
    presynaptic_ms : sequence of float arrays
        Sorted spike times in ms, one array per synapse.
    uniforms : sequence of float arrays
        One number of [0, 1) per spike; the spike releases where it is below p.
    parameters : ReleaseParameters
    """
    times, counts = flatten(presynaptic_ms)
    drawn, drawn_counts = flatten(uniforms)
    if not np.array_equal(counts, drawn_counts):
        raise ModelError(
            "release model: uniforms must hold one number per presynaptic spike of each synapse."
        )
    released = drawn < _probability(times, counts, parameters)
    row = np.repeat(np.arange(len(counts)), counts)
    return split(times[released], np.bincount(row[released], minlength=len(counts)))


def _probability(
    times: np.ndarray, counts: np.ndarray, parameters: ReleaseParameters
) -> np.ndarray:
    # The step from one train to the next is never used.
    interval = np.maximum(np.diff(times, prepend=0.0), 0)
    relax_F = np.exp(-interval / parameters.tau_F_ms)
    relax_D = np.exp(-interval / parameters.tau_D_ms)
    F, D = np.ones(len(counts)), np.ones(len(counts))
    probability = np.empty(len(times))
    for ordinal, (rows, at) in enumerate(by_ordinal(counts)):
        if ordinal:
            F[rows] = 1 + (F[rows] - 1) * relax_F[at]
            D[rows] = 1 - (1 - D[rows]) * relax_D[at]
        probability[at] = np.minimum(1, parameters.p0 * F[rows] * D[rows])
        F[rows] += parameters.f_step
        D[rows] *= parameters.d_factor
    return probability
