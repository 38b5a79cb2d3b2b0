"""Figure of what feeds the soma: shares of currents in the ramp and before spikes, and their course."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .currentscapes import CURRENT_COLOURS
from .panels import headline, key, legend, wrapped
from .style import INK, MUTED, OKABE_ITO, SMALL_PT, label, new_figure

_PARTS = {
    "persistent_ais": ("persistent sodium, initial segment", CURRENT_COLOURS["persistent nax"]),
    "persistent_soma": ("that of the soma", CURRENT_COLOURS["persistent nas"]),
    "persistent_dendrites": ("that of the dendrites", CURRENT_COLOURS["nas"]),
    "transient": ("transient sodium", CURRENT_COLOURS["transient nax"]),
} | {name: (name, CURRENT_COLOURS[name]) for name in ("NMDA", "AMPA", "injected")}
_REST = ("the rest", "#D9D9D9")
_COLOURS = (INK, OKABE_ITO[1])


def current_shares(bands: DataFrame, windows_ms: Mapping[str, tuple[float, float]]) -> Figure:
    """Draw the shares of currents as bars, and that of the persistent sodium current before spikes.

    Parameters
    ----------
    bands : DataFrame
        Mean share with its 95 % band: ``preparation, column, n, mean, lower, upper``.
    windows_ms : mapping
        Begin and end before a spike of every window, by the beginning of the columns' names.
    """
    figure, axes = new_figure(1, 2, width_in=12.0, row_in=3.8)
    table = bands.set_index(["preparation", "column"])
    preparations = bands["preparation"].drop_duplicates().tolist()
    begin, end = windows_ms["before"]
    rows = {"ramp": "ramp", "before": f"{begin:g} to {end:g} ms before spikes"}
    _bars(axes[0, 0], table, preparations, rows)
    _course(axes[0, 1], table, preparations, windows_ms)
    key(
        figure,
        {words: {"color": colour, "linewidth": 6} for words, colour in (*_PARTS.values(), _REST)},
    )
    n = int(bands["n"].max())
    headline(figure, f"What feeds the soma: means of {n} trials, 95 % bands")
    return figure


def _bars(ax: Axes, table: DataFrame, preparations: list[str], rows: Mapping[str, str]) -> None:
    lines = [(one, row) for one in preparations for row in rows]
    for place, (preparation, row) in enumerate(lines):
        left = 0.0
        for part, (_, colour) in _PARTS.items():
            share = table.loc[(preparation, f"{row}_{part}"), "mean"]
            if share > 0:
                ax.barh(place, 100 * share, left=100 * left, color=colour, height=0.62)
                left += share
        ax.barh(place, 100 * (1 - left), left=100 * left, color=_REST[1], height=0.62)
        whole = table.loc[(preparation, f"{row}_persistent")]
        number, lower, upper = (100 * whole[name] for name in ("mean", "lower", "upper"))
        words = f"persistent {number:.0f} % ({lower:.0f} to {upper:.0f})"
        ax.text(1, place - 0.34, words, fontsize=SMALL_PT, va="bottom")
    names = [wrapped(f"{preparation}: {rows[row]}", 22, 3) for preparation, row in lines]
    ax.set_yticks(range(len(lines)), names, fontsize=SMALL_PT)
    ax.set_ylim(len(lines) - 0.5, -0.75)
    ax.set_xlim(0, 100)
    label(ax, "Share of the inward current (%)", "", "By current")


def _course(
    ax: Axes,
    table: DataFrame,
    preparations: list[str],
    windows_ms: Mapping[str, tuple[float, float]],
) -> None:
    parts = [name for name in windows_ms if name != "before"]
    middle_ms = [-np.mean(windows_ms[name]) for name in parts]
    for preparation, colour in zip(preparations, _COLOURS, strict=True):
        for suffix, style, words in (
            ("persistent", "-", preparation),
            ("persistent_ais", ":", f"{preparation}, initial segment alone"),
        ):
            rows = 100 * table.loc[[(preparation, f"{name}_{suffix}") for name in parts]]
            ax.plot(middle_ms, rows["mean"], style, marker="o", color=colour, label=words)
            ax.fill_between(
                middle_ms, rows["lower"], rows["upper"], color=colour, alpha=0.2, linewidth=0
            )
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.set_ylim(bottom=0)
    label(ax, "Time to the spike (ms)", "Share of the inward current (%)", "Persistent sodium")
    legend(ax)
