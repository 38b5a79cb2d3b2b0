"""Figures of the paper's experiments on EPSPs and EPSCs: functions of a table and of traces."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import (
    CONDITION_COLOURS,
    curve,
    having,
    held_mV,
    legend,
    note,
    nothing,
    reference,
    response,
)
from .style import INK, Look, label, new_figure

SITE_NAMES = {"soma": "soma", "dend": "distal trunk"}
_SPIKES_CUT_MV = 8.0
_FIRST_EVENT_MS = 250.0  # model.md 6
_FROM_EVENT = "Time from the first event (ms)"


def amplification(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """EPSP amplitude against the held potential by place of the DC, traces, and ratios.

    `table` is that of `experiments.epsp_amplification`; `outcomes` have traces ``soma, dend``.
    """
    figure, axes = new_figure(2, 3, width_in=10.5)
    for (amplitudes, responses, ratios), (site, name) in zip(axes, SITE_NAMES.items(), strict=True):
        here = table[table["dc_site"] == site]
        for drugs, group in here.groupby("drugs", sort=False):
            colour = CONDITION_COLOURS[drugs]
            curve(amplitudes, held_mV(group), group[f"epsp_{site}_mV"], color=colour, label=drugs)
        x = f"Held potential at the {name} (mV)"
        label(amplitudes, x, "Amplitude (mV)", f"EPSP at the {name}, DC there")
        legend(amplitudes)
        _responses(responses, having(outcomes, dc_site=site, holding="solved"), site)
        _ratios(ratios, here)
    return figure


def _responses(ax: Axes, outcomes: Sequence[Any], site: str) -> None:
    for outcome in outcomes:
        target_mV, drugs = outcome.row["target_mV"], outcome.row["drugs"]
        if target_mV in (-62, -56) and drugs in ("control", "TTX"):
            line = "-" if target_mV == -56 else "--"
            look: Look = {"color": CONDITION_COLOURS[drugs], "linestyle": line}
            name = f"{drugs}, {target_mV} mV"
            response(ax, outcome.traces[site], _FIRST_EVENT_MS, label=name, **look)
    label(ax, _FROM_EVENT, "From baseline (mV)")
    if ax.lines:
        legend(ax)
    else:
        nothing(ax, "no trace of these conditions was kept")


def _ratios(ax: Axes, table: DataFrame) -> None:
    ratios = table.drop_duplicates("drugs").set_index("drugs")["amplification_ratio"]
    colours = [CONDITION_COLOURS[drugs] for drugs in ratios.index]
    ax.bar(range(len(ratios)), ratios, color=colours, width=0.6)
    for number, ratio in enumerate(ratios):
        if np.isfinite(ratio):  # above the line at 1 too, on which it could not be read
            top = (number, max(ratio, 1.0))
            note(ax, f"{ratio:.2f}", top, xytext=(0, 3), ha="center", va="bottom", color=INK)
    reference(ax, 1)
    ax.set_ylim(0, 1.12 * max(ratios.max(), 1.0))
    ax.set_xticks(range(len(ratios)), ratios.index)
    label(ax, "", "EPSP at -56 mV / at -62 mV", "Amplification ratio")


def epsc_amplification(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """Responses to a synaptic current against the held potential: a column each drug.

    `table` is that of `experiments.epsc_amplification`; `outcomes` have the trace ``soma``.
    """
    figure, axes = new_figure(2, 3, width_in=10.5)
    for (amplitudes, responses), drug in zip(axes.T, ("control", "Ba", "ZD7288"), strict=True):
        pair = {drug: drug, "TTX" if drug == "control" else f"{drug}+TTX": f"{drug} + TTX"}
        for drugs, name in pair.items():
            look: Look = {"color": CONDITION_COLOURS[drugs], "label": name}
            _amplitudes(amplitudes, table[table["drugs"] == drugs], **look)
            for outcome in having(outcomes, drugs=drugs, target_mV=-56, holding="solved"):
                response(responses, outcome.traces["soma"], _FIRST_EVENT_MS, **look)
        label(amplitudes, "Held potential (mV)", "Amplitude (mV)", f"Response to an EPSC, {drug}")
        label(responses, _FROM_EVENT, "From baseline (mV)", "Held at -56 mV")
        responses.set_ylim(top=min(responses.get_ylim()[1], _SPIKES_CUT_MV))
        legend(amplitudes)
    return figure


def _amplitudes(ax: Axes, table: DataFrame, **look: Any) -> None:
    """Amplitudes against the held potential; triangles on top where the response is a spike."""
    at_mV, fires = held_mV(table), table["n_spikes"] > 0
    curve(ax, at_mV[~fires], table["amplitude_mV"][~fires], **look)
    if fires.any():
        top = np.full(fires.sum(), 0.97)
        look["label"] += ": fires"
        ax.plot(at_mV[fires], top, "^", transform=ax.get_xaxis_transform(), **look)


def input_output(table: DataFrame) -> Figure:
    """Peak somatic potential against the number of driven spines and their conductance.

    `table` is that of `experiments.input_output`.
    """
    figure, (axes,) = new_figure(1, 2, width_in=9.0, row_in=3.6)
    columns = {
        "n_spines": "Number of driven trunk spines",
        "summed_gmax_AMPA_nS": "Summed AMPA conductance (nS)",
    }
    for ax, (column, name) in zip(axes, columns.items(), strict=True):
        for (drugs, rest_mV), group in table.groupby(["drugs", "rest_mV"], sort=False):
            colour = CONDITION_COLOURS[drugs]
            look: Look = {"color": colour, "markerfacecolor": colour if rest_mV == -60 else "white"}
            rest = f"{drugs}, rest about {rest_mV} mV"
            curve(ax, group[column], group["peak_soma_mV"], label=rest, **look)
        reference(ax, -52, linestyle=":")
        ax.set_ylim(table["peak_soma_mV"].min() - 1, -48)
        label(ax, name, "Peak potential of the soma (mV)")
    legend(axes[0])
    return figure
