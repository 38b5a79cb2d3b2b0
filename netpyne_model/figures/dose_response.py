"""How steeply place-field firing and subthreshold response depend on membrane potential, and what a drug takes away."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from pandas import DataFrame, Series

from ..analysis import mean_and_band
from .levels import Levels, add_legend, headline, levels_of, measure_name, wrapped
from .style import FONT_PT, INK, MUTED, SMALL_PT, label, new_figure

RESPONSES = (
    "peak_rate_hz",
    "mean_rate_in_field_hz",
    "ramp_amplitude_mV",
    "theta_amplitude_in_field_mV",
)
POTENTIALS = ("mean_v_out_of_field_mV", "mean_v_in_field_mV")
_DRAWN_LEVELS = 40  # dots joined by a line; beyond, the line alone


def dose_response(table: DataFrame, *, by: str, panels: str | None = None) -> Figure:
    """Draw rates, ramp and theta amplitude against the mean potential out of the field and in it, and differences.

    A row each of the responses; a column against each potential, with the trials as dots and, at every level, means and
    95 % bands of both; and, with several `panels`, a column with the differences between the first of them and each
    other at the same level and seed.

    Parameters
    ----------
    table : DataFrame
        One row a trial: `by`, `panels`, ``seed`` and the columns of `RESPONSES` and `POTENTIALS`, NaN where undefined.
    by : str
        Swept number that moves the potential, such as ``dc_nA``.
    panels : str, optional
        Swept field with a curve a level, such as ``drugs``.

    Returns
    -------
    matplotlib Figure
    """
    by, panels = levels_of(table, by), levels_of(table, panels)
    compared = len(panels) > 1
    figure, axes = new_figure(
        len(RESPONSES), 2 + compared, width_in=10.5 if compared else 7.5, row_in=2.2
    )
    for row, response in zip(axes, RESPONSES, strict=True):
        for ax, potential in zip(row, POTENTIALS, strict=False):
            for panel in range(len(panels)):
                _draw_curve(ax, table[potential], table[response], by, np.flatnonzero(panels.codes == panel),
                            panels.colours[panel])  # fmt: skip
        if response.endswith("_hz") and not (table[response] > 0).any():
            row[0].set_ylim(-0.05, 1)  # negative rates on the axis of silent cells would puzzle
        row[1].sharey(row[0])
        row[1].tick_params(labelleft=False)
        label(row[0], "", measure_name(response))
        if compared:
            _draw_differences(row[2], differences(table, response, by, panels), by, panels)
    for column, potential in enumerate(POTENTIALS):
        _finish_column(
            axes[:, column], measure_name(potential), "Against " + _within(measure_name(potential))
        )
    _annotate_levels(axes[:, 0], table, by, panels)
    if compared:
        others = wrapped(panels.texts[1], 18, 1) if len(panels) == 2 else "the others"
        title = f"{wrapped(panels.texts[0], 18, 1)} \N{MINUS SIGN} {others}, same seed"
        _finish_column(axes[:, 2], measure_name(by.field), title)
        add_legend(
            figure,
            panels.titles,
            [{"color": colour, "marker": "o", "markersize": 4} for colour in panels.colours],
        )
    headline(
        figure, "Firing and subthreshold response against membrane potential: means and 95 % bands"
    )
    return figure


def differences(table: DataFrame, response: str, by: Levels, panels: Levels) -> DataFrame:
    """Response at the first level of `panels` less that at each other one, of trials at the same level and seed.

    Returns
    -------
    DataFrame
        A row a level of `by` and seed (the index), a column a level of `panels` but the first, by their numbers; NaN
        where a partner is missing or its response undefined.
    """
    values = DataFrame({"level": by.codes, "seed": table["seed"].to_numpy(), "panel": panels.codes,
                        "value": table[response].to_numpy(float)})  # fmt: skip
    paired = values.groupby(["level", "seed", "panel"])["value"].mean().unstack("panel")
    return DataFrame({panel: paired[0] - paired[panel] for panel in range(1, len(panels))})


def _within(name: str) -> str:
    """A name in the middle of a title: without its unit, its first letter small."""
    return name[:1].lower() + name.split(" (")[0][1:]


def _draw_curve(
    ax: Axes, potential: Series, response: Series, by: Levels, trials: Sequence[int], colour
) -> None:
    """Trials as dots; means of the levels joined by a line, with the bands of both as strokes."""
    x, y = potential.to_numpy(float), response.to_numpy(float)
    ax.scatter(x[trials], y[trials], s=5, color=colour, alpha=0.25, linewidths=0, zorder=2)
    levels = [trials[by.codes[trials] == level] for level in range(len(by))]
    (x_mean, *x_limits), (y_mean, *y_limits) = (
        np.array([mean_and_band(values[chosen]) for chosen in levels], float).T for values in (x, y)
    )
    ax.plot(x_mean, y_mean, color=colour, linewidth=1.5, marker="o" if len(by) <= _DRAWN_LEVELS else "", markersize=4,
            zorder=4)  # fmt: skip
    ax.vlines(x_mean, *y_limits, color=colour, linewidth=1.0, zorder=3)
    ax.hlines(y_mean, *x_limits, color=colour, linewidth=1.0, zorder=3)


def _draw_differences(ax: Axes, paired: DataFrame, by: Levels, panels: Levels) -> None:
    """Mean paired difference at every level with its band, the pairs as dots."""
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    at = paired.index.get_level_values("level").to_numpy()
    x = np.array(by.values)
    for panel, values in paired.items():
        colour = INK if len(panels) == 2 else panels.colours[panel]
        ax.scatter(x[at], values, s=5, color=colour, alpha=0.25, linewidths=0, zorder=2)
        mean, lower, upper = np.array(
            [mean_and_band(values[at == level]) for level in range(len(by))], float
        ).T
        ax.plot(
            x,
            mean,
            color=colour,
            linewidth=1.5,
            marker="o" if len(by) <= _DRAWN_LEVELS else "",
            markersize=4,
            zorder=4,
        )
        if np.isfinite(lower).any():
            ax.fill_between(x, lower, upper, color=colour, alpha=0.18, linewidth=0, zorder=3)


def _finish_column(column: np.ndarray, x_label: str, title: str) -> None:
    """One x axis for the column, labelled at the bottom; what it is against on top."""
    column[0].set_title(title, fontsize=FONT_PT, loc="left")
    for ax in column:
        if ax is not column[-1]:
            ax.sharex(column[-1])
            ax.tick_params(labelbottom=False)
    column[-1].set_xlabel(x_label.replace("\n", " "), fontsize=SMALL_PT)


def _annotate_levels(axes: np.ndarray, table: DataFrame, by: Levels, panels: Levels) -> None:
    """Name the first, the zero and the last level of the first curve that is not flat; all names would hide it."""
    first = panels.codes == 0
    x, *curves = (
        np.array(
            [
                mean_and_band(table[name].to_numpy(float)[first & (by.codes == level)])[0]
                for level in range(len(by))
            ]
        )
        for name in (POTENTIALS[0], *RESPONSES)
    )
    rising = [
        number
        for number, y in enumerate(curves)
        if np.isfinite(x + y).any() and np.ptp(y[np.isfinite(y)]) > 0
    ]
    if not rising:
        return
    ax, y = axes[rising[0]], curves[rising[0]]
    # Each at a height of its own, so that near ones do not meet, and off the axis and the points.
    sides = {0: (0.32, "left"), len(by) - 1: (0.86, "right")}
    if 0.0 in by.values:
        sides.setdefault(by.values.index(0.0), (0.58, "right"))
    away = ScaledTranslation(-9 / 72, 0, ax.figure.dpi_scale_trans)
    for level, (height, side) in sides.items():
        if np.isfinite([x[level], y[level]]).all():
            ax.annotate(
                by.titles[level], (x[level], y[level]), (x[level], height), va="center", ha=side, fontsize=SMALL_PT,
                textcoords=ax.get_xaxis_transform() + away if side == "right" else ax.get_xaxis_transform(),
                color=INK, zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
                arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
            )  # fmt: skip
