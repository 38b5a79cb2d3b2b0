"""Figure of how one potential follows another in pairs of a study's conditions: gains and bands."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import headline, key, wrapped
from .style import FONT_PT, MUTED, OKABE_ITO, SMALL_PT, Look, new_figure

_ROW_IN, _LEAST_IN, _WIDTH_IN = 0.4, 2.0, 9.0
_FEWEST = 3  # pairs of which a band says more than the dots
_FOLLOWS = 0.95  # else the slope hangs on which of the two is the reference
_BANDS = {
    "gain": ["lower", "upper"],
    "difference_mV": ["difference_lower_mV", "difference_upper_mV"],
}
_PARTS = {"in_field": ("in the field", OKABE_ITO[0]), "out_of_field": ("out of it", OKABE_ITO[1])}


def paired_gains(table: DataFrame) -> Figure:
    """Draw gains and differences of potentials, a line a pair of conditions.

    A pair stands where the two potentials follow each other (correlation 0.95 or more), with 95 %
    bands where there are three pairs of trials or more. Where neither part of a pair does, the
    correlations stand in its line.

    Parameters
    ----------
    table : DataFrame
        As in ``paired_gain.csv``: ``condition, reference, part, n, gain, lower, upper,
        correlation, difference_mV, difference_lower_mV, difference_upper_mV``.
    """
    pairs = list(dict.fromkeys(zip(table["condition"], table["reference"], strict=True)))
    row_in = max(_ROW_IN * len(pairs), _LEAST_IN) + 0.9
    figure, axes = new_figure(1, 2, width_in=_WIDTH_IN, row_in=row_in)
    for beside, (part, (_, colour)) in zip((-0.14, 0.14), _PARTS.items(), strict=True):
        rows = table[table["part"] == part].set_index(["condition", "reference"]).loc[pairs]
        places = np.arange(len(pairs)) + beside
        look: Look = {"color": colour, "zorder": 3}
        follows = (rows["correlation"] >= _FOLLOWS).to_numpy()
        rows.loc[~follows, list(_BANDS)] = np.nan
        known = follows & (rows["n"] >= _FEWEST).to_numpy()
        for ax, (name, band) in zip(axes[0], _BANDS.items(), strict=True):
            ax.hlines(places[known], *rows.loc[known, band].to_numpy().T, linewidth=1.8, **look)
            ax.plot(rows[name], places, "o", markersize=5, **look)
    _name_what_is_missing(axes[0, 0], table, pairs)
    for ax, at, x, title in (
        (axes[0, 0], 1.0, "Gain (mV/mV)", "Slope of one potential against the other's"),
        (axes[0, 1], 0.0, "Difference (mV)", "Mean of one less that of the other"),
    ):
        ax.axvline(at, color=MUTED, linewidth=0.8, zorder=0)
        ax.set_title(title, fontsize=FONT_PT, loc="left")
        ax.set_xlabel(x, fontsize=SMALL_PT)
        ax.set_ylim(len(pairs) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.set_yticks(range(len(pairs)), [""] * len(pairs))
    names = [wrapped(f"{one} / {other}", 34, 2) for one, other in pairs]
    axes[0, 0].set_yticks(range(len(pairs)), names, fontsize=SMALL_PT)
    dot: Look = {"marker": "o", "linestyle": ""}
    key(figure, {words: {"color": colour, **dot} for words, colour in _PARTS.values()})
    headline(figure, "Somatic potentials in pairs of conditions, same seed, away from spikes")
    return figure


def _name_what_is_missing(ax: Axes, table: DataFrame, pairs: list[tuple[str, str]]) -> None:
    """Say in the line of a pair without a dot how little the potentials follow each other."""
    by_pair = table.set_index(["condition", "reference"])["correlation"]
    for line, pair in enumerate(pairs):
        correlations = by_pair.loc[[pair]]
        if (correlations >= _FOLLOWS).any():
            continue
        known = ", ".join(f"{one:.2f}" for one in correlations if np.isfinite(one))
        words = f"fires too often (correlation {known})" if known else "never quiet"
        ax.text(1.01, line, words, va="center", fontsize=SMALL_PT, color=MUTED)
