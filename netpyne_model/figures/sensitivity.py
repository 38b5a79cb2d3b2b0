"""Figure of a study of sensitivity: total and first Sobol indices of each parameter, by measure."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from ..analysis import MEASURES
from ..analysis.sensitivity import IS_NOISE, RANKS, scaled_label, trend_sign
from .panels import headline, key, wrapped
from .style import FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, Look, new_figure

_ROW_IN, _LEAST_IN, _PANEL_IN, _NAMES_IN = 0.3, 2.2, 2.5, 1.8
_TOTAL, _FIRST, _NOISE = OKABE_ITO[4], INK, OKABE_ITO[5]


def sensitivity(table: DataFrame) -> Figure:
    """Draw the indices, a panel a measure and a line a parameter, the most important one on top.

    Indices of ranks stand in a row of their own below those of values.

    Bars are total indices, dots first ones, lines their 95 % bands. The noise's total index is a
    line through the panel, within its band. A sign says whether the measure rises or falls with the
    parameter, where that can be told.

    Parameters
    ----------
    table : DataFrame
        As in ``sensitivity.csv``: ``measure, scale, parameter, total, total_lower, ...``.
    """
    scales = list(dict.fromkeys(table["scale"]))
    measures = [list(dict.fromkeys(table.loc[table["scale"] == one, "measure"])) for one in scales]
    n_columns = max(map(len, measures))
    means = table.groupby("parameter", sort=False)["total"].mean()
    names = means.sort_values(ascending=False, kind="stable").index.tolist()
    width_in = _NAMES_IN + _PANEL_IN * n_columns
    row_in = max(_ROW_IN * len(names), _LEAST_IN) + 0.6
    figure, axes = new_figure(len(scales), n_columns, width_in=width_in, row_in=row_in)
    for of_scale, scale, row in zip(measures, scales, axes, strict=True):
        for ax, measure in zip(row, of_scale, strict=False):
            chosen = (table["measure"] == measure) & (table["scale"] == scale)
            _panel(ax, table[chosen].set_index("parameter").loc[names])
            _label(ax, measure, scale, len(names))
        for ax in row[len(of_scale) :]:
            ax.set_axis_off()
        labels = [wrapped(name, 28, 2) for name in names]
        row[0].set_yticks(range(len(names)), labels, fontsize=SMALL_PT)
    looks: dict[str, Look] = {
        "total index": {"color": _TOTAL, "linewidth": 5},
        "first index": {"color": _FIRST, "marker": "o", "linestyle": ""},
    }
    if (table["verdict"] == IS_NOISE).any():
        looks["total index of the noise"] = {"color": _NOISE, "linestyle": "--"}
    key(figure, looks)
    headline(figure, "What moves each measure: Sobol indices, 95 % bands")
    return figure


def _label(ax: Axes, measure: str, scale: str, n_rows: int) -> None:
    title = wrapped(scaled_label(MEASURES[measure].label, scale), 26, 2)
    ax.set_title(title, fontsize=FONT_PT, loc="left")
    divided = "variance of ranks" if scale == RANKS else "variance"
    ax.set_xlabel(f"Share of the {divided}", fontsize=SMALL_PT)
    ax.set_ylim(n_rows - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_yticks(range(n_rows), [""] * n_rows)


def _panel(ax: Axes, rows: DataFrame) -> None:
    """One measure; `rows` by parameter, from the top."""
    ax.axvline(0, color=MUTED, linewidth=0.8, zorder=0)
    noise = rows[rows["verdict"] == IS_NOISE]
    for row in noise.itertuples():
        if np.isfinite(row.total):
            ax.axvspan(row.total_lower, row.total_upper, color=_NOISE, alpha=0.12, zorder=0)
            ax.axvline(row.total, color=_NOISE, linestyle="--", linewidth=1, zorder=1)
    for place, row in enumerate(rows.itertuples()):
        if not np.isfinite(row.total):
            continue
        ax.barh(place, row.total, height=0.6, color=_TOTAL, alpha=0.6, zorder=2)
        look: Look = {"linewidth": 1.4, "zorder": 3}
        ax.plot([row.total_lower, row.total_upper], [place - 0.12] * 2, color=_TOTAL, **look)
        ax.plot([row.first_lower, row.first_upper], [place + 0.12] * 2, color=_FIRST, **look)
        ax.plot([row.first], [place + 0.12], "o", color=_FIRST, markersize=3.5, zorder=4)
        if text := trend_sign(row._asdict()):
            ax.annotate(
                text,
                (1.0, place),
                xycoords=ax.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=FONT_PT,
                color=INK,
            )
