"""The potentials of all segments over a run, taken at a coarse step."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..cell.segment_voltages import SegmentVoltages
from ..errors import ModelError
from ..results import SegmentPotentials
from ..results.hdf5_claims import MOST_RECORDING_BYTES
from ..results.segment_potentials import to_counts

_TOGETHER = 64


class SegmentRecording:
    """Takes the potential of every segment of live sections each `step_ms`, from 0 on.

    Kept in 16 bit as they come, so that the run of a whole cell takes some MB; `ModelError` where it
    would be more than results are read of.
    """

    def __init__(self, sections: Mapping[str, Any], step_ms: float, duration_ms: float):
        self._voltages = SegmentVoltages(sections)
        self._step_ms = step_ms
        n_samples = int(duration_ms / step_ms + 1e-9) + 1
        n_bytes = n_samples * len(self._voltages) * np.dtype(np.int16).itemsize
        if n_bytes > MOST_RECORDING_BYTES:
            coarser_ms = math.ceil(n_bytes / MOST_RECORDING_BYTES) * step_ms
            raise ModelError(
                f"record_segments_ms = {step_ms:g}: {n_samples} samples of {len(self._voltages)}"
                f" segments are {n_bytes / 1e9:.1f} GB; expected {MOST_RECORDING_BYTES / 1e9:g} GB at most,"
                f" as record_segments_ms={coarser_ms:g} takes, or 0 for none."
            )
        self._counts = np.zeros((n_samples, len(self._voltages)), np.int16)
        self._waiting: list[np.ndarray] = []  # what is rounded together, which is faster
        self._n_taken = 0

    @property
    def next_ms(self) -> float:
        """Time of the next sample; infinite after the last."""
        n = self._n_taken + len(self._waiting)
        return n * self._step_ms if n < len(self._counts) else np.inf

    def sample(self) -> None:
        """Take the potentials as they are now."""
        self._waiting.append(self._voltages.now_mV())
        if len(self._waiting) == _TOGETHER:
            self._round()

    def _round(self) -> None:
        if self._waiting:
            end = self._n_taken + len(self._waiting)
            self._counts[self._n_taken : end] = to_counts(np.array(self._waiting))
            self._n_taken, self._waiting = end, []

    def taken(self) -> np.ndarray:
        """What was taken so far, as it is kept: shape (n_samples, n_segments)."""
        self._round()
        return self._counts[: self._n_taken]

    def go_on_from(self, counts: np.ndarray) -> None:
        """Take these as what was taken so far: of the same cell, in another process."""
        self._n_taken, self._waiting = len(counts), []
        self._counts[: self._n_taken] = counts

    def potentials(self) -> SegmentPotentials:
        """The samples with their places."""
        places = self._voltages.places
        return SegmentPotentials(
            step_ms=self._step_ms,
            sections=tuple(place.section for place in places),
            x=np.array([place.x for place in places]),
            counts=self.taken(),
        )
