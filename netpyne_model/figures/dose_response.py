"""How place-field firing and subthreshold response depend on membrane potential."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from pandas import DataFrame, Series

from ..analysis import mean_and_band
from .factor_levels import Levels, levels_of, measure_name, why_none
from .panels import curve, headline, key, note, nothing, reference, spread, wrapped
from .style import FONT_PT, INK, MUTED, SMALL_PT, Look, label, new_figure

RESPONSES: tuple[str, ...] = (
    "peak_rate_hz",
    "mean_rate_in_field_hz",
    "ramp_amplitude_mV",
    "theta_amplitude_in_field_mV",
)
POTENTIALS: tuple[str, ...] = ("mean_v_out_of_field_mV", "mean_v_in_field_mV")
_DRAWN_LEVELS = 40  # dots joined by a line; beyond, the line alone


def dose_response(table: DataFrame, *, by: str, panels: str | None = None) -> Figure:
    """Draw rates, ramp and theta amplitude against the mean potential, and their differences.

    A row each of the responses; a column against each potential, with the trials as dots and, at
    every level, means and 95 % bands of both; and, with several `panels`, a column with the
    differences between the first of them and each other at the same level and seed.

    Parameters
    ----------
    table : DataFrame
        One row a trial: `by`, `panels`, ``seed`` and the columns of `RESPONSES` and `POTENTIALS`,
        NaN where undefined.
    by : str
        Swept number that moves the potential, such as ``dc_nA``.
    panels : str, optional
        Swept field with a curve a level, such as ``drugs``.
    """
    levels, curves = levels_of(table, by), levels_of(table, panels)
    compared = len(curves) > 1
    width_in = 10.5 if compared else 7.5
    figure, axes = new_figure(len(RESPONSES), 2 + compared, width_in=width_in, row_in=2.2)
    _share(axes)
    for row, response in zip(axes, RESPONSES, strict=True):
        _draw_row(row, table, response, levels, curves)
    for column, potential in enumerate(POTENTIALS):
        name = measure_name(potential)
        _finish_column(axes[:, column], name, f"Against {_within(name)}")
    _annotate_levels(axes[:, 0], table, levels, curves)
    if compared:
        others = wrapped(curves.texts[1], 18, 1) if len(curves) == 2 else "the others"
        title = f"{wrapped(curves.texts[0], 18, 1)} \N{MINUS SIGN} {others}, same seed"
        _finish_column(axes[:, 2], measure_name(levels.field), title)
        colours = zip(curves.titles, curves.colours, strict=True)
        dot = {"marker": "o", "markersize": 4}
        key(figure, {name: {"color": colour} | dot for name, colour in colours})
    what = "Firing and subthreshold response against membrane potential"
    several = np.bincount(levels.codes * len(curves) + curves.codes).max(initial=0) > 1
    headline(figure, f"{what}: {'means and 95 % bands' if several else 'one trial each'}")
    return figure


def _share(axes: np.ndarray) -> None:
    """One x axis a column, and one y axis for both potentials.

    Before anything is drawn: later, sharing would take over the limits of a panel that may be empty.
    """
    for row in axes[1:]:
        for ax, first in zip(row, axes[0], strict=True):
            ax.sharex(first)
    for row in axes:
        row[1].sharey(row[0])


def _draw_row(
    row: Sequence[Axes], table: DataFrame, response: str, levels: Levels, curves: Levels
) -> None:
    """One response: against both potentials, and its differences between the curves."""
    for ax, potential in zip(row, POTENTIALS, strict=False):
        if not table[[potential, response]].notna().all(axis=1).any():
            nothing(ax, why_none(response))
        for number, colour in enumerate(curves.colours):
            trials = np.flatnonzero(curves.codes == number)
            _draw_curve(ax, table[potential], table[response], levels, trials, colour)
    if response.endswith("_hz") and not (table[response] > 0).any():
        row[0].set_ylim(-0.05, 1)  # negative rates on the axis of silent cells would puzzle
    row[1].tick_params(labelleft=False)
    label(row[0], "", measure_name(response))
    if len(curves) > 1:
        _draw_differences(row[2], differences(table, response, levels, curves), levels, curves)


def differences(table: DataFrame, response: str, by: Levels, panels: Levels) -> DataFrame:
    """Response at the first level of `panels` less that at each other one, paired.

    A row each level of `by` and seed (the index), a column each level of `panels` but the first, by
    their numbers; NaN where a partner is missing or its response undefined.
    """
    values = table[["seed"]].assign(level=by.codes, panel=panels.codes, value=table[response])
    paired = values.groupby(["level", "seed", "panel"])["value"].mean().unstack("panel")
    return DataFrame({panel: paired[0] - paired[panel] for panel in range(1, len(panels))})


def _within(name: str) -> str:
    """A name in the middle of a title: without its unit, its first letter small."""
    return name[:1].lower() + name.split(" (")[0][1:]


def _means(values: np.ndarray, codes: np.ndarray, by: Levels) -> np.ndarray:
    """Mean, lower and upper limit of its band at every level, shape (3, levels)."""
    bands = [mean_and_band(values[codes == level]) for level in range(len(by))]
    return np.array(bands, float).T


def _joined(ax: Axes, x: np.ndarray, y: np.ndarray, colour: Any, by: Levels) -> None:
    marker = "o" if len(by) <= _DRAWN_LEVELS else ""
    curve(ax, x, y, color=colour, marker=marker, linewidth=1.5, zorder=4)


def _draw_curve(
    ax: Axes, potential: Series, response: Series, by: Levels, trials: np.ndarray, colour: Any
) -> None:
    """Trials as dots; means of the levels joined by a line, with the bands of both as strokes."""
    x, y = potential.to_numpy(float)[trials], response.to_numpy(float)[trials]
    spread(ax, x, y, colour)
    (x_mean, *x_limits), (y_mean, *y_limits) = (
        _means(values, by.codes[trials], by) for values in (x, y)
    )
    _joined(ax, x_mean, y_mean, colour, by)
    ax.vlines(x_mean, *y_limits, color=colour, linewidth=1.0, zorder=3)
    ax.hlines(y_mean, *x_limits, color=colour, linewidth=1.0, zorder=3)


def _draw_differences(ax: Axes, paired: DataFrame, by: Levels, panels: Levels) -> None:
    """Mean paired difference at every level with its band, the pairs as dots."""
    reference(ax, 0, zorder=1)
    at = paired.index.get_level_values("level").to_numpy()
    x = np.array(by.values)
    for panel, values in paired.items():
        colour = INK if len(panels) == 2 else panels.colours[panel]
        spread(ax, x[at], values, colour)
        mean, lower, upper = _means(values.to_numpy(), at, by)
        _joined(ax, x, mean, colour, by)
        if np.isfinite(lower).any():
            ax.fill_between(x, lower, upper, color=colour, alpha=0.18, linewidth=0, zorder=3)


def _finish_column(column: np.ndarray, x_label: str, title: str) -> None:
    """One x axis for the column, labelled at the bottom; what it is against on top."""
    column[0].set_title(title, fontsize=FONT_PT, loc="left")
    for ax in column:
        ax.tick_params(labelbottom=ax is column[-1])
    column[-1].set_xlabel(x_label.replace("\n", " "), fontsize=SMALL_PT)


def _annotate_levels(axes: Iterable[Axes], table: DataFrame, by: Levels, panels: Levels) -> None:
    """Name the first, the zero and the last level of the first curve that is not flat."""
    first = np.flatnonzero(panels.codes == 0)
    x, *curves = (
        _means(table[name].to_numpy(float)[first], by.codes[first], by)[0]
        for name in (POTENTIALS[0], *RESPONSES)
    )
    rising = []
    for ax, y in zip(axes, curves, strict=True):
        if np.isfinite(x + y).any() and np.ptp(y[np.isfinite(y)]) > 0:
            rising.append((ax, y))
    if not rising:
        return
    ax, y = rising[0]
    # Each at a height of its own, so that near ones do not meet, and off the axis and the points.
    sides = {0: (0.32, "left"), len(by) - 1: (0.86, "right")}
    if 0.0 in by.values:
        sides.setdefault(by.values.index(0.0), (0.58, "right"))
    away = ScaledTranslation(-9 / 72, 0, ax.figure.dpi_scale_trans)
    across = ax.get_xaxis_transform()
    box: Look = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}
    stroke: Look = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
    look: Look = {"color": INK, "zorder": 6, "va": "center", "bbox": box, "arrowprops": stroke}
    for level, (height, side) in sides.items():
        if np.isfinite([x[level], y[level]]).all():
            place: Look = {"xytext": (x[level], height), "ha": side}
            place["textcoords"] = across + away if side == "right" else across
            note(ax, by.titles[level], (x[level], y[level]), **place, **look)
