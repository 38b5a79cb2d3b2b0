"""Figure of how one potential follows another in pairs of a study's conditions: gains and bands."""

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import headline, key, wrapped
from .style import FONT_PT, MUTED, OKABE_ITO, SMALL_PT, Look, new_figure

_ROW_IN, _LEAST_IN, _WIDTH_IN = 0.4, 2.0, 9.0
_FEWEST = 3  # pairs of which a band says more than the dots
_FOLLOWS = 0.95  # else the slope hangs on which of the two is the reference
_PARTS = {"in_field": ("in the field", OKABE_ITO[0]), "out_of_field": ("out of it", OKABE_ITO[1])}


def paired_gains(table: DataFrame) -> Figure:
    """Draw gains and differences of potentials, a line a pair of conditions.

    A pair stands where the two potentials follow each other (correlation 0.95 or more), the
    gain with its 95 % band where there are three pairs of trials or more.

    Parameters
    ----------
    table : DataFrame
        As in ``paired_gain.csv``: ``condition, reference, part, n, gain, lower, upper,
        correlation, difference_mV``.
    """
    pairs = list(dict.fromkeys(zip(table["condition"], table["reference"], strict=True)))
    row_in = max(_ROW_IN * len(pairs), _LEAST_IN) + 0.9
    figure, axes = new_figure(1, 2, width_in=_WIDTH_IN, row_in=row_in)
    for beside, (part, (_, colour)) in zip((-0.14, 0.14), _PARTS.items(), strict=True):
        rows = table[table["part"] == part].set_index(["condition", "reference"]).loc[pairs]
        places = np.arange(len(pairs)) + beside
        look: Look = {"color": colour, "zorder": 3}
        follows = (rows["correlation"] >= _FOLLOWS).to_numpy()
        rows.loc[~follows, ["gain", "difference_mV"]] = np.nan
        known = follows & (rows["n"] >= _FEWEST).to_numpy()
        limits = rows.loc[known, ["lower", "upper"]].to_numpy().T
        axes[0, 0].hlines(places[known], *limits, linewidth=1.8, **look)
        for ax, name in zip(axes[0], ("gain", "difference_mV"), strict=True):
            ax.plot(rows[name], places, "o", markersize=5, **look)
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
