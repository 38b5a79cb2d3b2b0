"""Tables of a cell: every parameter by segment, and the places that inputs can drive."""

import pandas as pd

from ..description import CellDescription, placement_columns, segment_table
from ..morphology import Morphology
from ..neuroml2.components import component
from ..placement import Placement, inhibitory_densities, spine_densities
from ..receptors import KINDS, first_receptor
from ..specification import CellSpecification, changes
from .describing import channel_of_component


def parameter_table(
    specification: CellSpecification,
    described: CellDescription,
    morphology: Morphology,
    placement: Placement,
) -> pd.DataFrame:
    """Every parameter of a described cell by segment, its synapses too: see `Cell.table`."""
    units = changes.parameters(specification)
    table = segment_table(described, morphology, channel_of_component(specification), units)
    rules = specification.placement
    spine_density = spine_densities(morphology, rules)
    inhibitory_density = inhibitory_densities(morphology, rules)
    placed = placement_columns(table, placement, spine_density, inhibitory_density)
    units_of_placed = {name: units[name] for name in placed} | {"path_distance": "um"}
    attributes = {"units": table.attrs["units"] | units_of_placed}
    table = pd.concat([table, placed], axis="columns")
    table.attrs = attributes
    return table


def input_places(placement: Placement) -> dict[str, pd.DataFrame]:
    """The spines and the inhibitory synapses that inputs can drive: see `Cell.input_places`."""
    tables = {"spines": placement.spines, "inhibitory": placement.inhibitory}
    places = {}
    for (name, table), kind in zip(tables.items(), KINDS, strict=True):
        receptor = first_receptor(kind)
        gmax_uS = table[receptor.column]
        if receptor.conductance == "relative_gmax":
            gmax_uS = component(receptor.name)["gbase"] * gmax_uS
        places[name] = table.assign(gmax_uS=gmax_uS)
    return places
