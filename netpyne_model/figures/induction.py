"""Figure of inductions: weights, ramps and rates along the track before and after, and the verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import SHORT_VERDICTS, VERDICT_COLOURS, band, having, legend, reference, wrapped
from .style import FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure

COLOURS = {"before": MUTED, "new_5": "#000000", "moved_45": OKABE_ITO[0], "moved_90": OKABE_ITO[1]}
BLOCKED_COLOUR = OKABE_ITO[3]
_KINDS = {"weight": "Weight", "ramp": "Ramp (mV)", "rate": "Rate (Hz)"}
_POSITION = "Track position (cm)"


def induction_figure(
    table: DataFrame,
    outcomes: Sequence[Any],
    verdicts: DataFrame,
    onsets_cm: Mapping[str, float],
    *,
    track_cm: float,
) -> Figure:
    """Weights, ramps, rates; peaks and changes beside what is reported; the rule's own numbers.

    `table` is that of `experiments.induction`, `verdicts` what its `judge` makes of it; `outcomes`
    have curves along the track as traces (``ramp_before``, ...); `onsets_cm` says where the
    plateaus begin that lead to each state.
    """
    figure, axes = new_figure(3, 3, width_in=12.5, row_in=3.4)
    control = having(outcomes, kind="animal", preparation="control")
    blocked = [
        one for one in having(outcomes, kind="animal") if one.row["preparation"] != "control"
    ]
    new, moved = ("before", "new_5"), ("new_5", "moved_45", "moved_90")
    for ax, kind, states, title in (
        (axes[0, 0], "weight", ("before", *moved), "1. Weights, by the peaks of the inputs"),
        (axes[0, 1], "ramp", new, "2. Ramp of the silent cell"),
        (axes[0, 2], "ramp", moved, "3. Ramp of the place cell, field moved"),
        (axes[1, 0], "rate", ("before", *moved), "4. Firing rate"),
    ):
        _along(ax, control, kind, states, onsets_cm, track_cm)
        label(ax, _POSITION, _KINDS[kind], title)
    _without_current(axes[1, 1], control, blocked, track_cm)
    _peaks(axes[1, 2], table, onsets_cm)
    _against_reported(axes[2, 0], verdicts)
    _of_the_rule(axes[2, 1], table)
    _verdicts(axes[2, 2], verdicts)
    return figure


def _words(state: str) -> str:
    kind, _, number = state.partition("_")
    if kind == "before":
        return "before"
    plural = "" if number == "1" else "s"
    return f"{number} plateau{plural}" if kind == "new" else f"moved {number} cm"


def _curves(outcomes: Sequence[Any], name: str) -> np.ndarray:
    return np.array([one.traces[name][1] for one in outcomes])


def _positions(outcomes: Sequence[Any], name: str, track_cm: float) -> np.ndarray:
    """Middles of the bins: their times are in even steps of the lap."""
    n_bins = len(outcomes[0].traces[name][0])
    return track_cm * (np.arange(n_bins) + 0.5) / n_bins


def _along(
    ax: Axes,
    outcomes: Sequence[Any],
    kind: str,
    states: Sequence[str],
    onsets_cm: Mapping[str, float],
    track_cm: float,
) -> None:
    for state in states:
        name = f"{kind}_{state}"
        x = _positions(outcomes, name, track_cm)
        look: Look = {"color": COLOURS[state], "label": _words(state), "linewidth": 1.3}
        band(ax, x, _curves(outcomes, name), **look)
        if state in onsets_cm:
            ax.axvline(onsets_cm[state], color=COLOURS[state], linewidth=0.8, linestyle=":")
    ax.set_xlim(0, track_cm)
    ax.margins(y=0.05)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.32 * (high - low))  # room for the legend
    legend(ax, ncols=2, loc="upper right")


def _without_current(
    ax: Axes, control: Sequence[Any], blocked: Sequence[Any], track_cm: float
) -> None:
    name = "ramp_new_5"
    for outcomes, colour, words in (
        (control, "#000000", "control"),
        (blocked, BLOCKED_COLOUR, "without persistent current"),
    ):
        x = _positions(outcomes, name, track_cm)
        look: Look = {"color": colour, "linewidth": 1.3, "label": words}
        band(ax, x, _curves(outcomes, name), **look)
    ax.set_xlim(0, track_cm)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.25 * (high - low))
    label(ax, _POSITION, "Ramp (mV)", "5. The same weights after 5 plateaus")
    legend(ax, loc="upper right")


def _peaks(ax: Axes, table: DataFrame, onsets_cm: Mapping[str, float]) -> None:
    """Where the ramp peaks of each animal are, against where its plateaus begin."""
    rows = table[(table["kind"] == "animal") & (table["preparation"] == "control")]
    ends = np.array([min(onsets_cm.values()) - 30, max(onsets_cm.values()) + 30])
    ax.fill_between(ends, ends - 20, ends + 20, color="#E6E6E6", linewidth=0, label="within 20 cm")
    ax.plot(ends, ends, color=MUTED, linewidth=0.8)
    for state, onset_cm in onsets_cm.items():
        peaks = onset_cm + rows[f"{state}_peak_from_onset_cm"].to_numpy(float)
        look: Look = {"color": COLOURS[state], "markersize": 5, "linestyle": "", "alpha": 0.7}
        ax.plot(np.full(len(peaks), onset_cm), peaks, marker="o", label=_words(state), **look)
    ax.set_xlim(*ends)
    label(ax, "Begin of the plateau (cm)", "Peak of the ramp (cm)", "6. Peaks, an animal a dot")
    legend(ax, loc="upper left")


def _against_reported(ax: Axes, verdicts: DataFrame) -> None:
    """Gain and loss here beside the reported ones."""
    rows = verdicts[verdicts["expected"] == "the same"]
    rows = rows[rows["quantity"].isin(["largest gain", "largest loss"])]
    names = []
    for quantity in ("largest gain", "largest loss"):
        here = rows[rows["quantity"] == quantity]
        if here.empty:
            continue
        names.append(f"{quantity}: reported")
        first = here.iloc[0]
        ax.errorbar(len(names) - 1, first.without_it, first.band_without, fmt="s", color=MUTED,
                    capsize=3, markersize=6)  # fmt: skip
        for row in here.itertuples():
            names.append(row.compared.partition(",")[0].replace("moved by ", ""))
            ax.errorbar(len(names) - 1, row.with_it, row.band_with, fmt="o", color="#000000",
                        capsize=3, markersize=6)  # fmt: skip
    ax.set_xticks(range(len(names)), [wrapped(name, 8, 4) for name in names])
    reference(ax, 0)
    label(ax, "", "Change of the ramp (mV)", "7. Changes beside those reported")


def _of_the_rule(ax: Axes, table: DataFrame) -> None:
    """What other numbers in the rule do to the drive: gain of a new field, loss of an old one."""
    rows = table[table["kind"] == "rule"].reset_index(drop=True)
    columns = {"drive_new_5_gain": "gain, 5 plateaus", "drive_moved_90_loss": "loss, moved 90 cm"}
    for (column, words), colour in zip(columns.items(), (OKABE_ITO[0], OKABE_ITO[1]), strict=True):
        values = rows[column].to_numpy(float)
        ax.plot(values, np.arange(len(rows)), "o", color=colour, markersize=4, label=words)
        ax.axvline(values[0], color=colour, linewidth=0.8, linestyle=":")
    names = rows["variant"].str.replace("_", " ")
    ax.set_ylim(len(rows) - 0.5, -2.8)  # room for the legend
    ax.axvline(0, color=MUTED, linewidth=0.8)
    label(ax, "Change of the drive (all weights 1: drive 1)", "", "8. The rule with other numbers")
    ax.set_yticks(range(len(rows)), names)
    ax.tick_params(axis="y", labelsize=SMALL_PT - 3)
    legend(ax, ncols=2, loc="upper right")


def _verdicts(ax: Axes, verdicts: DataFrame) -> None:
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(verdicts), -0.5)
    small = SMALL_PT - 2
    for line, row in enumerate(verdicts.itertuples()):
        where = row.compared.replace(", here against reported", "")
        words = f"{row.sign[:1]} {row.quantity}, {where}"
        ax.text(-0.1, line + 0.5, wrapped(words, 62, 1), fontsize=small, color=INK, va="center")
        look: Look = {"color": VERDICT_COLOURS[row.verdict], "ha": "right", "va": "center"}
        ax.text(1.0, line + 0.5, SHORT_VERDICTS[row.verdict], fontsize=small, **look)
    ax.set_title("9. As reported?", fontsize=FONT_PT, loc="left")
