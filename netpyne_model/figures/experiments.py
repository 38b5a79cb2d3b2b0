"""Figures of the paper's experiments: pure functions of a table and of traces."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .style import DPI, FONT_PT, MUTED, OKABE_ITO, SMALL_PT, tidy

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
SITE_NAMES = {"soma": "soma", "dend": "distal trunk"}


def new_figure(rows: int, columns: int, *, width_in: float = 9.0, row_in: float = 3.0) -> tuple[Figure, np.ndarray]:
    """A figure of panels in the package's style; axes have the shape (rows, columns)."""
    figure = Figure(figsize=(width_in, row_in * rows), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        tidy(ax)
    return figure, axes


def label(ax: Axes, x: str, y: str, title: str = "") -> None:
    """Label axes in the package's fonts."""
    ax.set_xlabel(x, fontsize=SMALL_PT)
    ax.set_ylabel(y, fontsize=SMALL_PT)
    ax.tick_params(labelsize=SMALL_PT)
    if title:
        ax.set_title(title, fontsize=FONT_PT, loc="left")


def legend(ax: Axes, **options: Any) -> None:
    """The legend of an axis, without a frame."""
    ax.legend(fontsize=SMALL_PT, frameon=False, **options)


def amplification(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """EPSP amplification: amplitude against the held potential by place of the DC, traces, and the ratios.

    Parameters
    ----------
    table : DataFrame
        ``dc_site, drugs, target_mV, held_mV, epsp_soma_mV, epsp_dend_mV, amplification_ratio``.
    outcomes : sequence of Outcome
        With the traces ``soma`` and ``dend``.
    """
    figure, axes = new_figure(2, 3, width_in=10.5)
    for row, site in enumerate(SITE_NAMES):
        here = table[table["dc_site"] == site]
        _amplitudes(axes[row, 0], here, site)
        _traces_at(axes[row, 1], outcomes, site)
        _ratios(axes[row, 2], here, site)
    return figure


def _amplitudes(ax: Axes, table: DataFrame, site: str) -> None:
    for drugs, group in table.groupby("drugs", sort=False):
        at = group["held_mV"] if "held_mV" in group else group["target_mV"]
        ax.plot(at, group[f"epsp_{site}_mV"], "o-", color=CONDITION_COLOURS[drugs], markersize=4, label=drugs)
    label(
        ax,
        f"Held potential at the {SITE_NAMES[site]} (mV)",
        "Amplitude (mV)",
        f"EPSP at the {SITE_NAMES[site]}, DC there",
    )
    legend(ax)


def _traces_at(ax: Axes, outcomes: Sequence[Any], site: str) -> None:
    shown = [o for o in outcomes if o.row["dc_site"] == site and o.row.get("holding") == "solved" and o.traces]
    for outcome in shown:
        target_mV, drugs = outcome.row["target_mV"], outcome.row["drugs"]
        if target_mV not in (-62, -56) or drugs not in ("control", "TTX"):
            continue
        time_ms, v_mV, *_ = outcome.traces[site]
        window = time_ms >= 240
        name = f"{drugs}, {target_mV} mV"
        v_mV = v_mV - v_mV[(time_ms >= 247) & (time_ms <= 249)].mean()
        ax.plot(time_ms[window] - 250, v_mV[window], color=CONDITION_COLOURS[drugs], label=name,
                linestyle="-" if target_mV == -56 else "--", linewidth=1.2)  # fmt: skip
    label(ax, "Time from the first event (ms)", "From baseline (mV)")
    legend(ax)


def _ratios(ax: Axes, table: DataFrame, site: str) -> None:
    ratios = table.drop_duplicates("drugs").set_index("drugs")["amplification_ratio"]
    colours = [CONDITION_COLOURS[drugs] for drugs in ratios.index]
    bars = ax.bar(range(len(ratios)), ratios, color=colours, width=0.6)
    ax.bar_label(bars, fmt="%.2f", fontsize=SMALL_PT)
    ax.axhline(1, color=MUTED, linewidth=0.8, zorder=0)
    ax.set_xticks(range(len(ratios)), ratios.index)
    label(ax, "", "EPSP at -56 mV / at -62 mV", "Amplification ratio")


def trace_panel(
    ax: Axes, traces: Mapping[str, tuple], *, from_ms: float = 0.0, colours: Mapping[str, str] | None = None
) -> None:
    """Draw traces (time_ms, values, unit, label) by name into one panel."""
    for number, (name, (time_ms, values, *_)) in enumerate(traces.items()):
        colour = OKABE_ITO[number % len(OKABE_ITO)] if colours is None else colours[name]
        window = time_ms >= from_ms
        ax.plot(time_ms[window], values[window], color=colour, linewidth=1.2, label=name)
