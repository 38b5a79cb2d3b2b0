"""The place field of a cell: its extent, rates in it and out of it, spatial information.

Positions are in any one unit, cm or ms of track time. A circular track is told by its length, in
the same unit.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import ModelError
from ..inputs.track import distance_from
from .samples import same_length, within

FIELD_FRACTION = 0.2  # of the peak rate: Grieves et al. (2020) Nat Commun 11:789, many before


class FieldRates(NamedTuple):
    """Mean rates within and out of the field; NaN where no time was spent."""

    in_field_hz: float
    out_of_field_hz: float


@dataclass(frozen=True)
class PlaceField:
    """The part of the track around its peak where a cell fires.

    Attributes
    ----------
    peak_rate_hz : float
        Highest rate.
    peak : float
        Position of it, a point of the grid.
    start, stop : float
        Edges, interpolated. On a circular track both lie on the track, and `start` comes after
        `stop` in a field across the seam; if all of the track is field, both are where the rate is
        lowest.
    width : float
        From `start` to `stop`, the way the animal runs.
    centre : float
        Mean position within the field, weighted by the rate.
    """

    peak_rate_hz: float
    peak: float
    start: float
    stop: float
    width: float
    centre: float


def in_field(
    position: np.ndarray, *, centre: float, width: float, track_length: float | None = None
) -> np.ndarray:
    """Whether positions lie within half a field width of the field's centre, the edges included.

    With the `track_length` of a circular track, the shorter way round counts.
    """
    return np.abs(distance_from(position, centre, track_length=track_length)) <= width / 2


def field_rates(
    spike_positions: np.ndarray,
    position: np.ndarray,
    *,
    seconds_per_unit: float,
    centre: float,
    width: float,
    track_length: float | None = None,
) -> FieldRates:
    """Mean rate within and out of a field, for a run at constant speed.

    Parameters
    ----------
    spike_positions : ndarray, shape (k,)
        Where the spikes fell; those off the part that was run do not count.
    position : ndarray, shape (n,)
        Evenly spaced grid over the part of the track that was run. Each point stands for the way to
        the next, the last one for as much: the time in the field is known to one step.
    seconds_per_unit : float
        Time on one unit of the track: 1e-3 for positions in ms, 1 / speed for cm; times the number
        of laps, with the spikes of all laps.
    centre, width, track_length
        As for `in_field`.
    """
    (position,) = same_length(position=position)
    if len(position) < 2:
        raise ModelError(
            f"position has {len(position)} points: expected two or more, from a run on the track."
        )
    spikes = np.asarray(spike_positions, float)
    step = position[1] - position[0]
    spikes = spikes[(spikes >= position[0]) & (spikes < position[-1] + step)]
    inside = in_field(position, centre=centre, width=width, track_length=track_length)
    spikes_inside = in_field(spikes, centre=centre, width=width, track_length=track_length)
    rates = []
    for points, those in ((inside, spikes_inside), (~inside, ~spikes_inside)):
        duration_s = points.sum() * step * seconds_per_unit
        rates.append(float(those.sum() / duration_s) if duration_s else float("nan"))
    return FieldRates(*rates)


def find_place_field(
    position: np.ndarray,
    rate_hz: np.ndarray,
    *,
    fraction: float = FIELD_FRACTION,
    track_length: float | None = None,
    at_least_hz: float = 0.0,
) -> PlaceField | None:
    """Find the region around the peak of a rate map where the rate is a fraction of it or more.

    Parameters
    ----------
    position : ndarray, shape (n,)
        Ascending. On a circular track one lap without the repeated end point.
    rate_hz : ndarray, shape (n,)
        Smoothed rate (`smoothed_rate`). Of equal peaks the first counts.
    fraction : float
        Of the peak rate, at which the field ends.
    track_length : float, optional
        Length of a circular track.
    at_least_hz : float
        Peak rate below which a cell has no field.

    Returns
    -------
    PlaceField or None
        None for a cell that is silent or stays below `at_least_hz`. On a track that is not circular
        a field may end with the track.
    """
    position, rate = same_length(position=position, rate_hz=rate_hz)
    within("fraction", fraction, 0, 1)
    _check_lap(position, track_length)
    peak = int(np.argmax(rate))
    peak_rate_hz = float(rate[peak])
    if peak_rate_hz <= 0 or peak_rate_hz < at_least_hz:
        return None
    at, level = float(position[peak]), fraction * peak_rate_hz
    return PlaceField(peak_rate_hz, at, *_extent(position, rate, peak, level, track_length))


def _extent(
    position: np.ndarray, rate: np.ndarray, peak: int, level: float, track_length: float | None
) -> tuple[float, float, float, float]:
    """Start, stop, width and centre of the region around the peak at the level or above."""
    if track_length is None:
        start, stop = _edges(position, rate, peak, level, None)
        return start, stop, stop - start, _centre(position, rate, start, stop)
    # Three laps in a row: from the middle one a field reaches its edges without minding the seam.
    laps = np.concatenate([position - track_length, position, position + track_length])
    rate, peak, first = np.tile(rate, 3), peak + len(rate), float(position[0])
    edges = _edges(laps, rate, peak, level, track_length)
    ends = (*edges, _centre(laps, rate, *edges))
    start, stop, centre = (first + (end - first) % track_length for end in ends)
    return start, stop, edges[1] - edges[0], centre


def spatial_information(rate_hz: np.ndarray, occupancy: np.ndarray | None = None) -> float:
    """Spatial information of a rate map in bits per spike, by pynapple; NaN of a silent cell.

    ``sum p_i (r_i / r) log2(r_i / r)``, r the mean rate (Skaggs, McNaughton, Gothard & Markus 1993,
    Adv Neural Inf Process Syst 5:1030).

    Parameters
    ----------
    rate_hz : ndarray, shape (n,)
        Rate by bin; NaN where the animal never was.
    occupancy : ndarray, shape (n,), optional
        Time spent by bin, in any unit; the same everywhere without it.
    """
    rate, occupancy = same_length(
        rate_hz=rate_hz, occupancy=np.ones(np.shape(rate_hz)) if occupancy is None else occupancy
    )
    visited = np.isfinite(rate) & (occupancy != 0)
    rate, occupancy = rate[visited].astype(float), occupancy[visited].astype(float)
    if (rate < 0).any() or (occupancy < 0).any():
        low = min(rate.min(), occupancy.min())
        raise ModelError(
            f"rate_hz or occupancy holds {low:g}: expected no negative values; look for the bin."
        )
    if not rate.any():
        return float("nan")
    # Half a second to import, and only this function needs them.
    import pynapple
    import xarray

    # The mean is taken here: pynapple would, with a warning that it does.
    mean = np.array([np.average(rate, weights=occupancy)])
    curve = xarray.DataArray(
        rate[None], dims=("unit", "position"), coords={"unit": [0]}, attrs={"occupancy": occupancy}
    )
    return float(pynapple.compute_mutual_information(curve, rates=mean)["bits/spike"].iloc[0])


def _check_lap(position: np.ndarray, track_length: float | None) -> None:
    if len(position) < 2 or not (np.diff(position) > 0).all():
        raise ModelError(
            f"position of {len(position)} points: expected two or more, ascending; sort the map."
        )
    run = float(position[-1] - position[0])
    if track_length is not None and run >= track_length:
        raise ModelError(
            f"position covers {run:g} of a circular track of {track_length:g}; leave out the"
            " repeated end point."
        )


def _edges(
    position: np.ndarray, rate: np.ndarray, peak: int, level: float, track_length: float | None
) -> tuple[float, float]:
    """Where the rate crosses the level beside the peak; else the ends of the track, or a lap."""
    below = np.flatnonzero(rate < level)
    before, after = below[below < peak], below[below > peak]
    if track_length is not None and not len(before):
        lowest = float(position[int(np.argmin(rate))])
        return lowest, lowest + track_length
    start = _crossing(position, rate, before[-1], level) if len(before) else float(position[0])
    stop = _crossing(position, rate, after[0] - 1, level) if len(after) else float(position[-1])
    return start, stop


def _crossing(position: np.ndarray, rate: np.ndarray, index: int, level: float) -> float:
    """Where between a point and the next the rate equals the level."""
    part = (level - rate[index]) / (rate[index + 1] - rate[index])
    return float(position[index] + part * (position[index + 1] - position[index]))


def _centre(position: np.ndarray, rate: np.ndarray, start: float, stop: float) -> float:
    """Mean position between two edges, weighted by the rate, which is linear between points."""
    inner = (position > start) & (position < stop)
    x = np.concatenate([[start], position[inner], [stop]])
    y = np.interp(x, position, rate)
    # Trapezoids of x y would count each interval's slope wrongly; these are the exact moments of
    # straight pieces.
    area = 0.5 * (y[1:] + y[:-1]) * np.diff(x)
    moment = np.diff(x) * (x[:-1] * (2 * y[:-1] + y[1:]) + x[1:] * (y[:-1] + 2 * y[1:])) / 6
    return float(moment.sum() / area.sum())
