"""Synaptic currents summed over the cell by receptor: mean in and out of the field, charge, excitation against inhibition."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from ..errors import ModelError, did_you_mean
from ..receptors import receptors_of
from .samples import same_length

EXCITATORY = tuple(receptor.name for receptor in receptors_of("exc"))
INHIBITORY = tuple(receptor.name for receptor in receptors_of("inh"))


class FieldMeans(NamedTuple):
    """Mean within and out of the field; NaN where there are no samples."""

    in_field: float
    out_of_field: float


def mean_currents(
    currents_nA: Mapping[str, np.ndarray], inside: np.ndarray
) -> dict[str, FieldMeans]:
    """Mean current of each receptor within and out of the field.

    Parameters
    ----------
    currents_nA : mapping of str to ndarray, shape (n,)
        Sum over the cell by receptor, evenly sampled; negative is inward.
    inside : ndarray of bool, shape (n,)
        Whether a sample is in the field (`in_field`).

    Returns
    -------
    dict of str to FieldMeans
        In nA.
    """
    means = {}
    for receptor, current_nA in currents_nA.items():
        current_nA, inside = same_length(**{receptor: current_nA, "inside": inside})
        means[receptor] = FieldMeans(_mean(current_nA[inside]), _mean(current_nA[~inside]))
    return means


def charge_pC(time_ms: np.ndarray, current_nA: np.ndarray) -> float:
    """Charge that a current carries, by trapezoids: nA times ms is pC.

    Parameters
    ----------
    time_ms, current_nA : ndarray, shape (n,)
        Of part of a trial, give the samples of that part.

    Returns
    -------
    float
        Negative for an inward current; 0 with fewer than two samples.
    """
    time_ms, current_nA = same_length(time_ms=time_ms, current_nA=current_nA)
    return float(np.trapezoid(current_nA, time_ms))


def excitation_to_inhibition(
    currents_nA: Mapping[str, np.ndarray],
    inside: np.ndarray,
    *,
    excitatory: Collection[str] = EXCITATORY,
    inhibitory: Collection[str] = INHIBITORY,
) -> FieldMeans:
    """Balance of excitation and inhibition: mean excitatory inward current over mean inhibitory outward current.

    Currents, not conductances: both follow the driving force at the synapse.

    Parameters
    ----------
    currents_nA, inside
        As for `mean_currents`.
    excitatory, inhibitory : collection of str
        Receptors of each kind.

    Returns
    -------
    FieldMeans
        A ratio; NaN where there is no inhibitory current.
    """
    means = mean_currents(currents_nA, inside)
    sums = []
    for kind in (excitatory, inhibitory):
        for receptor in kind:
            if receptor not in means:
                raise ModelError(
                    f"no current of receptor '{receptor}' was recorded.{did_you_mean(receptor, means)}"
                )
        sums.append(np.array([means[receptor] for receptor in kind]).reshape(-1, 2).sum(axis=0))
    return FieldMeans(*(float(-e / i) if i else float("nan") for e, i in zip(*sums, strict=True)))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
