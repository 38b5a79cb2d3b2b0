"""The table of placement: densities of spines and synapses, geometry of a spine, conductances."""

import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from ..biophysics.rules import (
    Factors,
    Finite,
    Positive,
    RegionRules,
    Rule,
    Strict,
    either,
    factors_by_region,
    number_or_rules,
    validate_table,
)
from ..errors import ModelError
from ..files import read_mapping
from ..receptors import Receptor, check_receptor, receptors

DEFAULT_RULES = Path(__file__).with_name("CA1_full.yaml")

# Far above any dendrite (pyramidal cells: below 10 spines per um); a slip of units must not fill
# the memory.
LARGEST_DENSITY_PER_UM = 100.0
Density = Annotated[float, Field(ge=0, le=LARGEST_DENSITY_PER_UM, allow_inf_nan=False)]


class SpineGeometry(Strict):
    """Cylinders of one spine (um) and the reversal potential of its leak (mV)."""

    neck_length_um: Positive
    neck_diam_um: Positive
    head_length_um: Positive
    head_diam_um: Positive
    e_pas_mV: Finite

    @property
    def area_um2(self) -> float:
        """Membrane area of neck and head, without end faces."""
        neck = self.neck_length_um * self.neck_diam_um
        head = self.head_length_um * self.head_diam_um
        return math.pi * (neck + head)


class BasalSpines(Strict):
    """Spine density on basal dendrites by branch order."""

    first_order: Density
    second_order: Density
    higher_order: Density


class BasalInhibition(Strict):
    """Density of inhibitory synapses on basal dendrites: branches that end, others by order."""

    terminal: Density
    first_order: Density
    higher_order: Density


class TrunkSpines(Strict):
    """Spine density on the trunk, linear in the path distance of a section's start.

    There are none before the first oblique.
    """

    at_first_oblique: Density
    at_farthest_trunk: Density


class TrunkInhibition(Strict):
    """Density of inhibitory synapses on the trunk, linear in the distance of a section's start."""

    at_soma: Density
    at_farthest_trunk: Density


class Obliques(Strict):
    """Density on apical obliques, linear in the distance at which the family leaves the trunk."""

    at_first_family: Density
    at_last_family: Density


class Tuft(Strict):
    """Density on tuft branches that end, and on those that branch again."""

    terminal: Density
    with_children: Density


class SpineDensities(Strict):
    """Mean number of spines per um of branch.

    A rule in place of the published form is read half way along a section.
    """

    basal: Annotated[Any, either(BasalSpines)]
    trunk: Annotated[Any, either(TrunkSpines)]
    apical: Annotated[Any, either(Obliques)]
    tuft: Annotated[Any, either(Tuft)]


class InhibitoryDensities(Strict):
    """Mean number of inhibitory synapses per um of branch; rules may stand here too."""

    soma: Annotated[Any, number_or_rules(Density)]
    ais: Annotated[Any, number_or_rules(Density)]
    basal: Annotated[Any, either(BasalInhibition)]
    trunk: Annotated[Any, either(TrunkInhibition)]
    apical: Annotated[Any, either(Obliques)]
    tuft: Annotated[Any, either(Tuft)]


class ReceptorRules(Strict):
    """Peak conductance of a receptor by region, at the path distance of its synapse.

    Attributes
    ----------
    gmax_uS : rules by region
        Of a receptor that each spine has at a conductance of its own (AMPA). Obliques and tuft
        without a rule take the conductance of one spine of the trunk, as published.
    relative_gmax : rules by region
        Of every other receptor, in units of its component's gbase; 1 in a region without a rule.
    """

    gmax_uS: RegionRules = Field(default_factory=dict)
    relative_gmax: RegionRules = Field(default_factory=dict)

    def conductance(self, receptor: Receptor) -> dict[str, tuple[Rule, ...]]:
        """Those of the two that the receptor goes by."""
        return getattr(self, receptor.conductance)


class PlacementRules(Strict):
    """All rules of placement (Hsu et al. 2018; model.md 4), as read from the YAML table."""

    placement_seed: Annotated[int, Field(ge=0, lt=2**32)]
    spine_geometry: SpineGeometry
    spine_density_per_um: SpineDensities
    inhibitory_density_per_um: InhibitoryDensities
    receptors: dict[str, ReceptorRules]
    factors: Factors = Field(default_factory=dict)

    @model_validator(mode="after")
    def _receptors_exist(self) -> "PlacementRules":
        for name, rules in self.receptors.items():
            check_receptor(name)
            conductance = receptors()[name].conductance
            if rules.model_fields_set - {conductance}:
                raise ModelError(f"receptors.{name}: expected {conductance} only.")
        return self

    def of_receptor(self, name: str) -> ReceptorRules:
        """The rules of a receptor; without any it has its usual conductance everywhere."""
        return self.receptors.get(name, ReceptorRules())

    def factors_of_receptor(self, name: str) -> dict[str, float]:
        """What the conductance of a receptor is multiplied with, by region: a drug."""
        return factors_by_region(self.factors, receptors()[name].parameter)


def load_placement_rules(path: str | Path = DEFAULT_RULES) -> PlacementRules:
    """Read the placement rules from a YAML table.

    Raises ModelError if the file cannot be read, is not YAML, or a key is unknown, missing or has a
    value out of range.
    """
    return validate_table(PlacementRules, read_mapping(path), f"placement rules {path}")
