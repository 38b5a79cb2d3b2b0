"""Back-propagation: the first and the last spike of a train of about 15 Hz along the trunk."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.condition import Condition, run_condition
from ..experiments.outcome import Outcome, Row
from ..experiments.search import Search
from .score import Score, ScoredTest, mean, mean_in_sd, rows_of
from .targets import targets
from .trains import measure, train_conditions, train_protocol, trains, trunk_places

NAME = "back_propagation"
LARGEST_NA, GRID_NA = 1.0, 0.1  # currents among which the train is first looked for
WANTED, FEWEST, MOST = 15, 10, 20  # spikes in a second
BISECTIONS = 7  # 0.1 nA to 0.001 nA
AROUND_UM = 20.0  # of a distance, in which segments of the trunk count


def tasks(cell: Cell) -> list[CellTask]:
    """The steps."""
    return list(train_conditions(cell))


def further(cell: Cell, outcomes: Sequence[Outcome]) -> list[CellTask]:
    """A search between the two steps of the grid where the train lies, if none of them has it."""
    rows = _on_grid(outcomes)
    if _best(rows) is not None:
        return []
    for below, above in pairwise(rows):
        if below["n_spikes"] < FEWEST and above["n_spikes"] > MOST:
            span = {"from_nA": below["current_nA"], "to_nA": above["current_nA"]}
            return [Search({"test": NAME} | span, cell, find_train)]
    return []


def find_train(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """Halve the span of currents until a step gives 15 spikes; the nearest to it counts."""
    low_nA, high_nA = labels["from_nA"], labels["to_nA"]
    farthest = trunk_places(cell).sort_values("path_distance")["name"].tolist()[-1:]
    found: Outcome | None = None
    for _ in range(BISECTIONS):
        current_nA = (low_nA + high_nA) / 2
        protocol = train_protocol(cell, current_nA)
        train = {"current_nA": current_nA}
        keep = ("soma", *farthest)
        outcome = run_condition(Condition(dict(labels) | train, cell, protocol, measure, keep))
        n_spikes = outcome.row["n_spikes"]
        if n_spikes and (found is None or _off(outcome.row) < _off(found.row)):
            found = outcome
        if n_spikes == WANTED:
            break
        low_nA, high_nA = (current_nA, high_nA) if n_spikes < WANTED else (low_nA, current_nA)
    return found if found is not None else Outcome(dict(labels))


def train(outcomes: Sequence[Outcome]) -> Row | None:
    """The row of the train that is scored; None if the cell fires none."""
    best = _best(_on_grid(outcomes))
    if best is not None:
        return best
    return next((row for row in rows_of(NAME, outcomes) if "n_spikes" in row), None)


def _on_grid(outcomes: Sequence[Outcome]) -> list[Row]:
    """Steps of the grid by current."""
    steps = round(LARGEST_NA / GRID_NA)
    grid = {round(GRID_NA * number, 6) for number in range(steps + 1)}
    return [row for row in trains(outcomes) if round(row["current_nA"], 6) in grid]


def _best(rows: Sequence[Row]) -> Row | None:
    """The step with a number of spikes nearest to the wanted one; None if none is near enough."""
    near = [row for row in rows if FEWEST <= row["n_spikes"] <= MOST]
    return min(near, key=_off, default=None)


def _off(row: Row) -> int:
    return abs(row["n_spikes"] - WANTED)


def amplitudes(cell: Cell, row: Row | None, spike: str) -> dict[str, tuple[float, float]]:
    """Path distance (um) and height (mV) of the ``first`` or ``last`` spike by place of the trunk."""
    trunk = trunk_places(cell)
    row = {} if row is None else row
    return {
        one.name: (one.path_distance, row.get(f"{spike}_{one.name}_mV", math.nan))
        for one in trunk.itertuples()
    }


def scores(cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """Mean height about every measured distance; those at 350 um of strong and weak cells."""
    row = train(outcomes)
    scored = []
    for quantity, target in targets(NAME).items():
        spike, distance_um, *_ = quantity.split("_")
        heights_mV = [
            height_mV
            for at_um, height_mV in amplitudes(cell, row, spike).values()
            if abs(at_um - float(distance_um)) < AROUND_UM
        ]
        scored.append(Score(target, mean(heights_mV)))
    return scored


def total(scores: Sequence[Score]) -> float:
    """The mean against strongly or against weakly propagating cells, whichever is nearer."""
    return min(
        mean_in_sd([score for score in scores if not score.target.quantity.endswith(other)])
        for other in ("strong", "weak")
    )


TESTS = [
    ScoredTest(
        name=NAME,
        title="Back-propagating spikes",
        source="Golding et al. 2001",
        tasks=tasks,
        further=further,
        scores=scores,
        total=total,
    )
]
