"""Figure of the six signs of the persistent sodium current: a panel a measure, and the verdicts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import (
    SHORT_VERDICTS,
    VERDICT_COLOURS,
    curve,
    having,
    legend,
    note,
    reference,
    trace,
    wrapped,
)
from .style import FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure

COLOURS = {
    "control": "#000000",
    "INaP 0.5": OKABE_ITO[4],
    "INaP 1": OKABE_ITO[0],
    "TTX 0.5": OKABE_ITO[1],
    "added 0.5": OKABE_ITO[3],
}
_PAIRS = {
    "INaP 0.5": "control against INaP 0.5",
    "INaP 1": "control against INaP 1",
    "TTX 0.5": "control against TTX 0.5",
    "added": "added 0.5 against control",
}
_PLACED = {
    "rheobase": ("rheobase's", OKABE_ITO[2]),
    "resistance": ("resistance's", OKABE_ITO[3]),
    "EPSP": ("EPSP's", OKABE_ITO[0]),
}
"""Numbers that are shown place by place, how their changes begin, and their colours."""


def persistent_signs(
    table: DataFrame,
    outcomes: Sequence[Any],
    verdicts: DataFrame,
    *,
    pulse_ms: float,
    step_ms: float,
    near_mV: float,
) -> Figure:
    """Rheobase, f-I, spikes, precision, resistance, time constant, EPSPs, and the verdicts.

    `table` is that of `experiments.persistent_signs`, `verdicts` what its `judge` makes of it;
    `outcomes` have the trace ``soma`` of the spikes, which a pulse at `pulse_ms` evokes. Steps last
    `step_ms`; EPSPs are taken apart at `near_mV`.
    """
    figure, axes = new_figure(3, 3, width_in=12.5, row_in=3.3)
    _rheobase(axes[0, 0], verdicts, step_ms)
    _firing(axes[0, 1], table, step_ms)
    _spikes(axes[0, 2], having(outcomes, kind="spike"), pulse_ms)
    _jitter(axes[1, 0], table)
    _against_potential(axes[1, 1], table, "input_resistance_MOhm", "Input resistance (MΩ)")
    _against_potential(axes[1, 2], table, "time_constant_ms", "Time constant (ms)")
    _amplification(axes[2, 0], verdicts)
    _where(axes[2, 1], verdicts, near_mV)
    _verdicts(axes[2, 2], verdicts)
    return figure


def _colour(preparation: str) -> str:
    return COLOURS.get(preparation, MUTED)


def _measured(verdicts: DataFrame, sign: str) -> dict[str, tuple[float, float]]:
    """Value and band of the one quantity of a sign by preparation, control first."""
    rows = verdicts[verdicts["sign"] == sign]
    found = {}
    for row in rows.itertuples():
        name, _, block = row.compared.partition(" against ")
        found[name] = (row.with_it, row.band_with)
        found[block] = (row.without_it, row.band_without)
    return found


def _dots(ax: Axes, values: dict[str, tuple[float, float]]) -> None:
    """Values with their bands side by side, named below."""
    for place, (name, (value, band)) in enumerate(values.items()):
        if np.isfinite(value):
            look: Look = {"color": _colour(name), "capsize": 3, "markersize": 6}
            ax.errorbar(place, value, band, fmt="o", **look)
        else:
            note(ax, "none", (place, 0.5), xycoords=("data", "axes fraction"), ha="center")
    names = [wrapped(name.replace(", ", ",\n"), 12) for name in values]
    ax.set_xticks(range(len(values)), names)
    ax.set_xlim(-0.5, len(values) - 0.5)


def _rheobase(ax: Axes, verdicts: DataFrame, step_ms: float) -> None:
    _dots(ax, _measured(verdicts, "1 rheobase"))
    ax.set_ylim(bottom=0)
    label(ax, "", "Rheobase (nA)", f"1. Smallest step of {step_ms:g} ms that fires")


def _firing(ax: Axes, table: DataFrame, step_ms: float) -> None:
    firing = table[(table["kind"] == "firing") & (table["run"] == "fine")]
    for name, rows in firing.groupby("preparation", sort=False):
        rows = rows.sort_values("current_nA")
        counted = rows["n_spikes"] / (step_ms / 1e3)
        lasts = rows["rate_Hz"].notna()
        colour = _colour(name)
        curve(ax, rows["current_nA"], rows["rate_Hz"].where(lasts, counted), color=colour,
              marker="", linewidth=0.8)  # fmt: skip
        curve(ax, rows["current_nA"][lasts], rows["rate_Hz"][lasts], color=colour, label=name,
              linestyle="")  # fmt: skip
        curve(ax, rows["current_nA"][~lasts], counted[~lasts], color=colour, linestyle="",
              markerfacecolor="white", label=None if lasts.any() else name)  # fmt: skip
    title = "2. f-I curve (open: firing ends before the step)"
    label(ax, "Current at the soma (nA)", "Rate (Hz)", title)
    ax.set_ylim(top=105)  # room for the legend
    legend(ax, ncols=2)


def _spikes(ax: Axes, outcomes: Sequence[Any], pulse_ms: float) -> None:
    held_mV = max((one.row["target_mV"] for one in outcomes), default=0.0)
    for outcome in outcomes:
        name = outcome.row["preparation"]
        if outcome.row["target_mV"] == held_mV:
            look: Look = {"color": _colour(name), "label": name, "linewidth": 1.0}
            trace(ax, outcome.traces["soma"], pulse_ms, before_ms=10, after_ms=150, **look)
    reference(ax, held_mV)
    ax.set_ylim(held_mV - 8, held_mV + 12)
    title = "3. After a spike (cut off above)"
    label(ax, "Time from the pulse (ms)", "Potential (mV)", title)
    legend(ax)


def _jitter(ax: Axes, table: DataFrame) -> None:
    rows = table[(table["kind"] == "precision") & table["preparation"].isin(COLOURS)]
    names = list(rows["preparation"])
    for place, row in enumerate(rows.itertuples()):
        if not np.isfinite(row.jitter_ms):
            continue
        ends = [[row.jitter_ms - row.lower_ms], [row.upper_ms - row.jitter_ms]]
        look: Look = {"color": _colour(row.preparation), "capsize": 3, "markersize": 6}
        ax.errorbar(place, row.jitter_ms, ends, fmt="o", **look)
        fired = f"{row.n_fired:.0f}/{row.n_events:.0f}"
        note(ax, fired, (place, row.upper_ms), xytext=(0, 4), ha="center")
    ax.set_xticks(range(len(names)), [wrapped(name, 12) for name in names])
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.margins(y=0.15)
    ax.set_ylim(bottom=0)
    label(ax, "", "Jitter (ms)", "4. Spikes of EPSPs at threshold, in noise")


def _against_potential(ax: Axes, table: DataFrame, column: str, name: str) -> None:
    steps = table[(table["kind"] == "step") & (table["run"] == "fine")]
    steps = steps[steps["preparation"].isin(COLOURS)]
    step_pA = 1e3 * float(steps["current_nA"].iloc[0])
    for preparation, rows in steps.groupby("preparation", sort=False):
        rows = rows.sort_values("target_mV")
        curve(ax, rows["target_mV"], rows[column], color=_colour(preparation), label=preparation)
    label(ax, "Held potential (mV)", name, f"5. {name.partition(' (')[0]}, steps of {step_pA:g} pA")
    legend(ax)


def _amplification(ax: Axes, verdicts: DataFrame) -> None:
    sign = "6 amplification"
    _dots(ax, _measured(verdicts, sign))
    reference(ax, 1)
    quantity = verdicts.loc[verdicts["sign"] == sign, "quantity"].iloc[0].replace(" /", " mV /")
    label(ax, "", quantity, "6. Amplification of five trunk EPSPs")


def _where(ax: Axes, verdicts: DataFrame, near_mV: float) -> None:
    """What a block at one place takes, and what is given back there; parts of what INaP 1 takes."""
    names: list[str] = []
    for number, (words, (start, colour)) in enumerate(_PLACED.items()):
        of_it = verdicts["quantity"].str.startswith(f"part of the {start}")
        for ending, look in (("where it sits", {"markerfacecolor": "white"}), ("comes back", {})):
            rows = verdicts[of_it & verdicts["sign"].str.endswith(ending)]
            for row in rows.itertuples():
                block, name, *_ = row.compared.replace("back: ", "").split(", ")
                name = name if block == "INaP 1" else f"{name} after TTX"
                if name not in names:
                    names.append(name)
                place = names.index(name) + 0.22 * (number - 1)
                usual: Look = {"color": colour, "capsize": 2, "markersize": 5} | look
                ax.errorbar(place, row.with_it, row.band_with, fmt="o", **usual)
        ax.plot([], [], "o", color=colour, label=words)
    ax.set_xticks(range(len(names)), [wrapped(name, 9) for name in names])
    reference(ax, 0)
    reference(ax, 1)
    ax.set_ylim(top=1.6)  # room for the legend
    how = f"open: block there alone; full: given back there; 5 and 6 at {near_mV:g} mV"
    label(ax, how, "Part of what INaP 1 changes", "1, 5, 6. Where it sits")
    legend(ax, ncols=3)


def _verdicts(ax: Axes, verdicts: DataFrame) -> None:
    """The verdict of each quantity on control against each block, in words."""
    rows = verdicts[verdicts["compared"].isin(_PAIRS.values())]
    named = list(dict.fromkeys(zip(rows["sign"], rows["quantity"], strict=True)))
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(named), -1.2)
    small = SMALL_PT - 1
    at = dict(zip(_PAIRS, (0.52, 0.68, 0.84, 1.0), strict=True))
    for words in _PAIRS:
        ax.text(at[words], -0.4, words, fontsize=small, color=INK, ha="center")
    for line, (sign, quantity) in enumerate(named):
        words = wrapped(f"{sign[:1]} {quantity}", 36, 1)
        ax.text(-0.14, line + 0.5, words, fontsize=small, color=INK, va="center")
        here = rows[(rows["sign"] == sign) & (rows["quantity"] == quantity)]
        for words, compared in _PAIRS.items():
            for verdict in here.loc[here["compared"] == compared, "verdict"]:
                look: Look = {"color": VERDICT_COLOURS[verdict], "ha": "center", "va": "center"}
                ax.text(at[words], line + 0.5, SHORT_VERDICTS[verdict], fontsize=small, **look)
    title = "As reported? Control against a block, added against control"
    ax.set_title(title, fontsize=FONT_PT, loc="right")
