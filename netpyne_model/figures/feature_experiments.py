"""Figures of the experiments on features of the cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from .cell import REGION_PALETTE
from .panels import curve, having, legend, note, reference, trace
from .style import MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure, number_ticks

PLACE_NAMES = {
    "axon_end": "axon, end",
    "ais": "initial segment",
    "soma": "soma",
    "trunk_100": "trunk",
    "trunk_200": "trunk",
    "trunk50_0": "trunk",
    "trunk_300": "trunk",
    "tuft": "tuft",
}
SPIKE_COLOURS = {
    "soma": "#000000",
    "ais": OKABE_ITO[1],
    "trunk_100": OKABE_ITO[0],
    "trunk_200": OKABE_ITO[5],
    "trunk_300": OKABE_ITO[2],
    "tuft": OKABE_ITO[3],
}
STEP_COLOURS = {"soma": "#000000", "trunk50_0": OKABE_ITO[0]}
STEP_PLACES = {"soma": "soma", "trunk50_0": "trunk, 244 µm"}
HELD_COLOURS = {-62: OKABE_ITO[0], -56: OKABE_ITO[1]}
METHOD_COLOURS = {
    "atol 1e-06": "#000000",
    "dt 0.025 ms": OKABE_ITO[2],
    "dt 0.05 ms": OKABE_ITO[4],
    "dt 0.1 ms": OKABE_ITO[1],
}
MARKERS = {"basal": "v", "trunk": "o", "apical": "s", "tuft": "^"}
REGION_NAMES = {"basal": "basal", "trunk": "trunk", "apical": "oblique", "tuft": "tuft"}
SHOWN_CURRENTS = 4
_FROM_ONSET = "Time from the onset (ms)"


# -- intrinsic features


def intrinsic_features(table: DataFrame, outcomes: Sequence[Any], *, start_ms: float) -> Figure:
    """Intrinsic features: steps, f-I curve, spike, rest and back-propagation along the tree.

    `table` is that of `experiments.intrinsic_features`, `kind` being ``rest, step, firing, spike``;
    `outcomes` have the traces of steps and of the spike; every current starts at `start_ms`.
    """
    figure, axes = new_figure(2, 3, width_in=11.5, row_in=3.3)
    kinds = dict(iter(table.groupby("kind")))
    _step_responses(axes[0, 0], outcomes, kinds["step"], start_ms)
    _firing_traces(axes[0, 1], having(outcomes, kind="firing"), start_ms)
    _firing_rates(axes[0, 2], kinds["firing"])
    spike = kinds["spike"].iloc[0]
    _spike_traces(axes[1, 0], having(outcomes, kind="spike")[0], spike, start_ms)
    _back_propagation(axes[1, 1], spike)
    _rest(axes[1, 2], kinds["rest"].iloc[0])
    return figure


def _step_responses(ax: Axes, outcomes: Sequence[Any], steps: DataFrame, start_ms: float) -> None:
    for row in steps.itertuples():
        outcome = having(outcomes, kind="step", site=row.site)[0]
        resistance = f"{row.input_resistance_steady_MOhm:.1f} MΩ, sag ratio {row.sag_ratio:.2f}"
        name = f"{STEP_PLACES.get(row.site, row.site)}: {resistance}"
        trace(ax, outcome.traces[row.site], start_ms, color=STEP_COLOURS[row.site], label=name)
    ax.set_xlim(-60, 600)
    _, top = ax.get_ylim()
    ax.set_ylim(top=top + 1.6)  # room for the legend
    current = f"{1e3 * steps['current_nA'].iloc[0]:.0f} pA for 500 ms"
    label(ax, _FROM_ONSET, "Potential there (mV)", current)
    legend(ax, loc="upper center", bbox_to_anchor=(0.52, 1.0))


def _firing_traces(ax: Axes, outcomes: Sequence[Any], start_ms: float) -> None:
    """Steps one above the other: the largest silent one and some that fire, evenly spaced."""
    rows = sorted(outcomes, key=lambda outcome: outcome.row["current_nA"])
    fires = [outcome for outcome in rows if outcome.row["n_spikes"]]
    silent = [outcome for outcome in rows if not outcome.row["n_spikes"]]
    evenly = np.linspace(0, len(fires) - 1, min(SHOWN_CURRENTS, len(fires)))
    chosen = silent[-1:] + [fires[round(place)] for place in evenly]
    by_current = {outcome.row["current_nA"]: outcome for outcome in chosen}
    for number, (current_nA, outcome) in enumerate(by_current.items()):
        time_ms, v_mV, *_ = outcome.traces["soma"]
        raised_mV = 110 * number
        first_mV = v_mV[time_ms >= start_ms - 40][0] + raised_mV
        look: Look = {"color": "#000000", "linewidth": 0.7}
        trace(ax, outcome.traces["soma"], start_ms, before_ms=40, less=-raised_mV, **look)
        ax.text(-50, first_mV, f"{current_nA:g} nA", fontsize=SMALL_PT, ha="right")
    bar_mV = 50
    ax.plot([515, 515], [-60, -60 + bar_mV], color=MUTED, linewidth=1.5)
    note(ax, f"{bar_mV} mV", (522, -60 + bar_mV / 2), va="center")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(-190, 610)
    ax.set_xticks([0, 100, 200, 300, 400, 500])
    label(ax, _FROM_ONSET, "", "Steps at the soma, potential at the soma")


def _firing_rates(ax: Axes, firing: DataFrame) -> None:
    firing = firing.sort_values("current_nA")
    curve(ax, firing["current_nA"], firing["rate_Hz"])
    rheobase_nA = firing["rheobase_nA"].iloc[0] if "rheobase_nA" in firing else np.nan
    if np.isfinite(rheobase_nA):
        ax.axvline(rheobase_nA, color=MUTED, linewidth=0.8, zorder=0)
        at, across = (rheobase_nA - 0.01, 0.9), ax.get_xaxis_transform()
        note(ax, f"rheobase\n{rheobase_nA:.3f} nA", at, xycoords=across, ha="right", va="top")
    blocked = firing[(firing["n_spikes"] > 0) & (firing["last_spike_ms"] < 250)]
    blocked = blocked[blocked["current_nA"] > firing.loc[firing["n_spikes"].idxmax(), "current_nA"]]
    for row in blocked.head(1).itertuples():
        text = f"spikes fail\nafter {row.last_spike_ms:.0f} ms"
        note(ax, text, (row.current_nA, row.rate_Hz), xytext=(-8, 2), ha="right")
    label(ax, "Current at the soma, 500 ms (nA)", "Mean rate (Hz)", "f-I curve")


def _spike_traces(ax: Axes, outcome: Any, spike: Series, start_ms: float) -> None:
    for name, colour in SPIKE_COLOURS.items():
        if name in outcome.traces:
            look: Look = {"color": colour, "label": _with_distance(name, spike)}
            trace(ax, outcome.traces[name], start_ms, before_ms=1.0, **look)
    threshold_ms, threshold_mV = spike["spike_soma_threshold_ms"], spike["spike_soma_threshold_mV"]
    curve(ax, threshold_ms, threshold_mV, color=SPIKE_COLOURS["soma"])
    ax.set_xlim(-0.5, 12)
    shape = (
        f"at the soma: threshold\n{threshold_mV:.1f} mV (dot), height\n"
        f"{spike['spike_soma_amplitude_mV']:.1f} mV,"
        f" half width {spike['spike_soma_half_width_ms']:.2f} ms"
    )
    ax.text(0.98, 0.5, shape, transform=ax.transAxes, fontsize=SMALL_PT, ha="right", va="top")
    label(ax, _FROM_ONSET, "Potential (mV)", f"{spike['current_nA']:g} nA at the soma for 2 ms")
    legend(ax, loc="upper right")


def _with_distance(name: str, row: Series) -> str:
    if name in ("soma", "ais"):
        return PLACE_NAMES[name]
    return f"{PLACE_NAMES[name]}, {abs(row[f'distance_{name}_um']):.0f} µm"


def _back_propagation(ax: Axes, spike: Series) -> None:
    places = [name for name in PLACE_NAMES if name not in ("ais", "axon_end")]
    names = [name for name in places if f"peak_{name}_mV" in spike]
    at_um = [spike[f"distance_{name}_um"] for name in names]
    amplitudes_mV = [spike[f"peak_{name}_mV"] for name in names]
    curve(ax, at_um, amplitudes_mV, markersize=5)
    for name, *at in zip(names, at_um, amplitudes_mV, strict=True):
        latency = "soma" if name == "soma" else f"{spike[f'latency_{name}_ms']:+.2f} ms"
        note(ax, latency, tuple(at), xytext=(7, 5))
    ax.set_ylim(0, 1.12 * max(amplitudes_mV))
    ax.set_xlim(-15, 1.25 * max(at_um))
    x, title = "Path distance from the soma (µm)", "Back-propagation, delay after the soma's peak"
    label(ax, x, "Peak above rest (mV)", title)


def _rest(ax: Axes, rest: Series) -> None:
    names = [name for name in PLACE_NAMES if f"rest_{name}_mV" in rest]
    at_um = np.array([rest[f"distance_{name}_um"] for name in names])
    v_mV = np.array([rest[f"rest_{name}_mV"] for name in names])
    order = np.argsort(at_um)
    curve(ax, at_um[order], v_mV[order], markersize=5)
    for name, *at in zip(names, at_um, v_mV, strict=True):
        if name in ("axon_end", "soma", "tuft"):
            side = "center" if name == "tuft" else "left"
            text = f"{PLACE_NAMES[name]}\n{at[1]:.1f} mV"
            note(ax, text, tuple(at), xytext=(0, -9), ha=side, va="top")
    ax.margins(x=0.12, y=0.25)
    x = "Path distance, axon negative (µm)"
    label(ax, x, "Potential (mV)", "Rest along axon, soma, trunk and tuft")


# -- attenuation


def attenuation(table: DataFrame, outcomes: Sequence[Any], *, event_ms: float) -> Figure:
    """EPSPs of single spines: amplitudes and attenuation against path distance by region.

    `table` is that of `experiments.attenuation`; `outcomes` have traces ``head, branch, soma``.
    """
    figure, axes = new_figure(2, 3, width_in=11.5, row_in=3.3)
    panels = {
        "epsp_head_mV": ("Amplitude (mV)", "EPSP in the spine head"),
        "epsp_branch_mV": ("Amplitude (mV)", "EPSP on the branch below"),
        "epsp_soma_mV": ("Amplitude (mV)", "EPSP at the soma"),
        "head_over_branch": ("Head / branch", "Attenuation, spine head to branch"),
        "branch_over_soma": ("Branch / soma", "Attenuation, branch to soma"),
    }
    for ax, (column, (y, title)) in zip(axes.flat, panels.items(), strict=False):
        _against_distance(ax, table, column)
        label(ax, "Path distance from the soma (µm)", y, title)
        if column.startswith("epsp"):
            ax.set_ylim(0, 1.15 * table[column].max())
        else:
            _decades(ax, table[column])
    legend(axes[0, 0])
    _examples(axes[1, 2], outcomes, event_ms)
    return figure


def _against_distance(ax: Axes, table: DataFrame, column: str) -> None:
    for region, rows in table.groupby("region", sort=False):
        # No lines: neighbours in distance sit on different branches.
        look: Look = {"color": REGION_PALETTE[region], "label": REGION_NAMES[region]}
        ax.plot(rows["path_distance_um"], rows[column], MARKERS[region], markersize=5.5, **look)
    ax.set_xlim(0, 1.06 * table["path_distance_um"].max())


def _decades(ax: Axes, values: Series) -> None:
    """A logarithmic axis with ticks at 1, 2, 5, 10, ..."""
    ax.set_yscale("log")
    low, high = values.min() / 1.3, values.max() * 1.3
    ticks = [n * 10.0**power for power in range(-4, 5) for n in (1, 2, 5)]
    ax.set_yticks([tick for tick in ticks if low <= tick <= high])
    ax.minorticks_off()
    number_ticks(ax.yaxis)
    ax.set_ylim(low, high)


def _examples(ax: Axes, outcomes: Sequence[Any], event_ms: float) -> None:
    """The somatic EPSP of each region's middle spine."""
    for region, name in REGION_NAMES.items():
        here = having(outcomes, region=region)
        here.sort(key=lambda outcome: outcome.row["path_distance_um"])
        if here:
            outcome = here[len(here) // 2]
            soma = outcome.traces["soma"]
            rest_mV = np.interp(event_ms - 1, *soma[:2])
            distance = f"{name}, {outcome.row['path_distance_um']:.0f} µm"
            look: Look = {"color": REGION_PALETTE[region], "label": distance, "less": rest_mV}
            trace(ax, soma, event_ms, before_ms=5, after_ms=80, **look)
    label(ax, "Time from the event (ms)", "From rest (mV)", "At the soma, one spine a region")
    legend(ax)


# -- convergence


def convergence(table: DataFrame, outcomes: Sequence[Any], *, first_event_ms: float) -> Figure:
    """Error of the somatic EPSP by step and tolerance; EPSP and ratio by held potential.

    `table` is that of `experiments.convergence`, `kind` being ``integration`` or ``held``;
    `outcomes` have the trace ``soma``.
    """
    figure, axes = new_figure(2, 4, width_in=14, row_in=3.3)
    integration, held = (table[table["kind"] == kind] for kind in ("integration", "held"))
    held = held.sort_values("held_mV")
    panels = {
        "dt_ms": ("Fixed step (ms)", "Fixed step, against atol 1e-6"),
        "atol": ("Absolute tolerance, adapted step", "Adapted step, against atol 1e-6"),
        "segments_factor": (
            "Each segment cut into",
            "Segments (0.1 length constants at 100 Hz: 1)",
        ),
    }
    for ax, (column, (x, title)) in zip(axes[0], panels.items(), strict=False):
        _errors(ax, integration, column)
        label(ax, x, "Error of the somatic EPSP (%)", title)
    _step_traces(axes[0, 3], outcomes, first_event_ms)
    epsp, ratio, change, unused = axes[1]
    unused.set_axis_off()
    x = "Held potential (mV)"
    _against_held(epsp, held, "epsp_soma_mV")
    label(epsp, x, "Amplitude at the soma (mV)", "EPSP, five trunk spines, control")
    _against_held(ratio, held, "amplification_ratio")
    reference(ratio, 1)
    label(ratio, x, "EPSP there / at -62 mV", "Amplification ratio")
    _ratio_change(change, held)
    label(change, x, "Change per 0.1 mV", "How far 0.1 mV moves the amplification ratio")
    return figure


def _errors(ax: Axes, integration: DataFrame, column: str) -> None:
    for target_mV, rows in integration.dropna(subset=[column]).groupby("target_mV", sort=False):
        rows = rows[rows["error_percent"] != 0].sort_values(column)
        colour = HELD_COLOURS.get(target_mV, MUTED)
        for sign, filled in ((-1, colour), (1, "none")):
            here = rows[np.sign(rows["error_percent"]) == sign]
            dots: Look = {"color": colour, "markerfacecolor": filled, "markersize": 5}
            ax.plot(here[column], here["error_percent"].abs(), "o", **dots)
        look: Look = {"color": colour, "linewidth": 1, "label": f"held at {target_mV:g} mV"}
        ax.plot(rows[column], rows["error_percent"].abs(), **look)
    ax.plot([], [], "o", color=MUTED, label="too small")
    ax.plot([], [], "o", color=MUTED, markerfacecolor="none", label="too large")
    ax.set_xscale("log")
    ax.set_yscale("log")
    if column in ("dt_ms", "segments_factor"):
        ticks = sorted(integration[column].dropna().unique())
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    number_ticks(ax.yaxis)
    legend(ax, loc="center left" if column == "segments_factor" else "upper left")


def _step_traces(ax: Axes, outcomes: Sequence[Any], first_event_ms: float) -> None:
    """The EPSP at -56 mV, exact and with three fixed steps."""
    for method, colour in METHOD_COLOURS.items():
        for outcome in having(outcomes, kind="integration", target_mV=-56, method=method)[-1:]:
            look: Look = {"color": colour, "label": method, "before_ms": 10, "after_ms": 120}
            trace(ax, outcome.traces["soma"], first_event_ms, **look)
    y = "Potential at the soma (mV)"
    label(ax, "Time from the first event (ms)", y, "The same EPSP, held at -56 mV")
    if ax.lines:
        legend(ax)


def _against_held(ax: Axes, held: DataFrame, column: str) -> None:
    """A column against the held potential, shaded where the response is a spike."""
    curve(ax, held["held_mV"], held[column])
    fires = held.loc[held["epsp_soma_mV"].isna(), "held_mV"].dropna()
    if len(fires):
        low, high = fires.min(), fires.max()
        ax.axvspan(low - 0.1, high + 0.1, color="#ECECEC", zorder=0, linewidth=0)
        at = ((low + high) / 2, 0.5)
        note(ax, "spikes", at, xycoords=ax.get_xaxis_transform(), ha="center", rotation=90)


def _ratio_change(ax: Axes, held: DataFrame) -> None:
    change = held.dropna(subset=["ratio_change_per_0.1_mV"])
    at_mV = change["held_mV"]
    curve(ax, at_mV, change["ratio_change_per_0.1_mV"])
    ax.set_ylim(bottom=0)
    ax.set_xticks(np.arange(np.ceil(at_mV.min() - 0.1), at_mV.max() + 0.1, 0.5))
