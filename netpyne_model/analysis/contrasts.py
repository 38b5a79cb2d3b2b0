"""Effects between conditions whose trials are paired by seed: size, confidence band, chance.

Trials of two conditions with the same seed have the same inputs, so every number here is of the
differences of such pairs, one a seed: what differs between seeds is not in it.

Bands of differences and of shares are those of Student's t, as all bands of the package are, and not
of a bootstrap: of 20 pairs of rates of a few spikes they hold the true difference as often as BCa does
or oftener (`docs/studies.md` has the shares), and they take no random numbers. The probability of
chance takes no distribution for granted: it turns the signs of the differences about.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .samples import same_length
from .trials import mean_and_band

CONFIDENCE = 0.95
N_FLIPS = 20_000
"""Assignments of signs that are looked at: all of them for up to 14 pairs, else as many at random."""


class Estimate(NamedTuple):
    """A number and the limits of its confidence band; NaN where there is none."""

    value: float
    lower: float = float("nan")
    upper: float = float("nan")


class PairedEffect(NamedTuple):
    """An effect over pairs, and how likely chance is to bring as much.

    Attributes
    ----------
    n : int
        Pairs that have a value.
    estimate : Estimate
        Mean of the differences, or the share.
    size : Estimate
        Mean of the differences in units of their standard deviation.
    p : float
        From `sign_flip_p`.
    """

    n: int
    estimate: Estimate
    size: Estimate
    p: float


def paired_effect(differences: np.ndarray, *, than: float = 0.0) -> PairedEffect:
    """The mean of paired differences with band and size, and the chance that it is `than`.

    Parameters
    ----------
    differences : ndarray, shape (pairs,)
        NaN where a pair lacks a value: it is left out.
    than : float
        The mean that chance would have.
    """
    d = _finite(differences)
    mean = Estimate(*map(float, mean_and_band(d, confidence=CONFIDENCE)))
    return PairedEffect(len(d), mean, effect_size(d), sign_flip_p(d - than))


def paired_share(part: np.ndarray, whole: np.ndarray, *, than: float = 0.0) -> PairedEffect:
    """The share that the mean of one paired difference is of the mean of another.

    Its band are the shares ``r`` at which ``part - r whole`` has a mean that Student's t cannot tell
    from 0 (Fieller 1954, J R Stat Soc B 16:175). There is none where the whole itself cannot be told
    from 0.

    Parameters
    ----------
    part, whole : ndarray, shape (pairs,)
        Of the same pairs; those that lack either are left out.
    than : float
        The share that chance would have.
    """
    part, whole = same_length(part=part, whole=whole)
    both = np.isfinite(part) & np.isfinite(whole)
    part, whole = part[both], whole[both]
    p = sign_flip_p(part - than * whole)
    return PairedEffect(len(part), _share(part, whole), Estimate(np.nan), p)


def _share(part: np.ndarray, whole: np.ndarray) -> Estimate:
    n = len(part)
    if n < 2 or not whole.mean():
        return Estimate(np.nan)
    covariance = np.cov(part, whole) / n * _t_limit(n) ** 2
    # The roots of a r**2 - 2 b r + c: where (part - r whole) / its standard error is the limit of t.
    a = whole.mean() ** 2 - covariance[1, 1]
    b = part.mean() * whole.mean() - covariance[0, 1]
    c = part.mean() ** 2 - covariance[0, 0]
    share = float(part.mean() / whole.mean())
    if a <= 0:
        return Estimate(share)
    half = np.sqrt(max(b**2 - a * c, 0.0))
    return Estimate(share, float((b - half) / a), float((b + half) / a))


def effect_size(differences: np.ndarray) -> Estimate:
    """Mean of paired differences in units of their standard deviation (Cohen's d of pairs), with band.

    The band is that of the noncentral t distribution, exact for differences of normal distribution.
    NaN where all differences are equal.
    """
    d = _finite(differences)
    n = len(d)
    if n < 2 or not np.ptp(d):
        return Estimate(np.nan)
    t = float(d.mean() / d.std(ddof=1) * np.sqrt(n))
    near, far = _noncentrality(abs(t), n - 1)
    limits = sorted(np.copysign(1.0, t) * np.array([near, far]) / np.sqrt(n))
    return Estimate(t / float(np.sqrt(n)), *map(float, limits))


def _noncentrality(t: float, df: int) -> tuple[float, float]:
    """Which noncentral t distributions have a t of 0 or more at the two ends of their middle part."""
    from scipy import stats
    from scipy.optimize import brentq

    tail = (1 - CONFIDENCE) / 2
    # What t is divided by is seldom beyond this quantile, nor its numerator beyond 5.
    most = t * np.sqrt(stats.chi2.ppf(0.9999, df) / df) + 5
    near = brentq(lambda at: stats.nct.cdf(t, df, at) - (1 - tail), -2.0, t)
    return near, brentq(lambda at: stats.nct.cdf(t, df, at) - tail, t, most)


def sign_flip_p(differences: np.ndarray) -> float:
    """How often chance brings a mean of paired differences as far from 0, to either side.

    Without an effect each difference is as likely to be of the other sign, so the means with the
    signs turned about are what chance brings: a permutation test within pairs, exact for up to 14 of
    them, else from `N_FLIPS` random assignments of a fixed seed. 1 of one pair and where all differences
    are 0, NaN without pairs.
    """
    from scipy import stats

    d = _finite(differences)
    if not len(d):
        return float("nan")
    if len(d) == 1 or not d.any():
        return 1.0
    outcome = stats.permutation_test(
        (d,),
        lambda values, axis=-1: np.mean(values, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=N_FLIPS,
        random_state=np.random.default_rng(0),
    )
    return float(outcome.pvalue)


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Probabilities of a family of tests, so raised that any false one among them is as rare.

    Step-down of Holm (1979, Scand J Stat 6:65): the smallest times the number of tests, the next
    times one fewer, and none below the one before. NaN is no test and stays.
    """
    p = np.asarray(p_values, float)
    adjusted = np.full(len(p), np.nan)
    order = [at for at in np.argsort(p) if np.isfinite(p[at])]
    raised = 0.0
    for rank, at in enumerate(order):
        raised = max(raised, min(1.0, (len(order) - rank) * p[at]))
        adjusted[at] = raised
    return adjusted


def _finite(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, float)
    return values[np.isfinite(values)]


def _t_limit(n: int) -> float:
    from scipy import stats

    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1))
