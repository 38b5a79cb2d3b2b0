"""Depolarisation block: the current above which the soma falls silent, and where it then rests."""

import math
from collections.abc import Sequence

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.outcome import Outcome, Row
from .score import Score, ScoredTest, mean_in_sd
from .targets import targets
from .trains import train_conditions, trains

NAME = "depolarisation_block"
NO_BLOCK = 100.0  # what HippoUnit gives to a cell that does not enter the block
PER_NA = 200.0  # its penalty where the two currents differ, which they do not in the cells measured
MOST_SPIKES, BELOW_BLOCK = "current of most spikes", "current below the block"


def tasks(cell: Cell) -> list[CellTask]:
    """The steps."""
    return list(train_conditions(cell))


def block(rows: Sequence[Row]) -> tuple[float, float, float]:
    """Current of most spikes, last current before the block (nA), and potential in it (mV).

    `rows` are those of trains by current; the last two are NaN where the cell does not enter the
    block, or where no single current has most spikes.
    """
    counts = [row["n_spikes"] for row in rows]
    most = counts.index(max(counts))
    most_nA = rows[most]["current_nA"]
    if counts.count(max(counts)) > 1:
        return most_nA, math.nan, math.nan
    for below, row in zip(rows[most:], rows[most + 1 :], strict=False):
        if row["n_spikes_at_end"] == 0:
            return most_nA, below["current_nA"], row["v_at_end_mV"]
    return most_nA, math.nan, math.nan


def scores(cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """Both currents against the measured one, and the potential."""
    most_nA, below_nA, v_mV = block(trains(outcomes))
    current, equilibrium = (targets(NAME)[name] for name in ("threshold_current", "equilibrium"))
    return [
        Score(current._replace(quantity=MOST_SPIKES), most_nA),
        Score(current._replace(quantity=BELOW_BLOCK), below_nA),
        Score(equilibrium, v_mV),
    ]


def total(scores: Sequence[Score]) -> float:
    """The mean, and a penalty where the two currents differ."""
    by_quantity = {score.target.quantity: score.here for score in scores}
    most_nA, below_nA = by_quantity[MOST_SPIKES], by_quantity[BELOW_BLOCK]
    if math.isnan(below_nA):
        return NO_BLOCK
    return mean_in_sd(scores) + PER_NA * abs(most_nA - below_nA)


TESTS = [
    ScoredTest(
        name=NAME,
        title="Depolarisation block",
        source="Bianchi et al. 2012",
        tasks=tasks,
        scores=scores,
        total=total,
    )
]
