"""The conditions of a study compared: a panel a measure, a row a condition."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame, Series

from ..analysis import mean_and_band
from .factor_levels import Levels, levels_of, measure_name, why_none
from .panels import headline, key, nothing, spread, wrapped
from .style import MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure

COMPARED: tuple[str, ...] = (
    "peak_rate_hz",
    "mean_rate_in_field_hz",
    "mean_rate_out_of_field_hz",
    "spatial_information_bits",
    "mean_v_out_of_field_mV",
    "ramp_amplitude_mV",
    "theta_amplitude_in_field_mV",
    "precession_deg_per_field",
)
_COLUMNS = 4
_SAME = 1e-9  # difference of values, in shares of them, that is one of rounding


def conditions(
    table: DataFrame,
    *,
    measures: Sequence[str] | None = None,
    by: str = "condition",
    panels: str | None = None,
) -> Figure:
    """Compare conditions: a panel a measure, a row a condition, a dot a trial, means and bands.

    A dotted line stands at the mean of the first condition.

    Parameters
    ----------
    table : DataFrame
        One row a trial: `by`, `panels` and the measures, NaN where undefined.
    measures : sequence of str, optional
        Columns to draw; those of `COMPARED` that the table has if not given.
    by : str
        Field with a row a level.
    panels : str, optional
        Field whose levels stand beside each other within a row, in colours.
    """
    rows, colours = levels_of(table, by), levels_of(table, panels)
    if measures is None:
        measures = [name for name in COMPARED if name in table]
    names = [wrapped(text, 28, 2) for text in rows.texts]
    figure, axes = _grid(len(measures), names, len(colours))
    for number, (ax, measure) in enumerate(zip(axes.flat, measures, strict=False)):
        _compare(ax, table[measure], rows, colours)
        ax.set_yticks(range(len(rows)), [""] * len(rows) if number % _COLUMNS else names)
        label(ax, measure_name(measure), "")
        if number % _COLUMNS == 0 and rows.values != rows.titles:
            ax.set_ylabel(measure_name(rows.field), fontsize=SMALL_PT)
    several = np.bincount(rows.codes * len(colours) + colours.codes).max(initial=0) > 1
    what = ": trials, means and 95 % bands" if several else ", one trial each"
    headline(figure, f"Conditions compared{what}")
    if len(colours) > 1:
        dot = {"marker": "o", "linestyle": ""}
        looks = zip(colours.titles, colours.colours, strict=True)
        key(figure, {title: {"color": colour, **dot} for title, colour in looks})
    return figure


def _grid(n_measures: int, names: Sequence[str], n_colours: int) -> tuple[Figure, np.ndarray]:
    """A panel a measure, high enough for the names of the rows and for the colours in each."""
    columns = max(min(n_measures, _COLUMNS), 1)
    lines = max(-(-n_measures // columns), 1)
    within = max(n_colours + 1, 2 + any("\n" in name for name in names))
    row_in = max(0.13 * within * len(names), 0.8) + 0.9
    width_in = 1.5 + max(2.2 * columns, 4)
    figure, axes = new_figure(lines, columns, width_in=width_in, row_in=row_in)
    for ax in axes.flat[n_measures:]:
        ax.remove()
    return figure, axes


def _compare(ax: Axes, measured: Series, rows: Levels, colours: Levels) -> None:
    """One measure: conditions from the top, the levels of `colours` below each other in a row."""
    values = measured.to_numpy(float)
    step = 0.8 / len(colours)
    for number in range(len(colours)):
        colour = colours.colours[number] if len(colours) > 1 else OKABE_ITO[0]
        for row in range(len(rows)):
            trials = values[(rows.codes == row) & (colours.codes == number)]
            y = row + (number - (len(colours) - 1) / 2) * step
            # Spread evenly in the order of the trials: random places would differ from one drawing
            # to the next.
            beside = np.linspace(-0.3, 0.3, len(trials)) * step if len(trials) > 1 else 0.0
            spread(ax, trials, np.broadcast_to(y + beside, len(trials)), colour, s=9, alpha=0.35)
            mean, lower, upper = mean_and_band(trials)
            ax.plot([lower, upper], [y, y], color=colour, linewidth=2.0, zorder=3)
            edge: Look = {"markeredgecolor": "white", "markeredgewidth": 0.6}
            ax.plot(mean, y, "o", color=colour, markersize=5.5, zorder=4, **edge)
            if row == number == 0:
                ax.axvline(float(mean), color=MUTED, linewidth=0.9, linestyle=":", zorder=1)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    if not np.isfinite(values).any():
        ax.set_xticks([])
        nothing(ax, why_none(str(measured.name)))
    else:
        _widen(ax, values[np.isfinite(values)])


def _widen(ax: Axes, values: np.ndarray) -> None:
    """Give an axis of values that are all the same, but for rounding, a width that can be read."""
    size = np.abs(values).max()
    if size < _SAME:  # of silent cells: negative rates on the axis would puzzle
        ax.set_xlim(-0.05, 1)
    elif len(values) > 1 and np.ptp(values) < _SAME * size:
        ax.set_xlim(values.mean() - 0.5, values.mean() + 0.5)
