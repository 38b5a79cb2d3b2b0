"""Twelve reconstructions as public archives hold them, each with traits of its own, made up here.

`write_all` writes them to a folder. The trees are random but the same every time: a trunk with
obliques and a tuft, basal dendrites, an axon.
"""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

SOMA, AXON, BASAL, APICAL = 1, 2, 3, 4
Vector = tuple[float, float, float]


@dataclass
class Point:
    """A line of the file."""

    type: int
    at: Vector
    radius: float
    parent: int | None


@dataclass
class Tree:
    """Points in the order of their ids, from 1 on."""

    step_um: float = 5.0
    points: list[Point] = field(default_factory=list)
    draws: random.Random = field(default_factory=lambda: random.Random(1))

    def add(self, type: int, at: Vector, radius: float, parent: int | None) -> int:
        """Add a point and return its id."""
        self.points.append(Point(type, at, radius, parent))
        return len(self.points)

    def grow(
        self, type: int, start: int, towards: Vector, length_um: float, radii: tuple[float, float]
    ) -> int:
        """A winding branch from a point on; returns the id of its tip."""
        n_steps = max(2, round(length_um / self.step_um))
        at = self.points[start - 1].at
        for i in range(n_steps):
            bend = [x + self.draws.gauss(0, 0.15) for x in towards]
            size = math.hypot(*bend)
            at = tuple(x + length_um / n_steps * b / size for x, b in zip(at, bend, strict=True))
            radius = radii[0] + (radii[1] - radii[0]) * i / n_steps
            start = self.add(type, at, round(radius, 3), start)
        return start

    def fork(self, type: int, start: int, towards: Vector, lengths_um: Iterable[float], r: float):
        """A tree that divides in two after each length, as thick as `r` at its start."""
        length_um, *beyond_um = lengths_um
        tip = self.grow(type, start, towards, length_um, (r, 0.8 * r))
        for side in (-0.5, 0.5) if beyond_um else ():
            turned = (towards[0] + side, towards[1], towards[2] + 0.4 * side)
            self.fork(type, tip, turned, beyond_um, max(0.7 * r, 0.25))

    def apical(self, start: int, length_um: float, r: float, n_obliques: int = 8, lean: float = 0):
        """Trunk with obliques, and a tuft of some 250 um."""
        tip, part_um = start, length_um / (n_obliques + 1)
        for i in range(n_obliques):
            here, there = (r * (1 - 0.6 * (i + k) / (n_obliques + 1)) for k in (0, 1))
            tip = self.grow(APICAL, tip, (lean, 1, 0), part_um, (here, there))
            side = (-1) ** i
            self.fork(APICAL, tip, (side, 0.4, 0.3 * side), (40, 110), 0.5)
        tip = self.grow(APICAL, tip, (lean, 1, 0), part_um, (0.4 * r, 0.4 * r))
        for side in (-0.4, 0.4):
            self.fork(APICAL, tip, (lean + side, 1, 0.2), (70, 60, 110), 0.5)


def whole_cell(trunk_um: float = 350.0, step_um: float = 5.0, r: float = 1.6) -> Tree:
    """A cell with one point of soma."""
    tree = Tree(step_um)
    soma = tree.add(SOMA, (0.0, 0.0, 0.0), 7.0, None)
    tree.apical(soma, trunk_um, r)
    for side in (-1.0, -0.4, 0.4, 1.0):
        tree.fork(BASAL, soma, (side, -1, 0.2 * side), (15, 45, 120), 0.8)
    tree.grow(AXON, soma, (0.2, -1, 0.6), 150, (0.6, 0.2))
    return tree


def two_stems() -> Tree:
    """Two apical dendrites that reach equally far."""
    tree = Tree()
    soma = tree.add(SOMA, (0.0, 0.0, 0.0), 8.0, None)
    tree.apical(soma, 380, 1.5, 6, lean=-0.4)
    tree.apical(soma, 330, 1.3, 5, lean=0.4)
    for side in (-0.8, 0.0, 0.8):
        tree.fork(BASAL, soma, (side, -1, 0.1), (20, 60, 110), 0.8)
    return tree


def with_axon_pieces() -> Tree:
    """Three pieces of axon that nothing joins to the cell."""
    tree = whole_cell(420)
    for x in (120.0, -80.0, 200.0):
        tree.grow(AXON, tree.add(AXON, (x, -150.0, 20.0), 0.2, None), (1, 0.3, 0), 90, (0.2, 0.15))
    return tree


def contour_soma() -> Tree:
    """A soma of a ring of points, from which the dendrites start."""
    ring = Tree()
    for i in range(12):
        angle = math.radians(30 * i)
        ring.add(SOMA, (7 * math.cos(angle), 9 * math.sin(angle), 0.0), 0.5, i or None)
    body = whole_cell(300)
    for point in body.points[1:]:
        from_soma = point.parent == 1
        apical = point.type == APICAL
        parent = (4 if apical else 10) if from_soma else (point.parent or 1) + 11
        ring.points.append(replace(point, parent=parent))
    return ring


def children(tree: Tree) -> list[list[int]]:
    """Ids of the points that hang from each."""
    of: list[list[int]] = [[] for _ in tree.points]
    for id, point in enumerate(tree.points, start=1):
        if point.parent is not None:
            of[point.parent - 1].append(id)
    return of


def fork_and_end_types() -> Tree:
    """Type 5 at every fork and type 6 at every tip, as the oldest files have it."""
    tree = whole_cell(400)
    for point, following in zip(tree.points, children(tree), strict=True):
        if point.type in (BASAL, APICAL) and len(following) != 1:
            point.type = 5 if following else 6
    return tree


def other_types() -> Tree:
    """Types 0 and 7 on single points and whole branches."""
    tree = whole_cell(450)
    for id, point in enumerate(tree.points, start=1):
        if id % 17 == 0:
            point.type = 7 if id % 2 else 0
    return tree


def dendrite_on_axon() -> Tree:
    """A basal dendrite that springs from the first micrometres of the axon."""
    tree = whole_cell(380)
    stem = tree.grow(AXON, 1, (0.6, -1, 0.1), 18, (0.9, 0.7))
    tree.fork(BASAL, stem, (1, -0.6, 0.2), (30, 130), 0.7)
    tree.grow(AXON, stem, (0.1, -1, 0.1), 120, (0.4, 0.2))
    return tree


def thick_starts() -> Tree:
    """Dendrites whose first points still lie on the soma, as thick as it is."""
    tree = whole_cell(500)
    for point in tree.points:
        if point.parent == 1 and point.type != AXON:
            point.radius = 4.5
    return tree


def standard_lines(tree: Tree) -> list[str]:
    """The lines of a file, ids from 1 on."""
    return [
        f"{id} {p.type} {p.at[0]:.3f} {p.at[1]:.3f} {p.at[2]:.3f} {p.radius} {p.parent or -1}"
        for id, p in enumerate(tree.points, start=1)
    ]


def commented(tree: Tree) -> list[str]:
    """Tabs, comments behind the numbers and between the lines."""
    lines = ["\t".join(line.split()) for line in standard_lines(tree)]
    lines = [line + ("\t# a fork" if i % 9 == 0 else "") for i, line in enumerate(lines)]
    return ["# ORIGINAL_SOURCE traced by hand", "#", *lines[:50], "", "# more", *lines[50:]]


def with_columns(tree: Tree) -> list[str]:
    """Ids and types as floats, and two columns more."""
    lines = []
    for line in standard_lines(tree):
        id, kind, *rest, parent = line.split()
        lines.append(f"{id}.0 {kind}.0 {' '.join(rest)} {parent}.0 3 0.25")
    return lines


# By name: the trait, the tree, how it is written.
CELLS: dict[str, tuple[str, Callable[[], Tree], Callable[[Tree], list[str]], str]] = {
    "long_trunk": ("trunk of 600 um", lambda: whole_cell(600), standard_lines, "\n"),
    "layer_5": ("trunk of 1,000 um, thick", lambda: whole_cell(1000, r=2.6), standard_lines, "\n"),
    "two_stems": ("two apical stems", two_stems, standard_lines, "\n"),
    "axon_pieces": ("detached pieces of axon", with_axon_pieces, standard_lines, "\n"),
    "contour_soma": ("soma as a contour", contour_soma, standard_lines, "\n"),
    "windows_tabs": ("CRLF, tabs, comments in lines", lambda: whole_cell(250), commented, "\r\n"),
    "dense": ("26,000 points", lambda: whole_cell(400, step_um=0.24), standard_lines, "\n"),
    "fork_end": ("fork and end points as 5 and 6", fork_and_end_types, standard_lines, "\n"),
    "columns": ("9 columns, ids as floats", lambda: whole_cell(320), with_columns, "\n"),
    "other_types": ("types 0 and 7", other_types, standard_lines, "\n"),
    "axon_stem": ("dendrite on the axon's stem", dendrite_on_axon, standard_lines, "\n"),
    "thick_start": ("first points as thick as the soma", thick_starts, standard_lines, "\n"),
}


def write_all(folder: Path) -> dict[str, Path]:
    """Write the twelve files into a folder; their paths by name."""
    paths = {}
    for name, (_, tree, lines, end) in CELLS.items():
        paths[name] = folder / f"{name}.swc"
        paths[name].write_bytes("".join(line + end for line in lines(tree())).encode())
    return paths
