"""Synaptic currents summed over the cell by receptor, in the field and out of it."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from ..errors import ModelError, did_you_mean, quoted
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
    """Mean current (nA) of each receptor within and out of the field.

    Parameters
    ----------
    currents_nA : mapping of str to ndarray, shape (n,)
        Sum over the cell by receptor, evenly sampled; negative is inward.
    inside : ndarray of bool, shape (n,)
        Whether a sample is in the field (`in_field`).
    """
    means = {}
    for receptor, current_nA in currents_nA.items():
        current_nA, inside = same_length(**{receptor: current_nA, "inside": inside})
        means[receptor] = FieldMeans(_mean(current_nA[inside]), _mean(current_nA[~inside]))
    return means


def charge_pC(time_ms: np.ndarray, current_nA: np.ndarray) -> float:
    """Charge that a current carries, by trapezoids: negative inward."""
    time_ms, current_nA = same_length(time_ms=time_ms, current_nA=current_nA)
    return float(np.trapezoid(current_nA, time_ms))


def excitation_to_inhibition(
    currents_nA: Mapping[str, np.ndarray],
    inside: np.ndarray,
    *,
    excitatory: Collection[str] = EXCITATORY,
    inhibitory: Collection[str] = INHIBITORY,
) -> FieldMeans:
    """Mean excitatory inward current over mean inhibitory outward current.

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
    for receptor in (*excitatory, *inhibitory):
        if receptor not in means:
            similar = did_you_mean(receptor, means)
            raise ModelError(f"no current of receptor {quoted(receptor)} was recorded.{similar}")
    ratios = []
    for part in FieldMeans._fields:
        inward_nA = -sum(getattr(means[receptor], part) for receptor in excitatory)
        outward_nA = sum(getattr(means[receptor], part) for receptor in inhibitory)
        ratios.append(inward_nA / outward_nA if outward_nA else float("nan"))
    return FieldMeans(*ratios)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
