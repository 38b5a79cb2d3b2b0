"""Presynaptic spike trains: inhomogeneous Poisson processes with a dead time (model.md 7).

Candidates of a homogeneous process are thinned at their own times (no rate is ever interpolated),
then a sweep drops every spike that falls into the dead time of the spike before it. The dead time
lowers a rate r to r / (1 + r dead), so the process is thinned to r / (1 - r dead) (Grienberger et
al. 2017).
"""

import numpy as np

from .ragged import by_ordinal, split
from .rates import CHUNK, Rates
from .seeding import Stream

_AT_ONCE = 256  # inputs: 400 candidates each, most of which go, would be 90 MB of 3,800


def draw_trains(
    rates: Rates,
    families: np.ndarray,
    items: np.ndarray,
    *,
    seed: int,
    end_ms: float = np.inf,
    chunk: int = CHUNK,
) -> list[np.ndarray]:
    """Draw one spike train per input, from the start of the lead-in to the end of the track.

    `families` and `items` say which numbers of the stream ``trains`` each input draws (see
    `seeding`). Spike times are sorted, in track time (ms), and end before `end_ms`; those that are
    left depend neither on it nor on `chunk`.
    """
    trains: list[np.ndarray] = []
    stream, bound_hz = Stream(seed, "trains"), rates.bound_hz
    for first in range(0, len(families), _AT_ONCE):
        inputs = np.arange(first, min(first + _AT_ONCE, len(families)))
        bound = hazard_per_ms(bound_hz[inputs], rates.setup.dead_time_ms)
        drawn_from = families[inputs], items[inputs], stream
        trains += _draw(rates, first, bound, drawn_from, end_ms, chunk)
    return trains


def _draw(
    rates: Rates, first: int, bound: np.ndarray, drawn_from: tuple, end_ms: float, chunk: int
) -> list[np.ndarray]:
    """Trains of the inputs from number `first` on, whose rates never exceed `bound`."""
    setup = rates.setup
    start_ms, length_ms = -setup.lead_in_ms, setup.lead_in_ms + setup.track_ms
    row, place, level = _candidates(bound * length_ms, *drawn_from)
    s_ms = start_ms + length_ms * place
    if end_ms < start_ms + length_ms:  # dead time and release look back only
        in_time = s_ms < end_ms
        row, s_ms, level = row[in_time], s_ms[in_time], level[in_time]
    level = level * bound[row]
    for theta in (False, True):  # the envelope alone drops most candidates at half the cost
        rate = rates.at(first + row, s_ms, theta=theta, chunk=chunk)
        kept = level < hazard_per_ms(rate, setup.dead_time_ms)
        row, s_ms, level = row[kept], s_ms[kept], level[kept]
    order = np.lexsort((s_ms, row))
    counts = np.bincount(row, minlength=len(bound))
    s_ms = s_ms[order]
    kept = _outside_dead_time(s_ms, counts, setup.dead_time_ms)
    return split(s_ms[kept], np.bincount(row[order][kept], minlength=len(bound)))


def hazard_per_ms(rate_hz, dead_time_ms: float):
    """Rate per ms outside the dead time, r / (1 - r dead), that gives the mean rate `rate_hz`."""
    rate_per_ms = 1e-3 * np.asarray(rate_hz)
    return rate_per_ms / (1 - rate_per_ms * dead_time_ms)


def _candidates(
    expected: np.ndarray, families, items, stream: Stream
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw row, place and level (both in [0, 1)) of the candidates, on average `expected` a row."""
    drawn = []
    inputs = zip(expected.tolist(), families.tolist(), items.tolist(), strict=True)
    for mean, family, item in inputs:
        generator = stream.generator(family, item)
        drawn.append(generator.random((2, generator.poisson(mean))))
    counts = [values.shape[1] for values in drawn]
    row = np.repeat(np.arange(len(drawn)), counts)
    place, level = np.concatenate(drawn, axis=1) if drawn else np.empty((2, 0))
    return row, place, level


def _outside_dead_time(times: np.ndarray, counts: np.ndarray, dead_time_ms: float) -> np.ndarray:
    """Mark spikes at least `dead_time_ms` after the last one marked of their train."""
    kept = np.zeros(len(times), dtype=bool)
    last = np.full(len(counts), -np.inf)
    for rows, at in by_ordinal(counts):
        fits = times[at] - last[rows] >= dead_time_ms
        kept[at] = fits
        last[rows[fits]] = times[at[fits]]
    return kept
