"""The membrane potentials of all segments of a cell over a run."""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..morphology import segment_index

RESOLUTION_MV = 0.01
"""Membrane potentials of all segments are rounded to this, so that 16 bit hold them."""


def to_counts(voltage_mV: np.ndarray) -> np.ndarray:
    """Potentials in whole numbers of `RESOLUTION_MV`, 16 bit; what lies beyond is cut to the range."""
    limits = np.iinfo(np.int16)
    return np.clip(np.rint(voltage_mV / RESOLUTION_MV), limits.min, limits.max).astype(np.int16)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SegmentPotentials:
    """The potential of every segment, at a coarse step.

    Attributes
    ----------
    step_ms : float
        Interval between two samples; the first is at simulation time 0.
    sections : tuple of str, length n_segments
        Name of the section of each segment.
    x : ndarray, shape (n_segments,)
        Relative position of each segment's centre on its section.
    counts : ndarray of int16, shape (n_samples, n_segments)
        Potentials in units of `RESOLUTION_MV`.
    """

    step_ms: float
    sections: tuple[str, ...]
    x: np.ndarray
    counts: np.ndarray

    def __post_init__(self):
        n = len(self.sections)
        if len(self.x) != n or self.counts.ndim != 2 or self.counts.shape[1] != n:
            raise ValueError(
                f"{n} sections, {len(self.x)} positions and potentials of shape"
                f" {self.counts.shape}; expected one of each a segment."
            )

    def __repr__(self) -> str:
        n_samples, n_segments = self.counts.shape
        return f"SegmentPotentials({n_segments} segments, {n_samples} samples)"

    @property
    def time_ms(self) -> np.ndarray:
        """Simulation time of the samples."""
        return np.arange(len(self.counts)) * self.step_ms

    @property
    def voltage_mV(self) -> np.ndarray:
        """Potentials in mV, shape (n_samples, n_segments); a copy, four times as large."""
        return self.counts * RESOLUTION_MV

    def at(self, section: str, x: float, time_ms: float) -> float:
        """Potential (mV) of the segment at a place, of the last sample up to a time.

        Raises
        ------
        ModelError
            If there is no such section or the time lies beyond the run.
        """
        members = [number for number, name in enumerate(self.sections) if name == section]
        if not members or not 0 <= x <= 1:
            raise ModelError(
                f"place {section}({x:g}): expected a section of the cell, such as"
                f" {self.sections[0]}, and x from 0 to 1."
            )
        sample = int(time_ms / self.step_ms + 1e-9)
        if time_ms < 0 or sample >= len(self.counts):
            raise ModelError(
                f"time_ms = {time_ms:g}: expected a time of the run, 0 to {self.time_ms[-1]:g} ms."
            )
        segment = members[segment_index(x, len(members))]
        return float(self.counts[sample, segment]) * RESOLUTION_MV
