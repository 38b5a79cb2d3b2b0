"""The simple model's current-clamp runs in one picture (Fig. 5A of Hsu et al. 2018)."""

from matplotlib.figure import Figure

from ..results import SimpleResult
from .style import DPI, FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, TITLE_PT, signed, tidy

BEFORE_MS = 20.0


def simple_current_clamp(result: SimpleResult) -> Figure:
    """Draw the runs of the simple model: the whole runs, and the summed EPSPs laid over each other.

    Parameters
    ----------
    result : SimpleResult

    Returns
    -------
    matplotlib Figure
    """
    figure = Figure(figsize=(9, 4), dpi=DPI, layout="constrained")
    whole, summed = figure.subplots(1, 2, width_ratios=(1.2, 1))
    for number, run in enumerate(result.runs):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        label = f"{signed(run.dc_nA)} nA: {run.epsp_mV:.2f} mV"
        whole.plot(run.time_ms, run.voltage_mV, color=colour, linewidth=1.2, label=label)
        shown = run.time_ms >= run.event_times_ms[0] - BEFORE_MS
        since = run.time_ms[shown] - run.event_times_ms[0]
        summed.plot(
            since, run.voltage_mV[shown] - run.baseline_mV, color=colour, linewidth=1.5, label=label
        )
    whole.set_xlabel("Time (ms)", fontsize=FONT_PT)
    whole.set_ylabel("Membrane potential (mV)", fontsize=FONT_PT)
    summed.set_xlabel("Time from the first event (ms)", fontsize=FONT_PT)
    summed.set_ylabel("Depolarisation from baseline (mV)", fontsize=FONT_PT)
    summed.legend(
        title="Holding current: EPSP", fontsize=SMALL_PT, title_fontsize=SMALL_PT, frameon=False
    )
    events = result.runs[0].event_times_ms if result.runs else []
    for event in events:
        summed.axvline(event - events[0], ymax=0.03, color=MUTED, linewidth=1)
    for ax in (whole, summed):
        tidy(ax)
        ax.margins(x=0.01)
    figure.get_layout_engine().set(w_pad=0.12)
    title = "Simple model, current clamp: the same synaptic events at different holding currents"
    figure.suptitle(title, fontsize=TITLE_PT, color=INK, x=0.01, ha="left")
    return figure
