"""Panels that figures share: each function draws one thing into one axis, or a key."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas import DataFrame

from ..analysis import baseline, mean_and_band
from ..analysis.verdicts import CANNOT_BE_TOLD, VERDICTS
from ..errors import ModelError
from .style import INK, MUTED, OKABE_ITO, SMALL_PT, TITLE_PT, Look, label, new_figure

CONDITION_COLOURS = {
    "control": "#000000",
    "TTX": OKABE_ITO[1],
    "AP5": OKABE_ITO[0],
    "TTX+AP5": OKABE_ITO[3],
    "Ba": OKABE_ITO[2],
    "Ba+TTX": OKABE_ITO[7],
    "ZD7288": OKABE_ITO[4],
    "ZD7288+TTX": OKABE_ITO[5],
}
VERDICT_COLOURS = dict(zip(VERDICTS, (OKABE_ITO[2], OKABE_ITO[1], MUTED), strict=True))
SHORT_VERDICTS = {one: one for one in VERDICTS} | {CANNOT_BE_TOLD: "not told"}
_CHARACTERS_PER_IN, _BOLD_CHARACTERS_PER_IN = 13, 10  # of keys, of headlines


# -- traces and curves


def having(outcomes: Iterable[Any], **labels: Any) -> list[Any]:
    """Outcomes of an experiment that have traces, and these labels in their row."""
    return [one for one in outcomes if one.traces and labels.items() <= one.row.items()]


def trace(
    ax: Axes,
    recorded: Sequence[Any],
    event_ms: float = 0.0,
    *,
    before_ms: float = np.inf,
    after_ms: float = np.inf,
    less: float = 0.0,
    scale: float = 1.0,
    **look: Any,
) -> None:
    """A trace against the time from an event; ``scale * (values - less)`` is drawn.

    `recorded` holds times in ms, values, and what else there is (unit, label).
    """
    since_ms, values = np.asarray(recorded[0]) - event_ms, np.asarray(recorded[1])
    window = (since_ms >= -before_ms) & (since_ms <= after_ms)
    look = {"linewidth": 1.2} | look
    ax.plot(since_ms[window], scale * (values[window] - less), **look)


def response(ax: Axes, recorded: Sequence[Any], event_ms: float, **look: Any) -> None:
    """A trace from its baseline, from 10 ms before an event on."""
    rest = baseline(recorded[0], recorded[1], event_ms)
    trace(ax, recorded, event_ms, before_ms=10, less=rest, **look)


def curve(ax: Axes, x: Any, y: Any, **look: Any) -> None:
    """Points joined by a line, black if no colour is given."""
    usual: Look = {"color": "#000000", "marker": "o", "markersize": 4, "linewidth": 1.2}
    ax.plot(x, y, **usual | look)


def held_mV(table: DataFrame) -> Any:
    """Potentials that an experiment held: those reached, or else those aimed at."""
    return table["held_mV"] if "held_mV" in table else table["target_mV"]


# -- grids


def wrapped_grid(
    n: int, n_rows: int, most: int, *, column_in: float, least_in: float, row_in: float
) -> tuple[Figure, list[tuple[Axes, ...]]]:
    """A figure of `n` columns of `n_rows` panels, in several lines of at most `most` columns.

    Returned with the panels of each column, from the top. A column is `column_in` wide, the figure
    `least_in` at least, a panel `row_in` high.
    """
    columns = min(max(n, 1), most)
    lines = max(-(-n // columns), 1)
    width_in = max(column_in * columns, least_in)
    figure, axes = new_figure(lines * n_rows, columns, width_in=width_in, row_in=row_in)
    grid = []
    for number in range(lines * columns):
        line, column = divmod(number, columns)
        grid.append(tuple(axes[n_rows * line : n_rows * (line + 1), column]))
    for spare in grid[n:]:
        for ax in spare:
            ax.remove()
    return figure, grid[:n]


def label_outer(grid: Sequence[Sequence[Axes]], most: int, x: str, ys: Sequence[str]) -> None:
    """Name and number the axes of `wrapped_grid` at the left and below only.

    `ys` are the names of the rows of a column.
    """
    for number, axes in enumerate(grid):
        left, bottom = number % most == 0, number + most >= len(grid)
        for ax, y in zip(axes, ys, strict=True):
            lowest = bottom and ax is axes[-1]
            label(ax, x if lowest else "", y if left else "")
            ax.tick_params(labelbottom=lowest, labelleft=left)


# -- means and bands


def band(ax: Axes, x: Any, values: np.ndarray, *, alpha: float = 0.2, **look: Any) -> np.ndarray:
    """Mean over trials as a line, its 95 % band shaded; returns the mean.

    `values` has the shape (trials, n); `look`, with its colour, is that of the line.
    """
    mean, lower, upper = mean_and_band(values)
    ax.plot(x, mean, **{"zorder": 3} | look)
    if np.isfinite(lower).any():
        ax.fill_between(x, lower, upper, color=look["color"], alpha=alpha, linewidth=0, zorder=2)
    return mean


def spread(ax: Axes, x: Any, y: Any, colour: Any, **look: Any) -> None:
    """Single trials as faint dots behind their mean."""
    usual: Look = {"s": 5, "alpha": 0.25, "linewidths": 0, "zorder": 2}
    ax.scatter(x, y, color=colour, **usual | look)


# -- notes, lines and keys


def reference(ax: Axes, y: float, **look: Any) -> None:
    """A thin grey line across the panel."""
    usual: Look = {"color": MUTED, "linewidth": 0.8, "zorder": 0}
    ax.axhline(y, **usual | look)


def note(ax: Axes, text: str, at: tuple[float, float], **options: Any) -> None:
    """A small grey text at a place, or with `xytext` as many points beside it."""
    usual: Look = {"fontsize": SMALL_PT, "color": MUTED}
    if "xytext" in options:
        usual["textcoords"] = "offset points"
    ax.annotate(text, at, **usual | options)


def nothing(ax: Axes, text: str, **options: Any) -> None:
    """Say in the middle of an empty panel why there is nothing in it."""
    note(ax, text, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", **options)


def legend(ax: Axes, **options: Any) -> None:
    """The legend of an axis, without a frame."""
    ax.legend(fontsize=SMALL_PT, frameon=False, **options)


def key(figure: Figure, looks: Mapping[str, Mapping[str, Any]], **options: Any) -> None:
    """A key below the panels of a figure, in as many columns as there is room for.

    `looks` says by its text what the line or marker of each entry looks like.
    """
    if not looks:
        return
    texts = [wrapped(text, 60, 2) for text in looks]
    handles = []
    for text, look in zip(texts, looks.values(), strict=True):
        usual: Look = {"linewidth": 1.8, "label": text}
        handles.append(Line2D([], [], **usual | dict(look)))
    widest = max(len(line) for text in texts for line in text.split("\n"))
    fit = int(figure.get_figwidth() * _CHARACTERS_PER_IN / (widest + 8))
    columns = max(min(fit, len(handles)), 1)
    place: Look = {"ncols": columns, "loc": "outside lower center"}
    figure.legend(handles=handles, fontsize=SMALL_PT, frameon=False, **place | options)


def one_unit(what: str, units: Mapping[str, str | None]) -> str:
    """The unit that conditions or cells, by their names, have in common; empty if none has any."""
    different: dict[str, str] = {}
    for where, unit in units.items():
        if unit is not None:
            different.setdefault(unit, where)
    if len(different) > 1:
        stated = ", ".join(f"'{unit}' in {where}" for unit, where in different.items())
        raise ModelError(f"{what} has the units {stated}; bring them to one, or draw them apart.")
    return next(iter(different), "")


def headline(figure: Figure, text: str) -> None:
    """What the figure shows, above it on the left."""
    text = wrapped(text, int(_BOLD_CHARACTERS_PER_IN * figure.get_figwidth()))
    figure.suptitle(text, x=0.01, ha="left", fontsize=TITLE_PT - 1, color=INK, weight="bold")


def wrapped(text: str, characters: int, lines: int = 3) -> str:
    """Break a text of a user into short lines, the last cut off where it is too long."""
    # matplotlib would read what stands between two dollars as mathematics.
    parts = textwrap.wrap(str(text).replace("$", r"\$"), characters, break_on_hyphens=False) or [""]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: characters - 1] + "…"]
    return "\n".join(parts)
