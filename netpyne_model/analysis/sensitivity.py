"""Global sensitivity of a number to parameters that all vary at once: Sobol indices with bands.

The **first** index of a parameter is the share of the number's variance that the parameter brings
alone, the **total** one the share that would be left if all others were known, so what it brings
together with others is in it. Samples and estimates are SALib's: Saltelli's design, one block of
``n_parameters + 2`` samples for each point of a scrambled Sobol sequence, and the estimators that
Saltelli et al. (2010, Comput Phys Commun 181:259) recommend.

A number of which few samples have most (a rate of 100 Hz where most are silent) says by its variance
what makes those few. Its **ranks** say what makes it larger or smaller in any sample, the same for
every growing function of it, with narrower bands (Saltelli & Sobol' 1995, Reliab Eng Syst Saf 50:225).

Bands are percentiles over resampled blocks. Points of a Sobol sequence lie more evenly than random
ones, which resampling does not know: the bands are rather too wide than too narrow.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ..errors import ModelError

CONFIDENCE = 0.95
N_RESAMPLES = 2000
VALUES: Final = "values"
RANKS: Final = "ranks"
"""What of a measure has its variance divided."""
IS_NOISE = "the noise"
"""The verdict of the parameter that the others are compared with."""
LARGEST_TREND_P = 0.05
_RESAMPLING_SEED = 1  # SALib takes 0 for none


class SobolIndices(NamedTuple):
    """Indices of each parameter.

    Attributes
    ----------
    n_blocks : int
        Blocks of the design that were complete.
    first, total : ndarray, shape (n_parameters,)
        NaN where the number does not vary.
    first_band, total_band : ndarray, shape (2, n_parameters)
        Limits of their 95 % bands.
    total_resampled : ndarray, shape (resamples, n_parameters)
        Total indices of the same resampled blocks, so that two of them can be compared.
    """

    n_blocks: int
    first: np.ndarray
    first_band: np.ndarray
    total: np.ndarray
    total_band: np.ndarray
    total_resampled: np.ndarray


class RankTrend(NamedTuple):
    """Whether a number rises with a parameter: Spearman's rank correlation, and its p."""

    correlation: float
    p: float


def saltelli_samples(n_blocks: int, n_parameters: int, *, seed: int = 0) -> np.ndarray:
    """Samples of a Saltelli design, each parameter from 0 to 1.

    Parameters
    ----------
    n_blocks : int
        Points of the Sobol sequence, a power of two. The blocks of half as many come first.
    n_parameters : int
    seed : int
        Of the scrambling.

    Returns
    -------
    ndarray, shape (n_blocks * (n_parameters + 2), n_parameters)
        In each block a point A, A with one parameter after the other taken from B, and B.

    Raises
    ------
    ModelError
        If the number of blocks is no power of two.
    """
    from SALib.sample import sobol

    if n_blocks < 2 or n_blocks & (n_blocks - 1):
        raise ModelError(
            f"{n_blocks} blocks of samples: expected a power of two from 2, such as 64."
        )
    problem = _problem(n_parameters)
    return sobol.sample(problem, n_blocks, calc_second_order=False, seed=seed)


def sobol_indices(values: np.ndarray, n_parameters: int) -> SobolIndices:
    """First and total indices from the values of a Saltelli design, with bands.

    Parameters
    ----------
    values : ndarray, shape (n_blocks * (n_parameters + 2),)
        In the order of `saltelli_samples`. A block that lacks a value (NaN) is left out.
    n_parameters : int

    Raises
    ------
    ModelError
        If there are not whole blocks of values.
    """
    from SALib.analyze import sobol

    values = complete_blocks(values, n_parameters)
    if len(values) < 2 or not np.ptp(values):
        none = np.full(n_parameters, np.nan)
        band = np.full((2, n_parameters), np.nan)
        return SobolIndices(len(values), none, band, none, band, band[:0])
    found = sobol.analyze(
        _problem(n_parameters),
        values.ravel(),
        calc_second_order=False,
        num_resamples=N_RESAMPLES,
        keep_resamples=True,
        seed=_RESAMPLING_SEED,
    )
    first, total = (np.asarray(found[f"{name}_conf_all"]) for name in ("S1", "ST"))
    return SobolIndices(
        len(values), found["S1"], band_of(first), found["ST"], band_of(total), total
    )


def complete_blocks(values: np.ndarray, n_parameters: int) -> np.ndarray:
    """The values of a design by block, those without a missing value: (n_blocks, n_parameters + 2)."""
    values = np.asarray(values, float)
    if not len(values) or len(values) % (n_parameters + 2):
        raise ModelError(
            f"{len(values)} values: expected whole blocks of {n_parameters + 2}, one a sample."
        )
    blocks = values.reshape(-1, n_parameters + 2)
    return blocks[np.isfinite(blocks).all(axis=1)]


def ranks(values: np.ndarray, n_parameters: int) -> np.ndarray:
    """The place of each value of a design among all of its complete blocks, from 0 to 1.

    Parameters
    ----------
    values : ndarray, shape (n_blocks * (n_parameters + 2),)
        In the order of `saltelli_samples`.
    n_parameters : int

    Returns
    -------
    ndarray, of the same shape
        Equal values have the mean of their places, blocks that lack a value NaN.
    """
    from scipy import stats

    chosen = complete_blocks(values, n_parameters)
    places = (stats.rankdata(chosen) - 0.5) / max(chosen.size, 1)
    blocks = np.array(values, float).reshape(-1, n_parameters + 2)
    complete = np.isfinite(blocks).all(axis=1)
    blocks[~complete], blocks[complete] = np.nan, places.reshape(chosen.shape)
    return blocks.ravel()


def scaled_label(label: str, scale: str) -> str:
    """What a measure is called where its values or its ranks may be meant."""
    return f"{label} ({RANKS})" if scale == RANKS else label


def band_of(resampled: np.ndarray) -> np.ndarray:
    """Limits of the middle 95 % of resampled numbers along the first axis."""
    tail = 50 * (1 - CONFIDENCE)
    return np.percentile(resampled, [tail, 100 - tail], axis=0)


def rank_trends(samples: np.ndarray, values: np.ndarray) -> list[RankTrend]:
    """Whether the values rise with each parameter, from the independent samples of a design.

    Parameters
    ----------
    samples : ndarray, shape (n, n_parameters)
        A Saltelli design; the first and last samples of its blocks are independent.
    values : ndarray, shape (n,)
    """
    from scipy import stats

    samples, values = np.asarray(samples, float), np.asarray(values, float)
    n_parameters = samples.shape[1]
    complete_blocks(values, n_parameters)
    at = np.arange(len(values)) % (n_parameters + 2)
    chosen = ((at == 0) | (at == n_parameters + 1)) & np.isfinite(values)
    if chosen.sum() < 3 or not np.ptp(values[chosen]):
        return [RankTrend(np.nan, np.nan)] * n_parameters
    found = (stats.spearmanr(column, values[chosen]) for column in samples[chosen].T)
    return [RankTrend(float(one.statistic), float(one.pvalue)) for one in found]


def trend_sign(row: Mapping[str, Any]) -> str:
    """How a measure goes with a parameter, where that can be told: a plus, a minus or nothing.

    The noise has none: its values are seeds, whose order says nothing.

    Parameters
    ----------
    row : mapping
        ``verdict``, ``trend`` and ``trend_p`` of the parameter.
    """
    if row["verdict"] == IS_NOISE or not row["trend_p"] < LARGEST_TREND_P:
        return ""
    return "+" if row["trend"] > 0 else "\N{MINUS SIGN}"


def _problem(n_parameters: int) -> dict[str, Any]:
    """Parameters from 0 to 1, as SALib has them."""
    names = [f"x{number}" for number in range(n_parameters)]
    return {"num_vars": n_parameters, "names": names, "bounds": [[0.0, 1.0]] * n_parameters}
