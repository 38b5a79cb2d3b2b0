"""Runs the tests on a cell as a sweep, and writes what came out: table, page, figure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from typing_extensions import Unpack

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.outcome import Outcome
from ..experiments.runner import run_conditions
from ..files import write_beside
from ..sweeps import Workers
from .score import Score, ScoredTest

TABLE = "scores.csv"


@dataclass(frozen=True)
class ScoresOfTest:
    """What a test gave: its scores, and what they come to."""

    test: ScoredTest
    scores: list[Score]

    @property
    def total(self) -> float:
        """One number, in standard deviations; NaN if the cell has none of the features."""
        return self.test.total(self.scores)

    @property
    def median(self) -> float:
        """Median distance over the features that the cell has; NaN without any."""
        distances = [score.in_sd for score in self.scores if math.isfinite(score.in_sd)]
        return statistics.median(distances) if distances else math.nan

    @property
    def n_had(self) -> int:
        """How many of the features the cell has."""
        return sum(math.isfinite(score.here) for score in self.scores)


@dataclass(frozen=True)
class CellScores:
    """What all tests gave, with the outcomes that the figure shows."""

    cell: Cell
    results: list[ScoresOfTest]
    outcomes: list[Outcome]

    def table(self) -> pd.DataFrame:
        """One row a feature."""
        rows = [
            {
                "test": result.test.name,
                "quantity": score.target.quantity,
                "unit": score.target.unit,
                "here": score.here,
                "mean": score.target.mean,
                "sd": score.target.sd,
                "in_sd": score.in_sd,
            }
            for result in self.results
            for score in result.scores
        ]
        return pd.DataFrame(rows)


def score_cell(
    cell: Cell, tests: Sequence[ScoredTest], folder: str | Path, **workers: Unpack[Workers]
) -> CellScores:
    """Run tests on a cell; what is finished in the folder is not run again.

    Parameters
    ----------
    cell : Cell
    tests : sequence of ScoredTest
    folder : path
        Made if it is missing; gets ``scores.csv`` and a file a run.
    **workers
        See `sweeps.Workers`.

    Raises
    ------
    ModelError
        If the folder holds something else, or runs failed.
    """
    tasks = [test.tasks(cell) for test in tests]
    first = _run([one for of_test in tasks for one in of_test], folder, workers)
    further = [
        [*of_test, *test.further(cell, [first[one.key] for one in of_test])]
        for test, of_test in zip(tests, tasks, strict=True)
    ]
    outcomes = _run([one for of_test in further for one in of_test], folder, workers)
    results = [
        ScoresOfTest(test, test.scores(cell, [outcomes[one.key] for one in of_test]))
        for test, of_test in zip(tests, further, strict=True)
    ]
    scored = CellScores(cell, results, list(outcomes.values()))
    with write_beside(Path(folder) / TABLE) as temporary:
        scored.table().to_csv(temporary, index=False, lineterminator="\n")
    return scored


def _run(tasks: Sequence[CellTask], folder: str | Path, workers: Workers) -> dict[str, Outcome]:
    """Outcomes by key; tests that share a run share its outcome."""
    by_key = {one.key: one for one in tasks}
    outcomes = run_conditions(list(by_key.values()), folder, **workers)
    return dict(zip(by_key, outcomes, strict=True))
