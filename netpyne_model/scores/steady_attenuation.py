"""Attenuation of a steady potential from the soma along the trunk, with and without Ih."""

import math
from collections.abc import Sequence

import numpy as np

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.condition import Condition
from ..experiments.outcome import Outcome, Row
from ..protocols import CurrentClamp
from ..results import Result
from .fixed_step import fixed_step
from .score import Score, ScoredTest, rows_of
from .targets import targets
from .trains import recorded_places, trunk_places

NAME = "steady_attenuation"
START_MS, STOP_MS = 500.0, 1000.0
CURRENT_NA = -0.05
RECORD_STEP_MS = 0.1  # means of a slow change want no more
WINDOW_MS = 20.0  # before the onset and before the end, whose means are compared
DRUGS = {"half_distance": (), "half_distance_without_Ih": ("ZD7288",)}


def tasks(cell: Cell) -> list[CellTask]:
    """A hyperpolarising step at the soma, and the same with Ih blocked."""
    step = CurrentClamp(amplitude_nA=CURRENT_NA, start_ms=START_MS)
    protocol = fixed_step(STOP_MS, recorded_places(cell), step, record_step_ms=RECORD_STEP_MS)
    return [
        Condition({"test": NAME, "quantity": quantity}, cell.with_drugs(*drugs), protocol, measure)
        for quantity, drugs in DRUGS.items()
    ]


def measure(result: Result) -> Row:
    """Steady change of the potential at every place."""
    time_ms = result.time_ms
    row: Row = {}
    for name, v_mV in result.voltage_mV.items():
        before, steady = (
            v_mV[(time_ms >= end_ms - WINDOW_MS) & (time_ms < end_ms)].mean()
            for end_ms in (START_MS, STOP_MS)
        )
        row[f"change_{name}_mV"] = float(steady - before)
    return row


def half_distance_um(distances_um: np.ndarray, ratios: np.ndarray) -> float:
    """Smallest distance at which a ratio falls to one half; NaN if it does not.

    `ratios` start above one half.
    """
    order = np.argsort(distances_um)
    along_um, falling = distances_um[order], ratios[order]
    below = np.flatnonzero(falling < 0.5)
    if not len(below) or below[0] == 0:
        return math.nan
    pair = slice(below[0] - 1, below[0] + 1)
    return float(np.interp(0.5, falling[pair][::-1], along_um[pair][::-1]))


def scores(cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """Both distances; their spread was not to be had, so that they count in no score."""
    trunk = trunk_places(cell)
    rows = {row["quantity"]: row for row in rows_of(NAME, outcomes)}
    scored = []
    for quantity, target in targets(NAME).items():
        row = rows[quantity]
        changes_mV = np.array([row[f"change_{name}_mV"] for name in trunk["name"]])
        ratios = changes_mV / row["change_soma_mV"]
        here_um = half_distance_um(trunk["path_distance"].to_numpy(), ratios)
        scored.append(Score(target, here_um))
    return scored


TESTS = [
    ScoredTest(
        name=NAME,
        title="Attenuation of a steady potential, soma to trunk",
        source="Golding et al. 2005",
        tasks=tasks,
        scores=scores,
    )
]
