"""Cuts the segments of a described cell into finer ones, or into sections of their own."""

import dataclasses
from typing import Any

import numpy as np

from ..morphology import along_path, relative_positions
from .sections import CellDescription, SectionDescription, SilentSpines

PER_SEGMENT = ("diam_um", "path_length_um", "cm_uF_per_cm2", "leak_S_per_cm2", "leak_e_mV")


def cut_segments(cell: CellDescription, factor: int) -> CellDescription:
    """Cut every segment of a cell into `factor` (1 or more) equal ones with its parameters.

    Membrane, lengths and densities stay as they are; only the discretisation is finer.
    """

    def cut(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: np.repeat(array, factor) for name, array in values.items()}

    sections = {}
    for name, section in cell.sections.items():
        arrays: dict[str, Any] = cut({key: getattr(section, key) for key in PER_SEGMENT})
        arrays["gbar_S_per_cm2"] = cut(section.gbar_S_per_cm2)
        arrays["parameters"] = {key: cut(values) for key, values in section.parameters.items()}
        sections[name] = dataclasses.replace(section, **arrays)
    return dataclasses.replace(cell, sections=sections)


def cut_sections(cell: CellDescription) -> CellDescription:
    """Cut every section along which something differs into a section a segment.

    For programs that hold one value a section. To NEURON it is the same cell: between two pieces
    there is a node without membrane, so that resistances add up as those of two segments do.
    Pieces are called ``<section>_<number>``; `CellDescription.place` finds places on them.
    """
    sections: dict[str, SectionDescription] = {}
    pieces: dict[str, tuple[str, ...]] = {}
    placed = dataclasses.replace(cell, pieces=pieces)
    for name, section in cell.sections.items():  # parents come before children
        if section.parent is not None:
            joint = placed.place(section.parent, section.parent_loc)
            section = dataclasses.replace(section, parent=joint.section, parent_loc=joint.x)
        if not _differs_along(section):
            sections[name] = section
            continue
        cut = [_piece(section, index) for index in range(section.nseg)]
        pieces[name] = tuple(piece.name for piece in cut)
        sections |= {piece.name: piece for piece in cut}
    return dataclasses.replace(placed, sections=sections)


def _by_segment(section: SectionDescription) -> list[np.ndarray]:
    """All that a section has by segment, but for where its segments are."""
    values = [getattr(section, key) for key in PER_SEGMENT if key != "path_length_um"]
    values += section.gbar_S_per_cm2.values()
    values += [array for one in section.parameters.values() for array in one.values()]
    spines = section.silent_spines
    return values if spines is None else [*values, spines.counts(section.nseg)]


def _differs_along(section: SectionDescription) -> bool:
    return section.nseg > 1 and any(np.ptp(values) > 0 for values in _by_segment(section))


def _piece(section: SectionDescription, index: int) -> SectionDescription:
    """The section of one segment of a section."""

    def one(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: array[index : index + 1] for name, array in values.items()}

    arrays: dict[str, Any] = one({key: getattr(section, key) for key in PER_SEGMENT})
    arrays["gbar_S_per_cm2"] = one(section.gbar_S_per_cm2)
    arrays["parameters"] = {key: one(values) for key, values in section.parameters.items()}
    if index:
        arrays |= {"parent": _piece_name(section, index - 1), "parent_loc": 1.0}
    return dataclasses.replace(
        section,
        name=_piece_name(section, index),
        length_um=section.length_um / section.nseg,
        points_um=_points_of_segment(section, index),
        silent_spines=_spines_of_segment(section, index),
        **arrays,
    )


def _piece_name(section: SectionDescription, index: int) -> str:
    return f"{section.name}_{index}"


def _points_of_segment(section: SectionDescription, index: int) -> np.ndarray:
    """The path through a segment, which has its one diameter from end to end."""
    begin, end = index / section.nseg, (index + 1) / section.nseg
    relative = relative_positions(section.points_um)
    within = section.points_um[(relative > begin) & (relative < end)]
    ends = along_path(section.points_um, np.array([begin, end]))
    points = np.vstack([ends[:1], within, ends[1:]])
    points[:, 3] = section.diam_um[index]
    return points


def _spines_of_segment(section: SectionDescription, index: int) -> SilentSpines | None:
    spines = section.silent_spines
    if spines is None:
        return None
    x = spines.x * section.nseg - index
    last = index == section.nseg - 1
    here = (x >= 0) & ((x < 1) | last)
    return dataclasses.replace(spines, x=x[here])
