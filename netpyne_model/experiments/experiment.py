"""An experiment of the paper, and what experiments share: cells, spines, reference tables."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..cell.cell import Cell
from ..errors import ModelError
from ..figures.panels import headline
from ..files import read_mapping
from ..sweeps import Comparison
from .cell_task import CellTask
from .outcome import Outcome

SPINES = Path(__file__).with_name("spines.yaml")
EVENTS_MS = (250.0, 260.0, 270.0, 280.0, 290.0)
"""Five events at 100 Hz, the stimulus of the full model's experiments (model.md 6)."""


@dataclass(frozen=True)
class Experiment:
    """One experiment: its conditions, its table and figure, its distance from the published model.

    Attributes
    ----------
    name, title : str
    source : str
        Which figure of the paper it is.
    conditions : callable
        Takes the folder of reference figures or None, returns the conditions; those at published
        holding currents need it.
    figure : callable
        Takes the table and the outcomes, returns the figure.
    compare : callable, optional
        Takes the table and the folder of reference figures, returns comparisons.
    derive : callable, optional
        Takes the table, returns it with what several conditions give together.
    judge : callable, optional
        Takes the table, returns that of verdicts (`verdict.verdict_table`): what is reported
        elsewhere, and whether it shows here.
    """

    name: str
    title: str
    source: str
    conditions: Callable[[Path | None], Sequence[CellTask]]
    figure: Callable[[pd.DataFrame, Sequence[Outcome]], Figure]
    compare: Callable[[pd.DataFrame, Path], list[Comparison]] | None = None
    derive: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    judge: Callable[[pd.DataFrame], pd.DataFrame] | None = None

    def table(self, outcomes: Sequence[Outcome]) -> pd.DataFrame:
        """One row a condition."""
        table = pd.DataFrame([outcome.row for outcome in outcomes])
        return table if self.derive is None else self.derive(table)

    def draw(self, table: pd.DataFrame, outcomes: Sequence[Outcome]) -> Figure:
        """The figure, with what was done above it."""
        figure = self.figure(table, outcomes)
        if not figure.get_suptitle():
            headline(figure, f"{self.title} ({self.source})")
        return figure

    def comparisons(self, table: pd.DataFrame, reference: Path | None) -> list[Comparison]:
        """How far the table is from the published model; nothing without its figures."""
        if self.compare is None or reference is None:
            return []
        return self.compare(table, reference)


@cache
def published_spines() -> dict[str, Any]:
    """Numbers of the published experiments' trunk spines, from ``spines.yaml``."""
    return read_mapping(SPINES)


@cache
def cell_with_drugs(*drugs: str) -> Cell:
    """The published cell under drugs; one object for all conditions that share it."""
    return Cell().with_drugs(*drugs)


def trunk_spines(cell: Cell, *path: str) -> list[int]:
    """Trunk spines of an experiment by number: the published ones, on another cell as many drawn.

    Parameters
    ----------
    cell : Cell
    *path : str
        Where they stand in ``spines.yaml``.
    """
    numbers: Any = published_spines()
    for key in path:
        numbers = numbers[key]
    spines = cell.placement.spines
    published = cell_with_drugs().placement.spines
    if len(spines) == len(published) and np.array_equal(spines["x"], published["x"]):
        return list(numbers)
    trunk = spines.index[spines["region"] == "trunk"].to_numpy()
    if not len(trunk):
        raise ModelError(
            f"cell {cell.name} has no spines on the trunk, of which this experiment stimulates some;"
            " give it some: cell.with_rule('trunk', 'spines.density', value=1)."
        )
    # The same draw for every experiment: fewer spines are the first of more.
    return np.random.RandomState(0).permutation(trunk)[: len(numbers)].tolist()


def reference_table(reference: Path, *parts: str) -> pd.DataFrame:
    """A table of the reference figures; `ModelError` if it is not there."""
    return pd.read_csv(_reference_file(reference, parts))


def reference_values(reference: Path, *parts: str) -> dict[str, Any]:
    """The content of a JSON file of the reference figures; `ModelError` if it is not there."""
    return json.loads(_reference_file(reference, parts).read_text(encoding="utf-8"))


def _reference_file(reference: Path, parts: Sequence[str]) -> Path:
    path = Path(reference).joinpath(*parts)
    if not path.is_file():
        raise ModelError(
            f"{path} does not exist; give the folder of reference figures with --reference."
        )
    return path


def one_row(table: pd.DataFrame, **labels: Any) -> pd.Series:
    """The one row with these labels; NaN in every column where there is none."""
    chosen = table
    for name, value in labels.items():
        chosen = chosen[chosen[name] == value]
    return chosen.iloc[0] if len(chosen) else pd.Series(np.nan, index=table.columns)
