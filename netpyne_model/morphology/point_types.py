"""What the points of a reconstruction are: pieces left out, and regions from types in any use.

Published files use types beside the standard: 5 and 6 also stand for fork and end points, 0 and 7
upwards for whatever a program writes. What is taken otherwise than it says is told in a note.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import ModelError
from .regions import Point, children_of
from .swc_points import KNOWN_TYPES, ROOT, UNDEFINED

FORK, END = 5, 6  # types of points in the oldest files
AXON_STEM_UM = 50.0  # of an axon's first stretch, from which a dendrite may spring
_WORDS = {FORK: "fork", END: "end"}


def connected(
    points: Mapping[int, Point], path: Path
) -> tuple[dict[int, Point], Point, tuple[str, ...]]:
    """The points of the tree that starts in the soma, its root, and notes of what is left out.

    A tree that starts elsewhere is turned. Detached pieces of axon are left out, as all axon is.
    Raises ModelError on any other detached piece, or if there is no soma.
    """
    points, notes = _from_soma(points)
    roots = [point for point in points.values() if point.parent == ROOT]
    root = next((point for point in roots if point.region == "soma"), roots[0])
    _check_root(root, path)
    following = children_of(sorted(points), points)
    detached: dict[int, None] = {}
    others = [other for other in roots if other is not root]
    for n_before, other in enumerate(others):
        piece = list(_outward(other.id, following))
        if any(points[id].region == "soma" for id in piece):
            raise ModelError(
                f"{path}, line {other.line}: point {other.id} has parent -1 and bears a soma, and so"
                f" does point {root.id} in line {root.line}; expected one neuron in a file: leave"
                f" out point {other.id} and all that hangs from it (points: {len(piece)})."
            )
        if any(points[id].region != "axon" for id in piece):
            n_after = len(others) - n_before - 1
            further = f" (roots after it: {n_after})" if n_after else ""
            raise ModelError(
                f"{path}, line {other.line}: point {other.id} has parent -1, and so has point"
                f" {root.id} in line {root.line}; expected one root beside pieces of axon: give it"
                f" the id of the point it hangs from{further}."
            )
        detached |= dict.fromkeys(piece)
    kept = {id: point for id, point in points.items() if id not in detached}
    n_pieces = len(others)
    pieces = f"{n_pieces} detached piece{'s' * (n_pieces > 1)} of axon ({len(detached)} points)"
    if n_pieces:
        notes = (*notes, f"{pieces} left out, as all axon of the file")
    return kept, root, notes


def with_regions(
    points: Mapping[int, Point], path: Path
) -> tuple[dict[int, Point], tuple[str, ...]]:
    """The points with a region each, and notes of those taken otherwise than their type says.

    Raises ModelError if a point's region cannot be told, or it cannot hang where it does.
    """
    following = children_of(sorted(points), points)
    points, told = _with_parts_of_axon(points, following)
    undefined = {id for id, point in points.items() if point.region == UNDEFINED}
    if _forks_and_ends(points, following):
        undefined |= {id for id, point in points.items() if point.type in (FORK, END)}
    notes = [*_define(points, following, undefined, path), *_take_stems(points)]
    for point in points.values():
        _check_joint(point, points.get(point.parent), path)
    return points, (*told, *notes, *_out_of_place(points, following, path))


def _outward(id: int, following: Mapping[int, list[int]]) -> Iterator[int]:
    """A point and all beyond it, parents first."""
    stack = [id]
    while stack:
        here = stack.pop()
        yield here
        stack += reversed(following[here])


def _from_soma(points: Mapping[int, Point]) -> tuple[Mapping[int, Point], tuple[str, ...]]:
    """The points with parents towards the soma, and a note if they were others.

    Programs that trace whole brains begin a tree where they come upon it.
    """
    roots = [point for point in points.values() if point.parent == ROOT]
    if any(root.region == "soma" for root in roots):
        return points, ()
    following = children_of(sorted(points), points)
    for root in roots:
        outward = _outward(root.id, following)
        here = next((id for id in outward if points[id].region == "soma"), ROOT)
        if here == ROOT:
            continue
        note = f"the tree starts with point {root.id}: turned, to start with soma point {here}"
        turned, before = dict(points), ROOT
        while here != ROOT:
            turned[here] = points[here]._replace(parent=before)
            before, here = here, points[here].parent
        return turned, (note,)
    return points, ()


def _check_root(root: Point, path: Path) -> None:
    if root.region != "soma":
        raise ModelError(
            f"{path}, line {root.line}: the root, point {root.id}, is {root.region}; expected soma"
            " (type 1): add a point of type 1 as its parent."
        )


def _with_parts_of_axon(
    points: Mapping[int, Point], following: Mapping[int, list[int]]
) -> tuple[dict[int, Point], tuple[str, ...]]:
    """The points, types 5 and 6 as axon where they are its nodes and myelin, and a note of that.

    So they are if all lie beyond an axon, no dendrite lies beyond them, and apical dendrite (type
    4) is elsewhere: then the trunk is not on the axon's stem.
    """
    points = dict(points)
    parts = [point for point in points.values() if point.type in (FORK, END)]
    if not parts or all(point.region != "apical" for point in points.values()):
        return points, ()
    starts = [id for id, point in points.items() if point.region == "axon"]
    beyond_axon = _beyond(starts, following)
    if any(point.id not in beyond_axon for point in parts):
        return points, ()
    beyond_parts = _beyond([point.id for point in parts], following)
    if any(points[id].region in ("soma", "basal", "apical") for id in beyond_parts):
        return points, ()
    for point in parts:
        points[point.id] = point._replace(region="axon")
    first = min(point.line for point in parts)
    n_points = f"{len(parts)} point{'s' * (len(parts) > 1)}, the first in line {first}"
    return points, (f"types 5 and 6 ({n_points}) lie beyond the axon: taken for axon",)


def _beyond(starts: Iterable[int], following: Mapping[int, list[int]]) -> set[int]:
    """Points, and all beyond them, each gone through once."""
    found: set[int] = set()
    stack = list(starts)
    while stack:
        here = stack.pop()
        if here not in found:
            found.add(here)
            stack += following[here]
    return found


def _forks_and_ends(points: Mapping[int, Point], following: Mapping[int, list[int]]) -> bool:
    """Whether types 5 and 6 are fork and end points: all fork or end, and some are elsewhere."""
    if any(
        len(following[id]) < 2 if point.type == FORK else bool(following[id])
        for id, point in points.items()
        if point.type in (FORK, END)
    ):
        return False
    no_trunk = all(point.type != FORK for point in points.values())
    from_where = {
        "trunk": ("basal", "axon", "apical", "tuft", UNDEFINED),
        "tuft": ("basal", "axon", UNDEFINED, *(["apical"] if no_trunk else [])),
    }
    return any(
        points[point.parent].region in from_where.get(point.region, ())
        for point in points.values()
        if point.parent != ROOT
    )


def _define(
    points: dict[int, Point], following: Mapping[int, list[int]], undefined: set[int], path: Path
) -> Iterator[str]:
    """Give undefined points the region of what they hang from; of what hangs from them at the soma.

    Yields a note for each type.
    """
    if not undefined:
        return
    taken: dict[int, Counter[str]] = {}
    first: dict[int, Point] = {}
    for id in _outward(next(id for id in points if points[id].parent == ROOT), following):
        if id not in undefined:
            continue
        point = points[id]
        region = points[point.parent].region
        if region == "soma":
            beyond = (points[other] for other in _outward(id, following) if other not in undefined)
            region = next((other.region for other in beyond), UNDEFINED)
        if region == UNDEFINED:
            n_alike = sum(points[other].type == point.type for other in undefined)
            raise ModelError(
                f"{path}, line {point.line}: point {id} is of type {point.type}, as"
                f" {n_alike} points are, and hangs from the soma with none of {KNOWN_TYPES} beyond"
                f" it; give them type 3 (basal) or 4 (apical)."
            )
        points[id] = point._replace(region=region)
        taken.setdefault(point.type, Counter())[region] += 1
        first.setdefault(point.type, point)
    for kind, regions in sorted(taken.items()):
        each = ", ".join(f"{n} {region}" for region, n in regions.items())
        meaning = f"{_WORDS[kind]} points, " if kind in _WORDS else ""
        n_points = f"{regions.total()} point{'s' * (regions.total() > 1)}"
        yield (
            f"type {kind} ({n_points}, the first in line {first[kind].line}): {meaning}each taken"
            f" for what it hangs from: {each}"
        )


def _take_stems(points: dict[int, Point]) -> Iterator[str]:
    """Make the first stretch of an axon that bears a dendrite near the soma part of the dendrite.

    Yields a note for each.
    """
    for id in sorted(points):
        point = points[id]
        if point.region in ("soma", "axon") or point.parent == ROOT:
            continue
        stem = list(_stem(points, point))
        if not stem or points[stem[-1].parent].region == "axon":
            continue
        for on_stem in stem:
            points[on_stem.id] = on_stem._replace(region=point.region)
        named = f"axon points {stem[-1].id} to {stem[0].id} bear"
        if len(stem) == 1:
            named = f"axon point {stem[0].id} bears"
        yield f"{named} a dendrite near their start: taken for {point.region}"


def _stem(points: Mapping[int, Point], point: Point) -> Iterator[Point]:
    """The axon points from a dendrite's first point towards the soma, as far as a stem may be."""
    way_um = 0.0
    while (parent := points[point.parent]).region == "axon":
        before = points[parent.parent]
        way_um += math.dist(parent.position_um, before.position_um)
        if way_um > AXON_STEM_UM:
            return
        yield parent
        point = parent


def _check_joint(point: Point, parent: Point | None, path: Path) -> None:
    if parent is None:
        return
    where = (
        f"{path}, line {point.line}: {point.region} point {point.id} hangs from {parent.region}"
        f" point {parent.id}"
    )
    if point.region == "soma" and parent.region != "soma":
        raise ModelError(f"{where}; let it hang from a point of the soma.")
    if parent.region == "axon" and point.region != "axon":
        raise ModelError(
            f"{where}, more than {AXON_STEM_UM:g} um along the axon, which is left out; let it hang"
            " from soma or dendrite, or make it and all beyond it axon (type 2)."
        )


def _out_of_place(
    points: Mapping[int, Point], following: Mapping[int, list[int]], path: Path
) -> Iterator[str]:
    """Refuse trunk or tuft on basal dendrite; yield notes of what else hangs where it rarely does."""
    for point in points.values():
        parent = points.get(point.parent)
        if parent is not None and parent.region == "basal" and point.region in ("trunk", "tuft"):
            meaning = f"if {FORK} and {END} are fork and end points"
            raise ModelError(
                f"{path}, line {point.line}: {point.region} point {point.id} (type {point.type})"
                f" hangs from basal point {parent.id}; make it and all beyond it basal (type 3),"
                f" or {meaning}, give each the type of its parent."
            )
    beyond_trunk: set[int] = set()
    for id in _outward(next(id for id in points if points[id].parent == ROOT), following):
        if points[id].region == "trunk" or points[id].parent in beyond_trunk:
            beyond_trunk.add(id)
    for one in _starts(points, "tuft"):
        if one.id not in beyond_trunk:
            yield f"the tuft from point {one.id} on hangs from no trunk: its rules start at the soma"
            break
    for one in _starts(points, "trunk"):
        if (before := points[one.parent].region) != "soma":
            yield f"the trunk from point {one.id} on hangs from {before} dendrite"
            break


def _starts(points: Mapping[int, Point], region: str) -> Iterator[Point]:
    """The points with which a region starts."""
    for point in points.values():
        if point.region == region and points[point.parent].region != region:
            yield point
