"""Input-output of the simple model (Fig. 6A): peak against synaptic weight, with NaV2 or not."""

from pathlib import Path

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..figures.simple_experiments import input_output
from ..results import Result
from .condition import Condition
from .experiment import Experiment
from .outcome import Row
from .simple_current_clamp import EVENTS_MS, PLACE, STOP_MS, after_event, current_clamp, epsp

# Largest weight (uS) of each curve by sodium channel and DC (nA): model.md 5.
CURVES = {
    ("NaV2", 0.0): 8.95e-4,
    ("NaV2", 0.06): 3.6e-4,
    ("none", 0.0): 1.92533e-3,
    ("none", 0.0763): 1.38442e-3,
}
N_WEIGHTS = 201
KEPT_EVERY = 40
"""Every how many weights the trace is kept."""
SETTLE_MS = 400.0
"""Time before the first event; the paper's 1000 ms give the same peaks to 1e-6 mV."""


def conditions(reference: Path | None) -> list[Condition]:
    """Every weight of every curve, from none to the largest."""
    return [
        condition(sodium, dc_nA, float(peak_uS), keep=index % KEPT_EVERY == 0)
        for (sodium, dc_nA), largest_uS in CURVES.items()
        for index, peak_uS in enumerate(np.linspace(0, largest_uS, N_WEIGHTS))
    ]


def condition(
    sodium: str, dc_nA: float, peak_uS: float, *, settle_ms: float = SETTLE_MS, keep: bool = False
) -> Condition:
    """One weight, at a DC, with sodium channels (``NaV2``) or without (``none``)."""
    earlier_ms = EVENTS_MS[0] - settle_ms
    times_ms = [time - earlier_ms for time in EVENTS_MS]
    duration_ms = STOP_MS - earlier_ms
    protocol = current_clamp(dc_nA, times_ms, peak_uS, duration_ms, record={"soma": PLACE})
    cell = Cell.simple()
    if sodium == "none":
        cell = cell.with_rule("soma", "NaV2.gbar", value=0)
    labels = {"sodium": sodium, "dc_nA": dc_nA, "weight_uS": peak_uS, "settle_ms": settle_ms}
    return Condition(labels, cell, protocol, measure, keep=("soma",) if keep else ())


def measure(result: Result) -> Row:
    """Potential at the first event, and its peak from there to the end."""
    first_ms = EVENTS_MS[0] - (STOP_MS - result.time_ms[-1])
    return epsp(result.voltage_mV["soma"][after_event(result.time_ms, first_ms)])


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """Add the slope of the peak against the weight, and the gain: over that at small weights."""
    table = table.copy()
    table["slope_mV_per_nS"] = np.nan
    table["relative_gain"] = np.nan
    for _, curve in table.groupby(["sodium", "dc_nA"]):
        if len(curve) < 2:
            continue
        slope = np.gradient(curve["peak_mV"], 1e3 * curve["weight_uS"])
        table.loc[curve.index, "slope_mV_per_nS"] = slope
        table.loc[curve.index, "relative_gain"] = slope / slope[0]
    return table


EXPERIMENT = Experiment(
    name="simple_input_output",
    title="Simple model, input-output: peak potential against synaptic weight",
    source="Fig. 6A",
    conditions=conditions,
    figure=input_output,
    derive=derive,
)
