"""A score: how far a feature of the cell is from the measured mean, in standard deviations."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.outcome import Outcome, Row
from .targets import Target


@dataclass(frozen=True)
class Score:
    """A feature here and measured.

    Attributes
    ----------
    target : Target
    here : float
        Of the cell, in the target's unit; NaN where it has none.
    """

    target: Target
    here: float

    @property
    def in_sd(self) -> float:
        """Distance from the measured mean in its standard deviations; NaN without a value."""
        return abs(self.here - self.target.mean) / self.target.sd


def mean_in_sd(scores: Sequence[Score]) -> float:
    """Mean distance over the features that the cell has, as HippoUnit takes it; NaN without any."""
    return mean([score.in_sd for score in scores if math.isfinite(score.in_sd)])


def mean(values: Sequence[float] | np.ndarray) -> float:
    """The mean of some values; NaN without any."""
    return float(np.mean(values)) if len(values) else math.nan


def rows_of(test: str, outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of the outcomes that are of one test."""
    return [one.row for one in outcomes if one.row.get("test") == test]


@dataclass(frozen=True)
class ScoredTest:
    """A test: what is run on a cell, the scores that come out, and what they come to.

    Attributes
    ----------
    name, title, source : str
        `source` is where the measured features come from.
    tasks : callable
        Takes the cell, returns conditions and searches.
    further : callable
        Takes the cell and the outcomes of these, returns what is run next; mostly nothing.
    scores : callable
        Takes the cell and the outcomes of all, returns the scores.
    total : callable
        Takes the scores, returns one number: 0 is the measured mean in every feature.
    """

    name: str
    title: str
    source: str
    tasks: Callable[[Cell], list[CellTask]]
    scores: Callable[[Cell, Sequence[Outcome]], list[Score]]
    total: Callable[[Sequence[Score]], float] = mean_in_sd
    further: Callable[[Cell, Sequence[Outcome]], list[CellTask]] = lambda cell, outcomes: []
