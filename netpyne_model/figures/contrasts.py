"""Figure of what a study claims: effect sizes and shares with their bands, and the verdicts."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import VERDICT_COLOURS, headline, key, wrapped
from .style import FONT_PT, INK, MUTED, SMALL_PT, Look, new_figure

_ROW_IN, _LEAST_IN, _WIDTH_IN = 0.36, 2.2, 11.0
_CLAIM_CHARACTERS, _NUMBER_CHARACTERS = 62, 44
_EFFECT = ("effect_size", "effect_lower", "effect_upper")
_SHARE = ("value", "lower", "upper")


def contrasts(table: DataFrame, numbers: list[str]) -> Figure:
    """Draw contrasts, a line each: effect sizes, and shares where there are any, with 95 % bands.

    Parameters
    ----------
    table : DataFrame
        As in ``contrasts.csv``: ``claim, verdict, effect_size, ...``; a share has no effect size.
    numbers : list of str
        The number of each contrast with its band, as text.
    """
    shares = table["compared"].str.contains(") as a share", regex=False).to_numpy(bool)
    columns = [one for one in (~shares, shares) if one.any()]
    titles = {False: "Effect size (difference / SD of differences)", True: "Share"}
    row_in = max(_ROW_IN * len(table), _LEAST_IN)
    figure, axes = new_figure(1, len(columns), width_in=_WIDTH_IN, row_in=row_in)
    for ax, rows in zip(axes[0], columns, strict=True):
        is_share = bool(shares[rows.argmax()])
        _lines(ax, table, rows, _SHARE if is_share else _EFFECT)
        ax.set_title(titles[is_share], fontsize=FONT_PT, loc="left")
        ax.set_ylim(len(table) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.set_yticks([])
    claims = [wrapped(claim, _CLAIM_CHARACTERS, 2) for claim in table["claim"]]
    axes[0, 0].set_yticks(range(len(table)), claims, fontsize=SMALL_PT)
    _say(axes[0, -1], table, numbers)
    looks = {name: {"color": colour, "marker": "o"} for name, colour in VERDICT_COLOURS.items()}
    key(figure, {name: looks[name] for name in looks if (table["verdict"] == name).any()})
    headline(figure, "What is claimed of the conditions, in trials paired by seed: 95 % bands")
    return figure


def _lines(ax: Axes, table: DataFrame, rows: np.ndarray, names: tuple[str, str, str]) -> None:
    """The numbers of one kind at their lines; 0, and of shares 1, as grey lines."""
    for at in (0.0, 1.0) if names is _SHARE else (0.0,):
        ax.axvline(at, color=MUTED, linewidth=0.8, zorder=0)
    for place in range(len(table)):
        ax.axhline(place, color=MUTED, linewidth=0.3, alpha=0.5, zorder=0)
    for place in np.flatnonzero(rows).tolist():
        row = table.iloc[place]
        value, lower, upper = (float(row[name]) for name in names)
        look: Look = {"color": VERDICT_COLOURS[row["verdict"]], "zorder": 3}
        if np.isfinite(lower + upper):
            ax.plot([lower, upper], [place, place], linewidth=1.6, **look)
        ax.plot([value], [place], marker="o", markersize=5, **look)


def _say(ax: Axes, table: DataFrame, numbers: list[str]) -> None:
    """Each number with its verdict, right of the last panel."""
    for place, (number, verdict) in enumerate(zip(numbers, table["verdict"], strict=True)):
        text = f"{wrapped(number, _NUMBER_CHARACTERS, 1)}  "
        at: Look = {"xycoords": ax.get_yaxis_transform(), "va": "center", "fontsize": SMALL_PT}
        ax.annotate(text, (1.03, place), color=INK, **at)
        ax.annotate(verdict, (1.03, place + 0.36), color=VERDICT_COLOURS[verdict], **at)
