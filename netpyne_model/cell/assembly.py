"""A described cell as NetPyNE ``cellParams``, and what NetPyNE cannot express, set on the built sections."""

from typing import Any

import numpy as np

from ..mechanisms.fusing import FUSED, fused_channels
from ..neuroml2.cell_reader import CellDescription, SectionDescription

CELL_TYPE = "CA1"


def cell_params(
    cell: CellDescription, *, spike_site: tuple[str, float], spike_threshold_mV: float, fused: bool = False
) -> dict[str, Any]:
    """Return the cell as a NetPyNE ``cellParams`` entry.

    NetPyNE holds one capacitance a section, so `geom` carries the mean over the section's membrane; `finish_cell` sets the
    value of each segment once the sections are built.

    Parameters
    ----------
    cell : CellDescription
    spike_site : (str, float)
        Section and x at which an upward crossing of `spike_threshold_mV` counts as an output spike.
    spike_threshold_mV : float
    fused : bool
        Whether the channels go into the one mechanism of all channels (fixed time steps only); a channel that it does not
        know stays a mechanism of its own.

    Returns
    -------
    dict
        ``{"secs": ...}``.
    """
    together = fused_channels() if fused else frozenset()
    secs = {name: _section(cell, section, together) for name, section in cell.sections.items()}
    name, x = spike_site
    secs[name] |= {"spikeGenLoc": x, "threshold": spike_threshold_mV}
    return {"secs": secs}


def _section(cell: CellDescription, section: SectionDescription, together: frozenset[str]) -> dict[str, Any]:
    mean_cm = float(np.average(section.cm_uF_per_cm2, weights=section.area_um2))
    params: dict[str, Any] = {
        "geom": {
            "L": section.length_um,
            "nseg": section.nseg,
            "diam": float(section.diam_um.mean()),
            "Ra": section.Ra_ohm_cm,
            "cm": mean_cm,
            "pt3d": [tuple(point) for point in section.points_um.tolist()],
        },
        "topol": {},
        "mechs": {"pas": {"g": section.leak_S_per_cm2.tolist(), "e": section.leak_e_mV.tolist()}},
        "ions": {},
    }
    if section.parent is not None:
        params["topol"] = {"parentSec": section.parent, "parentX": section.parent_loc, "childX": 0.0}
    for channel, gbar in section.gbar_S_per_cm2.items():
        ion = cell.channel_ions[channel]
        mechanism, of_channel = (FUSED, f"_{channel}") if channel in together else (channel, "")
        values = params["mechs"].setdefault(mechanism, {})
        values[f"gmax{of_channel}"] = gbar.tolist()
        if ion == "non_specific":
            values[f"e{of_channel}"] = cell.reversal_mV[channel]
        else:
            params["ions"][ion] = {"e": cell.reversal_mV[ion]}
    return params


def finish_cell(hobjs: dict[str, Any], cell: CellDescription) -> None:
    """Set on the built sections what ``cellParams`` cannot hold: capacitance by segment, and diameters of tapers.

    A taper as two 3D points gives NEURON's frustum, whose axial resistance differs by up to 12 % from one diameter a
    segment, as published; so a tapered section gives up its 3D points.

    Parameters
    ----------
    hobjs : dict of str to nrn.Section
        The built sections by name.
    cell : CellDescription
    """
    from neuron import h

    for name, section in cell.sections.items():
        built = hobjs[name]
        if section.tapered:
            h.pt3dclear(sec=built)
            built.L = section.length_um
            for segment, diam in zip(built, section.diam_um, strict=True):
                segment.diam = diam
        if np.ptp(section.cm_uF_per_cm2):
            for segment, cm in zip(built, section.cm_uF_per_cm2, strict=True):
                segment.cm = cm
