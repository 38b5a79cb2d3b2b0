"""One condition of an experiment: a cell, a protocol and what is measured."""

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..errors import ModelError
from ..plain_values import plain
from ..protocols import Protocol
from ..protocols.holding import CannotHold
from ..results import Result
from ..results.provenance import MODEL_CODE, code_hash
from ..sweeps import content_key
from .outcome import Outcome, Row, read_outcome, write_outcome

Measure = Callable[[Result], Row]


@dataclass(frozen=True)
class Condition:
    """A cell, what is done to it, and what is read off.

    Attributes
    ----------
    labels : dict
        Columns of the table that tell this condition from the others; units in the names.
    cell : Cell
    protocol : Protocol
    measure : callable
        A function of a module that takes the result and returns further columns.
    keep : tuple of str
        Recordings whose traces are kept.
    """

    labels: Mapping[str, Any]
    cell: Cell
    protocol: Protocol
    measure: Measure
    keep: tuple[str, ...] = ()

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
                "protocol": plain(self.protocol),
                "measure": self._measure_source,
                "keep": self.keep,
                "code": code_of(self.measure),
            }
        )

    @cached_property
    def _measure_source(self) -> str:
        """Kept with the condition: a worker elsewhere does not have the script that it is in."""
        return inspect.getsource(self.measure)

    def fresh_key(self) -> str:
        """The key; the cell travels whole, so no file of it is read again."""
        return self.key

    def run(self, file: Path) -> None:
        """Run the condition and write its outcome."""
        write_outcome(run_condition(self), file)

    def read(self, file: Path) -> Outcome:
        """The outcome in a file."""
        return read_outcome(file)


def in_words(labels: Mapping[str, Any]) -> str:
    """Labels in one line."""
    words = (
        f"{label}={value:.6g}" if isinstance(value, float) else f"{label}={value}"
        for label, value in labels.items()
        if not isinstance(value, (list, tuple))
    )
    return ", ".join(words)


def code_of(function: Callable[..., Any]) -> str:
    """A hash of the model's code, and of the module that a function of another room is in."""
    code = code_hash(*MODEL_CODE, "analysis", "experiments")
    module = function.__module__
    if module.partition(".")[0] != __package__.partition(".")[0] or module.startswith(__package__):
        return code
    source = inspect.getsource(sys.modules[module])
    return hashlib.sha256(f"{code}\n{source}".encode()).hexdigest()


def run_condition(condition: Condition) -> Outcome:
    """Run one condition; a potential that cannot be held is no error but an outcome."""
    labels = dict(condition.labels)
    try:
        result = condition.protocol.run(condition.cell)
    except CannotHold as reason:
        return Outcome(labels | {"held": False, "note": str(reason)})
    return outcome_of(condition, result)


def outcome_of(condition: Condition, result: Result) -> Outcome:
    """What a condition reads off its result and keeps of it."""
    row = dict(condition.labels)
    if condition.protocol.holding is not None:
        row["held"] = True
        row |= {name: result.configuration[name] for name in ("holding_current_nA", "held_mV")}
    row |= condition.measure(result)
    traces = {}
    for name in condition.keep:
        if name not in result.traces:
            raise ModelError(
                f"condition {condition.name}: no recording '{name}' to keep; it records"
                f" {', '.join(result.traces)}."
            )
        trace = result.traces[name]
        traces[name] = (trace.time_ms, trace.values, trace.unit, trace.label)
    return Outcome(row, traces)
