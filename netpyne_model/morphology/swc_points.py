"""Reads the points of an SWC file, and refuses what is no tree of points."""

import io
import math
import re
from collections.abc import Callable
from pathlib import Path

from ..errors import ModelError, quoted
from ..files import read_bytes
from .regions import Point, nearest_ids
from .sections import LARGEST_UM

FIELDS = ("id", "type", "x", "y", "z", "radius", "parent")
REGION_OF_TYPE = {1: "soma", 2: "axon", 3: "basal", 4: "apical", 5: "trunk", 6: "tuft"}
KNOWN_TYPES = ", ".join(f"{number} {region}" for number, region in REGION_OF_TYPE.items())
UNDEFINED = "undefined"  # region of every other type, until it is that of what it hangs from
MOST_SWC_BYTES = 10_000_000  # some 200,000 points; the largest of a published dendrite have 30,000
ROOT = -1  # parent of the first point


def read_points(path: Path) -> dict[int, Point]:
    """The points of a file by id, each with a parent that is there, and none in a circle.

    Raises ModelError with file, line and what was expected.
    """
    points = _points(path)
    _check_radii(points, path)
    _check_parents(points, path)
    _check_circles(points, path)
    return points


def _points(path: Path) -> dict[int, Point]:
    what, expected = f"reconstruction {path}", "give the path of an SWC file"
    content = read_bytes(path, what, expected, most_bytes=MOST_SWC_BYTES)
    # A comment in another encoding shall not stop the reader.
    text = content.decode("utf-8-sig", errors="replace")
    points: dict[int, Point] = {}
    n_fields = 0
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        where = f"{path}, line {number}"
        fields = line.partition("#")[0].split()
        if "\0" in line:
            raise ModelError(f"{where}: not a text file; give the path of an SWC file.")
        if not fields:
            continue
        n_fields = n_fields or max(len(fields), len(FIELDS))
        point = _point(fields, n_fields, number, where)
        if point.id in points:
            raise ModelError(
                f"{where}: point {point.id} stands in line {points[point.id].line} already; give"
                " each point an id of its own."
            )
        points[point.id] = point
    if not points:
        raise ModelError(f"{path}: no points; expected lines of {' '.join(FIELDS)}.")
    return points


def _point(fields: list[str], n_fields: int, line: int, where: str) -> Point:
    if len(fields) == 1 and any(sign in fields[0] for sign in ",;"):
        sign = "," if "," in fields[0] else ";"
        raise ModelError(
            f"{where}: {quoted(fields[0])}; expected {' '.join(FIELDS)}, separated by blanks: write a"
            f" blank in place of each '{sign}'."
        )
    if len(fields) != n_fields:
        further = " and, as in the first line of points, further columns, which are left out"
        raise ModelError(
            f"{where}: {len(fields)} fields; expected {n_fields}: {' '.join(FIELDS)}"
            f"{further if n_fields > len(FIELDS) else ''}, separated by blanks."
        )
    id, kind, parent = (
        int(_parsed(_whole, "a whole number", FIELDS[n], fields[n], where)) for n in (0, 1, 6)
    )
    x, y, z, radius_um = (_number(FIELDS[n], fields[n], where) for n in (2, 3, 4, 5))
    if id < 0:
        raise ModelError(
            f"{where}: id {id}; expected 0 or above (-1 stands for no parent): renumber the point."
        )
    if parent == id:
        raise ModelError(
            f"{where}: point {id} is its own parent; give the id of the point before it, or -1 for"
            " the first."
        )
    region = REGION_OF_TYPE.get(kind, UNDEFINED)
    return Point(line, id, region, (x, y, z), 2 * radius_um, parent, kind)


def _whole(text: str) -> int:
    """A whole number, perhaps written as programs of numbers alone do: ``12.0``, ``1.2e1``."""
    value = float(text)
    if not value.is_integer() or abs(value) >= 2**53:
        raise ValueError
    return int(value)


def _parsed(number: Callable[[str], float], kind: str, name: str, text: str, where: str) -> float:
    try:
        if "_" in text:  # which Python would take for a digit separator
            raise ValueError
        return number(text)
    except (ValueError, OverflowError):
        expected = " ".join(FIELDS)
        if re.fullmatch(r"[-+]?\d*,\d+", text):
            expected = f"a decimal point: write {text.replace(',', '.')[:40]}, and so in every line"
        raise ModelError(
            f"{where}: {name} {text[:40]!r} is not {kind}; expected {expected}."
        ) from None


def _number(name: str, text: str, where: str) -> float:
    value = _parsed(float, "a number", name, text, where)
    if not math.isfinite(value):
        raise ModelError(f"{where}: {name} {text[:40]} is not finite; give a value in um.")
    return value


def _check_radii(points: dict[int, Point], path: Path) -> None:
    wrong = [point for point in points.values() if not 0 < point.diam_um < 2 * LARGEST_UM]
    if wrong:
        first, n_more = wrong[0], len(wrong) - 1
        more = f" and of {n_more} more, which are out of these bounds too" if n_more else ""
        raise ModelError(
            f"{path}, line {first.line}: radius {first.diam_um / 2:g}; expected above 0 and below"
            f" {LARGEST_UM:g} um: correct the radius of point {first.id}{more}."
        )


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
