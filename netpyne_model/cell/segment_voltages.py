"""The potentials of all segments of live sections, taken together as they are now."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..morphology import Location, segment_centre
from .vectors import copy_of


class SegmentVoltages:
    """Gathers the potential of every segment of NEURON sections, fast enough for every step.

    Parameters
    ----------
    sections : mapping of str to nrn.Section
        By name. They are built to the end: a segment more or less later is not noticed.

    Attributes
    ----------
    places : tuple of Location
        Section and x of the centre of each segment: section by section, from its 0 to its 1 end.
    """

    def __init__(self, sections: Mapping[str, Any]):
        from neuron import h

        self.places = tuple(
            Location(name, segment_centre(number, section.nseg))
            for name, section in sections.items()
            for number in range(section.nseg)
        )
        self._sections = h.SectionList(list(sections.values()))
        self._values = h.Vector(len(self.places))
        # A function of SegmentPotentials.mod: it takes no pointers, of which NEURON frees nothing.
        self._fill = h.segment_potentials_SegmentPotentials

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.places)

    def now_mV(self) -> np.ndarray:
        """The potential of each segment (mV), in the order of `places`; an array of its own."""
        self._fill(self._sections, self._values)
        return copy_of(self._values)
