"""One condition of an experiment: a cell, a protocol and what is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ModelError, quoted
from ..plain_values import plain
from ..protocols import Protocol
from ..protocols.holding import CannotHold
from ..results import Result
from .cell_task import CellTask
from .outcome import Outcome, Row

Measure = Callable[[Result], Row]


@dataclass(frozen=True)
class Condition(CellTask):
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

    protocol: Protocol
    measure: Measure
    keep: tuple[str, ...] = ()

    @property
    def function(self) -> Callable[..., Any]:
        """The measure."""
        return self.measure

    @property
    def content(self) -> dict[str, Any]:
        """The protocol, and what is kept."""
        return {"protocol": plain(self.protocol), "keep": self.keep}

    def outcome(self) -> Outcome:
        """Run the condition."""
        return run_condition(self)


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
                f"condition {condition.name}: no recording {quoted(name)} to keep; it records"
                f" {', '.join(result.traces)}."
            )
        trace = result.traces[name]
        traces[name] = (trace.time_ms, trace.values, trace.unit, trace.label)
    return Outcome(row, traces)
