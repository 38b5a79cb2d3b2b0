"""Which driven spine each excitatory input reaches (model.md 7.1).

An input is a place field with its weight and its spikes, a place a driven spine. Arrangements give
the same inputs to other places: numbers by region, fields, weights and spikes of a seed stay.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..morphology import REGIONS, Morphology
from .seeding import Stream
from .setups import Setup

_PLACES = ("section", "region", "x", "path_distance", "gmax_uS")
_CHOICE, _ORDER, _WITHIN = 0, 1, 2  # families of the stream


def arrange(
    setup: Setup, inputs: pd.DataFrame, *, seed: int, morphology: Morphology, spines: pd.DataFrame
) -> pd.DataFrame:
    """Give the excitatory inputs of a trial to the spines of the set-up's arrangement.

    Parameters
    ----------
    setup : Setup
        Its ``arrangement``: ``random`` leaves the inputs as they are; ``co_tuned`` gives each
        branch inputs of neighbouring fields; ``clustered`` drives clusters of neighbouring spines,
        each of neighbouring fields.
    inputs : DataFrame
        The inputs at random places: ``group, peak`` and the columns of a place.
    seed : int
        Of the assignment.
    morphology : Morphology
    spines : DataFrame
        All spines, as for `assignment.assign`.

    Returns
    -------
    DataFrame
        The same inputs, row by row, with the columns of a place changed.
    """
    if setup.arrangement == "random":
        return inputs
    stream = Stream(seed, "arrangement")
    places, together = inputs[list(_PLACES)], inputs["section"].to_numpy()
    if setup.arrangement == "clustered":
        rows, together = _clusters(setup, inputs["region"], morphology, spines, stream)
        places = spines.iloc[rows][list(_PLACES)]
    group_of_region = dict(zip(inputs["region"], inputs["group"], strict=True))
    group_of_place = places["region"].map(group_of_region).to_numpy()
    arranged = inputs.copy()
    for number, group in enumerate(setup.excitatory_groups):
        there = np.flatnonzero(group_of_place == group)
        order = there[_shuffled_groups(together[there], stream, number)]
        by_field = np.flatnonzero((inputs["group"] == group).to_numpy())
        by_field = by_field[np.argsort(inputs["peak"].to_numpy()[by_field], kind="stable")]
        for name in _PLACES:
            values = arranged[name].to_numpy(copy=True)
            values[by_field] = places[name].to_numpy()[order]
            arranged[name] = values
    return arranged


def _shuffled_groups(together: np.ndarray, stream: Stream, item: int) -> np.ndarray:
    """Order that keeps places with an equal number in `together` side by side, else by chance."""
    names, number = np.unique(together, return_inverse=True)
    rank = stream.generator(_ORDER, item).permutation(len(names))[number]
    shuffled = stream.generator(_WITHIN, item).permutation(len(together))
    return shuffled[np.argsort(rank[shuffled], kind="stable")]


def _clusters(
    setup: Setup, region: pd.Series, morphology: Morphology, spines: pd.DataFrame, stream: Stream
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the driven spines, as many of each region as `region` has, and each one's cluster."""
    stretch = _stretches(spines, morphology, setup.clusters.span_um)
    regions = spines["region"].to_numpy()
    rows: list[np.ndarray] = []
    for family, name in enumerate(REGIONS):
        n = int((region == name).sum())
        candidates = np.flatnonzero(regions == name)
        if n:
            generator = stream.generator(_CHOICE, family)
            shuffled = generator.permutation(candidates)
            rank = generator.permutation(int(stretch.max()) + 1)[stretch[shuffled]]
            order = shuffled[np.argsort(rank, kind="stable")]
            rows.append(order[_by_turns(stretch[order], setup.clusters.spines)][:n])
    chosen = np.concatenate(rows) if rows else np.empty(0, dtype=int)
    return chosen, stretch[chosen]


def _by_turns(stretch: np.ndarray, n_each: int) -> np.ndarray:
    """Order in which each stretch gives `n_each` spines before any one gives more."""
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    lengths = np.diff(starts, append=len(stretch))
    ordinal = np.arange(len(stretch)) - np.repeat(starts, lengths)
    return np.argsort(ordinal // n_each, kind="stable")


def _stretches(spines: pd.DataFrame, morphology: Morphology, span_um: float) -> np.ndarray:
    """Number of the stretch of branch, about `span_um` long, on which each spine sits."""
    lengths_um: Sequence[float] = [one.length_um for one in morphology.sections]
    n_of_section = np.maximum(1, np.round(np.array(lengths_um) / span_um).astype(int))
    first = np.concatenate([[0], np.cumsum(n_of_section)])
    section = spines["section"].to_numpy(dtype=int)
    within = (spines["x"].to_numpy(dtype=float) * n_of_section[section]).astype(int)
    return first[section] + np.minimum(within, n_of_section[section] - 1)
