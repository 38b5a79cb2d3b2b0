"""The EPSP condition: five trunk spines driven five times at 100 Hz, at a holding current."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..errors import ModelError
from ..experiments.experiment import EVENTS_MS, one_row, published_spines, reference_table
from ..inputs import write_events

SITE = "soma"
DURATION_MS = 450.0
ROW = {"group": "Control", "target_vrest": -56, "mode": "atol1e-6"}
"""Row of ``epsp/convergence.csv``: the published converged measurement."""


def reference_row(reference: Path) -> dict[str, Any]:
    """The published converged measurement, by column, from the folder of reference figures."""
    table = reference_table(reference, "epsp", "convergence.csv")
    row = one_row(table, **ROW)
    if row.isna().all():
        raise ModelError(
            f"epsp/convergence.csv of {reference} has no row with {ROW}; expected one."
        )
    return row.to_dict()


def converged_epsp_mV(reference: Path) -> float:
    """Amplitude of the published converged EPSP at the soma."""
    return float(reference_row(reference)["epsp_soma"])


def epsp_fields(reference: Path, folder: Path) -> dict[str, Any]:
    """Fields of the configuration; the events are written to a file in a folder."""
    row = reference_row(reference)
    v_init_mV, holding_current_nA = float(row["v_init"]), float(row["i_holding"])
    events_file = write_epsp_events(folder)
    return condition(events_file, v_init_mV=v_init_mV, holding_current_nA=holding_current_nA)


def condition(events_file: Path, *, v_init_mV: float, holding_current_nA: float) -> dict[str, Any]:
    """Fields of the configuration for a holding current at the soma's joint, from the start on."""
    return {
        "setup": "place_cell",
        "events_file": str(events_file),
        "duration_ms": DURATION_MS,
        "v_init_mV": v_init_mV,
        "dc_nA": holding_current_nA,
        "dc_start_ms": 0.0,
        "dc_section": "soma_0",
        "dc_x": 0.0,
        "record_step_ms": 0.2,
        "record": {"branch": "trunk_50(0)"},
    }


def write_epsp_events(folder: Path) -> Path:
    """Write the events of the published spines into ``epsp_events.csv``, and return its path."""
    numbers = published_spines()["epsp_amplification"]["soma"]
    spines = Cell().placement.spines.loc[numbers]
    synapses = pd.DataFrame(
        {
            "synapse": range(len(spines)),
            "group": "CA3",
            "section": spines["section"].to_numpy(),
            "x": spines["x"].to_numpy(),
            "kind": "exc",
            "ampa_weight": 1.0,
            "gmax_uS": spines["gmax_AMPA_uS"].to_numpy(),
        }
    )
    path = folder / "epsp_events.csv"
    write_events(path, synapses, [np.array(EVENTS_MS)] * len(synapses))
    return path
