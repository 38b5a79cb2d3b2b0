"""A task of several runs on a cell, of which each depends on those before: a search."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..sweeps import content_key
from .condition import code_of, in_words
from .outcome import Outcome, read_outcome, write_outcome


@dataclass(frozen=True)
class Search:
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

    labels: Mapping[str, Any]
    cell: Cell
    search: Callable[[Cell, Mapping[str, Any]], Outcome]

    @property
    def name(self) -> str:
        """The labels in words."""
        return in_words(self.labels)

    @property
    def key(self) -> str:
        """A hash of everything that decides the outcome: an equal one need not be run again."""
        return content_key(
            {
                "labels": dict(self.labels),
                "specification": self.cell.specification.as_dict(),
                "files": self.cell.provenance["files"],
                "search": self._search_source,
                "code": code_of(self.search),
            }
        )

    @cached_property
    def _search_source(self) -> str:
        """Kept with the search: a worker elsewhere does not have the script that it is in."""
        return inspect.getsource(self.search)

    def fresh_key(self) -> str:
        """The key; the cell travels whole, so no file of it is read again."""
        return self.key

    def run(self, file: Path) -> None:
        """Run the search and write its outcome."""
        write_outcome(self.search(self.cell, self.labels), file)

    def read(self, file: Path) -> Outcome:
        """The outcome in a file."""
        return read_outcome(file)
