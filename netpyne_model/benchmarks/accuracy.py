"""How far a run is from another one: voltages, spikes, amplitude of an EPSP."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..analysis import epsp_amplitude

BEFORE_SPIKE_MS = 5.0
"""Voltages are compared until this long before a spike: on its upstroke 1 us is 0.5 mV."""
AFTER_SPIKE_MS = 15.0
SAME_SPIKE_MS = 2.0
"""Spikes of two runs no further apart are the same one; shorter than any interval in a burst."""


@dataclass(frozen=True)
class Traces:
    """What a measured run recorded.

    Attributes
    ----------
    time_ms : ndarray, shape (n,)
    voltage_mV : dict of str to ndarray, shape (n,)
        By site.
    spike_times_ms : ndarray
        Output spikes, ascending.
    """

    time_ms: np.ndarray
    voltage_mV: dict[str, np.ndarray]
    spike_times_ms: np.ndarray = field(default_factory=lambda: np.empty(0))


def largest_difference_mV(
    one: Traces, other: Traces, site: str, during: np.ndarray
) -> float | None:
    """Largest |dv| of a site at the samples of `one` that `during` selects; None without any.

    `other` is interpolated linearly where its samples lie at other times.
    """
    if not during.any():
        return None
    times_ms = one.time_ms[during]
    its = np.interp(times_ms, other.time_ms, other.voltage_mV[site])
    return float(np.abs(one.voltage_mV[site][during] - its).max())


def away_from(
    time_ms: np.ndarray,
    spikes_ms: Iterable[float],
    before_ms: float = BEFORE_SPIKE_MS,
    after_ms: float = AFTER_SPIKE_MS,
) -> np.ndarray:
    """Which samples lie neither `before_ms` before any spike nor `after_ms` after one."""
    kept = np.ones(len(time_ms), bool)
    for spike in spikes_ms:
        kept &= (time_ms < spike - before_ms) | (time_ms > spike + after_ms)
    return kept


def match_spikes(
    one_ms: Sequence[float], other_ms: Sequence[float], within_ms: float = SAME_SPIKE_MS
) -> list[tuple[float, float]]:
    """Spikes of two ascending trains that are the same one: pairs, every spike once at most.

    Of all ways to pair them in order, the cheapest: a pair costs its shift, of `within_ms` at most,
    and a spike without its like half of `within_ms` (the distance of Victor and Purpura).
    """
    n_one, n_other = len(one_ms), len(other_ms)
    alone = within_ms / 2
    cost = np.zeros((n_one + 1, n_other + 1))
    cost[1:, 0] = alone * np.arange(1, n_one + 1)
    cost[0, 1:] = alone * np.arange(1, n_other + 1)
    for i in range(n_one):
        for j in range(n_other):
            paired = cost[i, j] + abs(other_ms[j] - one_ms[i])
            cost[i + 1, j + 1] = min(paired, cost[i, j + 1] + alone, cost[i + 1, j] + alone)
    pairs, i, j = [], n_one, n_other
    while i and j:
        shift_ms = abs(other_ms[j - 1] - one_ms[i - 1])
        if cost[i, j] == cost[i - 1, j - 1] + shift_ms:
            i, j = i - 1, j - 1
            pairs.append((float(one_ms[i]), float(other_ms[j])))
        elif cost[i, j] == cost[i - 1, j] + alone:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def compare_trials(
    one: Traces, reference: Traces, window_ms: tuple[float, float], sites: Sequence[str]
) -> dict[str, Any]:
    """Compare a run with a reference run of the same input.

    Returns
    -------
    dict
        ``dv_<site>_mV``: largest |dv| from the start until 5 ms before the first spike of either
        run; ``dv_between_spikes_mV``: largest |dv| of all sites in the window, away from every
        spike of either run (None where there is no such time); ``n_spikes, n_spikes_reference`` and
        ``n_unmatched`` (spikes of either run without their like) in the window;
        ``spike_shift_ms``: the largest of the others (None without any).
    """
    spikes = [_within(traces.spike_times_ms, window_ms) for traces in (one, reference)]
    pairs = match_spikes(spikes[0].tolist(), spikes[1].tolist())
    every_spike_ms = np.concatenate([one.spike_times_ms, reference.spike_times_ms])
    before_first = one.time_ms < every_spike_ms.min(initial=np.inf) - BEFORE_SPIKE_MS
    inside = (one.time_ms >= window_ms[0]) & (one.time_ms <= window_ms[1])
    between = inside & away_from(one.time_ms, every_spike_ms)
    dv_mV = partial(largest_difference_mV, one, reference)
    before = {f"dv_{site}_mV": dv_mV(site, before_first) for site in sites}
    return before | {
        "dv_between_spikes_mV": _largest(dv_mV(site, between) for site in sites),
        "n_spikes": len(spikes[0]),
        "n_spikes_reference": len(spikes[1]),
        "n_unmatched": len(spikes[0]) + len(spikes[1]) - 2 * len(pairs),
        "spike_shift_ms": _largest(abs(its - mine) for mine, its in pairs),
    }


def compare_epsp(
    traces: Traces, site: str, first_event_ms: float, converged_mV: float
) -> dict[str, float]:
    """Amplitude of the EPSP and its error against the converged one, in mV and percent."""
    amplitude = epsp_amplitude(traces.time_ms, traces.voltage_mV[site], first_event_ms)
    error = amplitude - converged_mV
    return {
        "epsp_mV": amplitude,
        "epsp_error_mV": error,
        "epsp_error_percent": 100 * error / converged_mV,
    }


def worst(compared: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Comparisons of several seeds in one: counts (``n_...``) summed, else the furthest from 0."""
    if not compared:
        return {}
    return {
        key: sum(each[key] for each in compared)
        if key.startswith("n_")
        else _largest(each[key] for each in compared)
        for key in compared[0]
    }


def _within(times_ms: np.ndarray, window_ms: tuple[float, float]) -> np.ndarray:
    return times_ms[(times_ms >= window_ms[0]) & (times_ms <= window_ms[1])]


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), key=abs, default=None)
