"""Reads a NeuroML2 cell into sections and, by segment, the value of every parameter."""

import warnings
from pathlib import Path

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..biophysics.density_rules import MOST_SEGMENTS, MOST_SEGMENTS_IN_ALL
from ..description import CellDescription, SectionDescription
from ..errors import ModelError, quoted, shortened
from ..morphology import path_length, relative_positions
from ..quantities import magnitude
from ..xml_files import read_neuroml2
from .cell_writer import LEAKS, UNBRANCHED
from .expressions import evaluate
from .libneuroml import document_of, neuroml

MOST_MEMBERS = 2_000_000
"""Of all groups of segments together; the published cell has 4,000."""


def read_cell(path: Path, cell_id: str | None = None) -> CellDescription:
    """Read a cell from a NeuroML2 file; see `describe_cell`.

    Raises ModelError if the file cannot be read or holds no such cell.
    """
    root, _ = read_neuroml2(path, comments=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser's own, of what the schema would say
            document = document_of(root)
    except Exception as error:
        raise ModelError(
            f"{path} cannot be read as NeuroML2 ({shortened(str(error))}); give the path of a .cell.nml file."
        ) from error
    cells = {str(cell.id): cell for cell in document.cells}
    if not cells or (cell_id is not None and cell_id not in cells):
        raise ModelError(
            f"{path} holds the cells {quoted(sorted(cells) or 'none')}; expected"
            f" {quoted(cell_id) if cell_id else 'one cell'}."
        )
    cell = cells[cell_id] if cell_id else next(iter(cells.values()))
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return describe_cell(cell)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except Exception as error:  # what a damaged file lacks, libNeuroML has as None
        raise ModelError(
            f"{path}: cell {quoted(cell.id)} is not one that this reads ({_missing(error)});"
            " expected sections that are unbranched groups of segments, as Cell.write_neuroml"
            " writes them."
        ) from error


def _missing(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{quoted(error.args[0])} is named and not there"
    if isinstance(error, FloatingPointError):
        return "its numbers are too large or too small"
    if isinstance(error, AttributeError | StopIteration | TypeError | IndexError):
        return "a part is missing"
    return shortened(str(error) or type(error).__name__)


def describe_cell(cell: neuroml.Cell) -> CellDescription:
    """Discretise a libNeuroML cell.

    Every section is an unbranched group of segments, outwards, that gives
    ``numberInternalDivisions``; it hangs from an end of its parent and is a cylinder or one taper.
    Densities are uniform or functions of the path length p.
    """
    sections, members = _geometry(cell)
    description = CellDescription(cell.id, sections)
    membrane = cell.biophysical_properties.membrane_properties
    for capacitance in membrane.specific_capacitances:
        for name in members[capacitance.segment_groups or "all"]:
            sections[name].cm_uF_per_cm2[:] = magnitude(capacitance.value, "uF_per_cm2")
    for resistivity in cell.biophysical_properties.intracellular_properties.resistivities:
        for name in members[resistivity.segment_groups or "all"]:
            sections[name].Ra_ohm_cm = magnitude(resistivity.value, "ohm_cm")
    for density in membrane.channel_densities:
        value = magnitude(density.cond_density, "S_per_cm2")
        for name in members[density.segment_groups or "all"]:
            _add(description, density, name, np.full(sections[name].nseg, value))
    for density in membrane.channel_density_non_uniforms:
        (varied,) = density.variable_parameters
        for name in members[varied.segment_groups]:
            in_SI = evaluate(varied.inhomogeneous_value.value, sections[name].path_length_um)
            _add(description, density, name, in_SI * 1e-4)
    return description


def _geometry(cell: neuroml.Cell) -> tuple[dict[str, SectionDescription], dict[str, list[str]]]:
    segments = {segment.id: segment for segment in cell.morphology.segments}
    groups = _groups(cell)
    sections: dict[str, SectionDescription] = {}
    name_of: dict[int, str] = {}
    end_at: dict[int, float] = {}  # relative position of a segment's end on its section
    start_um: dict[str, float] = {}
    n_segments = 0
    for group in cell.morphology.segment_groups:
        if group.neuro_lex_id != UNBRANCHED:
            continue
        chain = [segments[id] for id in groups[group.id]]
        parent, parent_loc, start_um[group.id] = None, 0.0, 0.0
        if chain[0].parent is not None:
            parent = name_of[chain[0].parent.segments]
            parent_loc = chain[0].parent.fraction_along * end_at[chain[0].parent.segments]
            start_um[group.id] = start_um[parent] + parent_loc * sections[parent].length_um
        section = _section(group, chain, parent, parent_loc, start_um[group.id])
        n_segments += section.nseg
        if n_segments > MOST_SEGMENTS_IN_ALL:
            raise ModelError(
                f"{n_segments} segments from the first section to {quoted(group.id)}; expected at most"
                f" {MOST_SEGMENTS_IN_ALL} in all: lower their numberInternalDivisions."
            )
        sections[group.id] = section
        name_of |= {segment.id: group.id for segment in chain}
        ends = relative_positions(section.points_um)[1:].tolist()
        end_at |= {segment.id: end for segment, end in zip(chain, ends, strict=True)}
    return sections, {
        group: list(dict.fromkeys(name_of[member] for member in members))
        for group, members in groups.items()
    }


def _groups(cell: neuroml.Cell) -> dict[str, list[int]]:
    """The segments of every group by its name, those of the groups that it includes after its own."""
    groups: dict[str, list[int]] = {}
    n_members = 0
    for group in cell.morphology.segment_groups:
        segments = dict.fromkeys(member.segments for member in group.members)
        for other in dict.fromkeys(include.segment_groups for include in group.includes):
            segments |= dict.fromkeys(groups[other])
        groups[group.id] = list(segments)
        n_members += len(segments)
        if n_members > MOST_MEMBERS:
            raise ModelError(
                f"more than {MOST_MEMBERS} segments in all groups together; expected fewer groups"
                " of groups."
            )
    return groups


def _section(
    group: neuroml.SegmentGroup,
    chain: list[neuroml.Segment],
    parent: str | None,
    parent_loc: float,
    start_um: float,
) -> SectionDescription:
    """A section of a segment group; its membrane is still to come."""
    nseg = next(int(p.value) for p in group.properties if p.tag == "numberInternalDivisions")
    if not 1 <= nseg <= MOST_SEGMENTS:
        raise ModelError(
            f"section {quoted(group.id)} has {nseg} segments; expected 1 to {MOST_SEGMENTS}: correct"
            " its numberInternalDivisions."
        )
    points = _points(chain)
    length_um = path_length(points)
    if not 0 < length_um < np.inf:
        raise ModelError(
            f"section {quoted(group.id)} is {length_um:g} um long; expected a length above 0:"
            " move the points of its segments apart."
        )
    centres = (np.arange(nseg) + 0.5) / nseg
    return SectionDescription(
        name=group.id,
        parent=parent,
        parent_loc=parent_loc,
        length_um=length_um,
        points_um=points,
        diam_um=points[0, 3] + (points[-1, 3] - points[0, 3]) * centres,
        path_length_um=start_um + centres * length_um,
        cm_uF_per_cm2=np.zeros(nseg),
        Ra_ohm_cm=np.nan,
        leak_S_per_cm2=np.zeros(nseg),
        leak_e_mV=np.zeros(nseg),
    )


def _points(chain: list[neuroml.Segment]) -> np.ndarray:
    """x, y, z and diameter along the segments of a section."""
    ends = [chain[0].proximal, *(segment.distal for segment in chain)]
    return np.array([[end.x, end.y, end.z, end.diameter] for end in ends])


def _add(description: CellDescription, density, name: str, gbar: np.ndarray) -> None:
    section = description.sections[name]
    erev_mV = magnitude(density.erev, "mV")
    if density.ion_channel in LEAKS:
        total = section.leak_S_per_cm2 + gbar
        weighted = section.leak_S_per_cm2 * section.leak_e_mV + gbar * erev_mV
        potential = np.full_like(total, erev_mV)
        np.divide(weighted, total, out=potential, where=total != 0)
        section.leak_S_per_cm2, section.leak_e_mV = total, potential
        return
    if not gbar.any():
        return
    if density.ion_channel in section.gbar_S_per_cm2:
        channel = density.ion_channel
        raise ModelError(
            f"channel {quoted(channel)} has two densities on section {quoted(name)}; expected one."
        )
    section.gbar_S_per_cm2[density.ion_channel] = gbar
    description.channel_ions[density.ion_channel] = density.ion
    key = density.ion if density.ion != NON_SPECIFIC else density.ion_channel
    before_mV = section.reversal_mV.setdefault(key, erev_mV)
    if before_mV != erev_mV:
        both = f"{before_mV} and {erev_mV} mV"
        raise ModelError(
            f"{quoted(key)} has two reversal potentials on section {quoted(name)} ({both})."
        )
