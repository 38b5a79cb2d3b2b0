"""A described cell as NetPyNE ``cellParams``, and what NetPyNE cannot hold."""

from typing import Any

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..description import CellDescription, SectionDescription, SilentSpines
from ..mechanisms.fusing import FUSED, fused_channels
from ..mechanisms.mod_ions import concentrations_at_rest_mM

CELL_TYPE = "CA1"
SILENT_SPINES = "SilentSpines"

# NEURON's ion_style: two bits for concentrations, one whether they start anew, two for the reversal
# potential (1 is that of a parameter), then whether it follows from them.
_E_IS_GIVEN, _E_AT_START, _E_AT_EACH_STEP = 1, 32, 64


def cell_params(
    cell: CellDescription,
    *,
    spike_site: tuple[str, float],
    spike_threshold_mV: float,
    fused: bool = False,
) -> dict[str, Any]:
    """Return the cell as a NetPyNE ``cellParams`` entry, ``{"secs": ...}``.

    NetPyNE holds one capacitance a section, so `geom` carries the mean over the section's membrane;
    `finish_cell` sets the value of each segment once the sections are built. An upward crossing of
    the threshold at `spike_site` (section, x) is an output spike. With `fused` the channels go into
    one mechanism (fixed time steps only) but those that it does not know.
    """
    together = channels_together(cell, fused)
    secs = {name: _section(cell, section, together) for name, section in cell.sections.items()}
    name, x = spike_site
    secs[name] |= {"spikeGenLoc": x, "threshold": spike_threshold_mV}
    return {"secs": secs}


def _section(
    cell: CellDescription, section: SectionDescription, together: frozenset[str]
) -> dict[str, Any]:
    geometry = {
        "L": section.length_um,
        "nseg": section.nseg,
        "diam": float(section.diam_um.mean()),
        "Ra": section.Ra_ohm_cm,
        "cm": float(np.average(section.cm_uF_per_cm2, weights=section.area_um2)),
        "pt3d": [tuple(point) for point in section.points_um.tolist()],
    }
    params: dict[str, Any] = {"geom": geometry, "topol": {}}
    if section.parent is not None:
        joint = {"parentSec": section.parent, "parentX": section.parent_loc, "childX": 0.0}
        params["topol"] = joint
    params["mechs"] = {
        mechanism: {name: _one_or_list(value) for name, value in values.items()}
        for mechanism, values in inserted_mechanisms(cell, section, together).items()
    }
    ions = (cell.channel_ions[channel] for channel in section.gbar_S_per_cm2)
    with_values = {
        ion: {"e": section.reversal_mV[ion], **_concentrations_mM(ion)}
        for ion in ions
        if ion != NON_SPECIFIC
    }
    # An entry without any ion is invalid to NetPyNE's validator.
    return params | ({"ions": with_values} if with_values else {})


def _one_or_list(values: np.ndarray | float) -> float | list[float]:
    """A list by segment only where values differ: NetPyNE's older validators take none for pas."""
    by_segment = np.atleast_1d(values)
    if np.ptp(by_segment):
        return by_segment.tolist()
    return float(by_segment[0])


def _concentrations_mM(ion: str) -> dict[str, float]:
    """What NEURON itself starts an ion with, which NetPyNE's validator wants beside ``e``."""
    inside, outside = concentrations_at_rest_mM(ion)
    return {"i": inside, "o": outside}


def silent_spine_values(spines: SilentSpines, nseg: int) -> dict[str, np.ndarray | float]:
    """The range parameters of the mechanism of silent spines on a section of `nseg` segments."""
    counts = spines.counts(nseg).astype(float)
    return {"n_spines": counts, "g_pas": spines.g_pas, **spines.cable}


def channels_together(cell: CellDescription, fused: bool) -> frozenset[str]:
    """The channels that go into the one mechanism of all channels: those that it knows."""
    return fused_channels() - cell.user_channels.keys() if fused else frozenset()


def inserted_mechanisms(
    cell: CellDescription, section: SectionDescription, together: frozenset[str]
) -> dict[str, dict[str, np.ndarray | float]]:
    """The parameters of a section's NEURON mechanisms, by mechanism: see `channel_values`.

    The leak is pas, or where channels are `together` theirs: it then costs no pass of its own.
    """
    fused: dict[str, np.ndarray | float] = {}
    inserted: dict[str, dict[str, np.ndarray | float]] = {}
    for channel in section.gbar_S_per_cm2:
        values = channel_values(cell, section, channel)
        if channel in together:
            fused |= {f"{name}_{channel}": value for name, value in values.items()}
        else:
            inserted[mechanism_name(cell, channel)] = values
    if section.silent_spines is not None:
        inserted[SILENT_SPINES] = silent_spine_values(section.silent_spines, section.nseg)
    if fused:
        fused |= {"g_leak": section.leak_S_per_cm2, "e_leak": section.leak_e_mV}
        return {FUSED: fused} | inserted
    return {"pas": {"g": section.leak_S_per_cm2, "e": section.leak_e_mV}, **inserted}


def channel_mechanisms(cell: CellDescription, fused: bool) -> set[str]:
    """The NEURON mechanisms that bear the channels of a cell."""
    together = channels_together(cell, fused)
    channels = {name for section in cell.sections.values() for name in section.gbar_S_per_cm2}
    return {FUSED if name in together else mechanism_name(cell, name) for name in channels}


def mechanism_name(cell: CellDescription, channel: str) -> str:
    """Name of the NEURON mechanism of a channel."""
    return cell.user_channels[channel].name if channel in cell.user_channels else channel


def channel_values(
    cell: CellDescription, section: SectionDescription, channel: str
) -> dict[str, np.ndarray | float]:
    """The range parameters of a channel's mechanism on a section: by segment, or one value for all.

    Converted channels call their density gmax and, where it is no ion's, their reversal potential
    e; mod files of one's own have names and units of their own.
    """
    density, factor, reversal = "gmax", 1.0, "e"
    if user_channel := cell.user_channels.get(channel):
        density, factor = user_channel.density, user_channel.density_factor
        reversal = user_channel.reversal
    values: dict[str, np.ndarray | float] = {density: section.gbar_S_per_cm2[channel] * factor}
    if cell.channel_ions[channel] == NON_SPECIFIC and reversal is not None:
        values[reversal] = section.reversal_mV[channel]
    return values | section.parameters.get(channel, {})


def hold_reversal_potentials(built: Any, cell: CellDescription) -> None:
    """Keep the reversal potentials of a built section those of the specification.

    Where a channel of a user's own reads or writes a concentration, NEURON would work that of its
    ion out of the concentrations: at the start, or at each step.
    """
    from neuron import h

    for ion in set(cell.channel_ions.values()) - {NON_SPECIFIC} if cell.user_channels else ():
        if not built.has_membrane(f"{ion}_ion"):
            continue
        style = int(h.ion_style(f"{ion}_ion", sec=built))
        if style & (_E_AT_START | _E_AT_EACH_STEP):
            concentrations, start = style & 3, (style >> 2) & 1
            h.ion_style(f"{ion}_ion", concentrations, _E_IS_GIVEN, 0, 0, start, sec=built)


def finish_cell(hobjs: dict[str, Any], cell: CellDescription) -> None:
    """Set on the built sections (by name) the capacitance by segment, and the diameters of tapers.

    A taper as two 3D points gives NEURON's frustum, whose axial resistance differs by up to 12 %
    from one diameter a segment, as published; so a tapered section gives up its 3D points.
    """
    from neuron import h

    for name, section in cell.sections.items():
        built = hobjs[name]
        hold_reversal_potentials(built, cell)
        if section.tapered:
            h.pt3dclear(sec=built)
            built.L = section.length_um
            for segment, diam in zip(built, section.diam_um, strict=True):
                segment.diam = diam
        if np.ptp(section.cm_uF_per_cm2):
            for segment, cm in zip(built, section.cm_uF_per_cm2, strict=True):
                segment.cm = cm
