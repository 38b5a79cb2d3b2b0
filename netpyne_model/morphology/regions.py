"""Assigns a region to each dendrite point of a reconstruction."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ..errors import ModelError, did_you_mean, quoted
from .sections import DENDRITES

TUFT_REACH = 0.5  # of the main path beyond a bifurcation, which the other branch must reach
STEM_REACH = 0.5  # of the farthest apical dendrite, which another of the soma with a trunk reaches


class Point(NamedTuple):
    """One line of an SWC file."""

    line: int
    id: int
    region: str
    position_um: tuple[float, float, float]
    diam_um: float
    parent: int
    type: int


@dataclass(frozen=True)
class Dendrites:
    """The dendrite points of a reconstruction by id, depth first, children by ascending id."""

    points: dict[int, Point]
    step_um: dict[int, float]  # distance to the parent, or to the soma's first point
    soma_um: tuple[float, float, float]  # its first point, where dendrites of the soma start

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Ids of the dendrite points that follow each dendrite point, ascending."""
        return children_of(self.points, self.points)

    def start_um(self, id: int) -> tuple[float, float, float]:
        """The parent of a point, or the soma's first point."""
        parent = self.points.get(self.points[id].parent)
        return self.soma_um if parent is None else parent.position_um

    @cached_property
    def distance_um(self) -> dict[int, float]:
        """Path distance of each point from the soma."""
        distance_um: dict[int, float] = {}
        for id, point in self.points.items():
            distance_um[id] = distance_um.get(point.parent, 0.0) + self.step_um[id]
        return distance_um


def assign_regions(
    dendrites: Dendrites, path: Path, trunk_end: int | None, overrides: Mapping[int, str] | None
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Region of each dendrite point by the rules of `swc`, and a note of several trunks.

    Raises ModelError if `trunk_end` or an override (the `regions` of `read_swc`) does not fit the
    file at `path`.
    """
    region = {id: point.region for id, point in dendrites.points.items()}
    ends: list[int] = []
    if not {"trunk", "tuft"} & set(region.values()):
        ends = _trunk_ends(dendrites, path, trunk_end)
        region |= _apical_divided(dendrites, ends)
    elif trunk_end is not None:
        raise ModelError(
            f"trunk_end {quoted(trunk_end)}: {path} tells trunk and tuft apart already (types 5 and 6); "
            "leave trunk_end out, and change single branches with regions."
        )
    notes: tuple[str, ...] = ()
    if len(ends) > 1:
        points = ", ".join(map(str, ends))
        notes = (f"{len(ends)} apical dendrites have a trunk each, which end at points {points}",)
    return region | _overridden(dendrites, path, overrides or {}), notes


def nearest_ids(id: int, known: Iterable[int]) -> str:
    """``" Nearest: 3, 5."``, the two ids of `known` nearest to `id`; empty where none is known."""
    nearest = heapq.nsmallest(2, known, key=lambda other: (abs(other - id), other))
    return f" Nearest: {', '.join(map(str, sorted(nearest)))}." if nearest else ""


def children_of(ids: Iterable[int], points: Mapping[int, Point]) -> dict[int, list[int]]:
    """Those of some points that hang from each of them, in the order given."""
    children: dict[int, list[int]] = {id: [] for id in ids}
    for id in children:
        if points[id].parent in children:
            children[points[id].parent].append(id)
    return children


def _trunk_ends(dendrites: Dendrites, path: Path, trunk_end: int | None) -> list[int]:
    """The point given, or where the trunk of each far-reaching apical tree ends."""
    apical = _ApicalTrees(dendrites)
    if trunk_end is None:
        return apical.trunk_ends()
    if trunk_end not in apical.children:
        raise ModelError(
            f"trunk_end {quoted(trunk_end)}: no point of this id on an apical dendrite of {path}; "
            f"give the id of a point of type 4.{_near(trunk_end, apical.children)}"
        )
    return [trunk_end]


def _apical_divided(dendrites: Dendrites, trunk_ends: Sequence[int]) -> dict[int, str]:
    """Regions of the apical trees: trunk up to its end, tuft beyond it, oblique elsewhere."""
    apical = _ApicalTrees(dendrites)
    trunk = {id for end in trunk_ends for id in apical.path_to(end)}
    region: dict[int, str] = {}
    for id in apical.children:
        before = dendrites.points[id].parent
        beyond = before in trunk_ends or region.get(before) == "tuft"
        region[id] = "trunk" if id in trunk else "tuft" if beyond else "apical"
    return region


def _overridden(dendrites: Dendrites, path: Path, overrides: Mapping[int, str]) -> dict[int, str]:
    for id, name in overrides.items():
        if id not in dendrites.points:
            raise ModelError(
                f"regions: point {quoted(id)} is no dendrite point of {path}; "
                f"give the id of a dendrite point.{_near(id, dendrites.points)}"
            )
        if name not in DENDRITES:
            hint = did_you_mean(name, DENDRITES)
            raise ModelError(
                f"regions: {quoted(name)} for point {id} is no region of a dendrite.{hint}"
            )
    region: dict[int, str] = {}
    for id, point in dendrites.points.items():
        if id in overrides:
            region[id] = overrides[id]
        elif point.parent in region:
            region[id] = region[point.parent]
    return region


def _near(id: object, known: Iterable[int]) -> str:
    return nearest_ids(id, known) if isinstance(id, int) else ""


class _ApicalTrees:
    """Points of type 4 that apical dendrite alone joins to the soma."""

    def __init__(self, dendrites: Dendrites):
        self.dendrites = dendrites
        joined: dict[int, None] = {}  # in place of a set, for the order
        for id, point in dendrites.points.items():
            from_soma = point.parent not in dendrites.points
            if point.region == "apical" and (from_soma or point.parent in joined):
                joined[id] = None
        self.children = children_of(joined, dendrites.points)

    def path_to(self, id: int | None) -> list[int]:
        """Points from the soma to `id`; none for None."""
        path: list[int] = []
        while id in self.children:
            path.append(id)
            id = self.dendrites.points[id].parent
        return path[::-1]

    def trunk_ends(self) -> list[int]:
        """Where the trunk ends of each apical dendrite of the soma that reaches far enough."""
        distance_um, points = self.dendrites.distance_um, self.dendrites.points
        farthest: dict[int, int] = {}  # tip by stem, the point that follows the soma
        stem_of: dict[int, int] = {}
        for id in self.children:
            stem = stem_of[id] = stem_of.get(points[id].parent, id)
            tip = farthest.setdefault(stem, id)
            if (distance_um[id], -id) > (distance_um[tip], -tip):
                farthest[stem] = id
        tips = farthest.values()
        enough_um = STEM_REACH * max((distance_um[tip] for tip in tips), default=0.0)
        return [self.trunk_end(tip) for tip in tips if distance_um[tip] >= enough_um]

    def trunk_end(self, tip: int) -> int:
        """Bifurcation that ends the trunk on the way to a tip, or the tip itself."""
        distance_um = self.dendrites.distance_um
        main = self.path_to(tip)
        forks = [(id, beyond) for id, beyond in pairwise(main) if len(self.children[id]) > 1]
        for id, beyond in reversed(forks):
            enough_um = distance_um[id] + TUFT_REACH * (distance_um[tip] - distance_um[id])
            for other in self.children[id]:
                both_branch = self._n_tips[beyond] > 1 and self._n_tips[other] > 1
                if other != beyond and both_branch and self._reach_um[other] >= enough_um:
                    return id
        return forks[-1][0] if forks else tip

    @cached_property
    def _n_tips(self) -> dict[int, int]:
        n_tips: dict[int, int] = {}
        for id in reversed(self.children):
            n_tips[id] = sum(n_tips[child] for child in self.children[id]) or 1
        return n_tips

    @cached_property
    def _reach_um(self) -> dict[int, float]:
        """Path distance of the farthest tip that each point leads to."""
        reach_um: dict[int, float] = {}
        for id in reversed(self.children):
            beyond_um = [reach_um[child] for child in self.children[id]]
            reach_um[id] = max(beyond_um, default=self.dendrites.distance_um[id])
        return reach_um
