"""Profiles of a study: firing rate and ramp along the track, and the distribution of V in the field and out of it."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis import mean_and_band
from .levels import Facet, Levels, add_key, facets, headline, levels_of, line_looks, wrapped
from .style import MUTED, SMALL_PT, label, new_figure
from .track import track_of

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

DENSITIES = {
    "v_density_in_field": "In the field\n(1/mV)",
    "v_density_out_of_field": "Out of the field\n(1/mV)",
}
_COLUMNS = 4
_DENSITY_SHOWN = (
    2e-3  # of the peak: V beyond, reached in the shortest of moments, would squeeze the rest
)


def track_profiles(profiles: "Dataset", *, by: str, panels: str | None = None) -> Figure:
    """Draw firing rate and subthreshold ramp along the track: means over trials with 95 % confidence bands.

    Parameters
    ----------
    profiles : Dataset
        ``rate_hz`` and ``ramp_mV`` (trial, position); coordinates ``position``, `by`, `panels`, ``field_centre`` and
        ``field_width`` (trial); attribute ``track_length`` of a circular track.
    by : str
        Swept field with a line a level; more than four categories get a panel each, beside the first of them.
    panels : str, optional
        Swept field with a column of panels a level.

    Returns
    -------
    matplotlib Figure
    """
    by, panels = levels_of(profiles, by), levels_of(profiles, panels)
    track = track_of(profiles)
    shown = facets(by, panels)
    figure, grid = _grid(len(shown), 2)
    for facet, (rate, ramp) in zip(shown, grid, strict=True):
        for ax, name in ((rate, "rate_hz"), (ramp, "ramp_mV")):
            track.draw(ax, facet.named)
            _draw_lines(ax, profiles[name].transpose("trial", "position"), facet, by)
        rate.set_title(
            wrapped(facet.title, 34 if len(shown) > 2 else 60, 2), fontsize=SMALL_PT + 1, loc="left"
        )
        rate.set_ylim(0, max(rate.get_ylim()[1], 1))
    _share(grid, track.label, ("Firing rate (Hz)", "Ramp (mV)"))
    headline(
        figure, f"Firing rate and subthreshold ramp along the track: {_what_is_drawn(by, shown)}"
    )
    add_key(figure, figure.axes, by)
    return figure


def voltage_distribution(profiles: "Dataset", *, by: str, panels: str | None = None) -> Figure:
    """Draw how often V has each value in the place field and out of it: means over trials with 95 % bands.

    Parameters
    ----------
    profiles : Dataset
        ``v_density_in_field`` and ``v_density_out_of_field`` (trial, v_mV) in 1/mV; coordinates ``v_mV``, `by`, `panels`.
    by : str
        Swept field with a line a level; more than four categories get a panel each, beside the first of them.
    panels : str, optional
        Swept field with a column of panels a level.

    Returns
    -------
    matplotlib Figure
    """
    by, panels = levels_of(profiles, by), levels_of(profiles, panels)
    shown = facets(by, panels)
    figure, grid = _grid(len(shown), 2)
    for facet, axes in zip(shown, grid, strict=True):
        for ax, name in zip(axes, DENSITIES, strict=True):
            _draw_lines(ax, profiles[name].transpose("trial", "v_mV"), facet, by)
            ax.set_ylim(0, None)
        axes[0].set_title(
            wrapped(facet.title, 34 if len(shown) > 2 else 60, 2), fontsize=SMALL_PT + 1, loc="left"
        )
    _share(grid, "Membrane potential (mV)", tuple(DENSITIES.values()))
    _limit_v(grid[0][0], profiles)
    headline(figure, f"Distribution of the somatic potential: {_what_is_drawn(by, shown)}")
    add_key(figure, figure.axes, by)
    return figure


def _what_is_drawn(by: Levels, shown: list[Facet]) -> str:
    """What lines and bands are, with the number of trials behind each."""
    counts = sorted({len(trials) for facet in shown for _, trials in facet.lines if len(trials)})
    if counts in ([], [1]):
        return "single trials"
    several = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"means of {several} trials, 95 % bands"


def _grid(n_facets: int, n_quantities: int) -> tuple[Figure, list[tuple[Axes, ...]]]:
    """A figure with a column a facet, wrapped where there are many, and a row a quantity."""
    columns = min(n_facets, _COLUMNS)
    wraps = -(-n_facets // columns)
    wide = n_facets <= 2
    figure, axes = new_figure(
        wraps * n_quantities, columns, width_in=(5.6, 9.0)[columns > 1] if wide else 2.9 * columns,
        row_in=2.6 if wide else 1.75,
    )  # fmt: skip
    grid = [
        tuple(
            axes[n_quantities * (number // columns) + row, number % columns]
            for row in range(n_quantities)
        )
        for number in range(wraps * columns)
    ]
    for spare in grid[n_facets:]:
        for ax in spare:
            ax.remove()
    return figure, grid[:n_facets]


def _draw_lines(ax: Axes, values, facet: Facet, by: Levels) -> None:
    """A line a level, means first so that no band hides one; bands of many levels are fainter."""
    x = values[values.dims[1]].values
    alpha = 0.13 if len(facet.lines) > 4 else 0.22
    drawn = False
    for level, trials in facet.lines:
        looks = line_looks(by, level)
        mean, lower, upper = mean_and_band(values.values[trials])
        drawn |= bool(np.isfinite(mean).any())
        ax.plot(x, mean, linewidth=1.4, zorder=3, label=by.texts[level], **looks)
        if np.isfinite(lower).any():
            ax.fill_between(
                x, lower, upper, color=looks["color"], alpha=alpha, linewidth=0, zorder=2
            )
    if not drawn:
        ax.text(
            0.5,
            0.5,
            "undefined",
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=SMALL_PT,
            color=MUTED,
        )


def _share(grid: list[tuple[Axes, ...]], x_label: str, y_labels: tuple[str, ...]) -> None:
    """Give all panels the same x axis and each quantity the same y axis; only the outer ones have labels."""
    n_columns = min(len(grid), _COLUMNS)
    for row in range(len(y_labels)):
        # Limits before sharing: to share takes over those of the first panel.
        limits = [axes[row].get_ylim() for axes in grid]
        for axes in grid:
            axes[row].set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    for number, axes in enumerate(grid):
        left, bottom = number % n_columns == 0, number + n_columns >= len(grid)
        for row, (ax, y_label) in enumerate(zip(axes, y_labels, strict=True)):
            if ax is not grid[0][0]:
                ax.sharex(grid[0][0])
            if ax is not grid[0][row]:
                ax.sharey(grid[0][row])
            lowest = bottom and row == len(axes) - 1
            label(ax, x_label if lowest else "", y_label if left else "")
            ax.tick_params(labelbottom=lowest, labelleft=left)


def _limit_v(ax: Axes, profiles: "Dataset") -> None:
    """Show the part of V in which some density is visible."""
    peaks = np.stack(
        [
            np.nan_to_num(profiles[name].transpose("trial", "v_mV").values).max(axis=0)
            for name in DENSITIES
        ]
    )
    visible = np.flatnonzero(peaks.max(axis=0) > _DENSITY_SHOWN * peaks.max())
    v_mV = profiles["v_mV"].values
    if len(visible) > 1:
        ax.set_xlim(v_mV[visible[0]], v_mV[visible[-1]])
