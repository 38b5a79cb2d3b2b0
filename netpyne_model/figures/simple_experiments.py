"""Figures of the simple model's experiments and of the Na current: pure functions of a table and of traces."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .experiments import legend
from .style import MUTED, OKABE_ITO, SMALL_PT, label, new_figure, number_ticks, signed

SPEED_COLOURS = {"real": OKABE_ITO[0], "slowed": OKABE_ITO[1]}
SPEED_NAMES = {"real": "at the EPSP's own speed", "slowed": "slowed 50 times"}
SODIUM_COLOURS = {"NaV2": OKABE_ITO[0], "none": "#000000"}
SODIUM_NAMES = {"NaV2": "with NaV2", "none": "without"}
CHANNEL_COLOURS = {"NaV2": OKABE_ITO[0], "nas_soma": OKABE_ITO[1], "nas_dend": OKABE_ITO[2]}
CHANNEL_NAMES = {
    "NaV2": "NaV2, 33 °C, 0.025 ms steps",
    "nas_soma": "nas, soma, 35 °C",
    "nas_dend": "nas, trunk, 35 °C",
}
_UA = 1e3  # from mA to uA
_CURRENT = "(µA/cm²)"


def current_clamp(table: DataFrame, outcomes: Sequence[Any], events_ms: Sequence[float]) -> Figure:
    """The simple model's EPSPs at several DCs: potential, potential from baseline, Na current from baseline.

    Parameters
    ----------
    table : DataFrame
        ``dc_nA, baseline_mV, epsp_mV, ina_baseline_mA_per_cm2``.
    outcomes : sequence of Outcome
        With the traces ``soma`` and ``ina``.
    events_ms : sequence of float
    """
    figure, ((whole, epsp, sodium),) = new_figure(1, 3, width_in=11.0, row_in=3.4)
    for number, (outcome, row) in enumerate(zip(outcomes, table.to_dict("records"), strict=True)):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        time_ms, v_mV, *_ = outcome.traces["soma"]
        ina = outcome.traces["ina"][1]
        since_ms = time_ms - events_ms[0]
        shown = since_ms >= -20
        name = f"{signed(row['dc_nA'])} nA"
        whole.plot(time_ms, v_mV, color=colour, linewidth=1.2, label=name)
        amplitude = f"{name}: {row['epsp_mV']:.2f} mV"
        epsp.plot(
            since_ms[shown],
            v_mV[shown] - row["baseline_mV"],
            color=colour,
            linewidth=1.2,
            label=amplitude,
        )
        added = _UA * (ina[shown] - row["ina_baseline_mA_per_cm2"])
        sodium.plot(since_ms[shown], added, color=colour, linewidth=1.2, label=name)
    for event in events_ms:
        epsp.axvline(event - events_ms[0], ymax=0.03, color=MUTED, linewidth=1)
    label(
        whole, "Time (ms)", "Membrane potential (mV)", "DC from the start, five events at the end"
    )
    label(
        epsp,
        "Time from the first event (ms)",
        "From baseline (mV)",
        "The same events: larger EPSPs",
    )
    label(
        sodium,
        "Time from the first event (ms)",
        f"Na current from baseline {_CURRENT}",
        "They draw Na current",
    )
    legend(epsp, title="DC: EPSP", title_fontsize=SMALL_PT)
    return figure


def voltage_clamp(
    table: DataFrame, outcomes: Sequence[Any], command_time_ms: Callable[[np.ndarray], np.ndarray]
) -> Figure:
    """Na current from its baseline under a command at its own speed and slowed, a column for burst and single event.

    Parameters
    ----------
    table : DataFrame
        ``stimulus, speed, offset_mV, ina_baseline_mA_per_cm2, near_steady_share_rise, near_steady_share_peak``.
    outcomes : sequence of Outcome
        With the traces ``soma`` and ``ina``.
    command_time_ms : callable
        From the times of a run to the command's own time from the first event.
    """
    stimuli, offsets = list(table["stimulus"].unique()), list(table["offset_mV"].unique())
    figure, axes = new_figure(1 + len(offsets), len(stimuli), width_in=10.0, row_in=2.5)
    rows = table.to_dict("records")
    for column, stimulus in enumerate(stimuli):
        for outcome, row in zip(outcomes, rows, strict=True):
            if row["stimulus"] != stimulus:
                continue
            time_ms, v_mV, *_ = outcome.traces["soma"]
            since_ms = command_time_ms(time_ms)
            shown = since_ms >= -20
            place, colour = offsets.index(row["offset_mV"]), SPEED_COLOURS[row["speed"]]
            if row["speed"] == "real":
                name = "command" if not row["offset_mV"] else f"command {row['offset_mV']:+g} mV"
                axes[0, column].plot(since_ms[shown], v_mV[shown], color=MUTED, label=name,
                                     linestyle=("-", "--")[place % 2], linewidth=1.4)  # fmt: skip
            added = _UA * (outcome.traces["ina"][1] - row["ina_baseline_mA_per_cm2"])
            axes[1 + place, column].plot(since_ms[shown], added[shown], color=colour, linewidth=1.4,
                                         label=SPEED_NAMES[row["speed"]])  # fmt: skip
            command = "Command" if not row["offset_mV"] else f"Command {row['offset_mV']:+g} mV"
            rise, peak = (100 * row[f"near_steady_share_{moment}"] for moment in ("rise", "peak"))
            title = f"{command}: slowed {rise:.0f} % at 10 ms, {peak:.0f} % at the peak"
            label(axes[1 + place, column], "", "" if column else f"Na current {_CURRENT}", title)
        label(axes[0, column], "", "" if column else "Potential (mV)", _stimulus_title(stimulus))
        axes[-1, column].set_xlabel(
            "Time from the first event, in the command's time (ms)", fontsize=SMALL_PT
        )
    legend(axes[0, -1])
    legend(axes[1, -1], loc="upper right")
    return figure


def _stimulus_title(stimulus: str) -> str:
    return {"burst": "Five events at 100 Hz", "single": "One event"}.get(stimulus, stimulus)


def input_output(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """Peak potential against weight, and its slope against the peak, with and without Na channels at two DCs.

    Parameters
    ----------
    table : DataFrame
        ``sodium, dc_nA, weight_uS, baseline_mV, peak_mV, slope_mV_per_nS``.
    outcomes : sequence of Outcome
        Those with the trace ``soma`` are drawn.
    """
    figure, ((peak, slope, traces),) = new_figure(1, 3, width_in=12.0, row_in=3.6)
    for (sodium, dc_nA), curve in table.groupby(["sodium", "dc_nA"], sort=False):
        style = {
            "color": SODIUM_COLOURS[sodium],
            "linestyle": "-" if dc_nA == 0 else "--",
            "linewidth": 1.5,
        }
        rest = f"{curve['baseline_mV'].iloc[0]:.1f}".replace("-", "\N{MINUS SIGN}")
        name = f"{SODIUM_NAMES[sodium]}, {dc_nA:g} nA ({rest} mV)"
        peak.plot(1e3 * curve["weight_uS"], curve["peak_mV"], **style)
        slope.plot(curve["peak_mV"], curve["slope_mV_per_nS"], label=name, **style)
        for outcome in outcomes:
            row = outcome.row
            if (
                outcome.traces
                and (row["sodium"], row["dc_nA"]) == (sodium, dc_nA)
                and sodium == "NaV2"
            ):
                _response(traces, outcome.traces["soma"], row, style)
    label(peak, "Weight (nS)", "Peak potential (mV)", "Input-output")
    label(
        slope,
        "Peak potential (mV)",
        "Slope of the input-output curve (mV/nS)",
        "The nearer to threshold, the steeper",
    )
    label(
        traces,
        "Time from the first event (ms)",
        "Membrane potential (mV)",
        "With NaV2: weights in even steps",
    )
    slope.set_yscale("log")
    number_ticks(slope.yaxis)
    handles, names = slope.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), fontsize=SMALL_PT, frameon=False,
                  title="Na channels, DC (rest)", title_fontsize=SMALL_PT)  # fmt: skip
    return figure


def _response(ax: Axes, trace: tuple, row: dict, style: dict) -> None:
    time_ms, v_mV, *_ = trace
    since_ms = time_ms - row["settle_ms"]
    shown = since_ms >= -20
    ax.plot(since_ms[shown], v_mV[shown], **(style | {"linewidth": 0.9}))


def sodium_current(table: DataFrame, outcomes: Sequence[Any], step_ms: float) -> Figure:
    """Transient and near-steady Na current against the step, both of each channel over its largest transient.

    Parameters
    ----------
    table : DataFrame
        ``channel, integration, step_mV, ina_peak_mA_per_cm2, ina_steady_mA_per_cm2, steady_over_peak``.
    outcomes : sequence of Outcome
        Steps of NaV2 with the trace ``ina`` are drawn.
    step_ms : float
        Time of the step in the traces.
    """
    figure, axes = new_figure(2, 2, width_in=9.5, row_in=3.1)
    (transient, steady), (ratio, traces) = axes
    for channel, steps in table.groupby("channel", sort=False):
        style = {
            "color": CHANNEL_COLOURS[channel],
            "linewidth": 1.2,
            "marker": "o",
            "markersize": 2.5,
        }
        largest = steps["ina_peak_mA_per_cm2"].abs().max()
        for integration, curve in steps.groupby("integration", sort=False):
            line = "--" if integration == "adapted" else "-"
            name = CHANNEL_NAMES[channel] if line == "-" else f"{channel}, 33 °C, adapted step"
            relative = curve["ina_peak_mA_per_cm2"] / largest
            transient.plot(curve["step_mV"], relative, label=name, linestyle=line, **style)
        fixed = steps[steps["integration"] == "fixed"]
        steady.plot(fixed["step_mV"], 100 * fixed["ina_steady_mA_per_cm2"] / largest, **style)
        ratio.plot(fixed["step_mV"], 100 * fixed["steady_over_peak"], **style)
    ratio.set_yscale("log")
    number_ticks(ratio.yaxis)
    label(
        transient,
        "Step (mV)",
        "Peak over the largest peak",
        "Transient: peak after a step from \N{MINUS SIGN}90 mV",
    )
    label(
        steady,
        "Step (mV)",
        "% of the largest transient peak",
        "Persistent: the near-steady current",
    )
    label(
        ratio, "Step (mV)", "% of the transient peak", "Persistent over transient at the same step"
    )
    legend(transient)
    _step_traces(traces, outcomes, step_ms)
    return figure


def _step_traces(ax: Axes, outcomes: Sequence[Any], step_ms: float) -> None:
    kept = [one for one in outcomes if one.traces and one.row["channel"] == "NaV2"]
    for number, outcome in enumerate(kept):
        time_ms, ina, *_ = outcome.traces["ina"]
        since_ms = time_ms - step_ms
        shown = (since_ms >= -0.5) & (since_ms <= 3)
        ax.plot(since_ms[shown], _UA * ina[shown], color=OKABE_ITO[number % len(OKABE_ITO)], linewidth=1.2,
                label=f"{outcome.row['step_mV']:g} mV".replace("-", "\N{MINUS SIGN}"))  # fmt: skip
    label(
        ax,
        "Time from the step (ms)",
        f"Na current {_CURRENT}",
        "NaV2 after steps from \N{MINUS SIGN}90 mV",
    )
    if kept:
        legend(ax)
