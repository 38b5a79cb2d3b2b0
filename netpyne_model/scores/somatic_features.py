"""Somatic features under current steps: rest, resistance, sag, time constants, spikes, f-I.

The steps and the features are those of HippoUnit's test of the same name; of features that have a
value a spike, all but the first count, as there.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..analysis.efel_features import efel_features
from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.condition import Condition
from ..experiments.outcome import Outcome, Row
from ..morphology.locations import SOMA
from ..protocols import CurrentClamp
from ..results import Result
from .fixed_step import fixed_step
from .score import Score, ScoredTest, mean, rows_of
from .targets import Target, somatic_targets

START_MS, AFTER_MS = 1000.0, 200.0
SHOWN_NA = (-0.25, 0.25)  # currents whose traces are kept
# In HippoUnit the first value of these is not counted: eFEL may take the onset for a spike's.
_BUT_THE_FIRST = {
    "AP_amplitude",
    "AP_begin_time",
    "AP_begin_voltage",
    "AP_begin_width",
    "AP_duration",
    "AP_duration_change",
    "AP_duration_half_width",
    "AP_duration_half_width_change",
    "AP_rise_rate",
    "AP_rise_rate_change",
    "AP_rise_time",
    "AP_width",
    "fast_AHP",
    "fast_AHP_change",
}


class Recordings(NamedTuple):
    """A set of recordings: how long its steps last, and what it is."""

    step_ms: float
    title: str
    source: str


RECORDINGS = {
    "patch": Recordings(300.0, "patch clamp", "J. Makara, in Saray et al. 2021"),
    "sharp": Recordings(400.0, "sharp electrodes", "Migliore et al. 2018 (UCL)"),
}


def tasks(recordings: str, cell: Cell) -> list[CellTask]:
    """Every step of a set of recordings."""
    table = somatic_targets(recordings)
    return [
        _condition(recordings, float(current_nA), sorted(rows["feature"]), cell)
        for current_nA, rows in table.groupby("current_nA")
    ]


def _condition(recordings: str, current_nA: float, features: list[str], cell: Cell) -> Condition:
    stop_ms = START_MS + RECORDINGS[recordings].step_ms
    step = CurrentClamp(amplitude_nA=current_nA, start_ms=START_MS, stop_ms=stop_ms)
    protocol = fixed_step(stop_ms + AFTER_MS, {"soma": SOMA}, step)
    labels = {"test": recordings, "current_nA": current_nA, "features": features}
    keep = ("soma",) if current_nA in SHOWN_NA else ()
    return Condition(labels, cell, protocol, measure, keep=keep)


def measure(result: Result) -> Row:
    """Mean of every feature that is known of this step, NaN where the trace has none."""
    step = result.stimulus[0]
    (recordings,) = (
        name
        for name, one in RECORDINGS.items()
        if math.isclose(one.step_ms, step.stop_ms - step.start_ms)
    )
    table = somatic_targets(recordings)
    wanted = table.loc[np.isclose(table["current_nA"], step.amplitude_nA), "feature"]
    window = {"start_ms": step.start_ms, "stop_ms": step.stop_ms}
    values = efel_features(result.time_ms, result.voltage_mV["soma"], wanted, **window)
    return {name: mean_value(name, by_spike) for name, by_spike in values.items()}


def mean_value(feature: str, values: np.ndarray) -> float:
    """Mean of a feature over the values that count; NaN without any."""
    counted = values[1:] if feature in _BUT_THE_FIRST else values
    return mean(counted)


def scores(recordings: str, cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for every measured feature."""
    rows = {row["current_nA"]: row for row in rows_of(recordings, outcomes)}
    return [
        Score(
            Target(recordings, f"{row.feature}, {row.current_nA:g} nA", "", row.mean, row.sd),
            float(rows[row.current_nA][row.feature]),
        )
        for row in somatic_targets(recordings).itertuples()
    ]


TESTS = [
    ScoredTest(
        name=name,
        title=f"Somatic features under current steps, {one.title}",
        source=one.source,
        tasks=partial(tasks, name),
        scores=partial(scores, name),
    )
    for name, one in RECORDINGS.items()
]
