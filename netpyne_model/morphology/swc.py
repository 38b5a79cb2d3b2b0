"""Reads a reconstruction (SWC) and reduces it to one cylinder or taper per unbranched stretch.

A section starts at every branch point and at every change of region. Its length is the sum of the
distances of successive points, the one to the parent point included; dendrites of the soma measure
from the soma's first point. Its diameter is the mean over its points; with more than two points
whose standard deviation (of the population) is above 0.5 um it tapers from mean + deviation to mean
- deviation, with two points that differ by more than 1 um from the first to the second. Basal
dendrites leave the soma from ``soma_1``, the others from ``soma_0``. Axon points count nowhere: a
dendrite does not branch where an axon leaves it. Sections keep their points' coordinates, for
pictures and exports (`section_paths`).

A file with none of the types 5 and 6 has its trunk and tuft assigned. The main path leads to the
apical tip farthest from the soma along the dendrite. The trunk is that path up to the last
bifurcation at which the main path and a branch that leaves it both branch again, that branch
reaching at least half as far beyond the bifurcation as the main path does; if there is none, up to
the last bifurcation; without any, the whole path. The tuft is everything beyond; all other apical
dendrite is oblique. On the published reconstruction this gives 89 % of the apical length its
published region (the last bifurcation alone 69 %); check the trunk of your cell, and give
`trunk_end` where it ends elsewhere.
"""

import io
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ..errors import ModelError
from ..files import reading
from .regions import Dendrites, Point, assign_regions, nearest_ids
from .sections import DENDRITES, Morphology, Section
from .table import read_section_table

FIELDS = ("id", "type", "x", "y", "z", "radius", "parent")
REGION_OF_TYPE = {1: "soma", 2: "axon", 3: "basal", 4: "apical", 5: "trunk", 6: "tuft"}
ROOT = -1  # parent of the first point
LARGEST_UM = 1e5  # as in the section table
LARGEST_STEP_UM = 1.0  # of the diameter along a section without a taper


def read_swc(
    path: str | Path, *, trunk_end: int | None = None, regions: Mapping[int, str] | None = None
) -> Morphology:
    """Read an SWC file and reduce it to the sections of the model.

    Raises ModelError if the file does not hold one tree that starts in the soma (file, line and
    what was expected), or `trunk_end` or `regions` do not fit it.

    Parameters
    ----------
    path : path
        SWC file: lines of ``id type x y z radius parent`` in any order, in um. Types: 1 soma, 2
        axon, 3 basal, 4 apical (oblique), 5 trunk, 6 tuft. ``#`` starts a comment.
    trunk_end : int, optional
        Id of the point at which the trunk ends, for a file without types 5 and 6: the path from the
        soma to it is trunk, everything beyond it tuft.
    regions : mapping of int to str, optional
        Point id to region (``basal``, ``trunk``, ``apical`` or ``tuft``): that point and everything
        beyond it, as far as the next point named here. Applied last.

    Returns
    -------
    Morphology
        Soma and axon of the standard set, whatever the file's own look like, then the dendrites,
        depth first, children (and the soma's own) by ascending point id.
    """
    path = Path(path)
    points = _points(path)
    _check_parents(points, path)
    _check_circles(points, path)
    root = _root(points, path)
    for point in points.values():
        _check_joint(point, points.get(point.parent), path)
    dendrites = _dendrites(points, root)
    # The published cell's soma and axon are the standard ones, in its first rows.
    published = read_section_table().sections
    standard = Morphology([section for section in published if section.region not in DENDRITES])
    region = assign_regions(dendrites, path, trunk_end, regions)
    return Morphology([*standard.sections, *_sections(dendrites, region, standard, path)])


def _points(path: Path) -> dict[int, Point]:
    with reading(f"reconstruction {path}", "give the path of an SWC file"):
        # A comment in another encoding shall not stop the reader.
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    points: dict[int, Point] = {}
    for number, line in enumerate(io.StringIO(text), start=1):
        where = f"{path}, line {number}"
        fields = line.partition("#")[0].split()
        if "\0" in line:
            raise ModelError(f"{where}: not a text file; give the path of an SWC file.")
        if not fields:
            continue
        point = _point(fields, number, where)
        if point.id in points:
            raise ModelError(
                f"{where}: point {point.id} stands in line {points[point.id].line} already; give"
                " each point an id of its own."
            )
        points[point.id] = point
    if not points:
        raise ModelError(f"{path}: no points; expected lines of {' '.join(FIELDS)}.")
    return points


def _point(fields: list[str], line: int, where: str) -> Point:
    if len(fields) != len(FIELDS):
        raise ModelError(
            f"{where}: {len(fields)} fields; expected {len(FIELDS)}: {' '.join(FIELDS)}, separated"
            " by blanks."
        )
    id, kind, parent = (
        int(_parsed(int, "a whole number", FIELDS[n], fields[n], where)) for n in (0, 1, 6)
    )
    x, y, z, radius_um = (_number(FIELDS[n], fields[n], where) for n in (2, 3, 4, 5))
    if id < 0:
        raise ModelError(
            f"{where}: id {id}; expected 0 or above (-1 stands for no parent): renumber the point."
        )
    if kind not in REGION_OF_TYPE:
        known = ", ".join(f"{number} {region}" for number, region in REGION_OF_TYPE.items())
        raise ModelError(f"{where}: type {kind}; expected one of {known}: correct point {id}.")
    if not 0 < radius_um < LARGEST_UM:
        raise ModelError(
            f"{where}: radius {radius_um:g}; expected above 0 and below {LARGEST_UM:g} um: "
            f"correct the radius of point {id}."
        )
    if parent == id:
        raise ModelError(
            f"{where}: point {id} is its own parent; give the id of the point before it, or -1 for"
            " the first."
        )
    return Point(line, id, REGION_OF_TYPE[kind], (x, y, z), 2 * radius_um, parent)


def _parsed(number: Callable[[str], float], kind: str, name: str, text: str, where: str) -> float:
    try:
        if "_" in text:  # which Python would take for a digit separator
            raise ValueError
        return number(text)
    except ValueError:
        expected = " ".join(FIELDS)
        raise ModelError(
            f"{where}: {name} {text[:40]!r} is not {kind}; expected {expected}."
        ) from None


def _number(name: str, text: str, where: str) -> float:
    value = _parsed(float, "a number", name, text, where)
    if not math.isfinite(value):
        raise ModelError(f"{where}: {name} {text[:40]} is not finite; give a value in um.")
    return value


def _check_parents(points: dict[int, Point], path: Path) -> None:
    for point in points.values():
        if point.parent != ROOT and point.parent not in points:
            raise ModelError(
                f"{path}, line {point.line}: parent {point.parent} of point {point.id} does not"
                " exist; expected the id of a point, or -1 for the first point of the soma."
                f"{nearest_ids(point.parent, points.keys() - {point.id})}"
            )


def _check_circles(points: dict[int, Point], path: Path) -> None:
    sound = {ROOT}
    for id in points:
        way: dict[int, None] = {}  # in place of a set, for the order
        while id not in sound and id not in way:
            way[id] = None
            id = points[id].parent
        if id in way:
            on_way = list(way)
            circle = [points[other] for other in on_way[on_way.index(id) :]]
            point = min(circle, key=lambda point: point.line)
            raise ModelError(
                f"{path}, line {point.line}: point {point.id} lies in a circle, its parent"
                f" {point.parent} leads back to it; give it a parent nearer to the soma."
            )
        sound.update(way)


def _root(points: dict[int, Point], path: Path) -> Point:
    first, *others = [point for point in points.values() if point.parent == ROOT]
    if others:
        raise ModelError(
            f"{path}, line {others[0].line}: point {others[0].id} has parent -1, and so has point"
            f" {first.id} in line {first.line}; expected one root: give it the id of the point it"
            " hangs from."
        )
    if first.region != "soma":
        mend = "add a point of type 1 as its parent"
        if any(point.region == "soma" for point in points.values()):
            mend = "let it hang from a point of the soma"
        raise ModelError(
            f"{path}, line {first.line}: the root, point {first.id}, is {first.region}; expected"
            f" soma (type 1): {mend}."
        )
    return first


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
            f"{where}, and the axon is left out; let it hang from soma or dendrite, or make it axon"
            " (type 2)."
        )


def _dendrites(points: dict[int, Point], root: Point) -> Dendrites:
    following: dict[int, list[int]] = {id: [] for id in points}
    stack: list[int] = []
    for id in sorted(points, reverse=True):
        if points[id].region in ("soma", "axon"):
            continue
        from_soma = points[points[id].parent].region == "soma"
        (stack if from_soma else following[points[id].parent]).append(id)
    ordered: dict[int, Point] = {}
    step_um: dict[int, float] = {}
    while stack:
        point = points[stack.pop()]
        parent = points[point.parent]
        before = root if parent.region == "soma" else parent
        ordered[point.id] = point
        step_um[point.id] = math.dist(point.position_um, before.position_um)
        stack += following[point.id]
    return Dendrites(ordered, step_um, root.position_um)


def _sections(
    dendrites: Dendrites, region: dict[int, str], standard: Morphology, path: Path
) -> Iterator[Section]:
    section_of: dict[int, int] = {}
    for index, ids in enumerate(_stretches(dendrites, region), start=len(standard)):
        first = dendrites.points[ids[0]]
        name = region[first.id]
        soma = standard.section("soma_1" if name == "basal" else "soma_0")
        parent = section_of.get(first.parent, soma.index)
        length_um = sum(dendrites.step_um[id] for id in ids)
        where = f"{path}, line {first.line}"
        if not 0 < length_um < LARGEST_UM:
            raise ModelError(
                f"{where}: the section that starts with point {first.id} is {length_um:g} um long;"
                f" expected above 0 and below {LARGEST_UM:g} um: correct the places of its points,"
                " or leave them out."
            )
        diam0_um, diam1_um = _diameters([dendrites.points[id].diam_um for id in ids])
        if diam1_um <= 0:
            raise ModelError(
                f"{where}: the radii of the section that starts with point {first.id} differ so"
                f" much that its taper would end at a diameter of {diam1_um:.2g} um; expected above"
                " 0: correct its radii."
            )
        along_um = [dendrites.points[id].position_um for id in ids]
        points_um = (dendrites.start_um(first.id), *along_um)
        sizes = (length_um, diam0_um, diam1_um)
        yield Section(index, f"{name}_{index}", name, parent, 1.0, *sizes, points_um)
        section_of |= dict.fromkeys(ids, index)


def _stretches(dendrites: Dendrites, region: dict[int, str]) -> list[list[int]]:
    """Ids of the points of each section, in the order of their first points."""
    stretches: list[list[int]] = []
    number: dict[int, int] = {}
    for id, point in dendrites.points.items():
        before = point.parent
        alone = before in number and len(dendrites.children[before]) == 1
        if alone and region[before] == region[id]:
            number[id] = number[before]
        else:
            number[id] = len(stretches)
            stretches.append([])
        stretches[number[id]].append(id)
    return stretches


def _diameters(diams_um: list[float]) -> tuple[float, float]:
    """Diameter of a section at its 0 and its 1 end."""
    mean_um = math.fsum(diams_um) / len(diams_um)
    squares = [(diam_um - mean_um) ** 2 for diam_um in diams_um]
    deviation_um = math.sqrt(math.fsum(squares) / len(diams_um))
    first_um, last_um = mean_um + deviation_um, mean_um - deviation_um
    step_um = 2 * deviation_um
    if len(diams_um) == 2:
        first_um, last_um = diams_um
        step_um = abs(first_um - last_um)
    return (first_um, last_um) if step_um > LARGEST_STEP_UM else (mean_um, mean_um)
