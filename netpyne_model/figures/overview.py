"""One trial at a glance: the cell with its inputs, and what it makes of them over time."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..analysis import (
    RAMP_CUTOFF_HZ,
    RATE_SIGMA_MS,
    TrialOnTrack,
    cut_spikes,
    ramp,
    spikes_in_words,
    title,
)
from ..morphology import Morphology
from ..results import Result
from .cell import draw_cell, draw_synapses, region_label
from .panels import note, nothing, wrapped
from .style import (
    DPI,
    FIELD,
    FONT_PT,
    GROUP_COLOURS,
    INK,
    LEAD_IN,
    MUTED,
    SETTLING,
    SMALL_PT,
    TITLE_PT,
    Look,
    group_colours,
    tidy,
)

MAX_DOTS = 20_000
_SETTLING = "settling: no input"
_LEAD_IN = "lead-in: input, before the track"
_FIELD = "place field of the input"
_TRACE_POINTS = 20_000
_TITLE_LETTERS = 125  # for which there is room in bold
_COLUMN_SHARE, _LABELS_APART = 0.2, 0.025  # of the cell's width, of its height
_BAND_SHARES = {"CA3": 5.0, "ECIII": 1.6}  # of the raster's height; every other group has 1


def overview(result: Result, layout: Sequence[np.ndarray], morphology: Morphology) -> Figure:
    """Draw a trial: cell with driven synapses; inputs, voltages, rate and ramp over time.

    Of `layout`, the points of every section in um, shape (n_points, 3), x and y are drawn.
    """
    figure = Figure(figsize=(15, 9.5), dpi=DPI)
    ratios: Look = {"width_ratios": (0.66, 1), "height_ratios": (4.6, 1.6, 1.2, 1, 1)}
    edges: Look = {"left": 0.015, "right": 0.985, "top": 0.875, "bottom": 0.06}
    grid = figure.add_gridspec(5, 2, wspace=0.28, hspace=0.18, **ratios, **edges)
    cell_ax = figure.add_subplot(grid[:, 0])
    raster = figure.add_subplot(grid[0, 1])
    soma, trunk, rate, slow = (
        figure.add_subplot(grid[row, 1], sharex=raster) for row in range(1, 5)
    )
    groups = [group for group in GROUP_COLOURS if group in set(result.synapses["group"])]
    groups += [group for group in dict.fromkeys(result.synapses["group"]) if group not in groups]
    colours = group_colours(groups)
    _draw_cell(cell_ax, result, layout, morphology, colours)
    _draw_raster(raster, result, colours)
    _draw_voltages(soma, trunk, result)
    _draw_rate(rate, result)
    _draw_ramp(slow, result)
    _mark_time(figure, (raster, soma, trunk, rate, slow), result)
    corner: Look = {"ha": "left", "va": "top", "color": INK}
    bold: Look = {"fontsize": TITLE_PT, "weight": "bold"}
    headline_text = f"{title(result)}: {spikes_in_words(result)}"
    figure.suptitle(wrapped(headline_text, _TITLE_LETTERS, 1), x=0.015, y=0.975, **corner, **bold)
    figure.text(0.015, 0.943, _subtitle(result), fontsize=FONT_PT, **corner)
    return figure


def _subtitle(result: Result) -> str:
    kinds = result.synapses["kind"]
    inhibitory = int((kinds == "inh").sum())
    events = sum(len(train) for train in result.simulated(result.released_ms))
    seconds = (result.time_ms[-1] - result.time_ms[0]) / 1e3
    return (
        f"{len(kinds) - inhibitory:,} excitatory and {inhibitory:,} inhibitory synapses get input"
        f" and release transmitter {events:,} times in {seconds:.2f} s of simulated time"
    )


def _track_s(result: Result, time_ms) -> np.ndarray:
    return TrialOnTrack(result).track.track_time_ms(time_ms) / 1e3


def _draw_cell(
    ax: Axes,
    result: Result,
    layout: Sequence[np.ndarray],
    morphology: Morphology,
    colours: dict[str, str],
) -> None:
    draw_cell(ax, morphology, layout)
    synapses = result.synapses
    for group, colour in colours.items():
        rows = synapses[synapses["group"] == group]
        inhibitory = bool((rows["kind"] == "inh").any())
        look: Look = {"side": -1, "size_pt": 1.5}
        if inhibitory:
            look = {"side": 1, "size_pt": 2.8}
        draw_synapses(ax, layout, rows["section"], rows["x"], colour, **look)
    _name_sites(ax, result)


def _name_sites(ax: Axes, result: Result) -> None:
    """Name the recorded sites in a column left of the cell, where no neurite lies."""
    low, high = ax.get_xlim()
    ax.set_xlim(low - _COLUMN_SHARE * (high - low), high)
    bottom, top = ax.get_ylim()
    apart = _LABELS_APART * (top - bottom)
    height = np.inf
    for site in sorted(result.sites.values(), key=lambda site: -site.position_um[1]):
        place = site.position_um[:2]
        height = min(place[1], height - apart)
        ring: Look = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.2}
        ax.plot(*place, "o", markersize=7, zorder=6, **ring)
        ax.plot([low, place[0]], [height, place[1]], color=INK, linewidth=0.6, zorder=4)
        beside: Look = {"xytext": (-3, 0), "ha": "right", "va": "center", "color": INK}
        note(ax, region_label(site.name), (low, height), **beside)


def _draw_raster(ax: Axes, result: Result, colours: dict[str, str]) -> None:
    """Input spikes, a band a group from the top; in it a row a synapse, by its peak, upwards."""
    shares = np.array([_BAND_SHARES.get(group, 1.0) for group in colours])
    tops = 1 - np.concatenate([[0], np.cumsum(shares)]) / max(shares.sum(), 1)
    # A fixed seed: which dots are left out must not change from one drawing to the next.
    draw = np.random.default_rng(0)
    n_drawn = total = 0
    many = sum(map(len, result.simulated(result.presynaptic_ms))) > MAX_DOTS
    labels = {}
    for (group, colour), top, bottom in zip(colours.items(), tops[:-1], tops[1:], strict=True):
        times, rows, n_rows = _group_events(result, group)
        total += len(times)
        budget = int(MAX_DOTS * (top - bottom))
        if many and len(times) > budget:
            kept = draw.choice(len(times), budget, replace=False)
            times, rows = times[kept], rows[kept]
        n_drawn += len(times)
        height = (top - bottom) * 0.9
        y = bottom + (top - bottom) * 0.05 + height * (rows + 0.5) / max(n_rows, 1)
        look: Look = {"s": 1.6, "color": colour, "linewidths": 0, "zorder": 2}
        ax.scatter(_track_s(result, times), y, rasterized=True, **look)
        middle = (top + bottom) / 2
        sorted_by = "\nsorted by place field" if _has_peaks(result, group) else ""
        labels[middle] = f"{group} ({n_rows:,}){sorted_by}"
        ax.plot([-0.012] * 2, [middle - height / 2, middle + height / 2], color=colour, linewidth=5,
                solid_capstyle="butt", transform=ax.transAxes, clip_on=False)  # fmt: skip
    tidy(ax)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(0, 1)
    ax.set_yticks(list(labels), list(labels.values()))
    ax.tick_params(axis="y", length=0, pad=11)
    what = "Input spikes" if n_drawn == total else f"Input spikes: {n_drawn:,} drawn of {total:,}"
    below: Look = {"xytext": (0, -5), "ha": "right", "va": "top"}
    note(ax, what, (1, 0), xycoords="axes fraction", **below)


def _group_events(result: Result, group: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Times and row numbers of a group's input spikes, and its number of rows."""
    members = np.flatnonzero((result.synapses["group"] == group).to_numpy())
    members = members[np.argsort(_peaks(result, members), kind="stable")]
    trains = result.simulated([result.presynaptic_ms[member] for member in members])
    rows = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    return np.concatenate([np.empty(0), *trains]), rows, len(members)


def _has_peaks(result: Result, group: str) -> bool:
    """Whether the inputs of a group have a place field each, by which they are sorted."""
    rows = result.synapses["group"] == group
    return "peak" in result.synapses and bool(result.synapses.loc[rows, "peak"].notna().all())


def _peaks(result: Result, members: np.ndarray) -> np.ndarray:
    """Place of each input's peak, or else the median of its spikes; last without any."""
    if "peak" in result.synapses and result.synapses["peak"].iloc[members].notna().all():
        return result.synapses["peak"].to_numpy(float)[members]
    trains = [result.presynaptic_ms[member] for member in members]
    return np.array([np.median(train) if len(train) else np.inf for train in trains])


def _draw_voltages(soma: Axes, trunk: Axes, result: Result) -> None:
    trunks = [name for name in ("distal_trunk", "proximal_trunk") if name in result.voltage_mV]
    distal = trunks[0] if trunks else None
    for ax, name in ((soma, "soma"), (trunk, distal)):
        if name in result.voltage_mV:
            time_ms, v = _extremes(result.time_ms, result.voltage_mV[name])
            ax.plot(_track_s(result, time_ms), v, color=INK, linewidth=0.6, rasterized=True)
        else:
            nothing(ax, f"no {name or 'trunk'} site was recorded", color=MUTED)
        _label(ax, f"{region_label(name or 'trunk').capitalize()}\n(mV)")


def _extremes(time_ms: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of every bin: far fewer points that look the same."""
    size = len(v) // (_TRACE_POINTS // 2)
    if size < 2:
        return time_ms, v
    n = len(v) // size * size
    bins = v[:n].reshape(-1, size)
    picked = np.sort(np.stack([bins.argmin(axis=1), bins.argmax(axis=1)], axis=1), axis=1)
    index = np.append((picked + np.arange(0, n, size)[:, None]).ravel(), len(v) - 1)
    return time_ms[index], v[index]


def _draw_rate(ax: Axes, result: Result) -> None:
    track_ms, rate = TrialOnTrack(result).rate_map
    if len(rate):
        ax.fill_between(track_ms / 1e3, rate, color="#B5B5B5", linewidth=0, zorder=1.5)
        ax.plot(track_ms / 1e3, rate, color=INK, linewidth=1.2)
    else:
        nothing(ax, "no rate: the run ends before the track begins", color=MUTED)
    ax.set_ylim(0, max(1.3 * rate.max(initial=0), 1))
    ticks = _track_s(result, result.spike_times_ms)
    ax.plot(ticks, np.full(len(ticks), 0.9), "|", color=INK, markersize=6, markeredgewidth=0.7,
            transform=ax.get_xaxis_transform())  # fmt: skip
    _label(ax, "Rate\n(Hz)")
    _note(ax, f"firing rate: output spikes, smoothed by a Gaussian of SD {RATE_SIGMA_MS:g} ms")


def _draw_ramp(ax: Axes, result: Result) -> None:
    if "soma" in result.voltage_mV:
        time_ms, v = np.asarray(result.time_ms, float), result.voltage_mV["soma"]
        slow = ramp(time_ms, cut_spikes(time_ms, v, result.spike_times_ms))
        stride = max(len(slow) // (_TRACE_POINTS // 10), 1)
        ax.plot(_track_s(result, time_ms)[::stride], slow[::stride], color=INK, linewidth=1.5)
    _label(ax, "Ramp\n(mV)")
    _note(ax, f"slow part of the soma's potential: spikes cut out, below {RAMP_CUTOFF_HZ:g} Hz")


def _label(ax: Axes, text: str) -> None:
    tidy(ax)
    ax.set_ylabel(text, fontsize=FONT_PT, color=INK)
    ax.yaxis.set_label_coords(-0.065, 0.5)


def _note(ax: Axes, text: str) -> None:
    ax.set_title(text, loc="right", fontsize=SMALL_PT, color=MUTED, pad=2)


def _mark_time(figure: Figure, axes: tuple[Axes, ...], result: Result) -> None:
    """Shade settling, lead-in and field (with a key), mark the field's centre, label the time."""
    track = TrialOnTrack(result).track
    first, last = _track_s(result, result.time_ms[[0, -1]])
    lead_in = -track.lead_in_ms / 1e3
    spans = [(first, lead_in, SETTLING, _SETTLING), (lead_in, 0.0, LEAD_IN, _LEAD_IN)]
    for begin_ms, end_ms in track.field_spans_ms():
        spans.append((begin_ms / 1e3, end_ms / 1e3, FIELD, _FIELD))
    shades = {}
    for begin, end, shade, name in spans:
        if begin < min(end, last):
            for ax in axes:
                ax.axvspan(begin, min(end, last), color=shade, linewidth=0, zorder=0)
        if name != _FIELD or begin < min(end, last):
            shades[name] = shade
    for ax in axes:
        ax.tick_params(labelbottom=ax is axes[-1])
    axes[0].set_xlim(first, last)
    if track.centre_ms is not None and track.centre_ms / 1e3 <= last:
        _mark_centre(axes, track.centre_ms / 1e3)
    axes[-1].set_xlabel("Track time (s)", fontsize=FONT_PT, color=INK)
    if track.kind == "circular":
        _add_position_axis(axes[0], 1e3 * track.units_per_ms)
    edge: Look = {"edgecolor": MUTED, "linewidth": 0.5}
    handles = [Patch(facecolor=shade, label=name, **edge) for name, shade in shades.items()]
    corner: Look = {"loc": "lower left", "bbox_to_anchor": (0.005, 0.0), "ncols": len(handles)}
    figure.legend(handles=handles, fontsize=SMALL_PT, frameon=False, labelcolor=INK, **corner)


def _mark_centre(axes: tuple[Axes, ...], centre_s: float) -> None:
    for ax in axes:
        ax.axvline(centre_s, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=4)
    above: Look = {"xycoords": axes[0].get_xaxis_transform(), "xytext": (0, 3), "color": INK}
    note(axes[0], "field centre", (centre_s, 1), ha="center", va="bottom", **above)


def _add_position_axis(ax: Axes, cm_per_s: float) -> None:
    def to_cm(track_s):
        return track_s * cm_per_s

    def to_s(position_cm):
        return position_cm / cm_per_s

    position = ax.secondary_xaxis(1.06, functions=(to_cm, to_s))
    position.set_xlabel("Track position (cm)", fontsize=FONT_PT, color=INK)
    position.tick_params(labelsize=SMALL_PT, colors=INK, length=3)
