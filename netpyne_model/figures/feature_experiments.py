"""Figures of the experiments on features of the cell: intrinsic features, attenuation, convergence. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from .cell import REGION_PALETTE
from .experiments import legend, trace_panel
from .style import MUTED, OKABE_ITO, SMALL_PT, label, new_figure, number_ticks

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
HELD_COLOURS = {-62: OKABE_ITO[0], -56: OKABE_ITO[1]}
MARKERS = {"basal": "v", "trunk": "o", "apical": "s", "tuft": "^"}
REGION_NAMES = {"basal": "basal", "trunk": "trunk", "apical": "oblique", "tuft": "tuft"}
SHOWN_CURRENTS = 4


# -- intrinsic features -------------------------------------------------------------------------------------------------


def intrinsic_features(table: DataFrame, outcomes: Sequence[Any], *, start_ms: float) -> Figure:
    """Intrinsic features: responses to steps, the f-I curve, the spike, and rest and back-propagation along the tree.

    Parameters
    ----------
    table : DataFrame
        As `experiments.intrinsic_features` makes it; ``kind`` is ``rest``, ``step``, ``firing`` or ``spike``.
    outcomes : sequence of Outcome
        With the traces of steps and of the spike.
    start_ms : float
        Onset of every current.
    """
    figure, axes = new_figure(2, 3, width_in=11.5, row_in=3.3)
    kinds = dict(iter(table.groupby("kind")))
    _step_responses(axes[0, 0], outcomes, kinds["step"], start_ms)
    _firing_traces(axes[0, 1], outcomes, start_ms)
    _firing_rates(axes[0, 2], kinds["firing"])
    spike = kinds["spike"].iloc[0]
    _spike_traces(axes[1, 0], outcomes, spike, start_ms)
    _back_propagation(axes[1, 1], spike)
    _rest(axes[1, 2], kinds["rest"].iloc[0])
    return figure


def _step_responses(ax: Axes, outcomes: Sequence[Any], steps: DataFrame, start_ms: float) -> None:
    for row in steps.itertuples():
        outcome = next(o for o in outcomes if o.row["kind"] == "step" and o.row["site"] == row.site)
        time_ms, v_mV, *_ = outcome.traces[row.site]
        told = f"{_place(row.site)}: {row.input_resistance_steady_MOhm:.1f} MΩ, sag ratio {row.sag_ratio:.2f}"
        ax.plot(time_ms - start_ms, v_mV, color=STEP_COLOURS[row.site], linewidth=1.2, label=told)
    ax.set_xlim(-60, 600)
    _, top = ax.get_ylim()
    ax.set_ylim(top=top + 1.6)  # room for the legend
    label(
        ax,
        "Time from the onset (ms)",
        "Potential there (mV)",
        f"{1e3 * steps['current_nA'].iloc[0]:.0f} pA for 500 ms",
    )
    legend(ax, loc="upper center", bbox_to_anchor=(0.52, 1.0))


def _place(site: str) -> str:
    return {"soma": "soma", "trunk50_0": "trunk, 244 µm"}.get(site, site)


def _firing_traces(ax: Axes, outcomes: Sequence[Any], start_ms: float) -> None:
    """Some of the steps, one above the other: the first that fires, the largest, the strongest firing, and between."""
    rows = sorted(
        (o for o in outcomes if o.row["kind"] == "firing"), key=lambda o: o.row["current_nA"]
    )
    fires = [o for o in rows if o.row["n_spikes"]]
    silent = [o for o in rows if not o.row["n_spikes"]][-1:]
    picked = silent + [
        fires[round(i)] for i in np.linspace(0, len(fires) - 1, min(SHOWN_CURRENTS, len(fires)))
    ]
    for number, outcome in enumerate({o.row["current_nA"]: o for o in picked}.values()):
        time_ms, v_mV, *_ = outcome.traces["soma"]
        window = time_ms >= start_ms - 40
        ax.plot(
            time_ms[window] - start_ms, v_mV[window] + 110 * number, color="#000000", linewidth=0.7
        )
        ax.text(
            -50,
            v_mV[window][0] + 110 * number,
            f"{outcome.row['current_nA']:g} nA",
            fontsize=SMALL_PT,
            ha="right",
        )
    bar_mV = 50
    ax.plot([515, 515], [-60, -60 + bar_mV], color=MUTED, linewidth=1.5)
    ax.text(522, -60 + bar_mV / 2, f"{bar_mV} mV", fontsize=SMALL_PT, color=MUTED, va="center")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(-190, 610)
    ax.set_xticks([0, 100, 200, 300, 400, 500])
    label(ax, "Time from the onset (ms)", "", "Steps at the soma, potential at the soma")


def _firing_rates(ax: Axes, firing: DataFrame) -> None:
    firing = firing.sort_values("current_nA")
    ax.plot(
        firing["current_nA"], firing["rate_Hz"], "o-", color="#000000", markersize=4, linewidth=1
    )
    rheobase_nA = firing["rheobase_nA"].iloc[0] if "rheobase_nA" in firing else np.nan
    if np.isfinite(rheobase_nA):
        ax.axvline(rheobase_nA, color=MUTED, linewidth=0.8, zorder=0)
        ax.text(rheobase_nA - 0.01, 0.9, f"rheobase\n{rheobase_nA:.3f} nA", fontsize=SMALL_PT, color=MUTED, ha="right",
                va="top", transform=ax.get_xaxis_transform())  # fmt: skip
    blocked = firing[(firing["n_spikes"] > 0) & (firing["last_spike_ms"] < 250)]
    blocked = blocked[blocked["current_nA"] > firing.loc[firing["n_spikes"].idxmax(), "current_nA"]]
    for row in blocked.itertuples():
        ax.annotate(f"spikes fail\nafter {row.last_spike_ms:.0f} ms", (row.current_nA, row.rate_Hz), xytext=(-8, 2),
                    textcoords="offset points", fontsize=SMALL_PT, color=MUTED, ha="right")  # fmt: skip
        break  # the first is enough
    label(ax, "Current at the soma, 500 ms (nA)", "Mean rate (Hz)", "f-I curve")


def _spike_traces(ax: Axes, outcomes: Sequence[Any], spike: Series, start_ms: float) -> None:
    outcome = next(o for o in outcomes if o.row["kind"] == "spike")
    shown = {name: outcome.traces[name] for name in SPIKE_COLOURS if name in outcome.traces}
    shown = {name: (time_ms - start_ms, v_mV) for name, (time_ms, v_mV, *_) in shown.items()}
    names = {name: _with_distance(name, spike) for name in shown}
    trace_panel(ax, {names[name]: trace for name, trace in shown.items()}, from_ms=-1.0,
                colours={names[name]: SPIKE_COLOURS[name] for name in shown})  # fmt: skip
    ax.plot(spike["spike_soma_threshold_ms"], spike["spike_soma_threshold_mV"], "o", color=SPIKE_COLOURS["soma"],
            markersize=4)  # fmt: skip
    ax.set_xlim(-0.5, 12)
    told = (
        f"at the soma: threshold\n{spike['spike_soma_threshold_mV']:.1f} mV (dot), height\n"
        f"{spike['spike_soma_amplitude_mV']:.1f} mV, half width {spike['spike_soma_half_width_ms']:.2f} ms"
    )
    ax.text(0.98, 0.5, told, transform=ax.transAxes, fontsize=SMALL_PT, ha="right", va="top")
    label(
        ax,
        "Time from the onset (ms)",
        "Potential (mV)",
        f"{spike['current_nA']:g} nA at the soma for 2 ms",
    )
    legend(ax, loc="upper right")


def _with_distance(name: str, row: Series) -> str:
    distance_um = abs(row[f"distance_{name}_um"])
    return (
        PLACE_NAMES[name]
        if name in ("soma", "ais")
        else f"{PLACE_NAMES[name]}, {distance_um:.0f} µm"
    )


def _back_propagation(ax: Axes, spike: Series) -> None:
    names = [
        name
        for name in PLACE_NAMES
        if f"peak_{name}_mV" in spike and name not in ("ais", "axon_end")
    ]
    at_um = [spike[f"distance_{name}_um"] for name in names]
    amplitudes_mV = [spike[f"peak_{name}_mV"] for name in names]
    ax.plot(at_um, amplitudes_mV, "o-", color="#000000", markersize=5, linewidth=1)
    for name, x, y in zip(names, at_um, amplitudes_mV, strict=True):
        latency_ms = spike[f"latency_{name}_ms"]
        told = f"{latency_ms:+.2f} ms" if name != "soma" else "soma"
        ax.annotate(
            told, (x, y), xytext=(7, 5), textcoords="offset points", fontsize=SMALL_PT, color=MUTED
        )
    ax.set_ylim(0, 1.12 * max(amplitudes_mV))
    ax.set_xlim(-15, 1.25 * max(at_um))
    label(
        ax,
        "Path distance from the soma (µm)",
        "Peak above rest (mV)",
        "Back-propagation, delay after the soma's peak",
    )


def _rest(ax: Axes, rest: Series) -> None:
    names = [name for name in PLACE_NAMES if f"rest_{name}_mV" in rest]
    at_um = np.array([rest[f"distance_{name}_um"] for name in names])
    v_mV = np.array([rest[f"rest_{name}_mV"] for name in names])
    order = np.argsort(at_um)
    ax.plot(at_um[order], v_mV[order], "o-", color="#000000", markersize=5, linewidth=1)
    for name in ("axon_end", "soma", "tuft"):
        if name in names:
            x, y = rest[f"distance_{name}_um"], rest[f"rest_{name}_mV"]
            ax.annotate(f"{PLACE_NAMES[name]}\n{y:.1f} mV", (x, y), xytext=(0, -9), textcoords="offset points",
                        fontsize=SMALL_PT, color=MUTED, ha="center" if name == "tuft" else "left", va="top")  # fmt: skip
    ax.margins(x=0.12, y=0.25)
    label(
        ax,
        "Path distance, axon negative (µm)",
        "Potential (mV)",
        "Rest along axon, soma, trunk and tuft",
    )


# -- attenuation --------------------------------------------------------------------------------------------------------


def attenuation(table: DataFrame, outcomes: Sequence[Any], *, event_ms: float) -> Figure:
    """EPSPs of single spines: amplitudes and attenuation against path distance by region, and examples.

    Parameters
    ----------
    table : DataFrame
        ``region, path_distance_um, epsp_head_mV, epsp_branch_mV, epsp_soma_mV, head_over_branch, branch_over_soma``.
    outcomes : sequence of Outcome
        With the traces ``head``, ``branch`` and ``soma``.
    event_ms : float
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
        ax.plot(rows["path_distance_um"], rows[column], MARKERS[region], color=REGION_PALETTE[region], markersize=5.5,
                label=REGION_NAMES[region])  # fmt: skip
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
    for region in MARKERS:
        here = sorted(
            (o for o in outcomes if o.row["region"] == region),
            key=lambda o: o.row["path_distance_um"],
        )
        if not here:
            continue
        outcome = here[len(here) // 2]
        time_ms, v_mV, *_ = outcome.traces["soma"]
        rest_mV = np.interp(event_ms - 1, time_ms, v_mV)
        window = (time_ms >= event_ms - 5) & (time_ms <= event_ms + 80)
        told = f"{REGION_NAMES[region]}, {outcome.row['path_distance_um']:.0f} µm"
        ax.plot(
            time_ms[window] - event_ms,
            v_mV[window] - rest_mV,
            color=REGION_PALETTE[region],
            label=told,
            linewidth=1.2,
        )
    label(ax, "Time from the event (ms)", "From rest (mV)", "At the soma, one spine a region")
    legend(ax)


# -- convergence --------------------------------------------------------------------------------------------------------


def convergence(table: DataFrame, outcomes: Sequence[Any], *, first_event_ms: float) -> Figure:
    """Error of the somatic EPSP against step and tolerance; EPSP and amplification ratio against the held potential.

    Parameters
    ----------
    table : DataFrame
        ``kind`` ``integration``: ``target_mV, dt_ms, atol, error_percent``; ``held``: ``held_mV, epsp_soma_mV,
        amplification_ratio, ratio_change_per_0.1_mV``.
    outcomes : sequence of Outcome
        With the trace ``soma``.
    first_event_ms : float
    """
    figure, axes = new_figure(2, 4, width_in=14, row_in=3.3)
    integration, held = (table[table["kind"] == kind] for kind in ("integration", "held"))
    _errors(axes[0, 0], integration, "dt_ms")
    label(
        axes[0, 0],
        "Fixed step (ms)",
        "Error of the somatic EPSP (%)",
        "Fixed step, against atol 1e-6",
    )
    _errors(axes[0, 1], integration, "atol")
    label(
        axes[0, 1],
        "Absolute tolerance, adapted step",
        "Error of the somatic EPSP (%)",
        "Adapted step, against atol 1e-6",
    )
    _errors(axes[0, 2], integration, "segments_factor")
    label(
        axes[0, 2],
        "Each segment cut into",
        "Error of the somatic EPSP (%)",
        "Segments (0.1 length constants at 100 Hz: 1)",
    )
    axes[1, 3].set_axis_off()
    _step_traces(axes[0, 3], outcomes, first_event_ms)
    _held_epsp(axes[1, 0], held)
    _held_ratio(axes[1, 1], held)
    _ratio_change(axes[1, 2], held)
    return figure


def _errors(ax: Axes, integration: DataFrame, column: str) -> None:
    for target_mV, rows in integration.dropna(subset=[column]).groupby("target_mV", sort=False):
        rows = rows[rows["error_percent"] != 0].sort_values(column)
        colour = HELD_COLOURS.get(target_mV, MUTED)
        for sign, filled in ((-1, colour), (1, "none")):
            here = rows[np.sign(rows["error_percent"]) == sign]
            ax.plot(
                here[column],
                here["error_percent"].abs(),
                "o",
                color=colour,
                markerfacecolor=filled,
                markersize=5,
            )
        ax.plot(
            rows[column],
            rows["error_percent"].abs(),
            "-",
            color=colour,
            linewidth=1,
            label=f"held at {target_mV:g} mV",
        )
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
    shown = {
        "atol 1e-06": "#000000",
        "dt 0.025 ms": OKABE_ITO[2],
        "dt 0.05 ms": OKABE_ITO[4],
        "dt 0.1 ms": OKABE_ITO[1],
    }
    found: Mapping[str, Any] = {
        o.row["method"]: o
        for o in outcomes
        if o.row["kind"] == "integration" and o.row["target_mV"] == -56
    }
    for method, colour in shown.items():
        if method in found:
            time_ms, v_mV, *_ = found[method].traces["soma"]
            window = (time_ms >= first_event_ms - 10) & (time_ms <= first_event_ms + 120)
            ax.plot(
                time_ms[window] - first_event_ms,
                v_mV[window],
                color=colour,
                linewidth=1.2,
                label=method,
            )
    label(
        ax,
        "Time from the first event (ms)",
        "Potential at the soma (mV)",
        "The same EPSP, held at -56 mV",
    )
    if ax.lines:
        legend(ax)


def _held_epsp(ax: Axes, held: DataFrame) -> None:
    held = held.sort_values("held_mV")
    ax.plot(held["held_mV"], held["epsp_soma_mV"], "o-", color="#000000", markersize=4, linewidth=1)
    _mark_spikes(ax, held)
    label(
        ax, "Held potential (mV)", "Amplitude at the soma (mV)", "EPSP, five trunk spines, control"
    )


def _held_ratio(ax: Axes, held: DataFrame) -> None:
    held = held.sort_values("held_mV")
    ax.plot(
        held["held_mV"],
        held["amplification_ratio"],
        "o-",
        color="#000000",
        markersize=4,
        linewidth=1,
    )
    ax.axhline(1, color=MUTED, linewidth=0.8, zorder=0)
    _mark_spikes(ax, held)
    label(ax, "Held potential (mV)", "EPSP there / at -62 mV", "Amplification ratio")


def _mark_spikes(ax: Axes, held: DataFrame) -> None:
    """Shade where the response is a spike."""
    fires = held.loc[held["epsp_soma_mV"].isna(), "held_mV"].dropna()
    if len(fires):
        low, high = fires.min(), fires.max()
        ax.axvspan(low - 0.1, high + 0.1, color="#ECECEC", zorder=0, linewidth=0)
        ax.text((low + high) / 2, 0.5, "spikes", transform=ax.get_xaxis_transform(), fontsize=SMALL_PT, color=MUTED,
                ha="center", rotation=90)  # fmt: skip


def _ratio_change(ax: Axes, held: DataFrame) -> None:
    change = held.dropna(subset=["ratio_change_per_0.1_mV"]).sort_values("held_mV")
    ax.plot(
        change["held_mV"],
        change["ratio_change_per_0.1_mV"],
        "o-",
        color="#000000",
        markersize=4,
        linewidth=1,
    )
    ax.set_ylim(bottom=0)
    ax.set_xticks(
        np.arange(np.ceil(change["held_mV"].min() - 0.1), change["held_mV"].max() + 0.1, 0.5)
    )
    label(
        ax,
        "Held potential (mV)",
        "Change per 0.1 mV",
        "How far 0.1 mV moves the amplification ratio",
    )
