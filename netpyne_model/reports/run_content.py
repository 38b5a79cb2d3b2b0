"""A run as a page has it: what was recorded, its inputs, and what it makes of them."""

from typing import Any

import numpy as np

from ..analysis import RAMP_CUTOFF_HZ, RATE_SIGMA_MS, TrialOnTrack, cut_spikes, ramp, title
from ..cell.cell import Cell
from ..figures.cell import region_label
from ..figures.style import group_colours
from ..results import Result, SegmentPotentials
from ..results.segment_potentials import RESOLUTION_MV
from .cell_content import cell_content, segment_number
from .currents_content import currents_content
from .packing import PackedArrays

EVENT_MS = 0.1  # to which times of events are rounded
SPIKE_MS = 0.025
FIGURES = 4  # of a recorded value, relative to the largest
RAMP_STEP_MS = 10.0
MAP_BYTES = 5_000_000
"""Most that the potentials of all segments take in a page; beyond, they are rounded further."""
_ROUNDINGS = (1, 5, 10, 20, 50, 100)


def run_content(result: Result, cell: Cell | None, arrays: PackedArrays) -> dict[str, Any]:
    """Describe a run for the page; of `cell` None, the page has no cell to show."""
    shown = None if cell is None else cell_content(cell, arrays)
    names = [] if cell is None else [one.name for one in cell.morphology.sections]
    return {
        "title": title(result),
        "end_ms": float(result.time_ms[-1]),
        "track": track_content(result),
        "spikes_ms": arrays.add(result.spike_times_ms, SPIKE_MS, delta=True),
        "traces": _traces(result, shown, arrays),
        "inputs": _inputs(result, shown, names, arrays),
        "rate": _rate(result, arrays),
        "ramp": _ramp(result, arrays),
        "currentscape": currents_content(result, arrays),
        "cell": shown,
        "map": None if shown is None else _map(result.segments, shown, arrays),
    }


def track_content(result: Result) -> dict[str, Any] | None:
    """Where the track begins, and the spans of settling, lead-in and field, in simulation time."""
    track = result.track
    if track is None:
        return None
    spans = [("settling", 0.0, track.settling_ms), ("lead-in", track.settling_ms, track.start_ms)]
    spans += [
        ("place field", begin + track.start_ms, end + track.start_ms)
        for begin, end in track.field_spans_ms()
    ]
    end_ms = float(result.time_ms[-1])
    spans = [(name, begin, min(end, end_ms)) for name, begin, end in spans]
    return {
        "start_ms": track.start_ms,
        "lap_ms": track.lap_ms,
        "cm_per_s": None if track.length_cm is None else 1e3 * track.units_per_ms,
        "spans": [one for one in spans if one[2] > one[1]],
    }


def _traces(
    result: Result, shown: dict[str, Any] | None, arrays: PackedArrays
) -> list[dict[str, Any]]:
    """Voltages first, then what else was recorded; each with its place and its samples."""
    places = dict(result.sites) | {name: one.site for name, one in result.recordings.items()}
    traces = []
    for name, trace in result.traces.items():
        site = places[name]
        spread = float(np.abs(trace.values).max(initial=0)) or 1.0
        resolution = RESOLUTION_MV if trace.unit == "mV" else spread / 10**FIGURES
        traces.append(
            {
                "name": name,
                "label": region_label(name) if name in result.voltage_mV else trace.label,
                "where": "sum over the cell" if site is None else site.location,
                "unit": trace.unit,
                "step_ms": result.step_ms,
                "values": arrays.add(trace.values, resolution, delta=True),
                "segment": _segment(shown, site),
            }
        )
    return traces


def _segment(shown: dict[str, Any] | None, site: Any) -> int | None:
    """The segment that a site lies in; None of a sum, or a place that is not drawn."""
    if shown is None or site is None:
        return None
    if all(one["name"] != site.section for one in shown["sections"]):
        return None
    return segment_number(shown["sections"], site.section, site.x)


def _inputs(
    result: Result, shown: dict[str, Any] | None, names: list[str], arrays: PackedArrays
) -> dict[str, Any]:
    """Driven synapses by group, each with its input spikes and releases, in the raster's order."""
    table = result.synapses
    colours = group_colours([str(group) for group in table["group"]])
    rows = table.assign(_peak=_peaks(result))
    order = np.concatenate(
        [
            rows.index[rows["group"] == group][
                np.argsort(rows.loc[rows["group"] == group, "_peak"].to_numpy(), kind="stable")
            ]
            for group in colours
        ]
        or [np.empty(0, int)]
    ).astype(int)
    groups = []
    for group, colour in colours.items():
        members = table[table["group"] == group]
        kind = str(members["kind"].iloc[0])
        groups.append({"name": group, "colour": colour, "kind": kind, "n": len(members)})
    segments = [-1] * len(order)
    if shown is not None:
        segments = [
            segment_number(shown["sections"], names[int(section)], x)
            for section, x in table.loc[order, ["section", "x"]].itertuples(index=False)
        ]
    trains = {"presynaptic": result.presynaptic_ms, "released": result.released_ms}
    return {
        "groups": groups,
        "segments": arrays.add(segments),
        "x": arrays.add(table.loc[order, "x"], 1e-3),
        "weights": arrays.add(table.loc[order, "ampa_weight"].fillna(0.0), 1e-3),
    } | {
        name: _train(result.simulated([one[i] for i in order]), arrays)
        for name, one in trains.items()
    }


def _train(trains: list[np.ndarray], arrays: PackedArrays) -> dict[str, Any]:
    """Times of events, train after train, as steps from one to the next within its train."""
    counts = [np.rint(np.sort(train) / EVENT_MS).astype(np.int64) for train in trains]
    steps = [np.diff(train, prepend=0) for train in counts]
    return {
        "n": arrays.add([len(train) for train in trains]),
        "steps": arrays.add_counts(np.concatenate([np.empty(0, np.int64), *steps]), EVENT_MS),
    }


def _peaks(result: Result) -> np.ndarray:
    """Place of each input's peak, or else the median of its spikes; last without any."""
    if "peak" in result.synapses and result.synapses["peak"].notna().all():
        return result.synapses["peak"].to_numpy(float)
    trains = result.presynaptic_ms
    return np.array([np.median(train) if len(train) else np.inf for train in trains])


def _rate(result: Result, arrays: PackedArrays) -> dict[str, Any] | None:
    if result.track is None:
        return None
    track_ms, rate_hz = TrialOnTrack(result).rate_map
    if not len(rate_hz):
        return None
    return {
        "first_ms": float(track_ms[0]) + result.track.start_ms,
        "step_ms": float(track_ms[1] - track_ms[0]),
        "values": arrays.add(rate_hz, 0.01, delta=True),
        "note": f"ticks: output spikes; curve: their rate, Gaussian of SD {RATE_SIGMA_MS:g} ms",
    }


def _ramp(result: Result, arrays: PackedArrays) -> dict[str, Any] | None:
    if result.track is None or "soma" not in result.voltage_mV:
        return None
    time_ms, v = np.asarray(result.time_ms, float), result.voltage_mV["soma"]
    slow = ramp(time_ms, cut_spikes(time_ms, v, result.spike_times_ms))
    stride = max(round(RAMP_STEP_MS / result.step_ms), 1)
    return {
        "first_ms": float(time_ms[0]),
        "step_ms": stride * result.step_ms,
        "values": arrays.add(slow[::stride], RESOLUTION_MV, delta=True),
        "note": f"potential with spikes cut out, below {RAMP_CUTOFF_HZ:g} Hz",
    }


def _map(
    segments: SegmentPotentials | None, shown: dict[str, Any], arrays: PackedArrays
) -> dict[str, Any] | None:
    """Potentials of all segments in the order of the cell's, rounded further if they are many."""
    if segments is None:
        return None
    counts = segments.counts[:, _columns(segments, shown)]
    for factor in _ROUNDINGS:
        rounded = counts if factor == 1 else np.rint(counts / factor).astype(np.int64)
        packed = arrays.add_counts(rounded, factor * RESOLUTION_MV, delta=True)
        if len(arrays.texts[-1]) <= MAP_BYTES or factor == _ROUNDINGS[-1]:
            break
        arrays.texts.pop()
    return {"step_ms": segments.step_ms, "values": packed}


def _columns(segments: SegmentPotentials, shown: dict[str, Any]) -> np.ndarray:
    """Which column of the recorded potentials belongs to each segment that is drawn."""
    first: dict[str, int] = {}
    for number, name in enumerate(segments.sections):
        first.setdefault(name, number)
    return np.concatenate([first[one["name"]] + np.arange(one["n"]) for one in shown["sections"]])
