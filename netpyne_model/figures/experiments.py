"""Figures of the paper's experiments: pure functions of a table and of traces."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from ..analysis import baseline
from .style import MUTED, OKABE_ITO, SMALL_PT, label, new_figure

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
_SPIKES_CUT_MV = 8.0
_FIRST_EVENT_MS = 250.0  # model.md 6
SITE_NAMES = {"soma": "soma", "dend": "distal trunk"}


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
        ax.plot(
            at,
            group[f"epsp_{site}_mV"],
            "o-",
            color=CONDITION_COLOURS[drugs],
            markersize=4,
            label=drugs,
        )
    label(
        ax,
        f"Held potential at the {SITE_NAMES[site]} (mV)",
        "Amplitude (mV)",
        f"EPSP at the {SITE_NAMES[site]}, DC there",
    )
    legend(ax)


def _traces_at(ax: Axes, outcomes: Sequence[Any], site: str) -> None:
    shown = [
        o
        for o in outcomes
        if o.row["dc_site"] == site and o.row.get("holding") == "solved" and o.traces
    ]
    for outcome in shown:
        target_mV, drugs = outcome.row["target_mV"], outcome.row["drugs"]
        if target_mV not in (-62, -56) or drugs not in ("control", "TTX"):
            continue
        time_ms, v_mV, *_ = outcome.traces[site]
        window = time_ms >= _FIRST_EVENT_MS - 10
        name = f"{drugs}, {target_mV} mV"
        v_mV = v_mV - baseline(time_ms, v_mV, _FIRST_EVENT_MS)
        ax.plot(time_ms[window] - _FIRST_EVENT_MS, v_mV[window], color=CONDITION_COLOURS[drugs], label=name,
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
    ax: Axes,
    traces: Mapping[str, tuple],
    *,
    from_ms: float = 0.0,
    colours: Mapping[str, str] | None = None,
) -> None:
    """Draw traces (time_ms, values, unit, label) by name into one panel."""
    for number, (name, (time_ms, values, *_)) in enumerate(traces.items()):
        colour = OKABE_ITO[number % len(OKABE_ITO)] if colours is None else colours[name]
        window = time_ms >= from_ms
        ax.plot(time_ms[window], values[window], color=colour, linewidth=1.2, label=name)


def epsc_amplification(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """Responses to a synaptic current against the held potential: one panel a drug, with and without TTX.

    Parameters
    ----------
    table : DataFrame
        ``drugs, target_mV, held_mV, amplitude_mV, n_spikes``.
    outcomes : sequence of Outcome
        With the trace ``soma``.
    """
    figure, axes = new_figure(2, 3, width_in=10.5)
    for column, drug in enumerate(("control", "Ba", "ZD7288")):
        pair = {drug: drug, "TTX" if drug == "control" else f"{drug}+TTX": f"{drug} + TTX"}
        for group, name in pair.items():
            here = table[table["drugs"] == group]
            at = here["held_mV"] if "held_mV" in here else here["target_mV"]
            colour = CONDITION_COLOURS[group]
            fires = here["n_spikes"] > 0
            axes[0, column].plot(
                at[~fires],
                here["amplitude_mV"][~fires],
                "o-",
                color=colour,
                markersize=4,
                label=name,
            )
            if fires.any():
                axes[0, column].plot(at[fires], np.full(fires.sum(), 0.97), "^", color=colour, label=f"{name}: fires",
                                     transform=axes[0, column].get_xaxis_transform())  # fmt: skip
            for outcome in outcomes:
                wanted = {"drugs": group, "target_mV": -56, "holding": "solved"}
                if outcome.traces and wanted.items() <= outcome.row.items():
                    time_ms, v_mV, *_ = outcome.traces["soma"]
                    base = baseline(time_ms, v_mV, _FIRST_EVENT_MS)
                    window = time_ms >= _FIRST_EVENT_MS - 10
                    axes[1, column].plot(
                        time_ms[window] - _FIRST_EVENT_MS,
                        (v_mV - base)[window],
                        color=colour,
                        linewidth=1.2,
                        label=name,
                    )
        label(
            axes[0, column], "Held potential (mV)", "Amplitude (mV)", f"Response to an EPSC, {drug}"
        )
        label(
            axes[1, column],
            "Time from the first event (ms)",
            "From baseline (mV)",
            "Held at -56 mV",
        )
        axes[1, column].set_ylim(top=min(axes[1, column].get_ylim()[1], _SPIKES_CUT_MV))
        legend(axes[0, column])
    return figure


def input_output(table: DataFrame) -> Figure:
    """Peak somatic potential against the number of driven spines and their summed AMPA conductance.

    Parameters
    ----------
    table : DataFrame
        ``drugs, rest_mV, n_spines, summed_gmax_AMPA_nS, peak_soma_mV``.
    """
    figure, axes = new_figure(1, 2, width_in=9.0, row_in=3.6)
    for ax, column, name in (
        (axes[0, 0], "n_spines", "Number of driven trunk spines"),
        (axes[0, 1], "summed_gmax_AMPA_nS", "Summed AMPA conductance (nS)"),
    ):
        for (drugs, rest_mV), curve in table.groupby(["drugs", "rest_mV"], sort=False):
            filled = CONDITION_COLOURS[drugs] if rest_mV == -60 else "white"
            ax.plot(curve[column], curve["peak_soma_mV"], "o-", color=CONDITION_COLOURS[drugs], markersize=4,
                    markerfacecolor=filled, linewidth=1.2, label=f"{drugs}, rest about {rest_mV} mV")  # fmt: skip
        ax.axhline(-52, color=MUTED, linewidth=0.8, linestyle=":", zorder=0)
        below = table["peak_soma_mV"].min()
        ax.set_ylim(below - 1, -48)
        label(ax, name, "Peak potential of the soma (mV)")
    legend(axes[0, 0])
    return figure
