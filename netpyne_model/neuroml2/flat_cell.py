"""A described cell as plain NeuroML2: cylinders with uniform densities.

For readers that know no inhomogeneous parameters, no tapers, and no joints but at the far end of a
segment. Where anything differs along a section, each of its segments is a section of its own: it
has the values that a run of this package gives it, and no reader divides the cell in another way.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..biophysics.density_rules import RunConditions
from ..description import CellDescription, SectionDescription, cut_sections
from ..errors import ModelError
from .cell_writer import CA1_PYRAMIDAL_LEX_ID, LEAK, UNBRANCHED, sharing
from .libneuroml import neuroml

Joint = tuple[str, int]
"""An end of a section, 0 or 1; sections that meet share one."""


@dataclass(frozen=True)
class FlatSegment:
    """A cylinder of a flat cell.

    Attributes
    ----------
    id, parent : int, int or None
        Number in the file, and that of the segment at whose far end it begins.
    section : SectionDescription
        What it is made of: the same from end to end.
    proximal_um, distal_um : ndarray, shape (3,)
    """

    id: int
    parent: int | None
    section: SectionDescription
    proximal_um: np.ndarray
    distal_um: np.ndarray


def flat_segments(description: CellDescription) -> list[FlatSegment]:
    """The cylinders of a cell in the order of their ids, from 0 on, parents before children.

    Their sections are those of `cut_sections`. Where some hang from the root's 0 end, the tree
    begins at a tip, from which every joint is at a far end. Raises ModelError if a section is
    joined elsewhere than at an end of its parent.
    """
    _joints(description)  # by the names of the sections, not of their pieces
    segments: list[FlatSegment] = []
    of_section: dict[str, FlatSegment] = {}
    for section, backwards, before in _outwards(cut_sections(description)):
        begin_um, end_um = section.points_um[[0, -1], :3]
        if backwards:
            begin_um, end_um = end_um, begin_um
        # A bend within a segment would shorten it.
        along_um = end_um - begin_um
        along_um = along_um * (section.length_um / np.linalg.norm(along_um))
        parent = None if before is None else of_section[before]
        if parent is not None:
            begin_um = parent.distal_um
        one = FlatSegment(
            id=len(segments),
            parent=None if parent is None else parent.id,
            section=section,
            proximal_um=begin_um,
            distal_um=begin_um + along_um,
        )
        segments.append(one)
        of_section[section.name] = one
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
        start = next(joint for joint, names in meeting.items() if len(names) == 1)
        (root,) = meeting[start]
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
    sections = [one.section for one in segments]
    groups = _Groups([section.name for section in sections])
    densities = list(_densities(description, sections, groups))
    capacitances = {one.name: f"{one.cm_uF_per_cm2[0]:.15g} uF_per_cm2" for one in sections}
    resistivities = {one.name: f"{one.Ra_ohm_cm:.15g} ohm_cm" for one in sections}
    membrane = neuroml.MembraneProperties(
        channel_densities=densities,
        spike_threshes=[neuroml.SpikeThresh(value=f"{run.spike_threshold_mV!r} mV")],
        specific_capacitances=[
            neuroml.SpecificCapacitance(value=value, segment_groups=groups.of(names))
            for value, names in sharing(capacitances).items()
        ],
        init_memb_potentials=[neuroml.InitMembPotential(value=f"{run.v_init_mV!r} mV")],
    )
    inside = neuroml.IntracellularProperties(
        resistivities=[
            neuroml.Resistivity(value=value, segment_groups=groups.of(names))
            for value, names in sharing(resistivities).items()
        ]
    )
    cell = neuroml.Cell(id=description.cell_id, neuro_lex_id=CA1_PYRAMIDAL_LEX_ID, notes=notes)
    cell.morphology = _morphology(segments, groups)  # with the groups that the values need
    cell.biophysical_properties = neuroml.BiophysicalProperties(
        id="biophysics", membrane_properties=membrane, intracellular_properties=inside
    )
    document = neuroml.NeuroMLDocument(id=f"{description.cell_id}_cell")
    document.includes = [
        neuroml.IncludeType(f"../channels/{channel}.channel.nml")
        for channel in sorted({density.ion_channel for density in densities})
    ]
    document.cells.append(cell)
    return document


class _Groups:
    """Groups of sections that share a value, by name, each made when it is first asked for.

    A group of one section is not the unbranched one: jNeuroML's export fails on densities of that.
    """

    def __init__(self, names: Sequence[str]):
        self.names = {tuple(names): "all"}

    def of(self, names: Sequence[str]) -> str:
        """The group of exactly these sections."""
        alone = f"{names[0]}_group" if len(names) == 1 else f"sections_{len(self.names)}"
        return self.names.setdefault(tuple(names), alone)


def _morphology(segments: Sequence[FlatSegment], groups: _Groups) -> neuroml.Morphology:
    tree = neuroml.Morphology(id="morphology")
    for one in segments:
        section = one.section
        diam_um = float(section.diam_um[0])
        tree.segments.append(
            neuroml.Segment(
                id=one.id,
                name=section.name,
                parent=None if one.parent is None else neuroml.SegmentParent(segments=one.parent),
                proximal=_point(one.proximal_um, diam_um),
                distal=_point(one.distal_um, diam_um),
            )
        )
        divisions = neuroml.Property(tag="numberInternalDivisions", value=str(section.nseg))
        tree.segment_groups.append(
            neuroml.SegmentGroup(
                id=section.name,
                neuro_lex_id=UNBRANCHED,
                properties=[divisions],
                members=[neuroml.Member(segments=one.id)],
            )
        )
    for names, group in groups.names.items():
        includes = [neuroml.Include(segment_groups=name) for name in names]
        tree.segment_groups.append(neuroml.SegmentGroup(id=group, includes=includes))
    return tree


def _point(place_um: np.ndarray, diam_um: float) -> neuroml.Point3DWithDiam:
    x, y, z = (float(coordinate) or 0.0 for coordinate in place_um)
    return neuroml.Point3DWithDiam(x, y, z, diameter=diam_um)


def _densities(
    description: CellDescription, sections: Sequence[SectionDescription], groups: _Groups
) -> Iterator[neuroml.ChannelDensity]:
    """Leak and channels, each density once for the sections that share it."""
    values: defaultdict[tuple[str, str], dict[str, tuple[str, str]]] = defaultdict(dict)
    for section in sections:
        for channel, ion, density, erev_mV in _on_section(description, section):
            texts = f"{density:.15g} S_per_cm2", f"{erev_mV:.15g} mV"
            values[channel, ion][section.name] = texts
    for (channel, ion), by_section in values.items():
        for (density_text, erev_text), names in sharing(by_section).items():
            group = groups.of(names)
            yield neuroml.ChannelDensity(
                id=f"{channel}_{group}",
                ion_channel=channel,
                cond_density=density_text,
                erev=erev_text,
                ion=ion,
                segment_groups=group,
            )


def _on_section(
    description: CellDescription, section: SectionDescription
) -> Iterator[tuple[str, str, float, float]]:
    """Channel, ion, density (S/cm2) and reversal potential (mV) of what a section has."""
    if section.leak_S_per_cm2[0]:
        yield LEAK, NON_SPECIFIC, section.leak_S_per_cm2[0], section.leak_e_mV[0]
    for channel, gbar in section.gbar_S_per_cm2.items():
        if gbar[0]:
            ion = description.channel_ions[channel]
            bearer = channel if ion == NON_SPECIFIC else ion
            yield channel, ion, gbar[0], section.reversal_mV[bearer]
