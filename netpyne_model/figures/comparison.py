"""Several runs over each other: spikes in rows, rates, ramps and potentials as lines."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis import RAMP_CUTOFF_HZ, RATE_SIGMA_MS, TrialOnTrack, cut_spikes, ramp, title
from ..results import Result
from .panels import headline, key
from .style import DPI, FIELD, FONT_PT, INK, OKABE_ITO, SMALL_PT, Look, tidy
from .traces import traces

_WIDTH_IN, _ROW_IN, _RASTER_ROW_IN = 10.0, 1.5, 0.28
_POINTS = 4_000  # of a line
_HIDING_SPIKES = 12
"""So many spikes of all runs hide each other where potentials lie over each other."""
_COLOURS = ("#000000", OKABE_ITO[1], OKABE_ITO[0], *OKABE_ITO[2:6], OKABE_ITO[7])
Line = tuple[np.ndarray, np.ndarray]


def comparison(results: Mapping[str, Result], differs: str = "") -> Figure:
    """Draw runs over each other, the place field shaded.

    Trials: spikes in a row a run, rates, ramps; the potential at the soma too where spikes are so
    few that they do not hide each other. Runs without a track: a panel each recording.

    Parameters
    ----------
    results : mapping of str to Result
        By the name that the key has.
    differs : str
        In what they differ, for the title.
    """
    what = f"{len(results)} runs" + (f", which differ in {differs}" if differs else " of the same")
    if any(one.track is None or "soma" not in one.voltage_mV for one in results.values()):
        figure = traces({name: one.traces for name, one in results.items()})
        figure.suptitle(what, x=0.01, ha="left", fontsize=FONT_PT, color=INK, weight="bold")
        return figure
    figure = _of_trials(results)
    headline(figure, what)
    return figure


def _of_trials(results: Mapping[str, Result]) -> Figure:
    lines: dict[str, Callable[[Result], Line]] = {}
    notes = {
        "Rate\n(Hz)": f"firing rate: output spikes, smoothed by a Gaussian of SD {RATE_SIGMA_MS:g} ms",
        "Ramp\n(mV)": f"slow part of the soma's potential: spikes cut out, below {RAMP_CUTOFF_HZ:g} Hz",
        "Soma\n(mV)": "potential at the soma",
    }
    if any(len(TrialOnTrack(one).rate_map[0]) for one in results.values()):
        lines["Rate\n(Hz)"] = _rate
    lines["Ramp\n(mV)"] = _ramp
    if sum(len(one.spike_times_ms) for one in results.values()) <= _HIDING_SPIKES:
        lines["Soma\n(mV)"] = _soma
    raster_in = 0.5 + _RASTER_ROW_IN * len(results)
    heights = [raster_in, *[_ROW_IN] * len(lines)]
    figure = Figure(figsize=(_WIDTH_IN, sum(heights) + 1.2), dpi=DPI, layout="constrained")
    axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _draw_raster(axes[0], results)
    for ax, (label, line) in zip(axes[1:], lines.items(), strict=True):
        for colour, one in zip(_colours(results), results.values(), strict=True):
            ax.plot(*line(one), color=colour, linewidth=0.8 if line is _soma else 1.3)
        ax.set_ylabel(label, fontsize=FONT_PT, color=INK)
        ax.set_title(notes[label], loc="right", fontsize=SMALL_PT, color=INK, pad=2)
    _mark(axes, results)
    entries = zip(_colours(results), results.items(), strict=True)
    looks = {f"{name}: {title(one)}": {"color": colour} for colour, (name, one) in entries}
    key(figure, looks, labelcolor=INK)
    return figure


def _colours(results: Mapping[str, Result]) -> Sequence[str]:
    return [_COLOURS[number % len(_COLOURS)] for number in range(len(results))]


def _draw_raster(ax: Axes, results: Mapping[str, Result]) -> None:
    """Output spikes, a row a run from the top."""
    names = []
    for row, (colour, (name, one)) in enumerate(
        zip(_colours(results), results.items(), strict=True)
    ):
        spikes_s = one.spike_track_times_ms / 1e3
        look: Look = {"color": colour, "markersize": 11, "markeredgewidth": 1.1}
        ax.plot(spikes_s, np.full(len(spikes_s), -row), "|", **look)
        names.append(f"{_shortened(name)}: {len(spikes_s)}")
    ax.set_ylim(-len(results) + 0.4, 0.6)
    ax.set_yticks([-row for row in range(len(names))], names)
    ax.set_title("output spikes", loc="right", fontsize=SMALL_PT, color=INK, pad=2)


def _shortened(name: str) -> str:
    return name if len(name) <= 24 else f"…{name[-23:]}"


def _rate(result: Result) -> Line:
    time_ms, rate_hz = TrialOnTrack(result).rate_map
    return time_ms / 1e3, rate_hz


def _ramp(result: Result) -> Line:
    time_ms = np.asarray(result.time_ms, float)
    slow = ramp(time_ms, cut_spikes(time_ms, result.voltage_mV["soma"], result.spike_times_ms))
    stride = max(len(slow) // _POINTS, 1)
    return result.track_time_ms[::stride] / 1e3, slow[::stride]


def _soma(result: Result) -> Line:
    return result.track_time_ms / 1e3, result.voltage_mV["soma"]


def _mark(axes: Sequence[Axes], results: Mapping[str, Result]) -> None:
    """Shade the place field, or where runs have different ones each in its row; name the time."""
    ends_s = [one.track_time_ms[[0, -1]] / 1e3 for one in results.values()]
    first_s, last_s = min(begin for begin, _ in ends_s), max(end for _, end in ends_s)
    fields = [_field_spans_s(one, float(last_s)) for one in results.values()]
    one_field = all(spans == fields[0] for spans in fields)
    for ax in axes:
        tidy(ax)
        for begin_s, end_s in fields[0] if one_field else []:
            ax.axvspan(begin_s, end_s, color=FIELD, linewidth=0, zorder=0)
    for row, spans in enumerate([] if one_field else fields):
        for begin_s, end_s in spans:
            place: Look = {"ymin": 1 - (row + 1) / len(fields), "ymax": 1 - row / len(fields)}
            axes[0].axvspan(begin_s, end_s, color=FIELD, linewidth=0, zorder=0, **place)
    axes[0].spines["left"].set_visible(False)
    axes[0].tick_params(axis="y", length=0)
    axes[0].set_xlim(first_s, last_s)
    shaded = f" (shaded: place field of the input{'' if one_field else ', each in its row'})"
    text = f"Track time (s){shaded if any(fields) else ''}"
    axes[-1].set_xlabel(text, fontsize=FONT_PT, color=INK)


def _field_spans_s(result: Result, last_s: float) -> list[tuple[float, float]]:
    spans_ms = [] if result.track is None else result.track.field_spans_ms()
    spans_s = [(begin / 1e3, min(end / 1e3, last_s)) for begin, end in spans_ms]
    return [(begin, end) for begin, end in spans_s if begin < end]
