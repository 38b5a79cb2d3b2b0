"""A result in a few numbers."""

import math

import numpy as np
from pandas import DataFrame
from rich.table import Table

from ..results import Result
from .measures import MEASURES, measure

LABELS = {
    "n_synapses": "driven synapses",
    "n_presynaptic_spikes": "presynaptic spikes",
    "n_released_events": "released events",
    "simulation_wall_s": "wall time of the simulation (s)",
    "wall_ms_per_simulated_ms": "wall time per simulated ms (ms)",
}
"""What a summary holds beside measures: what the cell was driven with, and what the run cost."""


def summarise(result: Result) -> dict:
    """Say in a few numbers what came out.

    Returns
    -------
    dict
        The measures marked ``in_summary`` (see `MEASURES`), None where the run does not hold them;
        ``n_synapses``, ``n_presynaptic_spikes`` and ``n_released_events`` by group; the wall time.
        As JSON can hold it.
    """
    simulated_ms = float(result.time_ms[-1] - result.time_ms[0])
    # JSON has no NaN.
    measured = {
        name: None if math.isnan(value) else value
        for name, value in measure(result, summary=True).items()
    }
    wall_s = float(result.simulation_wall_s)
    cost = {"simulation_wall_s": wall_s, "wall_ms_per_simulated_ms": 1e3 * wall_s / simulated_ms}
    return measured | _inputs(result) | cost


def format_summary(numbers: dict) -> Table:
    """Lay a summary out as a table for the terminal.

    Parameters
    ----------
    numbers : dict
        From `summarise`.
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for key, value in numbers.items():
        if isinstance(value, dict):
            table.add_row(LABELS[key], f"{sum(value.values()):,}")
            for group, count in value.items():
                table.add_row(f"  {group}", f"{count:,}", style="dim")
        elif value is not None:
            table.add_row(_label(key), _number(value))
    return table


def _label(key: str) -> str:
    if key not in MEASURES:
        return LABELS[key]
    one = MEASURES[key]
    return one.label + (f" ({one.unit})" if one.unit else "")


def _number(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _inputs(result: Result) -> dict:
    counts = DataFrame({"group": result.synapses["group"].astype(str), "n_synapses": 1})
    trains = {
        "n_presynaptic_spikes": result.presynaptic_ms,
        "n_released_events": result.released_ms,
    }
    for name, all_trains in trains.items():
        counts[name] = np.array([len(train) for train in result.simulated(all_trains)], int)
    return counts.groupby("group", sort=False).sum().to_dict()
