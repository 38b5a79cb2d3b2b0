"""The parameters of a described cell as a table: one row a segment."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..biophysics import NON_SPECIFIC
from ..morphology import Morphology
from ..placement import Placement
from ..receptors import receptors
from .sections import CellDescription, SectionDescription


def segment_table(
    cell: CellDescription,
    morphology: Morphology,
    channel_of: Mapping[str, str],
    units: Mapping[str, str],
) -> pd.DataFrame:
    """List every parameter of every segment of a cell, with spines folded in or without.

    `channel_of` gives the name of a channel in the rules by its component (``nas_dend`` ->
    ``nas``), `units` those of the parameters. The columns are ``section, index, region, segment, x,
    path_distance`` (um)``, diam_um, area_um2`` and one a parameter, NaN where it is absent;
    ``attrs["units"]`` holds their units.
    """
    described = [cell.sections[section.name] for section in morphology.sections]
    nseg = [section.nseg for section in described]
    ends = np.cumsum(nseg)
    columns: dict[str, np.ndarray] = {
        name: np.repeat([getattr(section, attribute) for section in morphology.sections], nseg)
        for name, attribute in (("section", "name"), ("index", "index"), ("region", "region"))
    }
    columns["segment"] = np.concatenate([np.arange(n) for n in nseg])
    columns["x"] = (columns["segment"] + 0.5) / np.repeat(nseg, nseg)
    places = zip(columns["index"].tolist(), columns["x"].tolist(), strict=True)
    columns["path_distance"] = np.array([morphology.path_distance(*place) for place in places])
    parameters: dict[str, np.ndarray] = {}
    for section, start, end in zip(described, ends - nseg, ends, strict=True):
        for name, values in _parameters(cell, section, channel_of).items():
            parameters.setdefault(name, np.full(ends[-1], np.nan))[start:end] = values
    columns |= {name: parameters.pop(name) for name in ("diam_um", "area_um2")}
    columns |= {name: parameters[name] for name in units if name in parameters}
    table = pd.DataFrame(columns)
    table.attrs["units"] = {name: units[name] for name in units if name in parameters}
    return table


def placement_columns(
    table: pd.DataFrame,
    placement: Placement,
    spine_density: Sequence[float],
    inhibitory_density: Sequence[float],
) -> pd.DataFrame:
    """What the placement rules come to on the segments of a `segment_table`.

    The columns are ``spines.density`` and ``inhibition.density`` (1/um), as given by section, and
    of each receptor the mean conductance over the spines or synapses of a segment, NaN without any:
    ``AMPA.gmax`` (uS), ``NMDA.relative_gmax``, ``GABA_A.relative_gmax``.
    """
    index = table["index"].to_numpy()
    columns = {
        "spines.density": np.array(spine_density)[index],
        "inhibition.density": np.array(inhibitory_density)[index],
    }
    densities = pd.DataFrame(columns, index=table.index)
    placed = densities.where(densities > 0)
    nseg = table.groupby("index").size()
    rows = pd.MultiIndex.from_arrays([table["index"], table["segment"]])
    for receptor in receptors().values():
        synapses = placement.spines if receptor.kind == "exc" else placement.inhibitory
        count = nseg.reindex(synapses["section"]).to_numpy()
        segment = np.minimum((synapses["x"].to_numpy() * count).astype(int), count - 1)
        values = synapses[receptor.column]
        means = values.groupby([synapses["section"].to_numpy(), segment]).mean()
        placed[receptor.parameter] = means.reindex(rows).to_numpy()
    return placed


def _parameters(
    cell: CellDescription, section: SectionDescription, channel_of: Mapping[str, str]
) -> dict[str, np.ndarray | float]:
    """The size and the parameters of a section's segments."""
    columns: dict[str, np.ndarray | float] = {
        "diam_um": section.diam_um,
        "area_um2": section.area_um2,
        "cable.cm": section.cm_uF_per_cm2,
        "cable.Ra": section.Ra_ohm_cm,
        "pas.g": section.leak_S_per_cm2,
        "pas.e": section.leak_e_mV,
    }
    for component, gbar in section.gbar_S_per_cm2.items():
        channel, ion = channel_of[component], cell.channel_ions[component]
        # A channel may be two components on one section, each on some of its segments.
        columns[f"{channel}.gbar"] = columns.get(f"{channel}.gbar", 0.0) + gbar
        bearer, of = (component, channel) if ion == NON_SPECIFIC else (ion, ion)
        if bearer in section.reversal_mV:  # a mod file may work its own out
            columns[f"{of}.e"] = section.reversal_mV[bearer]
        for name, values in section.parameters.get(component, {}).items():
            columns[f"{channel}.{name}"] = values
    return columns
