"""Lays the sections of a section table, which has no coordinates, out in space.

Three steps. Every subtree gets a wedge of directions of its own, so that no two sections cross. The
sections then repel each other and bend, as long as nothing crosses. Last, the ends are put on a
lattice that float32 holds exactly.
"""

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from .sections import DENDRITES, Morphology

# All angles in degrees, counterclockwise from the x axis in the plane of the picture; y points up
# to the tuft.
UP, DOWN = 90.0, 270.0
APICAL_WEDGE = (2.0, 178.0)
BASAL_WEDGE = (222.0, 308.0)
# The axon leaves the soma beside the basal trees. Straight and 500 um long it would fill the
# picture, so that it also runs away from the viewer: direction in the plane, and angle out of it.
AXON = {"axon_hill": (328.0, 0.0), "ais": (320.0, 30.0), "axon": (313.0, 62.0)}
AXON_FAN = 20.0  # between the branches of an axon that has any
OBLIQUE_ELEVATION = 32.0  # above the horizontal; averaged with its share of the wedge
# Direction to which a branch turns from its parent's, and the part of the way it would turn alone.
TROPISM = {"trunk": (UP, 0.4), "tuft": (UP, 0.35), "apical": (UP, 0.1), "basal": (DOWN, 0.6)}

_Share = tuple[int, float, float]
"""A section, and the wedge that it has from one angle to another."""

SAMPLE_UM = 12.0  # of a section have one point of repulsion, or more on a cell that would need
SAMPLES = 800  # points and more
AXON_SEEN_UM = 200.0  # the part of the axon that repels
SOFTENING_UM = 5.0
REPULSION_UM2 = 25.0
STIFFNESS = 0.05  # of the turn towards the direction a branch would take alone
STEPS = 120
# Fewer steps for cells of more points and sections than these, each of which is compared with all
# others: a picture that is less spread out, in the same time.
FULL_POINTS = 1000
FULL_SECTIONS = 300
LARGEST_TURN = 1.5  # in one step
TIP_CLEARANCE_UM = 2.0  # free ends are held to cross nothing even if they were so much longer
ANGLE_DECIMALS = 2  # far coarser than anything the last bits of sine and cosine can change

LATTICE_TRIES = 32  # end points tried in x and in y


def layout(morphology: Morphology) -> np.ndarray:
    """Give every section a straight line: trunk up, obliques aside, tuft fanned, basal trees down.

    The result, shape (n_sections, 2, 3) in float32, holds the coordinates in um of the 0 end and
    the 1 end of each section. The 0 end is, bit for bit, the parent's end from which the section
    hangs; the joint of the two soma cylinders is the origin. The distance of the two ends is the
    length of the section within 1e-7 (sections from 1 um on, cells up to some millimetres). In the
    x-y plane no section crosses another; z stays within a few um of 0 but on the axon, which
    recedes (negative z). Nothing is random, and the result is the same on every platform.
    """
    tree = _Tree(morphology)
    return _on_lattice(tree, _relaxed(tree, _wedge_angles(tree))).astype(np.float32)


class _Tree:
    """Arrays of a morphology, and which section starts where."""

    def __init__(self, morphology: Morphology):
        self.sections = morphology.sections
        self.length_um = np.array([section.length_um for section in self.sections])
        # Section at whose 1 end a section starts; -1 at the origin, to which 0 ends lead back.
        self.base: list[int] = []
        for section in self.sections:
            base = -1 if section.parent is None else section.parent
            if base >= 0 and section.parent_loc != 1:
                base = self.base[base]
            self.base.append(base)

    @cached_property
    def following(self) -> list[list[int]]:
        """Sections that start at the 1 end of each section, and last those at the origin."""
        groups: list[list[int]] = [[] for _ in range(len(self.sections) + 1)]
        for index, base in enumerate(self.base):
            groups[base].append(index)
        return groups

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """Sum of `values` over all sections further out than each section, itself not counted."""
        sums = np.zeros_like(values)
        for index in range(len(self.base) - 1, -1, -1):
            if self.base[index] >= 0:
                sums[self.base[index]] += sums[index] + values[index]
        return sums

    @cached_property
    def carried_um(self) -> np.ndarray:
        """Length of each section and all beyond it."""
        return self.length_um + self.beyond(self.length_um)

    def region_before(self, index: int) -> str:
        """Region of the section at whose end section `index` starts; soma at the origin."""
        return self.sections[self.base[index]].region if self.base[index] >= 0 else "soma"

    def leaves_trunk(self, index: int) -> bool:
        """Whether the section is a side branch of a trunk that runs on."""
        if self.sections[index].region == "trunk" or self.region_before(index) != "trunk":
            return False
        beside = self.following[self.base[index]]
        return any(self.sections[other].region == "trunk" for other in beside)

    def points(self, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ends (0 and 1) of all sections in um for unit vectors `directions`, shape (n, 2)."""
        steps = self.length_um[:, None] * directions
        starts, ends = np.zeros_like(steps), np.zeros_like(steps)
        for index, base in enumerate(self.base):
            if base >= 0:
                starts[index] = ends[base]
            ends[index] = starts[index] + steps[index]
        return starts, ends


def _unit(angles: np.ndarray) -> np.ndarray:
    radians = np.radians(angles)
    # Twelve decimals: exactly 0 and 1 along the axes, and the same from every library.
    return np.round(np.stack([np.cos(radians), np.sin(radians)], axis=-1), 12)


class _Wedges:
    """Starting directions: each subtree has a wedge, in proportion to its number of terminals."""

    def __init__(self, tree: _Tree):
        self.tree = tree
        ends = np.array([float(not group) for group in tree.following[:-1]])
        self.terminals = ends + tree.beyond(ends)
        self.angles = np.full(len(tree.sections), UP)
        self.load_um = {"left": 0.0, "right": 0.0}

    def fill(self, group: list[int], low: float, high: float) -> None:
        """Direct the sections that start at one point, and all beyond, within a wedge."""
        # Depth first, by a stack of its own: a tree may have more levels than Python has.
        waiting = [self._shares(group, low, high)]
        while waiting:
            share = next(waiting[-1], None)
            if share is None:
                waiting.pop()
                continue
            index, low, high = share
            trunk = self.tree.sections[index].region == "trunk"
            self.angles[index] = UP if trunk and low < UP < high else 0.5 * (low + high)
            waiting.append(self._shares(self.tree.following[index], low, high))

    def _shares(self, group: list[int], low: float, high: float) -> Iterator[_Share]:
        """Divide a wedge between the sections that start at one point, trunk in the middle."""
        if not group:
            return
        width = (high - low) / sum(self.terminals[index] for index in group)
        trunk = [index for index in group if self.tree.sections[index].region == "trunk"]
        side = [index for index in group if index not in trunk] if trunk else []
        for index in sorted(side, key=lambda index: -self.tree.carried_um[index]):
            part = width * self.terminals[index]
            if self._lighter_side(index) == "right":
                yield index, low, low + part
                low += part
            else:
                yield index, high - part, high
                high -= part
        # The thickest trunk goes left of the others; without a trunk the table's order is kept.
        trunk.sort(key=lambda index: self.tree.sections[index].mean_diam_um)
        self.load_um["right"] += sum(self.tree.carried_um[index] for index in trunk[:-1])
        for index in trunk or group:
            part = width * self.terminals[index]
            yield index, low, low + part
            low += part

    def _lighter_side(self, index: int) -> str:
        lighter, other = sorted(("right", "left"), key=lambda side: self.load_um[side])
        self.load_um[lighter] += self.tree.carried_um[index]
        self.load_um[other] *= 0.9  # what hangs lower down on the trunk counts less and less
        return lighter


def _wedge_angles(tree: _Tree) -> np.ndarray:
    wedges = _Wedges(tree)
    roots = [section for section in tree.sections if tree.region_before(section.index) == "soma"]
    apical = [section.index for section in roots if section.region in ("trunk", "apical", "tuft")]
    wedges.fill(apical, *APICAL_WEDGE)
    wedges.fill([one.index for one in roots if one.region == "basal"], *BASAL_WEDGE)
    for section in tree.sections:
        if section.region == "soma":
            upper = section.parent is None or section.parent_loc == 1
            wedges.angles[section.index] = UP if upper else DOWN
        if section.region in AXON:
            beside = tree.following[tree.base[section.index]]
            group = [index for index in beside if tree.sections[index].region in AXON]
            rank = group.index(section.index) - 0.5 * (len(group) - 1)
            wedges.angles[section.index] = AXON[section.region][0] + AXON_FAN * rank
    return wedges.angles


def _relaxed(tree: _Tree, start: np.ndarray) -> np.ndarray:
    """Turn the sections step by step until repulsion and bending balance, without crossings."""
    upright = np.array([one.region == "trunk" for one in tree.sections]) & (start == UP)
    free = np.array([one.region in DENDRITES for one in tree.sections]) & ~upright
    repulsion = _Repulsion(tree)
    tips_um = np.array([[0.0 if group else TIP_CLEARANCE_UM] for group in tree.following[:-1]])
    angles = start.copy()
    size = max(len(repulsion.section) / FULL_POINTS, len(start) / FULL_SECTIONS, 1.0)
    steps = math.ceil(STEPS / size**2)
    for step in range(steps):
        turns = repulsion.turns(angles) + STIFFNESS * (_preferred(tree, angles, start) - angles)
        largest = LARGEST_TURN * (1 - step / steps)
        turns = np.where(free, np.clip(turns, -largest, largest), 0.0)
        for shorter in (1.0, 0.5, 0.25, 0.125, 0.0):
            turned = angles + shorter * turns
            directions = _unit(np.round(turned, ANGLE_DECIMALS))
            starts, ends = tree.points(directions)
            if not _any_crossing(starts, ends + tips_um * directions):
                break
        angles = turned
    return np.round(angles, ANGLE_DECIMALS)


def _preferred(tree: _Tree, angles: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Direction of each section without repulsion: on from its parent, turned by its tropism."""
    preferred = start.copy()
    for index, section in enumerate(tree.sections):
        if tree.leaves_trunk(index):
            elevation = OBLIQUE_ELEVATION if start[index] < UP else 180 - OBLIQUE_ELEVATION
            preferred[index] = 0.5 * (start[index] + elevation)
        elif tree.region_before(index) != "soma":
            towards, part = TROPISM.get(section.region, (start[index], 1.0))
            before = angles[tree.base[index]]
            preferred[index] = before + part * (towards - before)
    return preferred


class _Repulsion:
    """Points along the sections push each other away by length^2 / distance^3."""

    def __init__(self, tree: _Tree):
        self.tree = tree
        self.section, self.fraction, weight_um = (
            np.array(column) for column in zip(*self._samples(), strict=True)
        )
        apart = self.section[:, None] != self.section[None, :]
        self.weight_um2 = np.where(apart, weight_um[:, None] * weight_um[None, :], 0.0)

    def _samples(self) -> Iterator[tuple[int, float, float]]:
        length_um = self.tree.length_um
        axonal = np.array([section.region in AXON for section in self.tree.sections])
        seen_um = np.where(axonal, np.minimum(length_um, AXON_SEEN_UM), length_um)
        spacing_um = max(SAMPLE_UM, float(seen_um.sum()) / SAMPLES)
        for index, (seen, length) in enumerate(zip(seen_um, length_um, strict=True)):
            count = math.ceil(seen / spacing_um)
            for number in range(count):
                yield index, (number + 0.5) / count * seen / length, seen / count

    def turns(self, angles: np.ndarray) -> np.ndarray:
        """Turn of each section in degrees: the torque on all it carries, per um of that."""
        directions = _unit(angles)
        starts, ends = self.tree.points(directions)
        points = starts[self.section] + self.fraction[:, None] * (ends - starts)[self.section]
        dx, dy = (np.subtract.outer(points[:, axis], points[:, axis]) for axis in (0, 1))
        square = dx * dx
        square += dy * dy
        square += SOFTENING_UM**2
        strength = self.weight_um2 / (square * square)
        force = np.stack([(strength * dx).sum(axis=1), (strength * dy).sum(axis=1)], axis=1)
        pull = self._summed(force * self.fraction[:, None]) + self.tree.beyond(self._summed(force))
        across = directions[:, 0] * pull[:, 1] - directions[:, 1] * pull[:, 0]
        return np.degrees(REPULSION_UM2 * across / self.tree.carried_um)

    def _summed(self, force: np.ndarray) -> np.ndarray:
        """Sum over the points of each section."""
        count = len(self.tree.sections)
        sums = [np.bincount(self.section, force[:, axis], count) for axis in (0, 1)]
        return np.stack(sums, axis=1)


def _any_crossing(starts: np.ndarray, ends: np.ndarray) -> bool:
    """Whether any two segments cross properly; those that only share an end do not."""

    def side(points: np.ndarray) -> np.ndarray:
        """On which side of each segment each point lies, by sign."""
        along = ends - starts
        away = points[None] - starts[:, None]
        return along[:, None, 0] * away[..., 1] - along[:, None, 1] * away[..., 0]

    one = side(starts) * side(ends)
    return bool(((one < 0) & (one.T < 0)).any())


def _on_lattice(tree: _Tree, angles: np.ndarray) -> np.ndarray:
    """Ends of all sections, shape (n, 2, 3), on a lattice that float32 holds exactly.

    So are the differences of coordinates, in which NEURON measures lengths. The end lies up to
    `LATTICE_TRIES` lattice steps short of the wanted one in x and in y; z makes up for it. Of these
    points the one at the best distance wins.
    """
    elevation = np.array([AXON.get(section.region, (0.0, 0.0))[1] for section in tree.sections])
    shallow = [section.region not in AXON for section in tree.sections]
    tilt = _unit(elevation)
    wanted = tree.length_um[:, None] * _unit(angles) * tilt[:, :1]
    own = tree.length_um
    spacing = 2.0 ** (math.frexp(_reach_um(tree))[1] - 23)
    back = np.arange(LATTICE_TRIES)
    points = np.zeros((len(own), 2, 3))
    for index, base in enumerate(tree.base):
        start = points[base, 1] if base >= 0 else np.zeros(3)
        steps = np.abs(np.trunc(wanted[index] / spacing))
        x, y = (np.maximum(steps[axis] - back, 0) * spacing for axis in (0, 1))
        x, y = (grid.ravel() for grid in np.meshgrid(x, y, indexing="ij"))
        finer = spacing / (128 if shallow[index] else 1)  # near z = 0 float32 holds more places
        z = np.round(np.sqrt(np.maximum(own[index] ** 2 - x * x - y * y, 0)) / finer) * finer
        best = np.argmin(np.abs(np.sqrt(x * x + y * y + z * z) - own[index]))
        away = elevation[index] > 0 or start[2] > 0
        sign = [*np.where(wanted[index] < 0, -1.0, 1.0), -1.0 if away else 1.0]
        points[index] = start, start + np.array(sign) * (x[best], y[best], z[best])
    return points


def _reach_um(tree: _Tree) -> float:
    """Longest path from the origin to the end of a section: no coordinate is larger."""
    path_um: list[float] = []
    for length_um, base in zip(tree.length_um, tree.base, strict=True):
        path_um.append(float(length_um) + (path_um[base] if base >= 0 else 0.0))
    return max(path_um)
