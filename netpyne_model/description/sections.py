"""A cell as a simulator needs it: sections and, per segment, the value of every parameter."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..morphology import Location, along_path, segment_index

_INSIDE = 1e-6  # of a piece's length: what lies on the border of two segments is the later one's


@dataclass(frozen=True)
class SilentSpines:
    """Spines without input of a section, solved with the segment they sit on.

    Attributes
    ----------
    x : ndarray
        Relative position of each on the section.
    g_pas : float
        Leak of their membrane (S/cm2).
    cable : dict of str to float
        As `description.spine_cable` gives it.
    """

    x: np.ndarray
    g_pas: float
    cable: dict[str, float]

    def counts(self, nseg: int) -> np.ndarray:
        """How many sit on each of a section's segments."""
        segments = np.minimum((self.x * nseg).astype(int), nseg - 1)
        return np.bincount(segments, minlength=nseg)


@dataclass
class SectionDescription:
    """One unbranched section of a cell, discretised. Arrays have one entry a segment.

    Attributes
    ----------
    parent, parent_loc : str or None, float
        Name of the parent section, and relative position on it.
    points_um : ndarray, shape (n_points, 4)
        x, y, z and diameter along the section, from end to end.
    diam_um : ndarray
        Diameter of each segment: the linear value at its centre.
    path_length_um : ndarray
        NeuroML's p at the segment centres: distance from the root's 0 end.
    leak_S_per_cm2, leak_e_mV : ndarray
        All passive channels of the section together.
    gbar_S_per_cm2 : dict of str to ndarray
        By channel id.
    reversal_mV : dict of str to float
        By ion, and by channel id for channels of no specific ion.
    parameters : dict of str to dict of str to ndarray
        Further parameters by channel, of channels from mod files.
    silent_spines : SilentSpines, optional
        Spines that are neither folded into the membrane nor sections of their own.
    """

    name: str
    parent: str | None
    parent_loc: float
    length_um: float
    points_um: np.ndarray
    diam_um: np.ndarray
    path_length_um: np.ndarray
    cm_uF_per_cm2: np.ndarray
    Ra_ohm_cm: float
    leak_S_per_cm2: np.ndarray
    leak_e_mV: np.ndarray
    gbar_S_per_cm2: dict[str, np.ndarray] = field(default_factory=dict)
    reversal_mV: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    silent_spines: SilentSpines | None = None

    @property
    def nseg(self) -> int:
        """Number of segments."""
        return len(self.diam_um)

    @property
    def area_um2(self) -> np.ndarray:
        """Membrane area of each segment."""
        return np.pi * self.diam_um * self.length_um / self.nseg

    @property
    def tapered(self) -> bool:
        """Whether the diameter changes along the section."""
        return self.points_um[0, 3] != self.points_um[-1, 3]

    def position_um(self, x: float) -> np.ndarray:
        """Coordinates of a relative position."""
        return along_path(self.points_um, x)[:3]


@dataclass
class CellDescription:
    """A cell as sections, parents before children.

    Attributes
    ----------
    channel_ions : dict of str to str
        Ion of every gated channel (``na``, ``k``, ``non_specific``).
    user_channels : dict of str to UserChannel
        By channel id: those that are not the package's (see `mechanisms.user_channels`).
    pieces : dict of str to tuple of str
        The sections that stand for one of the morphology that was cut, by its name, in order.
    """

    cell_id: str
    sections: dict[str, SectionDescription]
    channel_ions: dict[str, str] = field(default_factory=dict)
    user_channels: dict[str, Any] = field(default_factory=dict)
    pieces: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, section: str, x: float) -> Location:
        """Where a place of the morphology lies: itself, or on the piece that has its segment.

        Within a piece, which is one segment, every x but the ends is the same to NEURON.
        """
        if section not in self.pieces:
            return Location(section, x)
        pieces = self.pieces[section]
        index = segment_index(x, len(pieces))
        if x in (0.0, 1.0):
            return Location(pieces[index], x)
        within = x * len(pieces) - index
        return Location(pieces[index], min(max(within, _INSIDE), 1 - _INSIDE))
