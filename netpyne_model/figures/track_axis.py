"""The track as the x axis of a study's panels, with its place fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from pandas import DataFrame

from .style import FIELD

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset


@dataclass(frozen=True)
class TrackAxis:
    """Extent of the track, and the place field of every trial on it.

    Attributes
    ----------
    label : str
        Name and unit of position, for an axis.
    unit : str
    limits : tuple of float or None
        First and last position; None where unknown.
    length : float or None
        Of a circular track, where a field may reach across the start.
    centres, widths : ndarray, shape (n_trials,)
        Of the place field; NaN where there is none.
    """

    label: str
    unit: str
    limits: tuple[float, float] | None
    length: float | None
    centres: np.ndarray
    widths: np.ndarray

    def fields(self, trials: Sequence[int] | np.ndarray | None = None) -> list[tuple[float, float]]:
        """Begin and end of the place fields of some trials or all, each once and on the track."""
        chosen = slice(None) if trials is None else np.asarray(trials, int)
        pairs = np.stack([self.centres[chosen], self.widths[chosen]], axis=1)
        first, last = self.limits or (-np.inf, np.inf)
        shifts = (0.0,) if self.length is None else (-self.length, 0.0, self.length)
        spans = []
        for centre, width in np.unique(pairs[np.isfinite(pairs).all(axis=1)], axis=0):
            for shift in shifts:
                begin = max(centre + shift - width / 2, first)
                end = min(centre + shift + width / 2, last)
                if end > begin:
                    spans.append((float(begin), float(end)))
        return spans

    def draw(
        self,
        ax: Axes,
        trials: Sequence[int] | np.ndarray | None = None,
        heights: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Shade the place fields of some trials or all, between two shares of the height.

        The limits of the axis become those of the track.
        """
        for begin, end in self.fields(trials):
            ax.axvspan(begin, end, *heights, color=FIELD, linewidth=0, zorder=0)
        if self.limits is not None:
            ax.set_xlim(*self.limits)


def track_axis(
    profiles: "Dataset | None", n_trials: int = 0, spikes: DataFrame | None = None
) -> TrackAxis:
    """Track of a study; without profiles only the extent of the spikes is known.

    `profiles` has coordinates ``position``, ``field_centre`` and ``field_width`` (trial), and of a
    circular track the attribute ``track_length``.
    """
    nowhere = np.full(n_trials if profiles is None else profiles.sizes["trial"], np.nan)
    if profiles is None:
        at = np.empty(0) if spikes is None else spikes["position"].to_numpy(float)
        limits = (float(at.min()), float(at.max())) if len(at) and at.min() < at.max() else None
        return TrackAxis("Position", "", limits, None, nowhere, nowhere)
    position, length = profiles["position"], profiles.attrs.get("track_length")
    unit = str(position.attrs.get("units", ""))
    name = str(position.attrs.get("long_name", "Position"))
    first, last = float(position.values.min()), float(position.values.max())
    # Positions are the middles of bins.
    half = (last - first) / max(2 * (position.size - 1), 1)
    limits = (first - half, last + half) if length is None else (0.0, float(length))
    return TrackAxis(
        name[:1].upper() + name[1:] + (f" ({unit})" if unit else ""),
        unit,
        limits if limits[1] > limits[0] else None,
        None if length is None else float(length),
        *(_by_trial(profiles, field, nowhere) for field in ("field_centre", "field_width")),
    )


def _by_trial(profiles: "Dataset", name: str, missing: np.ndarray) -> np.ndarray:
    """Values of a coordinate for every trial, also where all trials share one."""
    if name not in profiles.coords:
        return missing
    return np.broadcast_to(profiles[name].values.astype(float), missing.shape)
