"""Whether the laps of one cell on a circular track have something in common along it."""

from typing import NamedTuple

import numpy as np

from ..errors import ModelError

N_ROTATIONS = 9999
"""Sets of rotated laps that a test draws: the smallest p is 1 in 10,000."""


class CommonTuning(NamedTuple):
    """What the laps' mean curve varies by along the track, and whether chance does as much.

    Attributes
    ----------
    spread : float
        Standard deviation along the track of the mean over laps, in the curves' unit.
    by_chance : float
        Mean of the same over laps that were rotated against each other.
    range : float
        Highest less lowest value of the mean over laps.
    p : float
        Share of the rotated sets whose spread is at least as large, the laps as they are included.
    """

    spread: float
    by_chance: float
    range: float
    p: float


def common_tuning(
    curves: np.ndarray, *, n_rotations: int = N_ROTATIONS, seed: int = 0
) -> CommonTuning:
    """Test whether laps share a place tuning: rotating each by chance would take that away alone.

    A lap's own ups and downs stay as they are in a rotated lap, also how long they last, so the
    test asks for nothing but that they come at the same places.

    Parameters
    ----------
    curves : ndarray, shape (laps, bins)
        Rate or ramp by bin of position, once around a circular track.
    n_rotations : int
        Sets of rotated laps, 1 or more.
    seed : int
        Of the rotations.

    Raises
    ------
    ModelError
        If there are fewer than two laps or bins, or a value is NaN.
    """
    curves = np.asarray(curves, float)
    if curves.ndim != 2 or min(curves.shape) < 2 or np.isnan(curves).any() or n_rotations < 1:
        raise ModelError(
            f"curves have shape {curves.shape}: expected (laps, bins), two or more of each, no NaN,"
            " and one rotation or more; stack the curves of whole laps."
        )
    n_laps, n_bins = curves.shape
    mean = curves.mean(axis=0)
    random = np.random.default_rng(seed)
    shifts = random.integers(n_bins, size=(n_rotations, n_laps))
    # Rotations of a lap multiply its Fourier coefficients; the variance is what they sum to.
    coefficients = np.fft.rfft(curves, axis=1)[:, 1:]
    weight = np.full(coefficients.shape[1], 2.0)
    if n_bins % 2 == 0:
        weight[-1] = 1.0
    turns = -2j * np.pi * np.arange(1, coefficients.shape[1] + 1) / n_bins
    spreads = np.empty(n_rotations)
    for number, shift in enumerate(shifts):
        summed = (coefficients * np.exp(shift[:, None] * turns)).sum(axis=0)
        spreads[number] = np.sqrt((weight * np.abs(summed) ** 2).sum()) / (n_laps * n_bins)
    spread = float(mean.std())
    as_large = int((spreads >= spread * (1 - 1e-12)).sum())
    return CommonTuning(
        spread, float(spreads.mean()), float(np.ptp(mean)), (1 + as_large) / (1 + n_rotations)
    )
