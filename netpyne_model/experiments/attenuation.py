"""Attenuation of EPSPs with distance: one event on one spine, at rest, over the dendritic tree.

The published AMPA conductance grows along the trunk so that spines of all regions but the tuft
depolarise the soma alike; the same spines depolarise their branch by 0.3 mV (thick trunk) to 18 mV
(end of the tuft).
"""

from functools import partial
from pathlib import Path

import numpy as np

from ..analysis import epsp_amplitude
from ..cell.cell import Cell
from ..figures.feature_experiments import attenuation
from ..protocols import Protocol, SpineInput
from ..results import Result
from .condition import Condition
from .experiment import Experiment
from .outcome import Row

DISTANCES_UM = {
    "basal": (30.0, 60.0, 90.0, 120.0, 160.0),
    "trunk": (75.0, 125.0, 175.0, 225.0, 275.0),
    "apical": (75.0, 125.0, 175.0, 225.0, 275.0),
    "tuft": (300.0, 350.0, 400.0, 450.0, 500.0),
}
"""Path distances, by region, at which the nearest spine of the placement is stimulated."""
EVENT_MS, DURATION_MS = 250.0, 350.0
V_INIT_MV = -68.5  # near rest everywhere
# A somatic EPSP of one spine is of the order of 0.1 mV: the default tolerance would be 0.1 % of it.
ATOL = 1e-6
SITES = ("head", "branch", "soma")


def conditions(reference: Path | None) -> list[Condition]:
    """One spine a condition: those nearest to `DISTANCES_UM`, in the regions that the cell has."""
    cell = Cell()
    spines = cell.placement.spines
    chosen = []
    for region, distances_um in DISTANCES_UM.items():
        here = spines.loc[spines["region"] == region, "path_distance"]
        if len(here):
            nearest = [int((here - distance_um).abs().idxmin()) for distance_um in distances_um]
            chosen += [_condition(cell, region, number) for number in dict.fromkeys(nearest)]
    return chosen


def _condition(cell: Cell, region: str, number: int) -> Condition:
    spine = cell.placement.spines.loc[number]
    section = cell.morphology.sections[int(spine["section"])].name
    labels = {
        "region": region,
        "spine": number,
        "section": section,
        "path_distance_um": float(spine["path_distance"]),
        "gmax_AMPA_nS": 1e3 * float(spine["gmax_AMPA_uS"]),
    }
    branch = (section, float(spine["x"]))
    protocol = Protocol(
        duration_ms=DURATION_MS,
        stimuli=SpineInput(spines=number, times_ms=EVENT_MS),
        record={"head": f"spine_{number}", "branch": branch, "soma": "soma_0(0)"},
        v_init_mV=V_INIT_MV,
        atol=ATOL,
        record_step_ms=0.025,
    )
    return Condition(labels, cell, protocol, measure, keep=SITES)


def measure(result: Result) -> Row:
    """Amplitude and time to peak at spine head, branch and soma, and what is lost between them."""
    row: Row = {}
    after = result.time_ms >= EVENT_MS
    for name in SITES:
        v_mV = result.voltage_mV[name]
        row[f"epsp_{name}_mV"] = epsp_amplitude(result.time_ms, v_mV, EVENT_MS)
        row[f"peak_{name}_ms"] = float(result.time_ms[after][np.argmax(v_mV[after])]) - EVENT_MS
    row["rest_branch_mV"] = float(np.interp(EVENT_MS, result.time_ms, result.voltage_mV["branch"]))
    row["head_over_branch"] = row["epsp_head_mV"] / row["epsp_branch_mV"]
    row["branch_over_soma"] = row["epsp_branch_mV"] / row["epsp_soma_mV"]
    return row


EXPERIMENT = Experiment(
    name="attenuation",
    title="Attenuation of single-spine EPSPs: spine head, branch, soma",
    source="full model, no figure of the paper",
    conditions=conditions,
    figure=partial(attenuation, event_ms=EVENT_MS),
)
