"""Phase precession in a study: theta phase of output spikes against position, with the fit."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from .factor_levels import levels_of
from .panels import headline, label_outer, reference, wrapped, wrapped_grid
from .style import MUTED, OKABE_ITO, SMALL_PT, Look
from .track_axis import TrackAxis, track_axis

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
    """Draw theta phase against position over two cycles, a panel a level, trials pooled.

    Levels without any spike are left out.

    Parameters
    ----------
    spikes : DataFrame
        One row a spike: ``trial`` (row number of `table`), ``position``, ``theta_phase_deg`` (0 to
        360).
    table : DataFrame
        One row a trial, with the columns `by` and `panels`.
    by : str
        Swept field with a column of panels a level, in several lines where there are many.
    panels : str, optional
        Swept field with a row of panels a level.
    fits : DataFrame, optional
        Circular-linear fits, a row a level: the columns `by` and `panels`, and those of
        `CircularLinearFit`. A column ``origin`` says from which position the distance was fitted,
        such as the centre of the field; it is 0 without.
    profiles : Dataset, optional
        The track and its place fields, as in `track_profiles`. A fit is drawn within the fields,
        or else as far as there are spikes.
    """
    levels, rows = levels_of(table, by), levels_of(table, panels)
    track = track_axis(profiles, len(table), spikes)
    trial = spikes["trial"].to_numpy(int)
    spiking = [level for level in range(len(levels)) if (levels.codes[trial] == level).any()]
    size = {"column_in": 1.95, "least_in": 6.2, "row_in": 2.2}
    figure, grid = wrapped_grid(len(spiking), len(rows), _COLUMNS, **size)
    for level, column in zip(spiking, grid, strict=True):
        for row, ax in enumerate(column):
            trials = np.flatnonzero((levels.codes == level) & (rows.codes == row))
            fit = _fit_of(fits, {by: levels.values[level], panels: rows.values[row]})
            name = ", ".join(filter(None, (rows.titles[row], levels.titles[level])))
            _panel(ax, track, trials, spikes[np.isin(trial, trials)], fit, name)
    label_outer(grid, _COLUMNS, track.label, ["Theta phase (°)"] * len(rows))
    _head(figure, len(levels) - len(spiking), len(spiking))
    return figure


def _panel(
    ax: Axes, track: TrackAxis, trials: np.ndarray, spikes: DataFrame, fit: Series | None, name: str
) -> None:
    track.draw(ax, trials)
    _draw_phases(ax, spikes)
    if fit is not None:
        _draw_fit(ax, fit, track.fields(trials), track.length, spikes["position"])
    title = f"{wrapped(name, 24, 3)}\n{_what(len(spikes), fit)}"
    ax.set_title(title, fontsize=SMALL_PT, loc="left")


def _head(figure: Figure, n_silent: int, n_spiking: int) -> None:
    what = "Theta phase of the output spikes against position"
    if n_silent and n_spiking:
        what += f"; {n_silent} level{'s' * (n_silent != 1)} without spikes left out"
    headline(figure, what)
    if not n_spiking:
        figure.text(0.5, 0.4, "no output spikes", ha="center", fontsize=SMALL_PT, color=MUTED)


def _draw_phases(ax: Axes, spikes: DataFrame) -> None:
    position = spikes["position"].to_numpy(float)
    phase = spikes["theta_phase_deg"].to_numpy(float) % 360
    look: Look = {"s": 5, "color": OKABE_ITO[0], "alpha": 0.7, "linewidths": 0, "zorder": 3}
    twice = np.concatenate([phase, phase + 360])
    ax.scatter(np.concatenate([position, position]), twice, rasterized=True, **look)
    reference(ax, 360, linewidth=0.5, zorder=1)
    ax.set_ylim(0, _TWO_CYCLES_DEG)
    ax.set_yticks([0, 180, 360, 540, 720])


def _fit_of(fits: DataFrame | None, level: dict[str | None, Any]) -> Series | None:
    """The row of the fits at a level of the fields, if there is one with a slope."""
    if fits is None or not len(fits):
        return None
    chosen = np.ones(len(fits), bool)
    for field, value in level.items():
        if field is not None:
            named = levels_of(fits, field)
            chosen &= np.array([named.values[code] == value for code in named.codes])
    rows = fits[chosen]
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
            # Of a field across the start, the part before it and that after it both lie around the
            # origin.
            distance = distance - track_length * np.round(distance.mean() / track_length)
        for phase in _within_two_cycles(fit["offset_deg"] + fit["slope_deg_per_unit"] * distance):
            ax.plot(x, phase, color="black", linewidth=1.3, zorder=4)


def _within_two_cycles(phase: np.ndarray) -> Iterator[np.ndarray]:
    """A line of phases and its copies by whole cycles that pass through the two drawn."""
    first, last = np.ceil(-phase.max() / 360), np.floor((_TWO_CYCLES_DEG - phase.min()) / 360)
    for cycles in np.arange(first, last + 1):
        yield phase + 360 * cycles


def _what(n_spikes: int, fit: Series | None) -> str:
    """Number of spikes, and how well the fit goes with them."""
    if fit is None:
        return f"n {n_spikes:,}"
    n_fitted, rho, p_value = (fit.get(name, np.nan) for name in ("n_spikes", "rho", "p_value"))
    fewer = np.isfinite(n_fitted) and n_fitted != n_spikes
    count = f"n {n_fitted:,.0f} of {n_spikes:,}" if fewer else f"n {n_spikes:,}"
    of_fit = []
    if np.isfinite(rho):
        of_fit.append(f"\N{GREEK SMALL LETTER RHO} {rho:.2f}".replace("-", "\N{MINUS SIGN}"))
    if np.isfinite(p_value):
        of_fit.append("p < 0.001" if p_value < 0.001 else f"p {p_value:.2g}")
    return "\n".join(filter(None, (count, ", ".join(of_fit))))
