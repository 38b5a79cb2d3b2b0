"""How a curve along the track changes, such as the ramp by an induction.

Measures of Milstein et al. 2021 (eLife 10:e73046): ramps by bin of position, baseline the mean of
their lowest tenth, changes as differences of two ramps.
"""

from typing import NamedTuple

import numpy as np

from ..inputs.track import distance_from
from .samples import same_length

BINS = 100
_LOWEST = 0.1  # of the bins: the baseline


class Change(NamedTuple):
    """A change of a curve along the track, in the curve's unit; positions in the track's.

    Attributes
    ----------
    amplitude : float
        Peak afterwards above the baseline before.
    peak_from_onset : float
        Where the peak is afterwards, from the onset of the plateau; negative before it.
    gain, gain_from_onset : float
        Largest rise, and where.
    loss, loss_from_onset : float
        Largest fall (below 0), and where.
    rises_before, rises_after : float
        How far from the onset the curve has risen without a gap; NaN where that has no end within
        half of a circular track, 0 where it has not risen at the onset.
    half_before, half_after : float
        How far from the onset it has risen by half of the gain or more, as above.
    """

    amplitude: float
    peak_from_onset: float
    gain: float
    gain_from_onset: float
    loss: float
    loss_from_onset: float
    rises_before: float
    rises_after: float
    half_before: float
    half_after: float


def baseline(curve: np.ndarray) -> float:
    """Mean of the lowest tenth of the bins."""
    n = max(round(_LOWEST * len(curve)), 1)
    return float(np.sort(curve)[:n].mean())


def change(
    position: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    *,
    onset: float,
    track_length: float | None = None,
) -> Change:
    """How a curve by bin of position differs from one before.

    Parameters
    ----------
    position : ndarray, shape (n,)
        Middles of even bins, ascending.
    before, after : ndarray, shape (n,)
    onset : float
        Position at which the plateau begins.
    track_length : float, optional
        Of a circular track: the shorter way round counts.
    """
    position, before, after = same_length(position=position, before=before, after=after)
    distance = distance_from(position, onset, track_length=track_length)
    order = np.argsort(distance)
    distance, difference = distance[order], (after - before)[order]
    over_half = difference - 0.5 * difference.max()
    highest, lowest = int(np.argmax(difference)), int(np.argmin(difference))
    return Change(
        amplitude=float(after.max() - baseline(before)),
        peak_from_onset=float(distance[int(np.argmax(after[order]))]),
        gain=float(difference[highest]),
        gain_from_onset=float(distance[highest]),
        loss=float(difference[lowest]),
        loss_from_onset=float(distance[lowest]),
        rises_before=_until_zero(-distance[::-1], difference[::-1]),
        rises_after=_until_zero(distance, difference),
        half_before=_until_zero(-distance[::-1], over_half[::-1]),
        half_after=_until_zero(distance, over_half),
    )


def _until_zero(distance: np.ndarray, difference: np.ndarray) -> float:
    """Distance beyond 0 at which a curve first comes down to 0, linear between bins."""
    first = int(np.searchsorted(distance, 0.0))
    at_onset = float(np.interp(0.0, distance, difference))
    distance = np.concatenate([[0.0], distance[first:]])
    difference = np.concatenate([[at_onset], difference[first:]])
    down = np.flatnonzero(difference <= 0)
    if not len(down):
        return float("nan")
    end = int(down[0])
    if end == 0:
        return 0.0
    fall = difference[end - 1] - difference[end]
    part = difference[end - 1] / fall
    return float(distance[end - 1] + part * (distance[end] - distance[end - 1]))
