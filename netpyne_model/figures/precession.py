"""Phase precession in a study: theta phase of the output spikes against position, with the fitted line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from .levels import Levels, headline, levels_of, wrapped
from .style import MUTED, OKABE_ITO, SMALL_PT, label, new_figure
from .track import track_of

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

_COLUMNS = 6
_TWO_CYCLES_DEG = 720.0


def precession(
    spikes: DataFrame,
    table: DataFrame,
    *,
    by: str,
    panels: str | None = None,
    fits: DataFrame | None = None,
    profiles: "Dataset | None" = None,
) -> Figure:
    """Draw the theta phase of the output spikes against position, two cycles, a panel a level; trials are pooled.

    Levels without any spike are left out.

    Parameters
    ----------
    spikes : DataFrame
        One row a spike: ``trial`` (row number of `table`), ``position``, ``theta_phase_deg`` (0 to 360).
    table : DataFrame
        One row a trial, with the columns `by` and `panels`.
    by : str
        Swept field with a column of panels a level, in several lines where there are many.
    panels : str, optional
        Swept field with a row of panels a level.
    fits : DataFrame, optional
        Circular-linear fits, a row a level: the columns `by` and `panels`, and those of `CircularLinearFit`, of which
        ``slope_deg_per_unit, offset_deg, rho, p_value, n_spikes`` are shown. A column ``origin`` says from which position the
        distance was fitted, such as the centre of the field; it is 0 without.
    profiles : Dataset, optional
        The track and its place fields, as in `track_profiles`. A fit is drawn within the fields, or else as far as
        there are spikes.

    Returns
    -------
    matplotlib Figure
    """
    by_field, panel_field = by, panels
    by, panels = levels_of(table, by), levels_of(table, panels)
    track = track_of(profiles, len(table), spikes)
    trial = spikes["trial"].to_numpy(int)
    spiking = [level for level in range(len(by)) if (by.codes[trial] == level).any()]
    figure, cells = _grid(len(spiking), len(panels))
    for (column, panel), ax in cells.items():
        if column >= len(spiking):
            ax.remove()
            continue
        level = spiking[column]
        trials = np.flatnonzero((by.codes == level) & (panels.codes == panel))
        here = spikes[np.isin(trial, trials)]
        fit = _fit_of(fits, {by_field: (by, level), panel_field: (panels, panel)})
        track.draw(ax, trials)
        _draw_phases(ax, here)
        if fit is not None:
            _draw_fit(ax, fit, track.fields(trials), track.length, here["position"])
        name = ", ".join(filter(None, (panels.titles[panel], by.titles[level])))
        ax.set_title(
            f"{wrapped(name, 24, 3)}\n{_what(len(here), fit)}", fontsize=SMALL_PT, loc="left"
        )
        lowest = panel == len(panels) - 1 and column + _COLUMNS >= len(spiking)
        label(
            ax, track.label if lowest else "", "Theta phase (°)" if column % _COLUMNS == 0 else ""
        )
        ax.tick_params(labelbottom=lowest, labelleft=column % _COLUMNS == 0)
    silent = len(by) - len(spiking)
    left_out = (
        f"; {silent} level{'s' * (silent != 1)} without spikes left out"
        if silent and spiking
        else ""
    )
    headline(figure, f"Theta phase of the output spikes against position{left_out}")
    if not spiking:
        figure.text(0.5, 0.4, "no output spikes", ha="center", fontsize=SMALL_PT, color=MUTED)
    return figure


def _grid(n_levels: int, n_panels: int) -> tuple[Figure, dict[tuple[int, int], Axes]]:
    """Axes by (level, panel): a column a level, a row a panel, wrapped where there are many levels."""
    columns = min(max(n_levels, 1), _COLUMNS)
    wraps = max(-(-n_levels // columns), 1)
    width = 1.2 + max(1.75, 5 / columns) * columns
    figure, axes = new_figure(wraps * n_panels, columns, width_in=width, row_in=2.2)
    return figure, {
        (columns * wrap + column, panel): axes[n_panels * wrap + panel, column]
        for wrap in range(wraps)
        for panel in range(n_panels)
        for column in range(columns)
    }


def _draw_phases(ax: Axes, spikes: DataFrame) -> None:
    position, phase = (
        spikes["position"].to_numpy(float),
        spikes["theta_phase_deg"].to_numpy(float) % 360,
    )
    ax.scatter(
        np.concatenate([position, position]), np.concatenate([phase, phase + 360]), s=5, color=OKABE_ITO[0], linewidths=0,
        alpha=0.7, zorder=3, rasterized=True,
    )  # fmt: skip
    ax.axhline(360, color=MUTED, linewidth=0.5, zorder=1)
    ax.set_ylim(0, _TWO_CYCLES_DEG)
    ax.set_yticks([0, 180, 360, 540, 720])


def _fit_of(fits: DataFrame | None, wanted: dict[str | None, tuple[Levels, int]]) -> Series | None:
    """The row of the fits at a level, if there is one with a slope."""
    if fits is None or not len(fits):
        return None
    found = np.ones(len(fits), bool)
    for field, (levels, number) in wanted.items():
        if field is not None:
            named = levels_of(fits, field)
            found &= np.array([named.values[code] == levels.values[number] for code in named.codes])
    rows = fits[found]
    if not len(rows) or not np.isfinite(float(rows.iloc[0]["slope_deg_per_unit"])):
        return None
    return rows.iloc[0]


def _draw_fit(
    ax: Axes,
    fit: Series,
    fields: list[tuple[float, float]],
    track_length: float | None,
    spikes_at: Series,
) -> None:
    """The fitted line within the fields, or else as far as there are spikes."""
    for begin, end in fields or ([(spikes_at.min(), spikes_at.max())] if len(spikes_at) else []):
        x = np.array([begin, end])
        distance = x - fit.get("origin", 0.0)
        if "origin" in fit and track_length is not None:
            # Of a field across the start, the part before it and that after it both lie around the origin.
            distance = distance - track_length * np.round(distance.mean() / track_length)
        for phase in _within_two_cycles(fit["offset_deg"] + fit["slope_deg_per_unit"] * distance):
            ax.plot(x, phase, color="black", linewidth=1.3, zorder=4)


def _within_two_cycles(phase: np.ndarray) -> Iterator[np.ndarray]:
    """A line of phases and its copies by whole cycles, as far as they pass through the two cycles drawn."""
    first, last = np.ceil(-phase.max() / 360), np.floor((_TWO_CYCLES_DEG - phase.min()) / 360)
    for cycles in np.arange(first, last + 1):
        yield phase + 360 * cycles


def _what(n_spikes: int, fit: Series | None) -> str:
    parts = [f"n {n_spikes:,}"]
    if fit is not None and "n_spikes" in fit and fit["n_spikes"] != n_spikes:
        parts = [f"n {fit['n_spikes']:,.0f} of {n_spikes:,}"]
    if fit is not None and "rho" in fit and np.isfinite(fit["rho"]):
        parts.append(f"\N{GREEK SMALL LETTER RHO} {fit['rho']:.2f}".replace("-", "\N{MINUS SIGN}"))
    if fit is not None and "p_value" in fit and np.isfinite(fit["p_value"]):
        parts.append("p < 0.001" if fit["p_value"] < 0.001 else f"p {fit['p_value']:.2g}")
    return ", ".join(parts)
