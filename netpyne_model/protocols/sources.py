"""Where recordings take their values from in NEURON, and how they are recorded."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..morphology import Location


@dataclass(frozen=True)
class Source:
    """Where a recording takes its values from: NEURON's reference to a variable.

    What stands one step `behind` at a fixed step is read a step later, to be that of its time.
    """

    variable: str
    unit: str
    location: Location
    pointer: Any
    behind: bool = False


@dataclass(frozen=True)
class WorkedOutSource(Source, ABC):
    """What is worked out of several variables, `pointer` and the `others`, where none holds it."""

    others: tuple[Any, ...] = ()

    @abstractmethod
    def values(self, first: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
        """The values, of those of `pointer` and of the `others`."""


@dataclass(frozen=True)
class GatesSource(WorkedOutSource):
    """A channel's current or conductance worked out of its gates.

    `pointer` is the potential's; `others` has each gate as often as its power. Without a reversal
    potential it is the conductance.
    """

    gbar_S_per_cm2: float = 0.0
    reversal_mV: float | None = None

    def values(self, first: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
        """The conductance (S/cm2) or current (mA/cm2) at the potentials and gates."""
        conductance = np.full_like(first, self.gbar_S_per_cm2) * np.prod(others, axis=0)
        if self.reversal_mV is None:
            return conductance
        return conductance * (first - self.reversal_mV)


@dataclass(frozen=True)
class SumSource(WorkedOutSource):
    """The current of a mechanism that has one or several."""

    def values(self, first: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
        """The sum of the currents."""
        return sum(others, start=first)


@dataclass(frozen=True)
class NoSource(WorkedOutSource):
    """No source: the current or conductance of a channel of which there is none."""

    def values(self, first: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
        """Zeros, as many as there are samples of the potential that `pointer` is."""
        return np.zeros_like(first)


class Recorder:
    """Records sources at sample times, each into one of `vectors`, an ``h.Vector``.

    `dt_ms` is the fixed step; 0 for an adapted one, which leaves nothing behind.
    """

    def __init__(self, sources: Mapping[str, Source], time_ms: np.ndarray, dt_ms: float):
        from neuron import h

        at, late = self._times = h.Vector(time_ms), h.Vector(time_ms + dt_ms)
        self.vectors = {
            name: h.Vector().record(source.pointer, late if source.behind else at)
            for name, source in sources.items()
        }
        self._worked_out = {
            name: (
                source,
                [h.Vector().record(one, late if source.behind else at) for one in source.others],
            )
            for name, source in sources.items()
            if isinstance(source, WorkedOutSource)
        }

    @property
    def filled(self) -> dict[str, Any]:
        """Every ``h.Vector`` that a run fills, by a name of its own."""
        filled = dict(self.vectors)
        for name, (_, others) in self._worked_out.items():
            filled |= {f"{name}/{number}": one for number, one in enumerate(others)}
        return filled

    def values(self) -> dict[str, np.ndarray]:
        """The recordings of the last run, by name."""
        values = {name: np.array(vector) for name, vector in self.vectors.items()}
        for name, (source, others) in self._worked_out.items():
            values[name] = source.values(values[name], [np.array(one) for one in others])
        return values
