"""Figure of a cell's scores: what it does in each test beside what was measured."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import curve, having, legend, note, trace
from .style import INK, MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure, number_ticks

HERE, MEASURED = "this cell", "measured, mean and SD"
_HERE_COLOUR, _MEASURED_COLOUR, _LAST_COLOUR = "#000000", OKABE_ITO[1], OKABE_ITO[0]
_COLUMNS, _PANEL_IN = 4, 3.75
_APART_MV, _SHOWN_MS = 100, 300.0  # of the traces of the block
_DISTANCE = "Path distance from the soma (µm)"


def scores(
    table: DataFrame,
    outcomes: Sequence[Any],
    totals: Mapping[str, float],
    heights_mV: Mapping[str, Sequence[tuple[float, float]]],
    onsets_ms: Mapping[str, float],
) -> Figure | None:
    """Every test's response against the measured features, and the totals; None if there is neither.

    Parameters
    ----------
    table : DataFrame
        One row a feature: ``test, quantity, here, mean, sd``.
    outcomes : sequence of Outcome
        Of the tests of `netpyne_model.scores`.
    totals : mapping
        Name of a test -> mean distance in SD.
    heights_mV : mapping
        ``first`` and ``last`` spike of the train -> path distance (um) and height by place.
    onsets_ms : mapping
        When the steps begin whose traces are shown: ``patch``, ``train``.
    """
    rows = {name: of_test.set_index("quantity") for name, of_test in table.groupby("test")}
    panels: dict[str, Sequence[Callable[..., None]]] = {
        "patch": (partial(_steps, onset_ms=onsets_ms["patch"]), _spike_counts),
        "depolarisation_block": (_block, partial(_block_traces, onset_ms=onsets_ms["train"])),
        "back_propagation": (_back_propagation,),
        "attenuation": (_attenuation,),
        "oblique_integration": (_oblique,),
    }
    drawn = [(draw, test) for test, draws in panels.items() if test in rows for draw in draws]
    finite = {test: total for test, total in totals.items() if np.isfinite(total)}
    n_panels = len(drawn) + bool(finite)
    if not n_panels:
        return None
    columns = min(n_panels, _COLUMNS)
    lines = -(-n_panels // columns)
    figure, axes = new_figure(lines, columns, width_in=_PANEL_IN * columns, row_in=3.4)
    free = iter(axes.flat)
    for draw, test in drawn:
        draw(next(free), rows[test], outcomes if test != "back_propagation" else heights_mV)
    if finite:
        _totals(next(free), finite)
    for ax in free:
        ax.set_axis_off()
    return figure


def _measured(ax: Axes, x: Any, rows: DataFrame, **look: Any) -> None:
    """Measured means with their standard deviations."""
    usual: Look = {"color": _MEASURED_COLOUR, "fmt": "s", "markersize": 4, "capsize": 2}
    usual |= {"linewidth": 1, "label": MEASURED}
    ax.errorbar(x, rows["mean"], yerr=rows["sd"], **usual | look)


def _band(ax: Axes, row: Any, *, along: str, raised: float = 0.0) -> None:
    """A measured mean and its standard deviation as a band; `raised` moves it."""
    span = ax.axvspan if along == "x" else ax.axhspan
    low, high = row["mean"] - row["sd"] + raised, row["mean"] + row["sd"] + raised
    span(low, high, color=_MEASURED_COLOUR, alpha=0.15, linewidth=0)


def _steps(ax: Axes, rows: DataFrame, outcomes: Sequence[Any], *, onset_ms: float) -> None:
    for outcome in having(outcomes, test="patch"):
        look: Look = {"color": _HERE_COLOUR, "linewidth": 0.9}
        trace(ax, outcome.traces["soma"], onset_ms, before_ms=50, after_ms=450, **look)
    currents_nA = [one.row["current_nA"] for one in having(outcomes, test="patch")]
    title = " and ".join(f"{current_nA:+g}" for current_nA in currents_nA)
    label(ax, "Time from the onset (ms)", "Soma (mV)", f"Steps of {title} nA for 300 ms")


def _spike_counts(ax: Axes, rows: DataFrame, outcomes: Sequence[Any]) -> None:
    counts = rows[rows.index.str.startswith("Spikecount,")]
    current_nA = [float(name.split(", ")[1].removesuffix(" nA")) for name in counts.index]
    curve(ax, current_nA, counts["here"], label=HERE)
    _measured(ax, current_nA, counts)
    label(ax, "Current at the soma (nA)", "Spikes in 300 ms", "f-I, patch clamp")
    legend(ax)


def _block(ax: Axes, rows: DataFrame, outcomes: Sequence[Any]) -> None:
    trains = [one.row for one in outcomes if one.row.get("test") == "train"]
    trains.sort(key=lambda row: row["current_nA"])
    current_nA = [row["current_nA"] for row in trains]
    curve(ax, current_nA, [row["n_spikes"] for row in trains], label=HERE)
    _band(ax, rows.loc["current below the block"], along="x")
    label(ax, "Current at the soma, 1 s (nA)", "Spikes", "Block: band is the measured current")


def _block_traces(ax: Axes, rows: DataFrame, outcomes: Sequence[Any], *, onset_ms: float) -> None:
    """Steps one above the other, each over the band of the measured potential."""
    equilibrium = rows.loc["equilibrium"]
    shown = sorted(having(outcomes, test="train"), key=lambda one: one.row["current_nA"])
    for number, outcome in enumerate(shown):
        raised_mV = _APART_MV * number
        look: Look = {"color": _HERE_COLOUR, "linewidth": 0.7, "less": -raised_mV}
        trace(ax, outcome.traces["soma"], onset_ms, before_ms=20, after_ms=_SHOWN_MS, **look)
        _band(ax, equilibrium, along="y", raised=raised_mV)
        current = f"{outcome.row['current_nA']:g} nA"
        ax.text(_SHOWN_MS + 8, raised_mV - 55, current, fontsize=SMALL_PT)
    bar_mV = 50
    ax.plot([-40, -40], [-60, -60 + bar_mV], color=MUTED, linewidth=1.5)
    note(ax, f"{bar_mV} mV", (-45, -60 + bar_mV / 2), va="center", ha="right")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(-110, _SHOWN_MS + 70)
    ax.set_xticks(np.arange(0, _SHOWN_MS + 1, 100))
    label(ax, "Time from the onset (ms)", "", "Soma; bands: measured in the block")


def _back_propagation(
    ax: Axes, rows: DataFrame, heights_mV: Mapping[str, Sequence[tuple[float, float]]]
) -> None:
    for spike, colour in (("first", _HERE_COLOUR), ("last", _LAST_COLOUR)):
        at_um, height_mV = np.array(heights_mV[spike]).reshape(-1, 2).T
        ax.plot(at_um, height_mV, ".", color=colour, label=f"{spike} spike, {HERE}")
        measured = rows[rows.index.str.startswith(spike)]
        x = [float(name.split("_")[1]) for name in measured.index]
        look: Look = {"label": f"{spike} spike, measured", "markeredgecolor": colour}
        _measured(ax, x, measured, ecolor=colour, color=colour, mfc="white", **look)
    ax.set_ylim(bottom=0)
    label(ax, _DISTANCE, "Height (mV)", "Back-propagating spikes")
    legend(ax)


def _attenuation(ax: Axes, rows: DataFrame, outcomes: Sequence[Any]) -> None:
    events = [one.row for one in outcomes if one.row.get("kind") == "event"]
    at_um = [row["path_distance_um"] for row in events]
    ax.plot(at_um, [row["soma_over_dendrite"] for row in events], ".", color=INK, label=HERE)
    _measured(ax, [float(name.rpartition("_")[2]) for name in rows.index], rows)
    ax.set_ylim(0, 1)
    label(ax, _DISTANCE, "Soma / dendrite", "Attenuation of synaptic potentials")
    legend(ax)


def _oblique(ax: Axes, rows: DataFrame, outcomes: Sequence[Any]) -> None:
    sites = [one.row for one in outcomes if "together_1_mV" in one.row]
    for row in sites:
        heights: list[float] = []
        while f"together_{len(heights) + 1}_mV" in row:
            heights.append(row[f"together_{len(heights) + 1}_mV"])
        expected = heights[0] * np.arange(1, len(heights) + 1)
        ax.plot(expected, heights, color=INK, linewidth=0.5, alpha=0.5)
    ax.plot([], [], color=INK, linewidth=0.5, label=f"{HERE}, a line each place")
    threshold, amplitude = rows.loc["threshold"], rows.loc["amplitude_at_threshold"]
    look: Look = {"xerr": threshold["sd"], "label": "measured, at threshold, and SD"}
    _measured(ax, [threshold["mean"]], amplitude.to_frame().T.astype({"mean": float}), **look)
    highest = max([ax.get_xlim()[1], threshold["mean"]])
    ax.plot([0, highest], [0, highest], color=MUTED, linewidth=0.8, linestyle=":")
    label(ax, "Sum of single inputs (mV)", "Height at the soma (mV)", "Inputs to an oblique")
    legend(ax)


def _totals(ax: Axes, totals: Mapping[str, float]) -> None:
    names = list(totals)
    for number, total in enumerate(totals.values()):
        ax.plot([total], [number], "o", color=_HERE_COLOUR, markersize=5)
        note(ax, f"{total:.2f}", (total, number), xytext=(6, -3))
    ax.set_xscale("log")
    ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0.1, 100)
    number_ticks(ax.xaxis)
    line: Look = {"color": _MEASURED_COLOUR, "linewidth": 0.8}
    ax.axvline(1, **line)
    label(ax, "Mean distance from the measured means (SD)", "", "Scores: less is nearer")
