"""Spike trains of many synapses as one flat array, and sweeps over them spike by spike."""

from collections.abc import Iterator, Sequence

import numpy as np


def flatten(trains: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Join trains, one after the other, into one array; returns it and the length of each."""
    counts = np.array([len(train) for train in trains], dtype=np.intp)
    values = np.concatenate(trains).astype(float, copy=False) if len(trains) else np.empty(0)
    return values, counts


def split(values: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:
    """Undo `flatten`: a list of arrays of the given lengths."""
    ends = np.cumsum(counts)
    bounds = zip((ends - counts).tolist(), ends.tolist(), strict=True)
    return [values[start:end].copy() for start, end in bounds]


def by_ordinal(counts: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Go through all trains at once: first spikes, second spikes, and so on.

    Yields
    ------
    rows, positions : int arrays
        The trains that have a spike of this ordinal, and where it is in the flat array. Work and
        memory follow the number of spikes, not number of trains times longest train.
    """
    starts = np.cumsum(counts) - counts
    longest_first = np.argsort(-counts, kind="stable")
    ordinals = np.arange(counts.max(initial=0))
    n_longer = np.searchsorted(-counts[longest_first], -ordinals, side="left")
    for ordinal, n in enumerate(n_longer.tolist()):
        rows = longest_first[:n]
        yield rows, starts[rows] + ordinal
