"""What every simulator runs: the smooth cell with a current into its soma."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...cell.cell import Cell
from ...description import CellDescription, SectionDescription
from ...mechanisms.channel_equations import read_channel


@dataclass(frozen=True)
class SmoothCell:
    """The published morphology and channels without spines, and the current it gets.

    Attributes
    ----------
    start_mV, celsius, threshold_mV, dt_ms : float
    amplitude_nA, onset_ms, until_ms : float
        Current into the middle of the soma from the onset to the end.
    """

    start_mV: float = -67.0
    celsius: float = 35.0
    threshold_mV: float = -20.0
    dt_ms: float = 0.025
    amplitude_nA: float = 0.3
    onset_ms: float = 25.0
    until_ms: float = 500.0

    @cached_property
    def description(self) -> CellDescription:
        """The cell's every parameter by segment."""
        return Cell().describe("none")

    @property
    def sections(self) -> list[SectionDescription]:
        """Its sections, parents before children; the first is the soma."""
        return list(self.description.sections.values())

    @property
    def n_segments(self) -> int:
        """How many segments there are."""
        return sum(section.nseg for section in self.sections)

    @property
    def n_gates(self) -> int:
        """How many gates they have together, each where its channel is."""
        gates = {name: len(read_channel(name, self.celsius).gates) for name in self.channels}
        present = [
            (name, density) for section in self.sections for name, density in _dense(section)
        ]
        return sum(gates[name] * int(np.count_nonzero(density)) for name, density in present)

    @property
    def channels(self) -> list[str]:
        """The channels that are anywhere, by name."""
        return sorted({name for section in self.sections for name, _ in _dense(section)})

    @property
    def n_steps(self) -> int:
        """Time steps after the onset, over which cost counts."""
        return round((self.until_ms - self.onset_ms) / self.dt_ms)


def densities(section: SectionDescription, segment: int) -> dict[str, float]:
    """Peak conductance in S/cm2 of the channels that a segment of a section has."""
    return {name: float(value[segment]) for name, value in _dense(section) if value[segment]}


def _dense(section: SectionDescription) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in section.gbar_S_per_cm2.items() if np.any(value)]


def crossings_ms(time_ms: np.ndarray, v_mV: np.ndarray, threshold_mV: float) -> list[float]:
    """When a voltage crosses the threshold upwards, interpolated: the same for all simulators."""
    up = np.flatnonzero((v_mV[:-1] < threshold_mV) & (v_mV[1:] >= threshold_mV))
    share = (threshold_mV - v_mV[up]) / (v_mV[up + 1] - v_mV[up])
    return (time_ms[up] + share * (time_ms[up + 1] - time_ms[up])).tolist()
