"""Draws the places of spines and GABA_A synapses, and gives each spine its AMPA conductance (MODEL section 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..morphology import Morphology
from .densities import family_root, inhibitory_densities, spine_densities
from .rules import AmpaGmax, PlacementRules

SPINE_REGIONS = ("basal", "trunk", "apical", "tuft")
INHIBITORY_REGIONS = ("soma", "ais", *SPINE_REGIONS)


@dataclass(frozen=True)
class Placement:
    """The synapse sites of a cell.

    Attributes
    ----------
    spines : DataFrame
        Index = order of placement; columns ``section`` (int), ``region``, ``x`` (0..1), ``path_distance`` (um),
        ``gmax_AMPA_uS``.
    inhibitory : DataFrame
        GABA_A synapses; index = order of placement; columns ``section``, ``region``, ``x``, ``path_distance``.
    """

    spines: pd.DataFrame
    inhibitory: pd.DataFrame


def place_synapses(morphology: Morphology, rules: PlacementRules) -> Placement:
    """Place all spines and GABA_A synapses of a cell.

    One ``RandomState(rules.placement_seed)`` draws the spines and then, from the same stream, the GABA_A synapses.

    Parameters
    ----------
    morphology : Morphology
    rules : PlacementRules

    Returns
    -------
    Placement
        On the published morphology and rules: 11,294 spines and 628 GABA_A synapses. Source: MODEL section 4.
    """
    random = np.random.RandomState(rules.placement_seed)
    spines = _draw(morphology, SPINE_REGIONS, spine_densities(morphology, rules), random)
    inhibitory = _draw(morphology, INHIBITORY_REGIONS, inhibitory_densities(morphology, rules), random)
    spines["gmax_AMPA_uS"] = _ampa_gmax(morphology, spines, rules.ampa_gmax)
    return Placement(spines, inhibitory)


def place_spines(morphology: Morphology, rules: PlacementRules) -> pd.DataFrame:
    """Spines of a cell: the table ``spines`` of `place_synapses`."""
    return place_synapses(morphology, rules).spines


def place_inhibitory(morphology: Morphology, rules: PlacementRules) -> pd.DataFrame:
    """GABA_A synapses of a cell: the table ``inhibitory`` of `place_synapses` (the draw comes after the spines')."""
    return place_synapses(morphology, rules).inhibitory


def spines_per_segment(morphology: Morphology, spines: pd.DataFrame) -> list[np.ndarray]:
    """Count the spines on every segment, to fold them into its membrane.

    Parameters
    ----------
    morphology : Morphology
    spines : DataFrame
        Columns ``section`` and ``x``, as from `place_spines`, or any rows of it.

    Returns
    -------
    list of int arrays
        One array per section, of length nseg. A spine at x belongs to segment ``int(x * nseg)``, as in NEURON.
    """
    nseg = np.array([morphology.nseg(section.index) for section in morphology.sections])
    first = np.concatenate([[0], np.cumsum(nseg)])
    section = spines["section"].to_numpy(dtype=int)
    within = np.minimum((spines["x"].to_numpy(dtype=float) * nseg[section]).astype(int), nseg[section] - 1)
    counts = np.bincount(first[section] + within, minlength=first[-1])
    return np.split(counts, first[1:-1])


def _draw(
    morphology: Morphology, regions: Sequence[str], densities: Sequence[float], random: np.random.RandomState
) -> pd.DataFrame:
    rows = []
    for region in regions:
        for section in morphology.in_region(region):
            density_per_um = densities[section.index]
            if density_per_um == 0:
                continue
            at_um = random.exponential(1 / density_per_um)
            while at_um < section.length_um:
                x = at_um / section.length_um
                rows.append((section.index, region, x, morphology.path_distance(section.index, x)))
                at_um += random.exponential(1 / density_per_um)
    return pd.DataFrame(rows, columns=["section", "region", "x", "path_distance"])


def _ampa_gmax(morphology: Morphology, spines: pd.DataFrame, rule: AmpaGmax) -> np.ndarray:
    gmax_uS = np.full(len(spines), rule.basal_uS)
    on_trunk = (spines["region"] == "trunk").to_numpy()
    gmax_uS[on_trunk] = [_trunk_gmax(distance, rule) for distance in spines.loc[on_trunk, "path_distance"]]

    trunk_values = pd.Series(gmax_uS[on_trunk]).groupby(spines.loc[on_trunk, "section"].to_numpy())
    first, last = trunk_values.first().to_dict(), trunk_values.last().to_dict()
    section = spines["section"].to_numpy()
    for index in np.unique(section[spines["region"].isin(("apical", "tuft"))]):
        gmax_uS[section == index] = _family_gmax(morphology, int(index), first, last, rule)
    return gmax_uS


def _trunk_gmax(distance_um: float, rule: AmpaGmax) -> float:
    growth = math.exp(distance_um / rule.trunk_length_constant_um) - 1
    return rule.trunk_at_soma_uS + rule.trunk_growth_uS * growth


def _family_gmax(morphology: Morphology, index: int, first: dict, last: dict, rule: AmpaGmax) -> float:
    """Conductance of the trunk spine that stands for the family of an oblique or tuft branch.

    `first` and `last` hold, for each trunk section with spines, the conductance of the spine nearest its start and
    nearest its far end. Without any spine on the trunk the trunk's rule is taken where the family springs off.
    """
    origin = morphology.trunk_origin(index)
    if origin is not None:
        if origin in last:
            return last[origin]
        outward = _trunk_children(morphology, [origin])
        while outward:
            for candidate in outward:
                if candidate in first:
                    return first[candidate]
            outward = _trunk_children(morphology, outward)
        inward = morphology.sections[origin].parent
        while inward is not None:
            if inward in last:
                return last[inward]
            inward = morphology.sections[inward].parent
    return _trunk_gmax(morphology.path_distance(family_root(morphology, index), 0), rule)


def _trunk_children(morphology: Morphology, indices: Sequence[int]) -> list[int]:
    children = [child for index in indices for child in morphology.children(index)]
    return [child for child in children if morphology.sections[child].region == "trunk"]
