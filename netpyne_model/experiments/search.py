"""A task of several runs on a cell, of which each depends on those before: a search."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..cell.cell import Cell
from .cell_task import CellTask
from .outcome import Outcome


@dataclass(frozen=True)
class Search(CellTask):
    """A cell and what is looked for on it; a task of a sweep as a `Condition` is.

    Attributes
    ----------
    labels : dict
        Columns of the table that tell this search from the others, and what it starts from; units
        in the names.
    cell : Cell
    search : callable
        A function of a module that takes the cell and the labels and returns the outcome, whose
        row has the labels too.
    """

    search: Callable[[Cell, Mapping[str, Any]], Outcome]

    @property
    def function(self) -> Callable[..., Any]:
        """The search."""
        return self.search

    def outcome(self) -> Outcome:
        """Run the search."""
        return self.search(self.cell, self.labels)
