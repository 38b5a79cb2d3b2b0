"""Long current steps at the soma, recorded there and along the trunk: two tests read them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..analysis.efel_features import efel_features
from ..cell.cell import Cell
from ..experiments.condition import Condition
from ..experiments.outcome import Outcome, Row
from ..morphology.locations import SOMA
from ..protocols import CurrentClamp, Protocol
from ..results import Result
from .fixed_step import DT_MS, fixed_step
from .score import rows_of

START_MS, STOP_MS, AFTER_MS = 500.0, 1500.0, 200.0
END_MS = 100.0  # of the step, whose spikes and mean potential tell a block
CURRENTS_NA = tuple(round(0.05 * number, 2) for number in range(33))
SHOWN_NA = (0.3, 0.5, 0.6, 1.0)  # currents whose traces are kept
SPIKE_BEGINS_MV_PER_MS = 40.0
BEFORE_SPIKE_MS, AFTER_SPIKE_MS, BEFORE_NEXT_MS = 1.0, 10.0, 3.0
TEST = "train"


def trunk_places(cell: Cell) -> pd.DataFrame:
    """Segments of the trunk: ``name, place, path_distance`` (um); empty if there is none."""
    table = cell.table()
    trunk = table[table["region"] == "trunk"].reset_index(drop=True)
    names = [f"{row.section}_{row.segment}" for row in trunk.itertuples()]
    places = [f"{row.section}({row.x:.15g})" for row in trunk.itertuples()]
    return trunk.assign(name=names, place=places)[["name", "place", "path_distance"]]


def recorded_places(cell: Cell) -> dict[str, str]:
    """The soma and every segment of the trunk, by the name of their recordings."""
    trunk = trunk_places(cell)
    return {"soma": SOMA} | dict(zip(trunk["name"], trunk["place"], strict=True))


def train_protocol(cell: Cell, current_nA: float) -> Protocol:
    """A step of a second, recorded at the soma and in every segment of the trunk."""
    step = CurrentClamp(amplitude_nA=current_nA, start_ms=START_MS, stop_ms=STOP_MS)
    return fixed_step(STOP_MS + AFTER_MS, recorded_places(cell), step)


def train_conditions(cell: Cell) -> list[Condition]:
    """Steps from none to 1.6 nA."""
    return [
        Condition(
            {"test": TEST, "current_nA": current_nA},
            cell,
            train_protocol(cell, current_nA),
            measure,
            keep=("soma",) if current_nA in SHOWN_NA else (),
        )
        for current_nA in CURRENTS_NA
    ]


def trains(outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of the steps by current."""
    return sorted(rows_of(TEST, outcomes), key=lambda row: row["current_nA"])


def measure(result: Result) -> Row:
    """Spikes, what is at the end of the step, and the first and the last spike at every place."""
    time_ms, soma_mV = result.time_ms, result.voltage_mV["soma"]
    end = (time_ms >= STOP_MS - END_MS) & (time_ms < STOP_MS)
    row: Row = {
        "n_spikes": _spike_count(time_ms, soma_mV, START_MS, STOP_MS),
        "n_spikes_at_end": _spike_count(time_ms[end], soma_mV[end], STOP_MS - END_MS, STOP_MS),
        "v_at_end_mV": float(soma_mV[end].mean()),
    }
    begins_ms = _spike_begins(time_ms, soma_mV)
    for name, v_mV in result.voltage_mV.items():
        first_mV, last_mV = spike_amplitudes(time_ms, v_mV, begins_ms)
        row |= {f"first_{name}_mV": first_mV, f"last_{name}_mV": last_mV}
    return row


def spike_amplitudes(
    time_ms: np.ndarray, v_mV: np.ndarray, begins_ms: np.ndarray
) -> tuple[float, float]:
    """Height (mV) of the first and the last spike at a place over the potential just before it.

    `begins_ms` are the times at which the spikes begin at the soma; NaN with fewer than two.
    """
    if len(begins_ms) < 2:
        return math.nan, math.nan
    until_next_ms = begins_ms[1] - begins_ms[0] - BEFORE_NEXT_MS
    spans: list[tuple[float, float]] = [
        (begins_ms[0], min(AFTER_SPIKE_MS, until_next_ms)),
        (begins_ms[-1], AFTER_SPIKE_MS),
    ]
    first_mV, last_mV = (
        _height(time_ms, v_mV, begin_ms - BEFORE_SPIKE_MS, begin_ms + after_ms)
        for begin_ms, after_ms in spans
    )
    return first_mV, last_mV


def _height(time_ms: np.ndarray, v_mV: np.ndarray, from_ms: float, to_ms: float) -> float:
    span = v_mV[(time_ms >= from_ms) & (time_ms < to_ms)]
    return float(span.max() - span[0])


def _spike_count(time_ms: np.ndarray, v_mV: np.ndarray, start_ms: float, stop_ms: float) -> int:
    window: dict[str, Any] = {"start_ms": start_ms, "stop_ms": stop_ms}
    counted = efel_features(time_ms, v_mV, ["Spikecount"], **window)["Spikecount"]
    return int(counted[0]) if len(counted) else 0


def _spike_begins(time_ms: np.ndarray, v_mV: np.ndarray) -> np.ndarray:
    feature = "AP_begin_time"
    return efel_features(
        time_ms,
        v_mV,
        [feature],
        start_ms=START_MS,
        stop_ms=STOP_MS,
        interp_step_ms=DT_MS,
        threshold_mV_per_ms=SPIKE_BEGINS_MV_PER_MS,
    )[feature]
