"""A result in a few numbers."""

import math

import numpy as np
from rich.table import Table

from ..results import Result
from .place_field import field_rates
from .rates import smoothed_rate
from .spikes import cut_spikes
from .subthreshold import ramp

SETTLED_MS = 10.0  # the end of the settling, over which the resting voltage is averaged
RATE_STEP_MS = 10.0  # grid of the smoothed rate

LABELS = {
    "n_spikes": "output spikes",
    "peak_rate_hz": "peak of the smoothed rate (Hz)",
    "peak_rate_at_ms": "  at track time (ms)",
    "peak_rate_at_cm": "  at track position (cm)",
    "mean_rate_in_field_hz": "mean rate in the field (Hz)",
    "mean_rate_out_of_field_hz": "mean rate out of the field (Hz)",
    "mean_v_settled_mV": "mean voltage, settled (mV)",
    "mean_v_in_field_mV": "mean voltage in the field (mV)",
    "mean_v_out_of_field_mV": "mean voltage out of the field (mV)",
    "ramp_amplitude_mV": "amplitude of the subthreshold ramp (mV)",
    "n_synapses": "driven synapses",
    "n_presynaptic_spikes": "presynaptic spikes",
    "n_released_events": "released events",
    "simulation_wall_s": "wall time of the simulation (s)",
    "wall_ms_per_simulated_ms": "wall time per simulated ms (ms)",
}


def summarise(result: Result) -> dict:
    """Say in a few numbers what came out.

    In the field means within half a field width of the field's centre. What the run does not hold (too short, no
    field) is None. Voltages are means over the soma's trace with spikes cut out; the amplitude of the ramp is its
    highest value in the field minus its mean out of the field (without a field, minus its lowest value).

    Parameters
    ----------
    result : Result

    Returns
    -------
    dict
        The keys of `LABELS` that apply; ``n_synapses``, ``n_presynaptic_spikes`` and ``n_released_events`` by group.
        As JSON can hold it.
    """
    simulated_ms = float(result.time_ms[-1] - result.time_ms[0])
    output = {"n_spikes": len(result.spike_times_ms)}
    return (
        output
        | _rates(result)
        | _voltages(result)
        | _inputs(result)
        | _cost(result.simulation_wall_s, simulated_ms)
    )


def format_summary(numbers: dict) -> Table:
    """Lay a summary out as a table for the terminal.

    Parameters
    ----------
    numbers : dict
        From `summarise`.

    Returns
    -------
    rich.table.Table
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for key, value in numbers.items():
        if isinstance(value, dict):
            table.add_row(LABELS[key], f"{sum(value.values()):,}")
            for group, count in value.items():
                table.add_row(f"  {group}", f"{count:,}", style="dim")
        elif value is not None:
            table.add_row(LABELS[key], _number(value))
    return table


def _number(value: float) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int)
        else f"{value:,.4g}"
        if abs(value) < 1000
        else f"{value:,.0f}"
    )


def _cost(wall_s: float, simulated_ms: float) -> dict:
    return {
        "simulation_wall_s": float(wall_s),
        "wall_ms_per_simulated_ms": 1e3 * float(wall_s) / simulated_ms,
    }


def rate_map(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """Smoothed firing rate along the part of the track that was run, steps of about 10 ms.

    Returns
    -------
    track_ms, rate_hz : ndarray
        Track time and rate; empty when the run ends before the track begins. The rate wraps around a circular track that
        was run to its end.
    """
    track = result.track
    end_ms = float(track.track_time_ms(float(result.time_ms[-1]) + result.step_ms))
    length_ms = min(track.lap_ms, end_ms)
    n = round(length_ms / RATE_STEP_MS)
    if n < 2:
        return np.empty(0), np.empty(0)
    track_ms = np.linspace(0, length_ms, n, endpoint=False)
    spikes = track.track_time_ms(result.spike_times_ms)
    return track_ms, smoothed_rate(
        spikes, track_ms, circular=runs_whole_lap(result), interval_ms=(0.0, length_ms)
    )


def on_track(result: Result) -> np.ndarray:
    """Which samples of a trial lie on the track, its end excluded: bool, shape (n,)."""
    return result.track.on_track(result.track_time_ms, tolerance_ms=0.5 * result.step_ms)


def runs_whole_lap(result: Result) -> bool:
    """Whether a trial runs a circular track to its end, so that it joins its beginning."""
    track = result.track
    end_ms = float(track.track_time_ms(result.time_ms[-1]))
    return track.kind == "circular" and end_ms >= track.lap_ms - 2 * result.step_ms


def _rates(result: Result) -> dict:
    track_ms, rate = rate_map(result)
    if not len(rate):
        return {}
    track = result.track
    spikes = track.track_time_ms(result.spike_times_ms)
    step_ms = track_ms[1] - track_ms[0]
    spikes = spikes[(spikes >= 0) & (spikes < track_ms[-1] + step_ms)]
    numbers = {"peak_rate_hz": float(rate.max()), "peak_rate_at_ms": None}
    if len(spikes):
        numbers["peak_rate_at_ms"] = at_ms = float(track_ms[rate.argmax()])
        if track.length_cm is not None:
            numbers["peak_rate_at_cm"] = at_ms / track.lap_ms * track.length_cm
    if not track.has_field:
        return numbers
    means = field_rates(spikes, track_ms, seconds_per_unit=1e-3, **track.field)
    # JSON has no NaN.
    return numbers | {
        f"mean_rate_{key}": None if math.isnan(value) else value
        for key, value in means._asdict().items()
    }


def _voltages(result: Result) -> dict:
    if "soma" not in result.voltage_mV:
        return {}
    time_ms = np.asarray(result.time_ms)
    v = cut_spikes(time_ms, result.voltage_mV["soma"], result.spike_times_ms)
    settling = result.track.settling_ms
    track = on_track(result)
    numbers = {
        "mean_v_settled_mV": _mean(v, (time_ms >= settling - SETTLED_MS) & (time_ms < settling))
    }
    if not track.sum() > 1:
        return numbers
    time_ms, v = time_ms[track], v[track]
    slow = ramp(time_ms, v, circular=runs_whole_lap(result))
    if not result.track.has_field:
        numbers["ramp_amplitude_mV"] = float(slow.max() - slow.min())
        return numbers
    inside = result.track.inside(result.track.track_time_ms(time_ms))
    base = _mean(slow, ~inside)
    return numbers | {
        "mean_v_in_field_mV": _mean(v, inside),
        "mean_v_out_of_field_mV": _mean(v, ~inside),
        "ramp_amplitude_mV": float(slow[inside].max() - base)
        if inside.any() and base is not None
        else None,
    }


def _mean(values: np.ndarray, where: np.ndarray) -> float | None:
    return float(values[where].mean()) if where.any() else None


def _inputs(result: Result) -> dict:
    groups = result.synapses["group"].to_numpy().astype(str)
    presynaptic, released = (
        np.array([len(train) for train in result.simulated(trains)], int)
        for trains in (result.presynaptic_ms, result.released_ms)
    )
    names = list(dict.fromkeys(groups))
    return {
        "n_synapses": {name: int((groups == name).sum()) for name in names},
        "n_presynaptic_spikes": {name: int(presynaptic[groups == name].sum()) for name in names},
        "n_released_events": {name: int(released[groups == name].sum()) for name in names},
    }
