"""Figure of the tuning that laps of one cell share, beside what laps share by chance."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import headline, key, wrapped
from .style import FONT_PT, MUTED, OKABE_ITO, SMALL_PT, Look, new_figure

_ROW_IN, _LEAST_IN, _WIDTH_IN = 0.24, 2.0, 9.0
_RARE = 0.05  # p below which a tuning is drawn as one
_TUNED, _BY_CHANCE = OKABE_ITO[0], MUTED
_TITLES = {"ramp_mV": "Ramp of the potential", "rate_hz": "Firing rate"}


def lap_tuning(table: DataFrame) -> Figure:
    """Draw, a line a condition, how far the mean lap varies along the track, and rotated laps do.

    Parameters
    ----------
    table : DataFrame
        As in ``lap_tuning.csv``: ``condition, profile, unit, n, spread, by_chance, range, p``.
    """
    conditions = table["condition"].drop_duplicates().tolist()
    profiles = table["profile"].drop_duplicates().tolist()
    row_in = max(_ROW_IN * len(conditions), _LEAST_IN) + 0.9
    figure, axes = new_figure(1, len(profiles), width_in=_WIDTH_IN, row_in=row_in)
    for ax, profile in zip(axes[0], profiles, strict=True):
        rows = table[table["profile"] == profile].set_index("condition").reindex(conditions)
        _spreads(ax, rows)
        ax.set_title(_TITLES.get(profile, profile), fontsize=FONT_PT, loc="left")
    axes[0, 0].set_yticks(
        range(len(conditions)), [wrapped(one, 40, 2) for one in conditions], fontsize=SMALL_PT
    )
    dot = {"marker": "o", "linestyle": "", "markeredgecolor": _TUNED}
    key(
        figure,
        {
            f"mean lap, p < {_RARE:g}": dot | {"color": _TUNED},
            "mean lap, as by chance": dot | {"color": "white"},
            "laps rotated against each other": {
                "marker": "|",
                "linestyle": "",
                "color": _BY_CHANCE,
            },
        },
    )
    headline(figure, "Tuning that laps of one cell share, and laps rotated by chance")
    return figure


def _spreads(ax: Axes, rows: DataFrame) -> None:
    """A line a condition: of its mean lap a dot, of rotated laps a stroke; of silent ones a word."""
    places = np.arange(len(rows))
    tuned = (rows["p"] < _RARE).to_numpy()
    ax.hlines(places, rows["by_chance"], rows["spread"], color=MUTED, linewidth=0.8)
    ax.plot(rows["by_chance"], places, "|", color=_BY_CHANCE, markersize=9)
    for these, face in ((tuned, _TUNED), (~tuned, "white")):
        look: Look = {"markerfacecolor": face, "markeredgecolor": _TUNED, "markersize": 5}
        ax.plot(rows["spread"][these], places[these], "o", **look)
    for place in np.flatnonzero(rows["spread"].isna()).tolist():
        ax.text(0.02, place, "silent", color=MUTED, fontsize=SMALL_PT, va="center")
    unit = rows["unit"].dropna().iloc[0]
    ax.set_xlabel(f"SD along the track ({unit})", fontsize=SMALL_PT)
    ax.set_xlim(left=0)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_yticks(places, [""] * len(rows))
