"""Spines on a described cell: folded into their segment, silent on it, or sections of their own."""

from collections.abc import Collection
from copy import deepcopy

import numpy as np
import pandas as pd

from ..morphology import Morphology
from ..placement import SpineGeometry
from .sections import CellDescription, SectionDescription, SilentSpines


def bear_spines(
    bare: CellDescription,
    morphology: Morphology,
    spines: pd.DataFrame,
    geometry: SpineGeometry,
    others: str,
    explicit: Collection[int],
) -> CellDescription:
    """A copy of a bare cell with its spines: the `explicit` ones as sections, and the others.

    Parameters
    ----------
    spines : DataFrame
        All of them, with the columns ``section`` and ``x``.
    others : {'folded', 'silent', 'none'}
        What becomes of those that are no sections: see `fold_spines` and `add_silent_spines`.
    explicit : collection of int
        Index labels of rows of `spines`.
    """
    bearing = bare
    if others != "none":
        bear = fold_spines if others == "folded" else add_silent_spines
        bearing = bear(bare, morphology, spines.drop(index=sorted(explicit)), geometry)
    return add_spines(bearing, bare, morphology, spines, geometry, explicit)


def fold_spines(
    cell: CellDescription, morphology: Morphology, spines: pd.DataFrame, geometry: SpineGeometry
) -> CellDescription:
    """A copy of a cell with spines folded into capacitance and leak of the segment they sit on.

    An unstimulated passive spine follows its segment within microseconds (509 MOhm, 9 fF), so its
    membrane may as well be the segment's. `spines` has the columns ``section`` and ``x``.
    """
    folded = CellDescription(
        cell.cell_id, deepcopy(cell.sections), cell.channel_ions, cell.user_channels
    )
    for index, positions in spines.groupby("section")["x"]:
        section = folded.sections[morphology.section(int(index)).name]
        segments = np.minimum((positions.to_numpy() * section.nseg).astype(int), section.nseg - 1)
        count = np.bincount(segments, minlength=section.nseg)
        spine_area = count * geometry.area_um2 / section.area_um2
        section.cm_uF_per_cm2 = section.cm_uF_per_cm2 * (1 + spine_area)
        added = spine_area * section.leak_S_per_cm2[-1]
        total = section.leak_S_per_cm2 + added
        weighted = section.leak_S_per_cm2 * section.leak_e_mV + added * geometry.e_pas_mV
        leak_e_mV = section.leak_e_mV.copy()
        section.leak_e_mV = np.divide(weighted, total, out=leak_e_mV, where=total != 0)
        section.leak_S_per_cm2 = total
    return folded


def add_silent_spines(
    cell: CellDescription, morphology: Morphology, spines: pd.DataFrame, geometry: SpineGeometry
) -> CellDescription:
    """A copy of a cell that bears spines which get no input, or are driven within their synapse.

    All of a segment are one pair of potentials, exact at fixed time steps. They have the cable and
    the leak of the last segment of their section. `spines` has the columns ``section`` and ``x``.
    """
    bearing = CellDescription(
        cell.cell_id, deepcopy(cell.sections), cell.channel_ions, cell.user_channels
    )
    for index, positions in spines.groupby("section")["x"]:
        section = bearing.sections[morphology.section(int(index)).name]
        cm_uF_per_cm2, Ra_ohm_cm = float(section.cm_uF_per_cm2[-1]), section.Ra_ohm_cm
        section.silent_spines = SilentSpines(
            positions.to_numpy(),
            float(section.leak_S_per_cm2[-1]),
            spine_cable(geometry, cm_uF_per_cm2=cm_uF_per_cm2, Ra_ohm_cm=Ra_ohm_cm),
        )
    return bearing


def add_spines(
    cell: CellDescription,
    bare: CellDescription,
    morphology: Morphology,
    spines: pd.DataFrame,
    geometry: SpineGeometry,
    which: Collection[int],
) -> CellDescription:
    """A copy of a cell with some spines as sections, ``neck_<label>`` and ``head_<label>``.

    `which` are index labels of rows of `spines`; the cell may bear others folded. The spines take
    over cable and leak of the `bare` cell, which has none.
    """
    grown = CellDescription(
        cell.cell_id, deepcopy(cell.sections), dict(cell.channel_ions), dict(cell.user_channels)
    )
    chosen = spines.loc[sorted(which)]
    for label, index, x in zip(chosen.index, chosen["section"], chosen["x"], strict=True):
        parent = bare.sections[morphology.section(int(index)).name]
        base = parent.position_um(x)
        size = (geometry.neck_length_um, geometry.neck_diam_um, geometry.e_pas_mV)
        neck = _cylinder(f"neck_{label}", parent, float(x), base, *size)
        tip = neck.points_um[-1, :3]
        size = (geometry.head_length_um, geometry.head_diam_um, geometry.e_pas_mV)
        head = _cylinder(f"head_{label}", parent, 1.0, tip, *size)
        head.parent = neck.name
        grown.sections[neck.name], grown.sections[head.name] = neck, head
    return grown


def spine_cable(
    geometry: SpineGeometry, *, cm_uF_per_cm2: float, Ra_ohm_cm: float
) -> dict[str, float]:
    """A spine as two compartments, as NEURON discretises neck and head.

    Gives ``G_branch_neck`` (half the neck) and ``G_neck_head`` (half the neck and half the head) in
    uS, ``area_neck`` and ``area_head`` in um2, ``cm`` in uF/cm2 and ``e_pas`` in mV.
    """

    def half_resistance_megohm(length_um: float, diam_um: float) -> float:
        return 1e-2 * Ra_ohm_cm * (length_um / 2) / (np.pi * diam_um**2 / 4)

    neck = (geometry.neck_length_um, geometry.neck_diam_um)
    head = (geometry.head_length_um, geometry.head_diam_um)
    return {
        "G_branch_neck": 1 / half_resistance_megohm(*neck),
        "G_neck_head": 1 / (half_resistance_megohm(*neck) + half_resistance_megohm(*head)),
        "area_neck": float(np.pi * np.prod(neck)),
        "area_head": float(np.pi * np.prod(head)),
        "cm": cm_uF_per_cm2,
        "e_pas": geometry.e_pas_mV,
    }


def _cylinder(
    name: str,
    parent: SectionDescription,
    x: float,
    base: np.ndarray,
    length_um: float,
    diam_um: float,
    leak_e_mV: float,
) -> SectionDescription:
    """A cylinder along z, with the cable and the leak of the last segment of its branch."""
    tip = base + np.array([0.0, 0.0, length_um])
    return SectionDescription(
        name=name,
        parent=parent.name,
        parent_loc=x,
        length_um=length_um,
        points_um=np.array([[*base, diam_um], [*tip, diam_um]]),
        diam_um=np.array([diam_um]),
        path_length_um=np.array([np.nan]),
        cm_uF_per_cm2=parent.cm_uF_per_cm2[-1:].copy(),
        Ra_ohm_cm=parent.Ra_ohm_cm,
        leak_S_per_cm2=parent.leak_S_per_cm2[-1:].copy(),
        leak_e_mV=np.array([leak_e_mV]),
    )
