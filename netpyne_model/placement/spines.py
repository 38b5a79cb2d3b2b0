"""Draws spines and inhibitory synapses, with the conductance of each receptor (model.md 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd

from ..biophysics import RuleProfiles
from ..errors import ModelError, quoted
from ..morphology import DENDRITES, Location, Morphology
from ..receptors import receptors
from .densities import inhibitory_densities, spine_densities
from .rules import PlacementRules

INHIBITORY_REGIONS = ("soma", "ais", *DENDRITES)


@dataclass(frozen=True)
class Placement:
    """The synapse sites of a cell.

    Attributes
    ----------
    spines : DataFrame
        Index = order of placement; columns ``section`` (int), ``region``, ``x`` (0..1),
        ``path_distance`` (um), and one a receptor of spines: ``gmax_AMPA_uS``,
        ``relative_gmax_NMDA`` (in units of the component's gbase).
    inhibitory : DataFrame
        The same of inhibitory synapses: ``relative_gmax_GABA_A``.
    """

    spines: pd.DataFrame
    inhibitory: pd.DataFrame


def place_synapses(morphology: Morphology, rules: PlacementRules, nseg: Sequence[int]) -> Placement:
    """Place all spines and inhibitory synapses of a cell.

    One ``RandomState(rules.placement_seed)`` draws the spines and then, from the same stream, the
    inhibitory synapses: 11,294 and 628 on the published cell. Their receptors draw nothing: one
    more moves no synapse. `nseg` is the number of segments of every section, for conductances that
    inherit from another region's last segment.
    """
    random = np.random.RandomState(rules.placement_seed)
    spines = _draw(morphology, DENDRITES, spine_densities(morphology, rules), random)
    densities = inhibitory_densities(morphology, rules)
    inhibitory = _draw(morphology, INHIBITORY_REGIONS, densities, random)
    for receptor in receptors().values():
        synapses = spines if receptor.kind == "exc" else inhibitory
        by_region = rules.of_receptor(receptor.name).conductance(receptor)
        profiles = RuleProfiles(morphology, by_region, nseg, receptor.parameter, read_anywhere=True)
        if receptor.conductance == "gmax_uS":
            values = _gmax_of_spines(synapses, profiles)
        else:
            values = conductances(profiles, synapses, without_rule=1.0)
        factors = rules.factors_of_receptor(receptor.name)
        scale = np.array([factors.get(region, 1.0) for region in synapses["region"]], dtype=float)
        synapses[receptor.column] = values * scale
    return Placement(spines, inhibitory)


def _draw(
    morphology: Morphology,
    regions: Sequence[str],
    densities: Sequence[float],
    random: np.random.RandomState,
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


def conductances(
    profiles: RuleProfiles, synapses: pd.DataFrame, *, without_rule: float
) -> np.ndarray:
    """Value of a receptor's rule at every synapse; ModelError if it is negative."""
    values = np.full(len(synapses), without_rule)
    distance = synapses["path_distance"].to_numpy(dtype=float)
    for index, rows in synapses.groupby("section").indices.items():
        section = profiles.morphology.sections[int(index)]
        profile = profiles.of(section)
        if profile is not None:
            values[rows] = profile.at(distance[rows])
        if (values[rows] < 0).any():
            raise ModelError(
                f"{profiles.name} is {values[rows].min():g} on section {section.name}; expected 0"
                " or more: give its rule a minimum."
            )
    return values


def _gmax_of_spines(spines: pd.DataFrame, profiles: RuleProfiles) -> np.ndarray:
    regions = set(spines["region"])
    if missing := sorted(regions & {"basal", "trunk"} - profiles.rules.keys()):
        raise ModelError(
            f"{profiles.name} has no rule in region {missing[0]}, which bears spines; add one."
        )
    gmax_uS = conductances(profiles, spines, without_rule=np.nan)
    on_trunk = (spines["region"] == "trunk").to_numpy()
    trunk_values = pd.Series(gmax_uS[on_trunk]).groupby(spines.loc[on_trunk, "section"].to_numpy())
    first, last = trunk_values.first().to_dict(), trunk_values.last().to_dict()
    section = spines["section"].to_numpy()
    for index in np.unique(section[np.isnan(gmax_uS)]):
        gmax_uS[section == index] = _family_gmax(profiles, int(index), first, last)
    return gmax_uS


def _family_gmax(profiles: RuleProfiles, index: int, first: dict, last: dict) -> float:
    """Conductance of the trunk spine that stands for the family of an oblique or tuft branch.

    `first` and `last` hold, for each trunk section with spines, the conductance of the spine
    nearest its start and nearest its far end. Without any spine on the trunk the trunk's rule is
    taken where the family springs off.
    """
    morphology = profiles.morphology
    origin = morphology.trunk_origin(index)
    if origin is not None:
        if origin in last:
            return last[origin]
        for candidate in morphology.trunk_outward(origin):
            if candidate in first:
                return first[candidate]
        for inward in morphology.ancestors(origin):
            if inward.index in last:
                return last[inward.index]
    return float(profiles.of_region("trunk").at(morphology.stem_distance(index)))


def nearest_spines(
    spines: pd.DataFrame, morphology: Morphology, location: Location, n: int
) -> list[int]:
    """Numbers of the `n` spines nearest to a place along the tree, of its region.

    The nearest come first, ties by number, which is the index of `spines` (columns ``section,
    region, x``). Raises ModelError if `n` is no whole number of 1 or more, or the region has fewer
    spines.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise ModelError(
            f"n = {quoted(n)}: expected a whole number from 1, how many spines near {location}."
        )
    section = morphology.section(location.section)
    spines = spines[spines["region"] == section.region]
    if len(spines) < n:
        raise ModelError(
            f"{n} spines near {location}: the {section.region} of this cell has {len(spines)}; ask"
            " for fewer, or near a place on another region."
        )
    away_um = np.empty(len(spines))
    x = spines["x"].to_numpy(dtype=float)
    for index, rows in spines.groupby("section").indices.items():
        away_um[rows] = morphology.tree_distance(section.index, location.x, int(index), x[rows])
    order = np.lexsort((spines.index, away_um))
    return spines.index[order[:n]].tolist()
