"""The currents of all nodes of a cell over a run, of trials and protocols alike."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..cell.step_currents import StepCurrents
from ..errors import ModelError
from ..results.membrane_currents import MOST_BYTES, MembraneCurrents, rounded

_TOGETHER = 64
_FIELD = "record_membrane_currents"


class SampleTimes(NamedTuple):
    """When currents are taken: at multiples of a step within a span, the start of the run aside.

    Attributes
    ----------
    step_ms, from_ms, to_ms : float
    """

    step_ms: float
    from_ms: float
    to_ms: float

    @property
    def first(self) -> int:
        """Number of the first sample, in steps; at 0 no step has been taken."""
        return max(math.ceil(self.from_ms / self.step_ms - 1e-9), 1)

    def __len__(self) -> int:
        return max(math.floor(self.to_ms / self.step_ms + 1e-9) - self.first + 1, 0)


def sample_times(
    step_ms: float, from_ms: float | None, to_ms: float | None, duration_ms: float
) -> SampleTimes | None:
    """When currents are taken in a run; None of a step of 0.

    Raises
    ------
    ModelError
        If no sample lies in the span, or it ends before it begins.
    """
    if not step_ms:
        return None
    times = SampleTimes(
        step_ms, from_ms or 0.0, duration_ms if to_ms is None else min(to_ms, duration_ms)
    )
    if times.from_ms >= times.to_ms:
        end = "the run ends" if times.to_ms == duration_ms else "recording ends"
        raise ModelError(
            f"{_FIELD}_from_ms = {times.from_ms:g}: {end} at {times.to_ms:g} ms; give less."
        )
    if not len(times):
        raise ModelError(
            f"{_FIELD}_ms = {step_ms:g}: no multiple of it lies between {times.from_ms:g} and"
            f" {times.to_ms:g} ms; give a smaller step, or another {_FIELD}_from_ms."
        )
    return times


class CurrentRecording:
    """Takes all currents of a built cell at sample times; made before NEURON's initialisation.

    A sample takes two calls, of which the loop that runs NEURON need not know: at `next_ms`, one
    time step before the sample, its step is asked for, and then at `next_ms` read.

    Parameters
    ----------
    cell : Cell
    built : BuiltCell
    times : SampleTimes
    dt_ms : float
    labels : mapping of str to str
        What the current of a point process is called, by its name in NEURON.
    """

    def __init__(
        self,
        cell: Cell,
        built: BuiltCell,
        times: SampleTimes,
        dt_ms: float,
        labels: Mapping[str, str],
    ):
        self._step = StepCurrents(built, cell.channel_of_component, labels)
        self._times, self._dt_ms = times, dt_ms
        self._arrays: tuple[np.ndarray, ...] | None = None
        self._kept: tuple[np.ndarray, ...] | None = None  # of another process, to go on from
        self._waiting: list[np.ndarray] = []  # what is worked out together, which is faster
        self._n_taken = 0
        self._armed = False

    @property
    def next_ms(self) -> float:
        """Time of the next call; infinite after the last sample."""
        n = self._n_taken + len(self._waiting)
        if n >= len(self._times):
            return math.inf
        sample_ms = (self._times.first + n) * self._times.step_ms
        return sample_ms if self._armed else sample_ms - self._dt_ms

    def sample(self) -> None:
        """Ask for the step that comes, or read the one that was asked for."""
        if self._arrays is None:
            self._begin()
        if not self._armed:
            self._arm()
            return
        self._waiting.append(self._step.read())
        self._armed = False
        if len(self._waiting) == _TOGETHER:
            self._work_out()
        if math.isclose(self._times.step_ms, self._dt_ms, rel_tol=1e-6) and self.next_ms < math.inf:
            self._arm()

    def _arm(self) -> None:
        self._step.arm()
        self._armed = True

    def _begin(self) -> None:
        step, n = self._step, len(self._times)
        step.find()
        n_segments, n_columns = int(step.nodes["is_segment"].sum()), len(step.columns)
        n_bytes = 4 * n * (2 * n_segments + n_columns)
        if n_bytes > MOST_BYTES:
            fits_ms = self._times.step_ms * math.ceil(n_bytes / MOST_BYTES)
            raise ModelError(
                f"{_FIELD}_ms = {self._times.step_ms:g}: {n} samples of {2 * n_segments + n_columns}"
                f" currents and potentials are {n_bytes / 1e9:.1f} GB, expected {MOST_BYTES / 1e9:g}"
                f" GB at most; set it to {fits_ms:g}, or a span by {_FIELD}_from_ms and"
                f" {_FIELD}_to_ms."
            )
        self._arrays = tuple(
            np.zeros((n, size), np.float32) for size in (n_segments, n_segments, n_columns)
        )
        for array, kept in zip(self._arrays, self._kept or (), strict=False):
            array[: len(kept)] = kept
        self._kept = None

    def _work_out(self) -> None:
        if self._waiting and self._arrays is not None:
            end = self._n_taken + len(self._waiting)
            flows = self._step.flows(np.array(self._waiting))
            new = (flows.potential_mV, flows.axial_nA, rounded(flows.current_nA))
            for array, one in zip(self._arrays, new, strict=True):
                array[self._n_taken : end] = one
            self._n_taken, self._waiting = end, []

    def taken(self) -> dict[str, np.ndarray]:
        """What was taken so far, by names."""
        self._work_out()
        arrays = self._kept or self._arrays or ()
        names = ("potential_mV", "axial_nA", "current_nA")
        return {name: one[: self._n_taken] for name, one in zip(names, arrays, strict=False)}

    def go_on_from(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take these as what was taken so far: of the same cell, in another process."""
        self._kept, self._arrays, self._waiting = tuple(arrays.values()), None, []
        self._n_taken = len(arrays["current_nA"]) if arrays else 0
        self._armed = False

    def currents(self) -> MembraneCurrents:
        """The samples, with the tree that they belong to."""
        return MembraneCurrents(
            first_ms=self._times.first * self._times.step_ms,
            step_ms=self._times.step_ms,
            nodes=self._step.nodes,
            columns=self._step.columns,
            **self.taken(),
        )
