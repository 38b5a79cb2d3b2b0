"""Reads a reconstruction (SWC) and reduces it to one cylinder or taper per unbranched stretch.

A section starts at every branch point and at every change of region. Its length is the sum of the
distances of successive points, the one to the parent point included; dendrites of the soma measure
from the soma's first point. Its diameter is the mean over its points; with more than two points
whose standard deviation (of the population) is above 0.5 um it tapers from mean + deviation to mean
- deviation (to the diameter of its thinnest point where it would end clearly below that, from as
much above the mean), with two points that differ by more than 1 um from the first to the second.
Basal dendrites leave the soma from ``soma_1``, the others from ``soma_0``. Axon points count
nowhere: a dendrite does not branch where an axon leaves it. Sections keep their points'
coordinates, for pictures and exports (`section_paths`). What is taken otherwise than the file says
is told in `Morphology.notes`.

A file with none of the types 5 and 6 has its trunk and tuft assigned. The main path leads to the
apical tip farthest from the soma along the dendrite. The trunk is that path up to the last
bifurcation at which the main path and a branch that leaves it both branch again, that branch
reaching at least half as far beyond the bifurcation as the main path does; if there is none, up to
the last bifurcation; without any, the whole path. The tuft is everything beyond; all other apical
dendrite is oblique. Another apical dendrite of the soma that reaches at least half as far as the
farthest has a trunk and a tuft of its own, by the same rule. On the published reconstruction this
gives 89 % of the apical length its published region (the last bifurcation alone 69 %); check the
trunk of your cell, and give `trunk_end` where it ends elsewhere.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import ModelError
from .point_types import connected, with_regions
from .regions import Dendrites, Point, assign_regions
from .sections import DENDRITES, LARGEST_UM, Morphology, Section, check_size
from .swc_points import read_points
from .table import read_section_table

LARGEST_STEP_UM = 1.0  # of the diameter along a section without a taper
LOWEST_END = 5 / 6  # of the thinnest point; one published taper ends at 0.84 of it
THICKEST_UM = 30.0  # a dendrite, by the median of its points; beyond it is a slip of units


def read_swc(
    path: str | Path, *, trunk_end: int | None = None, regions: Mapping[int, str] | None = None
) -> Morphology:
    """Read an SWC file and reduce it to the sections of the model.

    Raises ModelError if the file does not hold one tree that starts in the soma (file, line and
    what was expected), or `trunk_end` or `regions` do not fit it.

    Parameters
    ----------
    path : path
        SWC file: lines of ``id type x y z radius parent`` in any order, in um; further columns are
        left out. Types: 1 soma, 2 axon, 3 basal, 4 apical (oblique), 5 trunk, 6 tuft; points of
        another are taken for what they hang from, as are 5 and 6 where they are fork and end
        points. ``#`` starts a comment.
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
    points, root, notes = connected(read_points(path), path)
    points, taken = with_regions(points, path)
    dendrites = _dendrites(points, root)
    _check_dendrites(dendrites, path)
    # The published cell's soma and axon are the standard ones, in its first rows.
    published = read_section_table().sections
    standard = Morphology([section for section in published if section.region not in DENDRITES])
    region, told = assign_regions(dendrites, path, trunk_end, regions)
    sections = [*standard.sections, *_sections(dendrites, region, standard, path)]
    check_size(sections, path)
    return Morphology(sections, [*notes, *taken, *told])


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


def _check_dendrites(dendrites: Dendrites, path: Path) -> None:
    """Refuse a file without dendrite, or with dendrites as thick as in another unit."""
    if not dendrites.points:
        raise ModelError(
            f"{path}: no dendrite; expected points of type 3 (basal) or 4 (apical): give these"
            " types to the points of dendrites."
        )
    diams_um = sorted(point.diam_um for point in dendrites.points.values())
    median_um = diams_um[len(diams_um) // 2]
    if median_um > THICKEST_UM:
        raise ModelError(
            f"{path}: dendrites are {median_um:.3g} um thick (median); expected below"
            f" {THICKEST_UM:g} um: divide x, y, z and radius by 1000 if they are in nanometres."
        )


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
    step_um = 2 * deviation_um
    if mean_um - deviation_um < LOWEST_END * min(diams_um):
        # A thick start on a thin stretch: the taper ends at the thinnest point, and keeps its mean.
        deviation_um = mean_um - min(diams_um)
    first_um, last_um = mean_um + deviation_um, mean_um - deviation_um
    if len(diams_um) == 2:
        first_um, last_um = diams_um
        step_um = abs(first_um - last_um)
    return (first_um, last_um) if step_um > LARGEST_STEP_UM else (mean_um, mean_um)
