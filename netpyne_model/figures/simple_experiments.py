"""Figures of the simple model's experiments and of the Na current."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .panels import having, legend, trace
from .style import MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure, number_ticks, signed

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
STIMULUS_TITLES = {"burst": "Five events at 100 Hz", "single": "One event"}
_UA = 1e3  # from mA to uA
_CURRENT = "(µA/cm²)"
_FROM_EVENT = "Time from the first event (ms)"
_BEFORE_MS = 20.0


def current_clamp(table: DataFrame, outcomes: Sequence[Any], events_ms: Sequence[float]) -> Figure:
    """The simple model's EPSPs at several DCs: potential, and with Na current from baseline.

    `table` is that of `experiments.simple_current_clamp`; `outcomes` have traces ``soma, ina``.
    """
    figure, ((whole, epsp, sodium),) = new_figure(1, 3, width_in=11.0, row_in=3.4)
    first_ms = events_ms[0]
    for number, (outcome, row) in enumerate(zip(outcomes, table.to_dict("records"), strict=True)):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        soma, ina = outcome.traces["soma"], outcome.traces.get("ina")
        name = f"{signed(row['dc_nA'])} nA: {row['epsp_mV']:.2f} mV"
        around: Look = {"before_ms": _BEFORE_MS, "color": colour, "label": name}
        trace(whole, soma, color=colour)
        trace(epsp, soma, first_ms, less=row["baseline_mV"], **around)
        if ina is not None:  # there is none where the channel was taken away
            trace(sodium, ina, first_ms, less=row["ina_baseline_mA_per_cm2"], scale=_UA, **around)
    for event_ms in events_ms:
        epsp.axvline(event_ms - first_ms, ymax=0.03, color=MUTED, linewidth=1)
    started = "DC from the start, five events at the end"
    label(whole, "Simulation time (ms)", "Membrane potential (mV)", started)
    label(epsp, _FROM_EVENT, "From baseline (mV)", "The same events: larger EPSPs")
    y = f"Na current from baseline {_CURRENT}"
    label(sodium, _FROM_EVENT, y, "They draw Na current")
    legend(epsp, title="DC: EPSP", title_fontsize=SMALL_PT)
    return figure


def voltage_clamp(
    table: DataFrame, outcomes: Sequence[Any], command_time_ms: Callable[[np.ndarray], np.ndarray]
) -> Figure:
    """Na current under a command at its own speed and slowed: a column each stimulus.

    `table` is that of `experiments.simple_voltage_clamp`; `outcomes` have traces ``soma, ina``;
    `command_time_ms` turns times of a run into the command's own time from the first event.
    """
    stimuli, offsets = list(table["stimulus"].unique()), list(table["offset_mV"].unique())
    figure, axes = new_figure(1 + len(offsets), len(stimuli), width_in=10.0, row_in=2.5)
    for outcome, row in zip(outcomes, table.to_dict("records"), strict=True):
        column, place = stimuli.index(row["stimulus"]), offsets.index(row["offset_mV"])
        since_ms = command_time_ms(outcome.traces["soma"][0])
        command = "command" if not row["offset_mV"] else f"command {row['offset_mV']:+g} mV"
        if row["speed"] == "real":
            look: Look = {"linestyle": ("-", "--")[place % 2], "color": MUTED, "label": command}
            soma = (since_ms, outcome.traces["soma"][1])
            trace(axes[0, column], soma, before_ms=_BEFORE_MS, linewidth=1.4, **look)
        _sodium_panel(axes[1 + place, column], (since_ms, outcome.traces["ina"][1]), row)
        rise, peak = (100 * row[f"near_steady_share_{moment}"] for moment in ("rise", "peak"))
        shares = f"slowed {rise:.0f} % at 10 ms, {peak:.0f} % at the peak"
        y = "" if column else f"Na current {_CURRENT}"
        label(axes[1 + place, column], "", y, f"{command[:1].upper()}{command[1:]}: {shares}")
    for column, stimulus in enumerate(stimuli):
        title = STIMULUS_TITLES.get(stimulus, stimulus)
        label(axes[0, column], "", "" if column else "Potential (mV)", title)
        time = "Time from the first event, in the command's time (ms)"
        axes[-1, column].set_xlabel(time, fontsize=SMALL_PT)
    legend(axes[0, -1])
    legend(axes[1, -1], loc="upper right")
    return figure


def _sodium_panel(ax: Axes, ina: tuple[np.ndarray, np.ndarray], row: dict) -> None:
    look: Look = {"color": SPEED_COLOURS[row["speed"]], "label": SPEED_NAMES[row["speed"]]}
    at_rest = row["ina_baseline_mA_per_cm2"]
    trace(ax, ina, before_ms=_BEFORE_MS, less=at_rest, scale=_UA, linewidth=1.4, **look)


def input_output(table: DataFrame, outcomes: Sequence[Any]) -> Figure:
    """Peak potential against weight, and its slope against the peak, by Na channels and DC.

    `table` is that of `experiments.simple_input_output`; traces ``soma`` of outcomes are drawn.
    """
    figure, ((peak, slope, traces),) = new_figure(1, 3, width_in=12.0, row_in=3.6)
    for (sodium, dc_nA), curve in table.groupby(["sodium", "dc_nA"], sort=False):
        look: Look = {"color": SODIUM_COLOURS[sodium], "linestyle": "-" if dc_nA == 0 else "--"}
        rest = f"{curve['baseline_mV'].iloc[0]:.1f}".replace("-", "\N{MINUS SIGN}")
        name = f"{SODIUM_NAMES[sodium]}, {dc_nA:g} nA ({rest} mV)"
        peak.plot(1e3 * curve["weight_uS"], curve["peak_mV"], linewidth=1.5, **look)
        slope.plot(curve["peak_mV"], curve["slope_mV_per_nS"], linewidth=1.5, label=name, **look)
        driven = having(outcomes, sodium=sodium, dc_nA=dc_nA) if sodium == "NaV2" else []
        for outcome in driven:
            look |= {"linewidth": 0.9}
            at_ms = outcome.row["settle_ms"]
            trace(traces, outcome.traces["soma"], at_ms, before_ms=_BEFORE_MS, **look)
    label(peak, "Weight (nS)", "Peak potential (mV)", "Input-output")
    y = "Slope of the input-output curve (mV/nS)"
    label(slope, "Peak potential (mV)", y, "The nearer to threshold, the steeper")
    label(traces, _FROM_EVENT, "Membrane potential (mV)", "With NaV2: weights in even steps")
    slope.set_yscale("log")
    number_ticks(slope.yaxis)
    handles, names = slope.get_legend_handles_labels()
    below: Look = {"loc": "outside lower center", "ncols": len(names), "frameon": False}
    below |= {"title": "Na channels, DC (rest)", "title_fontsize": SMALL_PT}
    figure.legend(handles, names, fontsize=SMALL_PT, **below)
    return figure


def sodium_current(table: DataFrame, outcomes: Sequence[Any], step_ms: float) -> Figure:
    """Transient and near-steady Na current against the step, over the largest transient.

    `table` is that of `experiments.sodium_current`; steps of NaV2 with the trace ``ina`` are drawn,
    from `step_ms` on.
    """
    figure, ((transient, steady), (ratio, traces)) = new_figure(2, 2, width_in=9.5, row_in=3.1)
    for channel, steps in table.groupby("channel", sort=False):
        look: Look = {"color": CHANNEL_COLOURS[channel], "linewidth": 1.2}
        look |= {"marker": "o", "markersize": 2.5}
        largest = steps["ina_peak_mA_per_cm2"].abs().max()
        for integration, curve in steps.groupby("integration", sort=False):
            line = "--" if integration == "adapted" else "-"
            name = CHANNEL_NAMES[channel] if line == "-" else f"{channel}, 33 °C, adapted step"
            relative = curve["ina_peak_mA_per_cm2"] / largest
            transient.plot(curve["step_mV"], relative, label=name, linestyle=line, **look)
        fixed = steps[steps["integration"] == "fixed"]
        steady.plot(fixed["step_mV"], 100 * fixed["ina_steady_mA_per_cm2"] / largest, **look)
        ratio.plot(fixed["step_mV"], 100 * fixed["steady_over_peak"], **look)
    ratio.set_yscale("log")
    number_ticks(ratio.yaxis)
    x, after = "Step (mV)", "after a step from \N{MINUS SIGN}90 mV"
    label(transient, x, "Peak over the largest peak", f"Transient: peak {after}")
    label(steady, x, "% of the largest transient peak", "Persistent: the near-steady current")
    title = "Persistent over transient at the same step"
    label(ratio, x, "% of the transient peak", title)
    legend(transient)
    for number, outcome in enumerate(having(outcomes, channel="NaV2")):
        name = f"{outcome.row['step_mV']:g} mV".replace("-", "\N{MINUS SIGN}")
        look = {"color": OKABE_ITO[number % len(OKABE_ITO)], "label": name, "scale": _UA}
        trace(traces, outcome.traces["ina"], step_ms, before_ms=0.5, after_ms=3, **look)
    y = f"Na current {_CURRENT}"
    label(traces, "Time from the step (ms)", y, f"NaV2 {after.replace('a step', 'steps')}")
    if traces.lines:
        legend(traces)
    return figure
