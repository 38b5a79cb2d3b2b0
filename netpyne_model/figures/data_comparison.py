"""Figure of the model beside recordings: each row on a scale of its own, by preparation."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import headline, key, note
from .style import INK, MUTED, OKABE_ITO, SMALL_PT, Look, new_figure, unit_text

_RECORDED, _HERE, _OUTSIDE = OKABE_ITO[1], INK, OKABE_ITO[0]
_APART = 0.17  # of the two marks of a row, in rows
_WIDTH_IN, _ROW_IN, _HEAD_IN = 5.6, 0.3, 0.75
_NUMBERS_AT = 1.04  # right of the scale


def data_comparison(table: DataFrame) -> Figure:
    """Recorded values with their spread, and the model's with the range over seeds.

    Parameters
    ----------
    table : DataFrame
        As `data_comparison.compare_rows` gives it. What is not modelled is left out.
    """
    shown = table[table["made_of"].notna()]
    if not len(shown):
        figure, axes = new_figure(1, 1, width_in=_WIDTH_IN, row_in=1.0)
        axes[0, 0].set_axis_off()
        note(axes[0, 0], "None of these rows is modelled.", (0, 0))
        return figure
    groups = list(shown.groupby("preparation", sort=False))
    heights = [len(rows) * _ROW_IN + _HEAD_IN for _, rows in groups]
    figure = Figure(figsize=(9.0, sum(heights) + 0.9), layout="constrained")
    axes = figure.subplots(len(groups), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, (preparation, rows) in zip(axes, groups, strict=True):
        _panel(ax, str(preparation), rows.to_dict("records"))
    headline(figure, "The model beside recorded cells; each row has a scale of its own")
    looks: dict[str, Look] = {
        "recorded, and spread": {"color": _RECORDED, "marker": "s", "markersize": 4},
        "model, range over seeds": {"color": _HERE, "marker": "o", "markersize": 4},
        "the same, outside": {"color": _OUTSIDE, "marker": "o", "markersize": 4},
    }
    key(figure, looks)
    return figure


def _panel(ax: Axes, preparation: str, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        _row(ax, number, row)
    ax.set_yticks(range(len(rows)), [_name(row) for row in rows], fontsize=SMALL_PT)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(-0.05, 1.7)
    ax.set_xticks([])
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_title(preparation[0].upper() + preparation[1:], fontsize=SMALL_PT + 1, loc="left")


def _row(ax: Axes, number: int, row: dict[str, Any]) -> None:
    """The recorded value above, the model's below, from the least to the largest of both."""
    value, here = row["value"], row["here"]
    low, high = _recorded_band(row)
    ends = [one for one in (low, high, row["here_low"], row["here_high"]) if math.isfinite(one)]
    least, span = min(ends), (max(ends) - min(ends)) or 1.0

    def drawn(y: float, middle: float, ends: tuple[float, float], colour: str, mark: str) -> None:
        at, left, right = ((one - least) / span for one in (middle, *ends))
        ax.plot([left, right], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot([at], [y], mark, color=colour, markersize=4)

    of_range = row["spread_is"] == "range"
    middle = 0.5 * (low + high) if of_range else value
    drawn(number - _APART, middle, (low, high), _RECORDED, "" if of_range else "s")
    unit = unit_text(row["unit"]) if isinstance(row["unit"], str) else ""
    recorded, model = _numbers(value, row["spread"], row["spread_is"]), "none"
    colour = _OUTSIDE if row["verdict"] == "outside" else _HERE
    if math.isfinite(here):
        drawn(number + _APART, here, (row["here_low"], row["here_high"]), colour, "o")
        model = f"{_numbers(here, row['here_sd'], 'sd')} {unit}"
    look: Look = {"fontsize": SMALL_PT - 1, "va": "center"}
    ax.text(_NUMBERS_AT, number, recorded, color=_RECORDED, **look)
    ax.text(_NUMBERS_AT + 0.3, number, model, color=colour, **look)
    ax.axhline(number + 0.5, color=MUTED, linewidth=0.3, alpha=0.5)


def _recorded_band(row: dict[str, Any]) -> tuple[float, float]:
    value, spread = row["value"], row["spread"]
    if not math.isfinite(spread):
        return value, value
    return (value, spread) if row["spread_is"] == "range" else (value - spread, value + spread)


def _numbers(value: float, spread: float, kind: str) -> str:
    if not math.isfinite(spread):
        return _number(value)
    if kind == "range":
        return f"{value:g} to {spread:g}"
    return f"{_number(value)} ± {spread:.2g}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1e4 else f"{value:.3g}"


def _name(row: dict[str, Any]) -> str:
    words = row["quantity"].replace("_", " ")
    condition = row["condition"] if isinstance(row["condition"], str) else ""
    text = f"{words}, {condition}" if condition else words
    return text if len(text) <= 62 else f"{text[:61]}…"
