"""A described cell as plain NeuroML2: a cylinder a segment, one uniform density a channel on each.

For readers that know no inhomogeneous parameters, no tapers, and no joints but at the far end of a
segment. Each segment has the values that a run of this package gives it, and is a section of its
own, so that no reader divides the cell in another way.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..biophysics.density_rules import RunConditions
from ..description import CellDescription, SectionDescription
from ..errors import ModelError
from ..morphology import along_path
from .cell_writer import CA1_PYRAMIDAL_LEX_ID, LEAK, UNBRANCHED
from .libneuroml import neuroml

Joint = tuple[str, int]
"""An end of a section, 0 or 1; sections that meet share one."""


@dataclass(frozen=True)
class FlatSegment:
    """A segment of a section, as a segment and a section of its own.

    Attributes
    ----------
    id, parent : int, int or None
        Number in the file, and that of the segment at whose far end it begins.
    section, at : str, int
        The described section, and its segment from its 0 end on.
    proximal_um, distal_um : ndarray, shape (3,)
    """

    id: int
    parent: int | None
    section: str
    at: int
    proximal_um: np.ndarray
    distal_um: np.ndarray

    @property
    def name(self) -> str:
        """Name of the segment and of its group."""
        return f"{self.section}_part_{self.at}"


def flat_segments(description: CellDescription) -> list[FlatSegment]:
    """The segments of a cell in the order of their ids, from 0 on, parents before children.

    Where sections hang from the root's 0 end, the tree begins at a tip, from which every joint is at
    a far end. Raises ModelError if a section is joined elsewhere than at an end of its parent.
    """
    segments: list[FlatSegment] = []
    last: dict[str, int] = {}
    ends_um: dict[str, np.ndarray] = {}
    for section, backwards, before in _outwards(description):
        points_um = along_path(section.points_um, np.linspace(0, 1, section.nseg + 1))[:, :3]
        order = range(section.nseg)
        if backwards:
            points_um, order = points_um[::-1], order[::-1]
        place_um = points_um[0] if before is None else ends_um[before]
        parent = None if before is None else last[before]
        for at, step_um in zip(order, np.diff(points_um, axis=0), strict=True):
            # A bend within a segment would shorten it.
            length_um = section.length_um / section.nseg
            end_um = place_um + step_um * (length_um / np.linalg.norm(step_um))
            segments.append(
                FlatSegment(len(segments), parent, section.name, at, place_um, end_um)
            )
            place_um, parent = end_um, segments[-1].id
        last[section.name], ends_um[section.name] = segments[-1].id, place_um
    return segments


def _outwards(
    description: CellDescription,
) -> Iterator[tuple[SectionDescription, bool, str | None]]:
    """Every section, whether it runs backwards, and the one at whose far end it begins."""
    joints = _joints(description)
    meeting: defaultdict[Joint, list[str]] = defaultdict(list)
    for name, ends in joints.items():
        for joint in ends:
            meeting[joint].append(name)
    root = next(iter(joints))
    start = joints[root][0]
    if len(meeting[start]) > 1:
        root, start = next((meeting[one][0], one) for one in meeting if len(meeting[one]) == 1)
    waiting: deque[tuple[str, Joint, str | None]] = deque([(root, start, None)])
    seen = {root}
    while waiting:
        name, entry, before = waiting.popleft()
        near, far = joints[name]
        yield description.sections[name], entry == far, before
        leave = near if entry == far else far
        for other in meeting[leave]:
            if other not in seen:
                seen.add(other)
                waiting.append((other, leave, name))


def _joints(description: CellDescription) -> dict[str, tuple[Joint, Joint]]:
    """What the 0 end and the 1 end of each section are."""
    joints: dict[str, tuple[Joint, Joint]] = {}
    for name, section in description.sections.items():
        start = (name, 0)
        if section.parent is not None:
            if section.parent_loc not in (0, 1):
                raise ModelError(
                    f"{name} is joined at {section.parent_loc:g} of {section.parent}; a flat cell"
                    " needs joints at ends: write it without flat."
                )
            start = joints[section.parent][int(section.parent_loc)]
        joints[name] = start, (name, 1)
    return joints


def flat_document(
    description: CellDescription, run: RunConditions, *, notes: str
) -> neuroml.NeuroMLDocument:
    """Describe a cell as a flat NeuroML2 document; its channels lie in ``../channels``.

    Parameters
    ----------
    description : CellDescription
        What spines it has is folded into its membrane.
    run : RunConditions
        Start and threshold of its voltage.
    """
    segments = flat_segments(description)
    densities = [density for one in segments for density in _densities(description, one)]
    channels = sorted({density.ion_channel for density in densities})
    document = neuroml.NeuroMLDocument(id=f"{description.cell_id}_cell")
    document.includes = [
        neuroml.IncludeType(f"../channels/{channel}.channel.nml") for channel in channels
    ]
    cell = neuroml.Cell(id=description.cell_id, neuro_lex_id=CA1_PYRAMIDAL_LEX_ID, notes=notes)
    cell.morphology = _morphology(description, segments)
    sections = [description.sections[one.section] for one in segments]
    membrane = neuroml.MembraneProperties(
        channel_densities=densities,
        spike_threshes=[neuroml.SpikeThresh(value=f"{run.spike_threshold_mV!r} mV")],
        specific_capacitances=[
            neuroml.SpecificCapacitance(
                value=f"{section.cm_uF_per_cm2[one.at]:.15g} uF_per_cm2",
                segment_groups=_group(one),
            )
            for one, section in zip(segments, sections, strict=True)
        ],
        init_memb_potentials=[neuroml.InitMembPotential(value=f"{run.v_init_mV!r} mV")],
    )
    inside = neuroml.IntracellularProperties(
        resistivities=[
            neuroml.Resistivity(
                value=f"{section.Ra_ohm_cm:.15g} ohm_cm", segment_groups=_group(one)
            )
            for one, section in zip(segments, sections, strict=True)
        ]
    )
    cell.biophysical_properties = neuroml.BiophysicalProperties(
        id="biophysics", membrane_properties=membrane, intracellular_properties=inside
    )
    document.cells.append(cell)
    return document


def _group(segment: FlatSegment) -> str:
    """What densities name: jNeuroML's export fails on those of an unbranched group itself."""
    return f"{segment.name}_group"


def _morphology(
    description: CellDescription, segments: list[FlatSegment]
) -> neuroml.Morphology:
    tree = neuroml.Morphology(id="morphology")
    for one in segments:
        diam_um = float(description.sections[one.section].diam_um[one.at])
        parent = None if one.parent is None else neuroml.SegmentParent(segments=one.parent)
        tree.segments.append(
            neuroml.Segment(
                id=one.id,
                name=one.name,
                parent=parent,
                proximal=_point(one.proximal_um, diam_um),
                distal=_point(one.distal_um, diam_um),
            )
        )
        undivided = neuroml.Property(tag="numberInternalDivisions", value="1")
        tree.segment_groups.append(
            neuroml.SegmentGroup(
                id=one.name,
                neuro_lex_id=UNBRANCHED,
                properties=[undivided],
                members=[neuroml.Member(segments=one.id)],
            )
        )
    everything = [neuroml.Include(segment_groups=one.name) for one in segments]
    tree.segment_groups.append(neuroml.SegmentGroup(id="all", includes=everything))
    for one in segments:
        alone = [neuroml.Include(segment_groups=one.name)]
        tree.segment_groups.append(neuroml.SegmentGroup(id=_group(one), includes=alone))
    return tree


def _point(place_um: np.ndarray, diam_um: float) -> neuroml.Point3DWithDiam:
    x, y, z = (float(coordinate) or 0.0 for coordinate in place_um)
    return neuroml.Point3DWithDiam(x, y, z, diameter=diam_um)


def _densities(
    description: CellDescription, segment: FlatSegment
) -> Iterator[neuroml.ChannelDensity]:
    """Leak and channels of a segment, those that it has."""
    section = description.sections[segment.section]
    leak = section.leak_S_per_cm2[segment.at], section.leak_e_mV[segment.at]
    values = {LEAK: (*leak, NON_SPECIFIC)}
    for channel, gbar in section.gbar_S_per_cm2.items():
        ion = description.channel_ions[channel]
        bearer = channel if ion == NON_SPECIFIC else ion
        values[channel] = gbar[segment.at], section.reversal_mV[bearer], ion
    for channel, (density, erev_mV, ion) in values.items():
        if density:
            yield neuroml.ChannelDensity(
                id=f"{channel}_{segment.name}",
                ion_channel=channel,
                cond_density=f"{density:.15g} S_per_cm2",
                erev=f"{erev_mV:.15g} mV",
                ion=ion,
                segment_groups=_group(segment),
            )
