"""Where the rules of a cell hold their values beyond the range to which they were fitted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..biophysics import RuleProfiles
from ..biophysics.rules import Rule
from ..morphology import Morphology
from ..placement import Placement
from ..receptors import receptors
from ..specification import CellSpecification, changes


class HeldRule(NamedTuple):
    """A parameter that is held on part of a region.

    Attributes
    ----------
    parameter, region, unit : str
    value : float
        Value at which it is held, the lowest where trunks differ.
    beyond_um : float
        Path distance beyond which it is.
    sections : tuple of str
        Sections on which it is.
    """

    parameter: str
    region: str
    value: float
    unit: str
    beyond_um: float
    sections: tuple[str, ...]

    def __str__(self) -> str:
        where = f"{len(self.sections)} {self.region} section{'s' * (len(self.sections) > 1)}"
        value = f"{self.value:.3g} {self.unit}" if self.unit != "mV" else f"{self.value:.1f} mV"
        return f"{self.parameter} is held at {value} beyond {self.beyond_um:.1f} um, on {where}"


def held_rules(
    specification: CellSpecification, morphology: Morphology, placement: Placement
) -> tuple[HeldRule, ...]:
    """Every rule that is held on a cell, where its values are read: none on the published one."""
    units = changes.parameters(specification)
    nseg = specification.biophysics.nseg(morphology)
    held: list[HeldRule] = []
    for name in specification.biophysics.parameters():
        if _may_hold(specification.biophysics.rules_of(name)):
            profiles = specification.biophysics.profiles(morphology, name, nseg)
            held += _of_parameter(profiles, units[name])
    for receptor in receptors().values():
        rules = specification.placement.of_receptor(receptor.name).conductance(receptor)
        if _may_hold(rules):
            synapses = placement.spines if receptor.kind == "exc" else placement.inhibitory
            farthest = synapses.groupby("section")["path_distance"].max().to_dict()
            factors = specification.placement.factors_of_receptor(receptor.name)
            profiles = RuleProfiles(
                morphology, rules, nseg, receptor.parameter, factors, read_anywhere=True
            )
            held += _of_parameter(profiles, units[receptor.parameter], farthest)
    return tuple(held)


def _may_hold(rules: Mapping[str, Sequence[Rule]]) -> bool:
    return any(rule.held_beyond_um < float("inf") for ranges in rules.values() for rule in ranges)


def _of_parameter(
    profiles: RuleProfiles, unit: str, farthest: Mapping[int, float] | None = None
) -> Iterator[HeldRule]:
    """The held rules of a parameter by region; `farthest` is where each section is read."""
    for region in profiles.rules:
        found = []
        for section in profiles.morphology.in_region(region):
            held = profiles.held(section)
            never = -1.0
            if held and (farthest is None or farthest.get(section.index, never) > held.beyond_um):
                found.append((section.name, held))
        if found:
            value = min(held.value for _, held in found)
            sections = tuple(name for name, _ in found)
            yield HeldRule(profiles.name, region, value, unit, found[0][1].beyond_um, sections)
