"""Sections and the tree they form: path distances, branch orders, families, number of segments."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

import numpy as np

from ..errors import ModelError, did_you_mean, quoted

REGIONS = ("soma", "axon_hill", "ais", "axon", "basal", "trunk", "apical", "tuft")
DENDRITES = ("basal", "trunk", "apical", "tuft")
LARGEST_UM = 1e5  # length or diameter, of a section and of a point
MOST_SECTIONS = 2000  # three times those of the largest reconstructed pyramidal cells
LONGEST_UM = 1e5  # of all sections together; CA1 pyramidal cells have 20 mm
AXONAL = ("axon_hill", "ais", "axon")
REGION_GROUPS = {"all": REGIONS, "dendrites": DENDRITES, "axonal": AXONAL}
"""Names that stand for several regions, wherever rules and factors name regions."""


def check_size(sections: "Sequence[Section]", path: object) -> None:
    """Refuse a cell so large that it would keep the reader waiting; `path` is the file it is of."""
    if len(sections) > MOST_SECTIONS:
        raise ModelError(
            f"{path}: {len(sections)} sections; expected at most {MOST_SECTIONS}: leave out parts of"
            " the cell."
        )
    length_um = math.fsum(section.length_um for section in sections)
    if length_um > LONGEST_UM:
        raise ModelError(
            f"{path}: {length_um:.3g} um of sections; expected at most {LONGEST_UM:g} um in all:"
            " divide lengths by 1000 if they are in nanometres, or leave out parts of the cell."
        )


def segment_index(x: float, nseg: int) -> int:
    """Which of the `nseg` segments of a section the relative position `x` lies in, as in NEURON."""
    return min(int(x * nseg), nseg - 1)


def segment_centre(segment: int, nseg: int) -> float:
    """The relative position of the centre of one of the `nseg` segments of a section."""
    return (segment + 0.5) / nseg


@dataclass(frozen=True)
class Section:
    """One unbranched stretch of neurite.

    Attributes
    ----------
    index : int
        Row in the section table; also the id of its NeuroML segment.
    name : str
        ``<region>_<index>``.
    region : str
        One of `REGIONS` (``apical`` = apical obliques).
    parent : int or None
        Index of the parent section; None for the root.
    parent_loc : float
        Relative position (0 or 1) on the parent at which the 0 end of this section is attached.
    length_um, diam0_um, diam1_um : float
        Length, and diameter at the 0 and at the 1 end (equal unless the section tapers).
    points_um : tuple of (float, float, float)
        Where a reconstruction has it: x, y, z from the 0 to the 1 end; empty without a
        reconstruction.
    """

    index: int
    name: str
    region: str
    parent: int | None
    parent_loc: float
    length_um: float
    diam0_um: float
    diam1_um: float
    points_um: tuple[tuple[float, float, float], ...] = field(default=(), compare=False, repr=False)

    @property
    def tapered(self) -> bool:
        """Whether the diameter changes along the section."""
        return self.diam0_um != self.diam1_um

    @property
    def mean_diam_um(self) -> float:
        """Diameter half way along the section."""
        return 0.5 * (self.diam0_um + self.diam1_um)

    def diameter(self, x: float) -> float:
        """Diameter in um at relative position `x`, linear between the two ends."""
        return self.diam0_um + (self.diam1_um - self.diam0_um) * x


class Morphology:
    """A tree of sections, numbered depth first from the soma.

    Parameters
    ----------
    sections : sequence of Section
        Parents before children; ``sections[i].index == i``.
    notes : sequence of str
        What a reader took otherwise than its file says, a line each.
    """

    def __init__(self, sections: Sequence[Section], notes: Sequence[str] = ()):
        self.sections = tuple(sections)
        self.notes = tuple(notes)
        self._by_name = {section.name: section for section in self.sections}

    def __len__(self) -> int:
        return len(self.sections)

    def section(self, key: int | str) -> Section:
        """A section by index or name; ModelError if there is no such section."""
        if isinstance(key, str):
            if key not in self._by_name:
                raise ModelError(
                    f"section {quoted(key)} does not exist.{self._sections_meant(key)}"
                )
            return self._by_name[key]
        if not 0 <= key < len(self.sections):
            last = len(self.sections) - 1
            raise ModelError(
                f"section {quoted(key)} does not exist; expected an index from 0 to {last}."
            )
        return self.sections[key]

    def _sections_meant(self, name: str) -> str:
        """The section whose name is nearest; the first and the last where none is near."""
        nearest = did_you_mean(name, self._by_name)
        if "Known:" not in nearest:
            return nearest
        first, last = self.sections[0].name, self.sections[-1].name
        return f" This cell has {first} to {last}; Cell.table() lists them."

    def in_region(self, region: str) -> tuple[Section, ...]:
        """Sections of one region, in table order."""
        return tuple(section for section in self.sections if section.region == region)

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        children: list[list[int]] = [[] for _ in self.sections]
        for section in self.sections:
            if section.parent is not None:
                children[section.parent].append(section.index)
        return tuple(tuple(group) for group in children)

    def children(self, index: int) -> tuple[int, ...]:
        """Indices of the sections attached to section `index`."""
        return self._children[index]

    def is_terminal(self, index: int) -> bool:
        """Whether no section is attached to section `index`."""
        return not self._children[index]

    @cached_property
    def _start_distance(self) -> tuple[float, ...]:
        start: list[float] = []
        for section in self.sections:
            parent = None if section.parent is None else self.sections[section.parent]
            if section.region == "soma" or parent is None or parent.region == "soma":
                start.append(0.0)
            else:
                start.append(start[parent.index] + section.parent_loc * parent.length_um)
        return tuple(start)

    @overload
    def path_distance(self, index: int, x: float) -> float: ...

    @overload
    def path_distance(self, index: int, x: float | np.ndarray) -> float | np.ndarray: ...

    def path_distance(self, index: int, x: float | np.ndarray) -> float | np.ndarray:
        """Path distance in um of position `x` on section `index` from the soma (all 0)."""
        section = self.sections[index]
        if section.region == "soma":
            return 0.0
        return self._start_distance[index] + x * section.length_um

    @cached_property
    def root_distance_um(self) -> tuple[float, ...]:
        """Distance of every section's 0 end from the root's, the soma counted: NeuroML's p."""
        start: list[float] = []
        for section in self.sections:
            if section.parent is None:
                start.append(0.0)
            else:
                parent = self.sections[section.parent]
                start.append(start[parent.index] + section.parent_loc * parent.length_um)
        return tuple(start)

    def tree_distance(
        self, index: int, x: float, other_index: int, other_x: float | np.ndarray
    ) -> float | np.ndarray:
        """Distance in um along the tree between two places; every point of the soma is one place.

        An array of positions `other_x` gives an array of distances.
        """
        left_at = dict(self._way_to_root(index, x))
        # The first section that both ways to the root share, at the latest the root; from where
        # each comes onto it both go on to the soma alike.
        others = self._way_to_root(other_index, other_x)
        shared, other_at = next(way for way in others if way[0] in left_at)
        here_um = self.path_distance(shared, left_at[shared])
        there_um = self.path_distance(shared, other_at)
        one_um = self.path_distance(index, x) - here_um
        other_um = self.path_distance(other_index, other_x)
        return one_um + other_um - there_um + abs(here_um - there_um)

    def ancestors(self, index: int) -> Iterator[Section]:
        """The sections on the way from section `index`, itself not among them, to the root."""
        parent = self.sections[index].parent
        while parent is not None:
            yield self.sections[parent]
            parent = self.sections[parent].parent

    def _way_to_root(
        self, index: int, x: float | np.ndarray
    ) -> Iterator[tuple[int, float | np.ndarray]]:
        """The sections from a place to the root, each with where the way comes onto it."""
        while True:
            yield index, x
            section = self.sections[index]
            if section.parent is None:
                return
            index, x = section.parent, section.parent_loc

    def branch_order(self, index: int) -> int:
        """Order of a branch within its region: from 1 on; 0 on trunk, soma and axon."""
        region = self.sections[index].region
        if region not in ("basal", "apical", "tuft"):
            return 0
        same = itertools.takewhile(lambda one: one.region == region, self.ancestors(index))
        return 1 + sum(1 for _ in same)

    def trunk_origin(self, index: int) -> int | None:
        """Index of the trunk section that an oblique or tuft branch springs from; None without."""
        for section in (self.sections[index], *self.ancestors(index)):
            if section.region not in ("apical", "tuft"):
                return section.index if section.region == "trunk" else None
        return None

    def apical_stem(self, index: int) -> int:
        """Index of the branch with which an oblique or tuft branch leaves the trunk (or soma)."""
        for section in self.ancestors(index):
            if section.region not in ("apical", "tuft"):
                break
            index = section.index
        return index

    def stem_distance(self, index: int) -> float:
        """Path distance in um at which the family of an oblique or tuft branch leaves the trunk."""
        return self.path_distance(self.apical_stem(index), 0.0)

    def trunk_outward(self, index: int) -> Iterator[int]:
        """Indices of the trunk sections beyond trunk section `index`, nearest first."""
        generation = [index]
        while generation:
            children = [child for one in generation for child in self._children[one]]
            generation = [child for child in children if self.sections[child].region == "trunk"]
            yield from generation

    def nseg(self, index: int, *, Ra_ohm_cm: float, cm_uF_per_cm2: float) -> int:
        """Number of segments of a section, from its length constant at 100 Hz (model.md 2)."""
        section = self.sections[index]
        per_um = 4 * math.pi * 100 * Ra_ohm_cm * cm_uF_per_cm2
        lambda_100 = 1e5 * math.sqrt(section.mean_diam_um / per_um)
        nseg = int((section.length_um / (0.1 * lambda_100) + 0.9) / 2) * 2 + 1
        return max(nseg, 3) if section.tapered else nseg
