"""What a sweep of an experiment runs: something on a cell, with labels, whose outcome is a file."""

import hashlib
import inspect
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..results.provenance import MODEL_CODE, code_hash
from ..sweeps import content_key
from .outcome import Outcome, read_outcome, write_outcome


@dataclass(frozen=True)
class CellTask(ABC):
    """A cell and labels; a kind of task says what is run, and which function it takes with it.

    Attributes
    ----------
    labels : dict
        Columns of the table that tell this task from the others; units in the names.
    cell : Cell
    """

    labels: Mapping[str, Any]
    cell: Cell

    @abstractmethod
    def outcome(self) -> Outcome:
        """Run it."""

    @property
    @abstractmethod
    def function(self) -> Callable[..., Any]:
        """The function of a module on which the outcome hangs."""

    @property
    def content(self) -> dict[str, Any]:
        """What decides the outcome beside labels, cell and function."""
        return {}

    @property
    def name(self) -> str:
        """The labels in words."""
        words = (
            f"{label}={value:.6g}" if isinstance(value, float) else f"{label}={value}"
            for label, value in self.labels.items()
            if not isinstance(value, (list, tuple))
        )
        return ", ".join(words)

    @property
    def key(self) -> str:
        """A hash of everything that decides the outcome: an equal one need not be run again."""
        return content_key(
            {
                "labels": dict(self.labels),
                "specification": self.cell.specification.as_dict(),
                "files": self.cell.provenance["files"],
                "function": self._source,
                "code": _code_of(self.function),
            }
            | self.content
        )

    @cached_property
    def _source(self) -> str:
        """Kept with the task: a worker elsewhere does not have the script that it is in."""
        return inspect.getsource(self.function)

    def fresh_key(self) -> str:
        """The key; the cell travels whole, so no file of it is read again."""
        return self.key

    def run(self, file: Path) -> None:
        """Run it and write its outcome."""
        write_outcome(self.outcome(), file)

    def read(self, file: Path) -> Outcome:
        """The outcome in a file."""
        return read_outcome(file)


def _code_of(function: Callable[..., Any]) -> str:
    """A hash of the model's code, and of the module that a function of another room is in."""
    code = code_hash(*MODEL_CODE, "analysis", "experiments", "plasticity")
    module = function.__module__
    if module.partition(".")[0] != __package__.partition(".")[0] or module.startswith(__package__):
        return code
    source = inspect.getsource(sys.modules[module])
    return hashlib.sha256(f"{code}\n{source}".encode()).hexdigest()
