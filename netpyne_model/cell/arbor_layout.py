"""A described cell as a segment tree of Arbor's, with a control volume for each segment.

NEURON joins a branch to the middle of a segment, or to the end of a section, where it has a node
without membrane. Arbor joins segments to ends, and measures axial resistance between the middles
of control volumes, or from the fork of one that has a fork. So a segment that bears a branch (a
spine) is laid out as two halves with the fork between them, and both are one control volume; where
sections meet, a control volume of no length stands for NEURON's node.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from ..description import CellDescription, SectionDescription
from ..morphology import AXONAL, Location, Morphology, segment_centre, segment_index
from ..morphology.swc_points import REGION_OF_TYPE

_TYPE_OF_REGION = {region: number for number, region in REGION_OF_TYPE.items()}
TAGS = _TYPE_OF_REGION | dict.fromkeys(AXONAL, _TYPE_OF_REGION["axon"])
"""Of a segment, by region: the types of SWC files."""
SPINE_TAG = max(REGION_OF_TYPE) + 1
# How far a control volume reaches over its fork into the segments beyond, relative to these: its
# membrane there is nothing beside any other.
_REACH = 1e-6


class SegmentTree:
    """The sections of a described cell as segments of Arbor's.

    Attributes
    ----------
    tree : arbor.segment_tree
    segments : dict of str to list of tuple of int
        By section, of each of its segments: the segment in the tree, or its two halves.
    """

    def __init__(self, description: CellDescription, morphology: Morphology):
        import arbor

        self.tree = arbor.segment_tree()
        self.segments: dict[str, list[tuple[int, ...]]] = {}
        self._described = description
        self._morphology = morphology
        self._begins = {name: self.node(Location(name, 0.0)) for name in description.sections}
        bearing = set(self._begins.values())
        tags = {one.name: TAGS[one.region] for one in morphology.sections}
        for name, section in description.sections.items():
            tag, parent = tags.get(name, SPINE_TAG), self._followed(name)
            self.segments[name] = []
            for segment in range(section.nseg):
                halved = Location(name, segment_centre(segment, section.nseg)) in bearing
                numbers = []
                for begin, end in _parts(section, segment, 2 if halved else 1):
                    radius_um = float(section.diam_um[segment]) / 2
                    points = (arbor.mpoint(*point, radius_um) for point in (begin, end))
                    parent = self.tree.append(parent, *points, tag=tag)
                    numbers.append(parent)
                self.segments[name].append(tuple(numbers))

    def node(self, place: Location) -> Location:
        """NEURON's node of a place: the middle of a segment, or an end that sections share."""
        section, x = self._described.sections[place.section], place.x
        if x == 0 and section.parent is not None:
            return self.node(Location(section.parent, section.parent_loc))
        if x in (0, 1):
            return Location(section.name, float(x))
        return Location(section.name, segment_centre(segment_index(x, section.nseg), section.nseg))

    def locset(self, place: Location) -> str:
        """The node of a place, as Arbor's locset."""
        name, x = self.node(place)
        if x == 0:
            return "(root)"
        if x == 1:
            return f"(distal (segment {self.segments[name][-1][-1]}))"
        first, *second = self.segments[name][segment_index(x, len(self.segments[name]))]
        return f"(distal (segment {first}))" if second else f"(on-components 0.5 (segment {first}))"

    def boundaries(self, with_membrane: Collection[Location] = ()) -> str:
        """Where control volumes meet, as a locset.

        Nodes at ends of sections `with_membrane` have a control volume of some length, or at the
        root, where Arbor keeps one without, are beside some.
        """
        return joined(self._boundaries(with_membrane))

    def _boundaries(self, with_membrane: Collection[Location]) -> Iterator[str]:
        for name, segments in self.segments.items():
            first, last = segments[0][0], segments[-1][-1]
            begin = self._begins[name]
            if 0 < begin.x < 1 or begin in with_membrane:
                yield f"(on-components {_REACH} (segment {first}))"
            else:
                yield f"(proximal (segment {first}))"
            for parts in segments[:-1]:
                yield f"(distal (segment {parts[-1]}))"
            if Location(name, 1.0) in with_membrane:
                yield f"(on-components {1 - _REACH} (segment {last}))"
            else:
                yield f"(distal (segment {last}))"

    def labels(self) -> dict[str, str]:
        """Arbor's regions by name of region and of section."""
        of_region: dict[str, list[int]] = defaultdict(list)
        regions = {one.name: one.region for one in self._morphology.sections}
        sections = {}
        for name, segments in self.segments.items():
            numbers = [number for parts in segments for number in parts]
            sections[name] = region_of(numbers)
            of_region[regions.get(name, "spines")] += numbers
        return {name: region_of(numbers) for name, numbers in of_region.items()} | sections

    def _followed(self, name: str) -> int:
        """The segment of the tree that a section follows."""
        import arbor

        section, x = self._begins[name]
        if x == 0:
            return arbor.mnpos
        segments = self.segments[section]
        return segments[-1][-1] if x == 1 else segments[segment_index(x, len(segments))][0]


def region_of(segments: Iterable[int]) -> str:
    """Arbor's region of segments of a tree."""
    return joined(f"(segment {number})" for number in segments)


def joined(parts: Iterable[str]) -> str:
    """The union of Arbor's regions, or of its locsets, by halves.

    Arbor nests a list of parts as deep as it is long, and its stack ends before 46,000.
    """
    unions = list(parts)
    while len(unions) > 1:
        pairs = [
            f"(join {one} {other})" for one, other in zip(unions[::2], unions[1::2], strict=False)
        ]
        unions = pairs + unions[len(pairs) * 2 :]
    return unions[0]


def _parts(
    section: SectionDescription, segment: int, n_parts: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both ends of each part of a segment: straight, and of the segment's length along the path."""
    begin_um, end_um = (section.position_um(at / section.nseg) for at in (segment, segment + 1))
    along_um = end_um - begin_um
    along_um *= section.length_um / section.nseg / np.linalg.norm(along_um)
    for part in range(n_parts):
        yield begin_um + along_um * part / n_parts, begin_um + along_um * (part + 1) / n_parts
