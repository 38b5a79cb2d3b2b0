"""One condition of an experiment: a cell, a protocol and what is measured; and what came out of it."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..cell.cell import Cell
from ..errors import ModelError
from ..plain_values import plain
from ..protocols import Protocol
from ..protocols.holding import CannotHold
from ..results import Result
from ..results.provenance import code_hash

Row = dict[str, Any]
Measure = Callable[[Result], Row]
# What decides the outcome of a condition, beside its own content: these modules of the package.
_CODE = (
    "analysis",
    "biophysics",
    "cell",
    "experiments",
    "mechanisms",
    "morphology",
    "neuroml2",
    "placement",
    "protocols",
    "specification",
)


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
    def key(self) -> str:
        """A hash of everything that decides the outcome: a condition with the same key need not be run again."""
        content = {
            "labels": dict(self.labels),
            "specification": self.cell.specification.as_dict(),
            "files": self.cell.provenance["files"],
            "protocol": plain(self.protocol),
            "measure": inspect.getsource(self.measure),
            "keep": self.keep,
            "code": code_hash(*_CODE),
        }
        return hashlib.sha256(
            json.dumps(content, sort_keys=True, default=str).encode()
        ).hexdigest()[:24]


@dataclass(frozen=True)
class Outcome:
    """What came out of a condition.

    Attributes
    ----------
    row : dict
        Its labels and what was measured; ``held`` is False where the potential could not be held, and nothing else is there.
    traces : dict of str to (time_ms, values, unit, label)
        The recordings that are kept.
    """

    row: Row
    traces: dict[str, tuple[np.ndarray, np.ndarray, str, str]] = field(default_factory=dict)


def run_condition(condition: Condition) -> Outcome:
    """Run one condition.

    Raises
    ------
    ModelError
        If the protocol does not fit the cell. A potential that cannot be held is no error but an outcome.
    """
    labels = dict(condition.labels)
    try:
        result = condition.protocol.run(condition.cell)
    except CannotHold as reason:
        return Outcome(labels | {"held": False, "note": str(reason)})
    return outcome_of(condition, result)


def outcome_of(condition: Condition, result: Result) -> Outcome:
    """What a condition reads off its result and keeps of it."""
    labels = dict(condition.labels)
    row = labels
    if condition.protocol.holding is not None:
        row |= {"held": True, "holding_current_nA": result.configuration["holding_current_nA"]}
        row |= {"held_mV": result.configuration["held_mV"]}
    row |= condition.measure(result)
    traces = {}
    for name in condition.keep:
        if name not in result.traces:
            raise ModelError(
                f"condition {labels}: no recording '{name}' to keep; it records {', '.join(result.traces)}."
            )
        trace = result.traces[name]
        traces[name] = (trace.time_ms, trace.values, trace.unit, trace.label)
    return Outcome(row, traces)
