"""Tables of a cell: every parameter by segment, and the places that inputs can drive."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..biophysics import NON_SPECIFIC
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
    table = _with_silent_channels(table, specification, morphology, units)
    rules = specification.placement
    spine_density = spine_densities(morphology, rules)
    inhibitory_density = inhibitory_densities(morphology, rules)
    placed = placement_columns(table, placement, spine_density, inhibitory_density)
    units_of_placed = {name: units[name] for name in placed} | {"path_distance": "um"}
    attributes = {"units": table.attrs["units"] | units_of_placed}
    table = pd.concat([table, placed], axis="columns")
    table.attrs = attributes
    return table


def _with_silent_channels(
    table: pd.DataFrame,
    specification: CellSpecification,
    morphology: Morphology,
    units: Mapping[str, str],
) -> pd.DataFrame:
    """The table with densities of 0, and the reversal potentials there, where rules give these.

    A described cell has the channels that carry something: of one that a drug has taken away none.
    """
    rules = specification.biophysics
    nseg = rules.nseg(morphology)
    rows = table.groupby("index").indices
    values = {name: table[name].to_numpy(copy=True) for name in table if name in units}
    for name, channel in rules.channels.items():
        bearer = name if channel.ion == NON_SPECIFIC else channel.ion
        densities = rules.profiles(morphology, f"{name}.gbar", nseg)
        potentials = rules.profiles(morphology, f"{bearer}.e", nseg)
        for section in morphology.sections:
            here, gbar_S_per_cm2 = rows[section.index], densities.at_centres(section)
            if gbar_S_per_cm2 is None:
                continue
            found = {f"{name}.gbar": np.where(gbar_S_per_cm2 == 0, 0.0, np.nan)}
            if potentials.of(section) is not None:
                found[f"{bearer}.e"] = np.full(len(here), potentials.on_section(section))
            for column, added in found.items():
                of_column = values.setdefault(column, np.full(len(table), np.nan))
                of_column[here] = np.where(np.isnan(of_column[here]), added, of_column[here])
    places = table[[column for column in table if column not in units]]
    parameters = pd.DataFrame({name: values[name] for name in units if name in values})
    filled = pd.concat([places, parameters], axis="columns")
    filled.attrs["units"] = {name: units[name] for name in parameters}
    return filled


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
