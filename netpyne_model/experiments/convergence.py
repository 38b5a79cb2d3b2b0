"""Numerical accuracy: the amplified EPSP against time step, segments and the held potential.

EPSPs of the amplification experiment (Fig. 5C: five trunk spines, DC at the soma, control) at the
published holding currents for -62 and -56 mV, integrated with an adapted step at five tolerances,
with five fixed steps, and with every segment cut into three and nine; and at holding currents
solved for, in steps of 0.25 mV. Steps are counted for fixed steps alone: an adapted run does not
tell how many it took.

What it shows: implicit Euler errs in the first order of its step and always low, 3.9 % at 0.025 ms
and -56 mV; an adapted step at atol 1e-4 errs by 0.04 %. From -56.25 to -56 mV the amplification
ratio rises by 0.15 per 0.1 mV, and at -55.75 mV the same five events fire the cell: a ratio "at -56
mV" says little without the potential to 0.01 mV.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..analysis import epsp_amplitude
from ..cell.cell import Cell
from ..figures.feature_experiments import convergence
from ..protocols import CurrentClamp, Holding, Protocol, SpineInput
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .experiment import EVENTS_MS, Experiment, one_row, reference_table, trunk_spines
from .held import DURATION_MS, SITES
from .outcome import Row

PUBLISHED_HOLDING = {-62: (0.11, -62.007816529620165), -56: (0.22, -55.99875106457989)}
"""Current (nA) and start (mV) of the published runs by the potential they aim at (mV)."""
ATOL = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
DT_MS = (0.1, 0.05, 0.025, 0.0125, 0.005)
SEGMENTS_FACTOR = (3, 9)
SEGMENTS_ATOL = 1e-6
EXACT = "atol 1e-06"
RATIO_FROM_MV = -62.0
HELD_MV = (RATIO_FROM_MV, *(round(-58 + 0.25 * number, 2) for number in range(13)))
HELD_ATOL = 1e-5
HELD_TOLERANCE_MV = 0.002
"""Of the held potential: its error must be small beside the 0.25 mV between two of them."""
REFERENCE = ("epsp", "convergence.csv")
PUBLISHED_MODES = {"atol1e-3": "atol 0.001", "dt0.025": "dt 0.025 ms", "atol1e-6": EXACT}
# Folded spines and another recording grid are within 0.2 %; at atol 1e-3 steps fall otherwise.
RELATIVE, ABSOLUTE_MV = 0.002, 0.005


def conditions(reference: Path | None) -> list[Condition]:
    """Every tolerance and step at the published holding currents; then every held potential."""
    cell = Cell()
    spines = SpineInput(spines=trunk_spines(cell, "epsp_amplification", "soma"), times_ms=EVENTS_MS)
    chosen = []
    for target_mV, (current_nA, v_init_mV) in PUBLISHED_HOLDING.items():
        stimuli = [spines, CurrentClamp(amplitude_nA=current_nA)]
        for method, settings in _integrations():
            labels = {"kind": "integration", "target_mV": target_mV} | method
            settings = settings | {"stimuli": stimuli, "v_init_mV": v_init_mV}
            chosen.append(_condition(labels, cell, **settings))
    for held_mV in HELD_MV:
        holding = Holding(target_mV=held_mV, tolerance_mV=HELD_TOLERANCE_MV)
        labels = {"kind": "held", "target_mV": held_mV}
        labels |= {"method": f"atol {HELD_ATOL:g}", "atol": HELD_ATOL}
        chosen.append(_condition(labels, cell, stimuli=[spines], holding=holding, atol=HELD_ATOL))
    return chosen


def _integrations() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Labels and settings of every way to integrate."""
    ways: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for atol in ATOL:
        ways.append(({"method": f"atol {atol:g}", "atol": atol}, {"atol": atol}))
    for dt_ms in DT_MS:
        labels = {"method": f"dt {dt_ms:g} ms", "dt_ms": dt_ms}
        ways.append((labels | {"n_steps": round(DURATION_MS / dt_ms)}, {"dt_ms": dt_ms}))
    for factor in SEGMENTS_FACTOR:
        finer = {"segments_factor": factor}
        labels = {"method": f"segments x {factor}", "atol": np.nan} | finer
        ways.append((labels, {"atol": SEGMENTS_ATOL} | finer))
    return ways


def _condition(labels: dict[str, Any], cell: Cell, **settings: Any) -> Condition:
    protocol = Protocol(duration_ms=DURATION_MS, record=SITES, **settings)
    return Condition(labels, cell, protocol, measure, keep=("soma",))


def measure(result: Result) -> Row:
    """Amplitudes at soma and trunk, NaN where the cell fires, and the soma's highest potential."""
    peak_mV = float(result.voltage_mV["soma"][result.time_ms >= EVENTS_MS[0]].max())
    n_spikes = len(result.spike_times_ms)
    row: Row = {"peak_soma_mV": peak_mV, "n_spikes": n_spikes}
    for site, v_mV in result.voltage_mV.items():
        epsp_mV = epsp_amplitude(result.time_ms, v_mV, EVENTS_MS[0])
        row[f"epsp_{site}_mV"] = np.nan if n_spikes else epsp_mV
    return row


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """Add each integration's error, and the ratio to the EPSP at -62 mV with its change."""
    table = table.copy()
    integrated = table["kind"] == "integration"
    exact = table[integrated & (table["method"] == EXACT)].set_index("target_mV")["epsp_soma_mV"]
    error = table["epsp_soma_mV"] / table["target_mV"].map(exact) - 1
    table["error_percent"] = np.where(integrated, 100 * error, np.nan)
    held = table[(table["kind"] == "held") & table["epsp_soma_mV"].notna()]
    if not len(held):
        return table
    from_mV = one_row(held, target_mV=RATIO_FROM_MV)["epsp_soma_mV"]
    table.loc[held.index, "amplification_ratio"] = held["epsp_soma_mV"] / from_mV
    even = held[held["target_mV"] > RATIO_FROM_MV].sort_values("held_mV")
    if len(even) > 1:
        ratio = table.loc[even.index, "amplification_ratio"]
        table.loc[even.index, "ratio_change_per_0.1_mV"] = 0.1 * np.gradient(ratio, even["held_mV"])
    return table


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """EPSPs at soma and trunk by way of integration, against the published model's."""
    published = reference_table(reference, *REFERENCE)
    within = {"relative": RELATIVE, "absolute": ABSOLUTE_MV}
    comparisons = []
    for row in published[published["group"] == "Control"].to_dict("records"):
        target_mV = row["target_vrest"]
        method = PUBLISHED_MODES[row["mode"]]
        here = one_row(table, kind="integration", target_mV=target_mV, method=method)
        for site in SITES:
            quantity = f"EPSP at the {site}, {target_mV} mV, {method}"
            theirs, ours = row[f"epsp_{site}"], here[f"epsp_{site}_mV"]
            comparisons.append(Comparison.within(quantity, "mV", theirs, ours, **within))
    return comparisons


EXPERIMENT = Experiment(
    name="convergence",
    title="Numerical honesty: the amplified EPSP against step, tolerance and held potential",
    source="Fig. 5C, control, DC at the soma",
    conditions=conditions,
    figure=partial(convergence, first_event_ms=EVENTS_MS[0]),
    compare=compare,
    derive=derive,
)
