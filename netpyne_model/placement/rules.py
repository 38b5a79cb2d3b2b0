"""The declarative table of placement: spine and synapse densities, spine geometry, AMPA conductance."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ModelError, did_you_mean
from ..files import read_mapping

DEFAULT_RULES = Path(__file__).with_name("CA1_full.yaml")

# Far above any dendrite (pyramidal cells: below 10 spines per um); a slip of units must not fill the memory.
Density = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SpineGeometry(_Block):
    """Cylinders of one spine (um) and the reversal potential of its leak (mV)."""

    neck_length_um: Positive
    neck_diam_um: Positive
    head_length_um: Positive
    head_diam_um: Positive
    e_pas_mV: Annotated[float, Field(allow_inf_nan=False)]

    @property
    def area_um2(self) -> float:
        """Membrane area of neck and head, without end faces."""
        return math.pi * (self.neck_length_um * self.neck_diam_um + self.head_length_um * self.head_diam_um)


class BasalSpines(_Block):
    """Spine density on basal dendrites by branch order."""

    first_order: Density
    second_order: Density
    higher_order: Density


class BasalInhibition(_Block):
    """Density of GABA_A synapses on basal dendrites; terminal branches come before the branch order."""

    terminal: Density
    first_order: Density
    higher_order: Density


class TrunkSpines(_Block):
    """Spine density on the trunk, linear in the path distance of a section's start; none before the first oblique."""

    at_first_oblique: Density
    at_farthest_trunk: Density


class TrunkInhibition(_Block):
    """Density of GABA_A synapses on the trunk, linear in the path distance of a section's start."""

    at_soma: Density
    at_farthest_trunk: Density


class Obliques(_Block):
    """Density on apical obliques, linear in the path distance at which the family leaves the trunk."""

    at_first_family: Density
    at_last_family: Density


class Tuft(_Block):
    """Density on tuft branches that end, and on those that branch again."""

    terminal: Density
    with_children: Density


class SpineDensities(_Block):
    """Mean number of spines per um of branch."""

    basal: BasalSpines
    trunk: TrunkSpines
    apical: Obliques
    tuft: Tuft


class InhibitoryDensities(_Block):
    """Mean number of GABA_A synapses per um of branch."""

    soma: Density
    ais: Density
    basal: BasalInhibition
    trunk: TrunkInhibition
    apical: Obliques
    tuft: Tuft


class AmpaGmax(_Block):
    """Peak AMPA conductance (uS): constant on basal dendrites, growing exponentially along the trunk (um)."""

    basal_uS: NotNegative
    trunk_at_soma_uS: NotNegative
    trunk_growth_uS: NotNegative
    trunk_length_constant_um: Positive


class PlacementRules(_Block):
    """All rules of placement (Hsu et al. 2018; MODEL section 4), as read from the YAML table."""

    placement_seed: Annotated[int, Field(ge=0, lt=2**32)]
    spine_geometry: SpineGeometry
    spine_density_per_um: SpineDensities
    inhibitory_density_per_um: InhibitoryDensities
    ampa_gmax: AmpaGmax


def load_placement_rules(path: str | Path = DEFAULT_RULES) -> PlacementRules:
    """Read the placement rules from a YAML table.

    Parameters
    ----------
    path : path
        YAML file with the keys of `PlacementRules`.

    Returns
    -------
    PlacementRules

    Raises
    ------
    ModelError
        If the file cannot be read, is not YAML, or a key is unknown, missing or has a value out of range.
    """
    content = read_mapping(path)
    try:
        return PlacementRules.model_validate(content)
    except ValidationError as error:
        raise ModelError(f"{path}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        *outer, last = problem["loc"]
        return f"'{key}' is not a key of the placement rules.{did_you_mean(str(last), _keys_below(outer))}"
    if problem["type"] == "missing":
        return f"key '{key}' is missing; add it, as in {DEFAULT_RULES.name}."
    value = problem["input"]
    shown = "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    if problem["type"] == "model_type":
        return f"{key} is {shown}; expected a table with the keys {', '.join(_keys_below(problem['loc']))}."
    return f"{key} is {shown}; expected {problem['msg'].removeprefix('Input should be ')}."


def _keys_below(location: Sequence[str]) -> list[str]:
    block = PlacementRules
    for part in location:
        block = block.model_fields[part].annotation
    return list(block.model_fields)
