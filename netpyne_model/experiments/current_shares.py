"""What feeds the soma: the share of each current in the ramp, and in the last 20 ms before spikes.

The currentscape of the soma (docs/currentscape.md) of trials of two cells that fire in a field: the
silent cell with 0.1 nA into its soma, and the place cell. *Ramp*: of all that is added inward in the
field against out of it, spikes aside. *Before*: of all inward current from 20 to 1 ms before those
spikes that have no other in the 30 ms before them, and in four parts of it.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis import (
    BEFORE_SPIKE_MS,
    before_spikes,
    currentscape,
    mean_and_band,
    ramp_parts,
    with_shares,
)
from ..cell.cell import Cell
from ..cell.persistent_part import PERSISTENT, TRANSIENT
from ..configuration import load_configuration
from ..figures.current_shares import current_shares
from ..morphology import DENDRITES
from ..results import Result
from ..simulation import run_trial
from .experiment import Experiment, cell_with_drugs
from .outcome import Outcome, Row
from .search import Search

SEEDS = tuple(range(10))
PREPARATIONS: dict[str, dict[str, Any]] = {
    "silent cell, +0.1 nA": {"setup": "silent_cell", "dc_nA": 0.1},
    "place cell": {"setup": "place_cell"},
}
TRIAL: dict[str, Any] = {
    "integration": "second_order",
    "dt_ms": 0.05,
    "record_step_ms": 0.2,
    "record_membrane_currents_ms": 1.0,
}
_EDGES_MS = (20.0, 15.0, 10.0, 5.0, 1.0)
WINDOWS_MS = {"before": BEFORE_SPIKE_MS} | {
    f"before_{begin:g}_to_{end:g}": (begin, end) for begin, end in pairwise(_EDGES_MS)
}
"""From how long before a spike until how long before it, by the name in the table's columns."""
PLACES = {"ais": ("ais",), "soma": ("soma",), "dendrites": DENDRITES}
"""Regions of which the persistent current has a column of its own."""
OTHERS = ("NMDA", "AMPA", "injected")


def conditions(reference: Path | None) -> list[Search]:
    """Ten trials of each cell."""
    return [
        Search({"preparation": name, "seed": seed}, cell_with_drugs(), search_shares)
        for name in PREPARATIONS
        for seed in SEEDS
    ]


def search_shares(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """Run a trial, and say what feeds its soma."""
    fields = PREPARATIONS[labels["preparation"]] | {"seed": labels["seed"]}
    result = run_trial(load_configuration(None, TRIAL, fields))
    return Outcome(dict(labels) | soma_row(result), {})


def soma_row(result: Result) -> Row:
    """What feeds the soma of a trial: columns of the table."""
    scape = currentscape(result, "soma")
    ramp = ramp_parts(result, scape)
    row: Row = {"n_spikes": len(result.spike_times_ms)}
    row["ramp_added_pA"] = 1e3 * float(ramp["change_nA"].clip(lower=0).sum())
    row |= shares_row("ramp", ramp["share"])
    # One set of spikes for all windows: those that have no other in the longest.
    spikes_ms = before_spikes(scape, result.spike_times_ms)["spike_ms"].to_numpy()
    row["n_spikes_before"] = len(spikes_ms)
    for name, window_ms in WINDOWS_MS.items() if len(spikes_ms) else ():
        mean_nA = before_spikes(scape, spikes_ms, window_ms).mean("spike_ms")
        inward = with_shares(mean_nA).xs("inward", level="side")["share"]
        row |= shares_row(name, inward)
    return row


def shares_row(name: str, share: pd.Series) -> Row:
    """Columns of the shares of some currents, by ``current, region``."""
    current = share.index.get_level_values("current")
    region = share.index.get_level_values("region")
    persistent = current.str.startswith(PERSISTENT)
    row = {f"{name}_persistent": share[persistent].sum()}
    for place, regions in PLACES.items():
        row[f"{name}_persistent_{place}"] = share[persistent & region.isin(regions)].sum()
    row[f"{name}_transient"] = share[current.str.startswith(TRANSIENT)].sum()
    row |= {f"{name}_{one}": share[current == one].sum() for one in OTHERS}
    return {column: float(value) for column, value in row.items()}


def bands(table: pd.DataFrame) -> pd.DataFrame:
    """Mean share of every column with its 95 % band over seeds, by ``preparation, column``."""
    rows = []
    for preparation, of in table.groupby("preparation", sort=False):
        for column in of.columns.drop(["preparation", "seed"]):
            band = mean_and_band(of[column].to_numpy(float))
            rows.append((preparation, column, len(of), *band))
    return pd.DataFrame(rows, columns=["preparation", "column", "n", "mean", "lower", "upper"])


EXPERIMENT = Experiment(
    name="current_shares",
    title="What feeds the soma in the ramp and before spikes",
    source="asked of Hsu et al. 2018",
    conditions=conditions,
    figure=lambda table, outcomes: current_shares(bands(table), WINDOWS_MS),
)
