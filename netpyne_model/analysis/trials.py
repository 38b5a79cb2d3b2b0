"""Voltage, rate and their variability along the track, within a trial and over trials."""

from typing import NamedTuple

import numpy as np

from ..errors import ModelError
from .place_field import distance_from, in_field
from .samples import same_length, within
from .spikes import spike_times


class ThresholdCrossings(NamedTuple):
    """Upward crossings of a level, and the share of the time at or above it."""

    times_ms: np.ndarray
    fraction_above: float


class VoltageVariance(NamedTuple):
    """Variance of the voltage within the field, out of it and in all; NaN without samples."""

    in_field_mV2: float
    out_of_field_mV2: float
    whole_mV2: float


class MeanBand(NamedTuple):
    """Mean over trials and the limits of its confidence band."""

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def ramp_asymmetry(
    position: np.ndarray,
    ramp_mV: np.ndarray,
    *,
    centre: float,
    width: float,
    track_length: float | None = None,
) -> float:
    """Asymmetry of the subthreshold ramp: ``(late - early) / (late + early)``.

    Early and late are the mean of the ramp above its mean out of the field, in the first and in the
    second half of the field; where the ramp is below that it counts as 0.

    Parameters
    ----------
    position : ndarray, shape (n,)
        Of the samples, run at constant speed.
    ramp_mV : ndarray, shape (n,)
        From `ramp`.
    centre, width, track_length
        Of the field, as for `in_field`.

    Returns
    -------
    float
        -1 to 1: negative for a ramp that is higher in the first half, 0 for a symmetric one. NaN
        where a half of the field or all of what is out of it was not run, and without a ramp.
    """
    position, ramp_mV = same_length(position=position, ramp_mV=ramp_mV)
    inside = in_field(position, centre=centre, width=width, track_length=track_length)
    distance = distance_from(position, centre, track_length=track_length)
    first, second = inside & (distance < 0), inside & (distance > 0)
    if not (first.any() and second.any() and not inside.all()):
        return float("nan")
    above = np.maximum(ramp_mV - ramp_mV[~inside].mean(), 0)
    early, late = above[first].mean(), above[second].mean()
    return float((late - early) / (late + early)) if late + early > 0 else float("nan")


def ramp_width(
    position: np.ndarray,
    ramp_mV: np.ndarray,
    *,
    centre: float,
    width: float,
    track_length: float | None = None,
) -> float:
    """Width of the subthreshold ramp at half of its amplitude.

    The amplitude is that of the peak in the field above the mean out of the field; the width is
    that of the stretch about this peak in which the ramp is above half of it.

    Parameters
    ----------
    position, ramp_mV, centre, width, track_length
        As of `ramp_asymmetry`; positions are evenly spaced, and with `track_length` those of a
        whole lap.

    Returns
    -------
    float
        In the unit of the positions; NaN where the ramp does not fall to one half on both sides.
    """
    position, ramp_mV = same_length(position=position, ramp_mV=ramp_mV)
    inside = in_field(position, centre=centre, width=width, track_length=track_length)
    if inside.all() or not inside.any():
        return float("nan")
    peak = int(np.flatnonzero(inside)[ramp_mV[inside].argmax()])
    half_mV = 0.5 * (ramp_mV[peak] + ramp_mV[~inside].mean())
    if track_length is not None:  # the peak in the middle of the lap
        ramp_mV = np.roll(ramp_mV, len(ramp_mV) // 2 - peak)
        peak = len(ramp_mV) // 2
    before, after = ramp_mV[peak::-1], ramp_mV[peak:]
    n = _samples_to(before, half_mV) + _samples_to(after, half_mV)
    return n * float(position[1] - position[0])


def _samples_to(falling: np.ndarray, level: float) -> float:
    """Samples until a curve first falls below a level, linear between them; NaN if it does not."""
    below = np.flatnonzero(falling < level)
    if not len(below) or not below[0]:
        return float("nan")
    last = int(below[0])
    return last - (level - falling[last]) / (falling[last - 1] - falling[last])


def slope(x: np.ndarray, y: np.ndarray) -> float:
    """Slope of the least-squares line of y against x; NaN where x does not vary."""
    x, y = same_length(x=x, y=y)
    about = x - x.mean() if len(x) else x
    squares = float((about**2).sum())
    return float((about * y).sum()) / squares if squares > 0 else float("nan")


def pair_correlations(curves: np.ndarray) -> np.ndarray:
    """Pearson correlation of every pair of trials' curves along the track.

    Parameters
    ----------
    curves : ndarray, shape (trials, bins)
        Rate or ramp by bin of position.

    Returns
    -------
    ndarray, shape (trials * (trials - 1) / 2,)
        NaN for a pair of which one curve does not vary, as the rate of a silent trial. Means are
        taken off, which `reliability` does not.
    """
    curves = np.asarray(curves, float)
    if curves.ndim != 2:
        raise ModelError(
            f"curves have shape {curves.shape}: expected (trials, bins); stack the trials' curves."
        )
    about = curves - curves.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(about, axis=1, keepdims=True)
    unit = np.divide(about, norms, out=np.full(about.shape, np.nan), where=norms > 0)
    return (unit @ unit.T)[np.triu_indices(len(unit), k=1)]


def threshold_crossings(
    time_ms: np.ndarray, v_mV: np.ndarray, *, level_mV: float, hysteresis_mV: float = 0.0
) -> ThresholdCrossings:
    """Upward crossings of a level, linear between samples, and the share of time above it.

    Parameters
    ----------
    time_ms, v_mV : ndarray, shape (n,)
    hysteresis_mV : float
        How far below the level the voltage has to go before another crossing counts.
    """
    time_ms, v_mV = same_length(time_ms=time_ms, v_mV=v_mV)
    if hysteresis_mV < 0:
        raise ModelError(
            f"hysteresis_mV = {hysteresis_mV:g}: expected 0 or more; lower the level instead."
        )
    crossings = spike_times(time_ms, v_mV, threshold_mV=level_mV, interpolate=True)
    low = time_ms[v_mV < level_mV - hysteresis_mV]
    # A trace that starts below the level may cross it at once; one that starts above has to come
    # down first.
    starts_above = len(v_mV) > 0 and v_mV[0] >= level_mV
    seen = np.concatenate([[0 if starts_above else -1], np.searchsorted(low, crossings)])
    return ThresholdCrossings(
        crossings[np.diff(seen) > 0], _fraction_above(time_ms, v_mV - level_mV)
    )


def voltage_variance(
    v_mV: np.ndarray, inside: np.ndarray, *, ramp_mV: np.ndarray | None = None
) -> VoltageVariance:
    """Variance of the voltage within and out of the field, each about its own mean.

    Parameters
    ----------
    v_mV : ndarray, shape (n,)
        Without spikes (`cut_spikes`).
    inside : ndarray of bool, shape (n,)
        Whether a sample is in the field (`in_field`).
    ramp_mV : ndarray, shape (n,), optional
        The subthreshold ramp (`ramp`), which is taken off first; without it the variance is the
        total one.
    """
    if ramp_mV is not None:
        v_mV, ramp_mV = same_length(v_mV=v_mV, ramp_mV=ramp_mV)
        v_mV = v_mV - ramp_mV
    v_mV, inside = same_length(v_mV=v_mV, inside=inside)
    parts = (v_mV[inside], v_mV[~inside], v_mV)
    return VoltageVariance(*(float(part.var()) if len(part) else float("nan") for part in parts))


def reliability(rates_hz: np.ndarray) -> float:
    """How alike the trials are: the mean correlation of all pairs of their smoothed rates.

    The correlation is the normalised product ``r_i . r_j / (|r_i| |r_j|)``, means not taken off
    (Schreiber, Fellous, Whitmer, Tiesinga & Sejnowski 2003, Neurocomputing 52:925).

    Parameters
    ----------
    rates_hz : ndarray, shape (trials, bins)
        From `smoothed_rate`; the width of its Gaussian decides how exact a repetition has to be.

    Returns
    -------
    float
        0 to 1. A silent trial is like no other: its pairs count as 0, so that a cell that fires in
        one trial of two is less reliable than one that always does. NaN with fewer than two trials
        with spikes.
    """
    rates = np.asarray(rates_hz, float)
    if rates.ndim != 2:
        raise ModelError(
            f"rates_hz has shape {rates.shape}: expected (trials, bins); stack the trials' rates."
        )
    norms = np.linalg.norm(rates, axis=1, keepdims=True)
    if (norms > 0).sum() < 2:
        return float("nan")
    unit = rates / np.where(norms > 0, norms, 1)
    return float((unit @ unit.T)[np.triu_indices(len(unit), k=1)].mean())


def mean_and_band(values: np.ndarray, *, confidence: float = 0.95) -> MeanBand:
    """Mean over trials with its confidence band by Student's t.

    Parameters
    ----------
    values : ndarray, shape (trials, ...)
        NaN where a trial has no value: the mean and the band there are those of the others.
    confidence : float
        Probability that the band, at any one point, holds the mean of all trials there could be.

    Returns
    -------
    MeanBand
        Arrays of shape (...). The band is NaN where only one trial has a value, the mean too where
        none has.
    """
    from scipy import stats

    within("confidence", confidence, 0, 1)
    values = np.asarray(values, float)
    missing = np.isnan(values)
    n = (~missing).sum(axis=0).astype(float)
    several = np.where(n > 1, n, np.nan)
    mean = np.where(missing, 0, values).sum(axis=0) / np.where(n > 0, n, np.nan)
    squares = np.where(missing, 0, values - mean) ** 2
    half = stats.t.ppf(0.5 + confidence / 2, several - 1) * np.sqrt(
        squares.sum(axis=0) / (several - 1) / several
    )
    return MeanBand(mean, mean - half, mean + half)


def bin_along(
    position: np.ndarray,
    values: np.ndarray,
    edges: np.ndarray,
    *,
    track_length: float | None = None,
) -> np.ndarray:
    """Mean of a sampled signal by bin of position.

    Parameters
    ----------
    position, values : ndarray, shape (n,)
    edges : ndarray, shape (bins + 1,)
        Ascending. A sample on an edge belongs to the bin after it, on the last edge to the last
        bin; samples off the edges are left out.
    track_length : float, optional
        Length of a circular track: positions of other laps count as those of the lap that begins at
        the first edge.

    Returns
    -------
    ndarray, shape (bins,)
        NaN in a bin without samples.
    """
    position, values = same_length(position=position, values=values)
    _check_edges("edges", edges)
    if track_length is not None:
        position = edges[0] + np.mod(position - edges[0], track_length)
    if not len(values):
        return _nothing(edges)
    n = len(edges) - 1
    bins = np.searchsorted(edges, position, side="right") - 1
    bins[position == edges[-1]] = n - 1
    within_edges = (bins >= 0) & (bins < n)
    bins, values = bins[within_edges], np.asarray(values, float)[within_edges]
    counts = np.bincount(bins, minlength=n)
    return np.bincount(bins, values, n) / np.where(counts, counts, np.nan)


def voltage_histogram(v_mV: np.ndarray, edges_mV: np.ndarray) -> np.ndarray:
    """Density of the voltage: the share of the samples in each bin, by mV.

    Parameters
    ----------
    v_mV : ndarray, shape (n,)
        The samples that are to count, as ``v_mV[inside]``.
    edges_mV : ndarray, shape (bins + 1,)
        Ascending.

    Returns
    -------
    ndarray, shape (bins,)
        Density per mV. Its integral is 1 less the share of the samples off the edges. NaN without
        samples.
    """
    (v_mV,) = same_length(v_mV=v_mV)
    _check_edges("edges_mV", edges_mV)
    counts, edges = np.histogram(v_mV, edges_mV)
    return counts / (len(v_mV) * np.diff(edges)) if len(v_mV) else _nothing(edges)


def _fraction_above(time_ms: np.ndarray, above_mV: np.ndarray) -> float:
    """Share of the time at which a signal, linear between samples, is 0 or more."""
    if len(time_ms) < 2:
        return float("nan")
    positive, size = np.maximum(above_mV, 0), np.abs(above_mV)
    total = size[1:] + size[:-1]
    share = np.divide(positive[1:] + positive[:-1], total, out=np.ones(len(total)), where=total > 0)
    return float((share * np.diff(time_ms)).sum() / (time_ms[-1] - time_ms[0]))


def _check_edges(name: str, edges: np.ndarray) -> None:
    if np.ndim(edges) != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise ModelError(
            f"{name} = {np.asarray(edges).tolist()}: expected two or more ascending edges of bins."
        )


def _nothing(edges: np.ndarray) -> np.ndarray:
    return np.full(len(edges) - 1, np.nan)
