"""Profiles of a study: rate and ramp along the track, and distributions of the potential."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis import PROFILES
from .factor_levels import Facet, Levels, add_key, facets, levels_of, line_looks
from .panels import band, headline, label_outer, nothing, wrapped, wrapped_grid
from .style import SMALL_PT
from .track_axis import track_axis

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

ALONG_TRACK = ("rate_hz", "ramp_mV")
DENSITIES = ("v_density_in_field", "v_density_out_of_field")
_COLUMNS = 4
# Of the peak: V beyond, reached in the shortest of moments, would squeeze the rest.
_DENSITY_SHOWN = 2e-3


def track_profiles(
    profiles: "Dataset",
    *,
    by: str,
    panels: str | None = None,
    names: Sequence[str] = ALONG_TRACK,
    title: str = "Firing rate and subthreshold ramp along the track",
) -> Figure:
    """Draw profiles along the track, a row each: means over trials with 95 % confidence bands.

    Parameters
    ----------
    profiles : Dataset
        Profiles (trial, position); coordinates ``position``, `by`, `panels`, ``field_centre`` and
        ``field_width`` (trial); attribute ``track_length`` of a circular track.
    by : str
        Swept field with a line a level; more than four categories get a panel each, beside the
        first of them.
    panels : str, optional
        Swept field with a column of panels a level.
    names : sequence of str
        Profiles to draw, of `analysis.PROFILES`.
    title : str
        Above the figure.
    """
    track = track_axis(profiles)

    def finish(facet: Facet, axes: Sequence[Axes]) -> None:
        for ax in axes:
            track.draw(ax, facet.named)
        if names[0] == "rate_hz":
            axes[0].set_ylim(0, max(axes[0].get_ylim()[1], 1))

    return _lines_by_facet(profiles, names, by, panels, track.label, title, finish)


def voltage_distribution(profiles: "Dataset", *, by: str, panels: str | None = None) -> Figure:
    """Draw how often V has each value in the field and out of it: means with 95 % bands.

    `profiles` has ``v_density_in_field`` and ``v_density_out_of_field`` (trial, v_mV) in 1/mV;
    `by` and `panels` are those of `track_profiles`.
    """
    visible_mV = _visible_mV(profiles)

    def finish(facet: Facet, axes: Sequence[Axes]) -> None:
        for ax in axes:
            ax.set_ylim(0, None)
            if visible_mV is not None:
                ax.set_xlim(*visible_mV)

    title = "Distribution of the somatic potential"
    return _lines_by_facet(
        profiles, DENSITIES, by, panels, "Membrane potential (mV)", title, finish
    )


def _lines_by_facet(
    profiles: "Dataset",
    names: Sequence[str],
    by_field: str,
    panel_field: str | None,
    x: str,
    title: str,
    finish: Callable[[Facet, Sequence[Axes]], None],
) -> Figure:
    """A column a facet, a row a profile, all rows to one scale; `finish` sees to each facet."""
    by, panels = levels_of(profiles, by_field), levels_of(profiles, panel_field)
    columns = facets(by, panels)
    few = len(columns) <= 2
    size = {"column_in": 4.5, "least_in": 5.6} if few else {"column_in": 2.9, "least_in": 0.0}
    figure, grid = wrapped_grid(
        len(columns), len(names), _COLUMNS, **size, row_in=2.6 if few else 1.75
    )
    for facet, axes in zip(columns, grid, strict=True):
        for ax, name in zip(axes, names, strict=True):
            _draw_lines(ax, profiles[name].transpose("trial", PROFILES[name].along), facet, by)
        finish(facet, axes)
        facet_title = wrapped(facet.title, 60 if few else 34, 2)
        axes[0].set_title(facet_title, fontsize=SMALL_PT + 1, loc="left")
    _share(grid)
    label_outer(grid, _COLUMNS, x, [_axis_name(name) for name in names])
    headline(figure, f"{title}: {_what_is_drawn(by, columns)}")
    add_key(figure, figure.axes, by)
    return figure


def _axis_name(name: str) -> str:
    profile = PROFILES[name]
    # Beside a low panel there is no room for a long line.
    between = "\n" if len(profile.label) > len("Firing rate") else " "
    return f"{profile.label}{between}({profile.unit})"


def _what_is_drawn(by: Levels, columns: list[Facet]) -> str:
    """What lines and bands are, with the number of trials behind each."""
    counts = sorted({len(trials) for facet in columns for _, trials in facet.lines if len(trials)})
    if counts in ([], [1]):
        return "single trials"
    several = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"means of {several} trials, 95 % bands"


def _draw_lines(ax: Axes, values, facet: Facet, by: Levels) -> None:
    """A line a level; bands of many levels are fainter."""
    x = values[values.dims[1]].values
    alpha = 0.13 if len(facet.lines) > 4 else 0.22
    drawn = False
    for level, trials in facet.lines:
        look = line_looks(by, level) | {"linewidth": 1.4, "label": by.texts[level]}
        mean = band(ax, x, values.values[trials], alpha=alpha, **look)
        drawn |= bool(np.isfinite(mean).any())
    if not drawn:
        nothing(ax, "no value in any trial")


def _share(grid: list[tuple[Axes, ...]]) -> None:
    """Give all panels the same x axis and each row of a column the same y axis."""
    for row, first in enumerate(grid[0]):
        # Limits before sharing: to share takes over those of the first panel.
        limits = [axes[row].get_ylim() for axes in grid]
        for axes in grid:
            axes[row].set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
            if axes[row] is not first:
                axes[row].sharey(first)
            if axes[row] is not grid[0][0]:
                axes[row].sharex(grid[0][0])


def _visible_mV(profiles: "Dataset") -> tuple[float, float] | None:
    """The part of V in which some density is visible."""
    densities = [profiles[name].transpose("trial", "v_mV").values for name in DENSITIES]
    peaks = np.nan_to_num(np.concatenate(densities)).max(axis=0)
    visible = np.flatnonzero(peaks > _DENSITY_SHOWN * peaks.max())
    v_mV = profiles["v_mV"].values
    return (v_mV[visible[0]], v_mV[visible[-1]]) if len(visible) > 1 else None
