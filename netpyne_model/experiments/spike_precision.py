"""Spikes that EPSPs of threshold strength evoke on a noisy background, and how they scatter.

The cell is held; AMPA receptors at six places of the trunk get one event, all at once, at the
weight at which the cell without noise just fires, found by bisection for every cell of its own. Then the same EPSP comes
again and again while a noise current flows into the soma: EPSCs at random times, their mean taken
away by a constant current (Campbell's theorem says how large both are). The noise of a seed is the
same for every cell.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..analysis.excitability import latencies, spike_jitter
from ..cell.cell import Cell
from ..errors import ModelError
from ..neuroml2.components import component
from ..protocols import CurrentClamp, Holding, Protocol, ShaftInput, Stimulus, SynapticCurrent
from ..results import Result
from .outcome import Outcome

FIRST_MS, EVERY_MS, WITHIN_MS = 300.0, 200.0, 60.0
SETTLED_MS = 250.0
N_EVENTS = 20  # a run
NOISE_EVENTS_PER_MS, NOISE_PEAK_NA = 2.0, 0.012
PLACES = tuple(f"trunk@{um}" for um in (25, 75, 125, 175, 225, 275))
WEIGHTS = (0.1, 1000.0)  # between which the threshold is looked for
WEIGHT_RESOLUTION = 1.005
DT_MS = 0.025


class NoiseCurrent(NamedTuple):
    """Mean and standard deviation (nA) of EPSCs at random times."""

    mean_nA: float
    sd_nA: float


def shot_noise(events_per_ms: float, peak_nA: float, source: str = "EPSC") -> NoiseCurrent:
    """Mean and standard deviation of a current of random EPSCs, by Campbell's theorem.

    An EPSC is the difference of two exponentials with its peak at `peak_nA`.
    """
    numbers = component(source)
    rise_ms, decay_ms = numbers["tauRise"], numbers["tauDecay"]
    peak_ms = rise_ms * decay_ms / (decay_ms - rise_ms) * math.log(decay_ms / rise_ms)
    norm = 1 / (math.exp(-peak_ms / decay_ms) - math.exp(-peak_ms / rise_ms))
    area_ms = norm * (decay_ms - rise_ms)
    square_ms = norm**2 * (
        decay_ms / 2 + rise_ms / 2 - 2 * rise_ms * decay_ms / (rise_ms + decay_ms)
    )
    return NoiseCurrent(
        events_per_ms * peak_nA * area_ms, peak_nA * math.sqrt(events_per_ms * square_ms)
    )


def event_times_ms() -> tuple[float, ...]:
    """When the EPSPs of a run come."""
    return tuple(FIRST_MS + EVERY_MS * number for number in range(N_EVENTS))


def noise(seed: int, until_ms: float) -> list[Stimulus]:
    """A noise current of mean 0 at the soma: random EPSCs, and the constant current against them."""
    draws = np.random.default_rng(seed)
    n_events = draws.poisson(NOISE_EVENTS_PER_MS * (until_ms - SETTLED_MS))
    times_ms = draws.uniform(SETTLED_MS, until_ms, n_events).tolist()
    mean_nA = shot_noise(NOISE_EVENTS_PER_MS, NOISE_PEAK_NA).mean_nA
    return [
        SynapticCurrent(times_ms=times_ms, peak_nA=NOISE_PEAK_NA),
        CurrentClamp(amplitude_nA=-mean_nA, start_ms=SETTLED_MS),
    ]


def search_precision(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """The threshold of an EPSP, then its spikes in noise.

    `labels` have ``target_mV``, ``strength`` (times the threshold), ``seeds`` and ``clamps`` (as a
    protocol's file has them).
    """
    shared = list(labels["clamps"])
    row = {name: value for name, value in labels.items() if name not in ("clamps", "seeds")}
    held = Protocol(
        duration_ms=SETTLED_MS + 1,
        stimuli=shared,
        holding=Holding(target_mV=labels["target_mV"], until_ms=SETTLED_MS),
        **_settings(),
    ).run(cell)
    start = {"v_init_mV": held.configuration["held_mV"]}
    holding = CurrentClamp(amplitude_nA=held.configuration["holding_current_nA"])
    stimuli = [*shared, holding]
    weight = threshold_weight(cell, stimuli, start)
    row |= {"holding_current_nA": holding.amplitude_nA, "threshold_weight": weight}
    if math.isnan(weight):
        return Outcome(row | {"note": f"no spike up to weight {WEIGHTS[1]:g}"})
    runs = [
        _in_noise(cell, stimuli, start, labels["strength"] * weight, seed)
        for seed in labels["seeds"]
    ]
    events = event_times_ms()
    waited_ms = np.concatenate([latencies(one.spike_times_ms, events, WITHIN_MS) for one in runs])
    first = runs[0]
    time_ms, v_mV = first.time_ms, first.voltage_mV["soma"]
    traces = {"soma": (time_ms, v_mV, "mV", "v at the soma, first seed")}
    return Outcome(row | spike_jitter(waited_ms)._asdict() | _background(runs), traces)


def threshold_weight(cell: Cell, stimuli: Sequence[Stimulus], settings: Mapping[str, Any]) -> float:
    """The smallest weight at which the EPSP fires without noise, to half a percent; or NaN."""
    low, high = WEIGHTS
    if not _fires(cell, stimuli, settings, high):
        return math.nan
    if _fires(cell, stimuli, settings, low):
        raise ModelError(f"the EPSP fires at its smallest weight, {low:g}; hold the cell lower.")
    while high / low > WEIGHT_RESOLUTION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if _fires(cell, stimuli, settings, middle) else (middle, high)
    return high


def _fires(
    cell: Cell, stimuli: Sequence[Stimulus], settings: Mapping[str, Any], weight: float
) -> bool:
    until_ms = SETTLED_MS + WITHIN_MS
    protocol = Protocol(
        duration_ms=until_ms,
        stimuli=[*stimuli, *_epsp(SETTLED_MS, weight=weight)],
        **_settings(),
        **settings,
    )
    return len(protocol.run(cell).spike_times_ms) > 0


def _in_noise(
    cell: Cell, stimuli: Sequence[Stimulus], settings: Mapping[str, Any], weight: float, seed: int
) -> Result:
    events = event_times_ms()
    until_ms = events[-1] + EVERY_MS
    protocol = Protocol(
        duration_ms=until_ms,
        stimuli=[*stimuli, *noise(seed, until_ms), *_epsp(*events, weight=weight)],
        **_settings(),
        **settings,
    )
    return protocol.run(cell)


def _epsp(*times_ms: float, weight: float) -> list[Stimulus]:
    return [
        ShaftInput(place=place, times_ms=times_ms, receptor="AMPA", weight=weight)
        for place in PLACES
    ]


def _settings() -> dict[str, Any]:
    return {"dt_ms": DT_MS, "record_step_ms": 0.1, "channels": "fused"}


def _background(runs: Sequence[Result]) -> dict[str, float]:
    """Mean and scatter of the potential just before the EPSPs, and spikes that none evoked."""
    events = event_times_ms()
    before_mV, evoked, spikes = [], 0, 0
    for one in runs:
        before_mV += np.interp(np.array(events) - 1, one.time_ms, one.voltage_mV["soma"]).tolist()
        since_ms = one.spike_times_ms[:, None] - np.array(events)
        evoked += int(((since_ms >= 0) & (since_ms <= WITHIN_MS)).any(axis=1).sum())
        spikes += len(one.spike_times_ms)
    return {
        "v_before_mV": float(np.mean(before_mV)),
        "v_before_sd_mV": float(np.std(before_mV, ddof=1)),
        "n_spontaneous": spikes - evoked,
    }
