"""Mean density of spines and of inhibitory synapses on each section (model.md 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..biophysics import RuleProfiles
from ..biophysics.rules import factors_by_region
from ..errors import ModelError
from ..morphology import Morphology
from .rules import LARGEST_DENSITY_PER_UM, InhibitoryDensities, PlacementRules, SpineDensities


@dataclass(frozen=True)
class Landmarks:
    """Path distances in um between which the densities of trunk and obliques run.

    They are where the first and the last family of apical obliques leaves the trunk, infinite
    without obliques, and where the farthest trunk section starts, 0 without trunk.
    """

    first_family_um: float
    last_family_um: float
    farthest_trunk_um: float


def landmarks(morphology: Morphology) -> Landmarks:
    """Find the landmarks of a morphology."""
    obliques = [section.index for section in morphology.in_region("apical")]
    families = [morphology.stem_distance(index) for index in obliques]
    trunk = [morphology.path_distance(one.index, 0) for one in morphology.in_region("trunk")]
    never = float("inf")
    first_um, last_um = min(families, default=never), max(families, default=never)
    return Landmarks(first_um, last_um, max(trunk, default=0.0))


def spine_densities(morphology: Morphology, rules: PlacementRules) -> list[float]:
    """Mean number of spines per um on each section; 0 outside the dendrites (model.md 4)."""
    table, marks = rules.spine_density_per_um, landmarks(morphology)

    def on_basal(index: int) -> float:
        by_order = (table.basal.first_order, table.basal.second_order, table.basal.higher_order)
        return by_order[min(morphology.branch_order(index), 3) - 1]

    def on_trunk(index: int) -> float:
        start = morphology.path_distance(index, 0)
        ends = (table.trunk.at_first_oblique, table.trunk.at_farthest_trunk)
        reach = (marks.first_family_um, marks.farthest_trunk_um)
        return 0.0 if start < marks.first_family_um else _linear(start, reach, ends)

    published = {"basal": on_basal, "trunk": on_trunk}
    return _densities(morphology, rules, table, "spines.density", published)


def inhibitory_densities(morphology: Morphology, rules: PlacementRules) -> list[float]:
    """Mean number of inhibitory synapses per um on each section (model.md 4)."""
    table, marks = rules.inhibitory_density_per_um, landmarks(morphology)

    def on_basal(index: int) -> float:
        if morphology.is_terminal(index):
            return table.basal.terminal
        first_order = morphology.branch_order(index) == 1
        return table.basal.first_order if first_order else table.basal.higher_order

    def on_trunk(index: int) -> float:
        ends = (table.trunk.at_soma, table.trunk.at_farthest_trunk)
        return _linear(morphology.path_distance(index, 0), (0.0, marks.farthest_trunk_um), ends)

    published = {
        "soma": lambda index: table.soma,
        "ais": lambda index: table.ais,
        "basal": on_basal,
        "trunk": on_trunk,
    }
    return _densities(morphology, rules, table, "inhibition.density", published)


def _densities(
    morphology: Morphology,
    rules: PlacementRules,
    table: SpineDensities | InhibitoryDensities,
    name: str,
    published: Mapping[str, Callable[[int], float]],
) -> list[float]:
    """The density of every section, by the rules of its region or the published form.

    `published` gives it by index where spines and inhibition differ; on obliques and tuft they do
    not.
    """
    tables_of_rules = {region: entry for region, entry in table if isinstance(entry, tuple)}
    by_rules = RuleProfiles(morphology, tables_of_rules, (1,) * len(morphology), name)
    factors, marks = factors_by_region(rules.factors, name), landmarks(morphology)
    densities = []
    for section in morphology.sections:
        if section.region in by_rules.rules:
            density = by_rules.on_section(section)
        elif section.region in published:
            density = published[section.region](section.index)
        elif section.region == "apical":
            ends = (table.apical.at_first_family, table.apical.at_last_family)
            reach = (marks.first_family_um, marks.last_family_um)
            density = _linear(morphology.stem_distance(section.index), reach, ends)
        elif section.region == "tuft":
            terminal = morphology.is_terminal(section.index)
            density = table.tuft.terminal if terminal else table.tuft.with_children
        else:
            density = 0.0
        factor = factors.get(section.region, 1.0)
        density *= factor
        if not 0 <= density <= LARGEST_DENSITY_PER_UM:
            mend = "give its rule a minimum" if density < 0 else "give its rule a maximum"
            if factor > 1 and density > 0:
                mend = f"give its factor in region {section.region} a lower value"
            raise ModelError(
                f"{name}: density on section {section.name} is {density:g} per um; expected 0 to"
                f" {LARGEST_DENSITY_PER_UM:g}: {mend}."
            )
        densities.append(density)
    return densities


def _linear(distance: float, reach: Sequence[float], ends: Sequence[float]) -> float:
    near, far = reach
    # A cell with one oblique family, or one trunk section, has no stretch to interpolate on: it
    # takes the near value.
    fraction = (distance - near) / (far - near) if far > near else 0.0
    return ends[0] + (ends[1] - ends[0]) * fraction
