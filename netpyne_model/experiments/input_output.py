"""Input-output (Fig. 6B): trunk spines added one at a time until the soma passes -52 mV."""

from pathlib import Path

import pandas as pd

from ..analysis import baseline
from ..figures.experiments import input_output
from ..protocols import CurrentClamp, Protocol, SpineInput
from ..results import Result
from .condition import Condition
from .experiment import EVENTS_MS, Experiment, cell_with_drugs, trunk_spines
from .held import DURATION_MS, SITES
from .outcome import Row

THRESHOLD_MV = -52.0
DRUGS = {"control": (), "TTX": ("TTX:0",)}
# Published holding (model.md 6): rest about -65 and -60 mV.
DC_NA = {("control", -65): 0.06, ("TTX", -65): 0.06, ("control", -60): 0.14, ("TTX", -60): 0.15}
# More than any curve needs to pass the threshold.
LARGEST_N = {-65: 42, -60: 30}


def conditions(reference: Path | None) -> list[Condition]:
    """Every number of spines on every curve; `derive` leaves out what is beyond the threshold."""
    return [
        _condition(drugs, rest_mV, current_nA, n_spines)
        for (drugs, rest_mV), current_nA in DC_NA.items()
        for n_spines in range(LARGEST_N[rest_mV] + 1)
    ]


def _condition(drugs: str, rest_mV: int, current_nA: float, n_spines: int) -> Condition:
    cell = cell_with_drugs(*DRUGS[drugs])
    spines = trunk_spines(cell, "input_output")[:n_spines]
    gmax_uS = cell.placement.spines.loc[spines, "gmax_AMPA_uS"].sum()
    labels = {"drugs": drugs, "rest_mV": rest_mV, "dc_nA": current_nA, "n_spines": n_spines}
    labels["summed_gmax_AMPA_nS"] = 1e3 * float(gmax_uS)
    stimuli: list[CurrentClamp | SpineInput] = [CurrentClamp(amplitude_nA=current_nA)]
    if spines:
        stimuli.append(SpineInput(spines=spines, times_ms=EVENTS_MS))
    # The start is near the rest: 250 ms do not forget it (model.md 6).
    protocol = Protocol(
        duration_ms=DURATION_MS, stimuli=stimuli, record=SITES, v_init_mV=float(rest_mV)
    )
    return Condition(labels, cell, protocol, measure, keep=("soma",))


def measure(result: Result) -> Row:
    """Peak potentials from the first event on, and the potential before it."""
    after = result.time_ms >= EVENTS_MS[0]
    row: Row = {}
    for site in SITES:
        v_mV = result.voltage_mV[site]
        row[f"peak_{site}_mV"] = float(v_mV[after].max())
        row[f"v_base_{site}_mV"] = baseline(result.time_ms, v_mV, EVENTS_MS[0])
    return row


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """End each curve at the first number of spines with which the soma passes the threshold."""
    kept = []
    for _, curve in table.groupby(["drugs", "rest_mV"], sort=False):
        curve = curve.sort_values("n_spines")
        passed = (curve["peak_soma_mV"] > THRESHOLD_MV).cumsum()
        kept.append(curve[passed <= 1].iloc[: (passed == 0).sum() + 1])
    return pd.concat(kept, ignore_index=True)


EXPERIMENT = Experiment(
    name="input_output",
    title="Input-output: trunk spines added one at a time, control and TTX, at two potentials",
    source="Fig. 6B",
    conditions=conditions,
    figure=lambda table, _: input_output(table),
    derive=derive,
)
