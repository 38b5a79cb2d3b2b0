"""The finished cells in NeuroML2: the full cell without and with spines, and the simple model."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from ..biophysics import SIMPLE_RULES, DensityRules, load_rules
from ..data_folders import MORPHOLOGIES, NEUROML2
from ..description import CellDescription
from ..morphology import Morphology, read_section_table, section_paths
from ..placement import load_placement_rules, place_synapses
from .annotations import annotate
from .cell_reader import describe_cell, read_cell
from .cell_writer import cell_document, write_document
from .libneuroml import neuroml

CELLS = NEUROML2 / "cells"
FULL, SMOOTH, SIMPLE = "CA1_full", "CA1_full_smooth", "CA1_simple"
SIMPLE_TABLE = MORPHOLOGIES / "CA1_simple.sections.csv"
_SOURCE = (
    "Source: Hsu, Zhao, Milstein and Spruston (2018) Neuron 99:147, ModelDB 240960. Written by"
    " scripts/build_neuroml.py from the section table and the density rules: do not edit. Lengths"
    " and diameters are the reconstruction's, the 3D layout is schematic. Lengths in um, potentials"
    " in mV, densities in S/cm2."
)


def smooth_cell(
    morphology: Morphology, rules: DensityRules, paths_um: Sequence[np.ndarray] | None = None
) -> neuroml.NeuroMLDocument:
    """The full cell without spines, to which runs add them; laid out anew without `paths_um`."""
    notes = f"CA1 pyramidal cell without spines, to be run at 35 degC. {_SOURCE}"
    paths = section_paths(morphology) if paths_um is None else paths_um
    return cell_document(morphology, rules, cell_id=SMOOTH, notes=notes, paths_um=paths)


@cache
def standard_smooth_cell() -> CellDescription:
    """The committed cell without spines. Shared: copy it before changing anything."""
    return read_cell(CELLS / f"{SMOOTH}.cell.nml")


@cache
def standard_paths() -> list[np.ndarray]:
    """Both ends of every section of the committed cell, read faster than by `section_paths`."""
    sections = standard_smooth_cell().sections.values()
    return [section.points_um[:, :3] for section in sections]


def full_cell(morphology: Morphology, rules: DensityRules) -> neuroml.NeuroMLDocument:
    """The full cell with all spines folded into the capacitance and the leak of their section.

    A run folds spines segment by segment; NeuroML holds one capacitance a section, so here a
    section's spines are spread evenly over it.
    """
    placement_rules = load_placement_rules()
    geometry = placement_rules.spine_geometry
    spines = place_synapses(morphology, placement_rules, rules.nseg(morphology)).spines
    bare = describe_cell(smooth_cell(morphology, rules).cells[0])
    folded = {}
    for index, count in spines.groupby("section").size().items():
        section = bare.sections[morphology.section(int(index)).name]
        share = float(count * geometry.area_um2 / section.area_um2.sum())
        leak_S_per_cm2 = share * float(section.leak_S_per_cm2[-1])
        folded[int(index)] = (1 + share, leak_S_per_cm2, geometry.e_pas_mV)
    notes = (
        f"CA1 pyramidal cell with its {len(spines)} spines folded into their sections, to be run at"
        f" 35 degC. {_SOURCE}"
    )
    paths = section_paths(morphology)
    return cell_document(
        morphology, rules, cell_id=FULL, notes=notes, paths_um=paths, folded_spines=folded
    )


def simple_cell() -> neuroml.NeuroMLDocument:
    """The simple model: one compartment with the 12-state sodium channel."""
    morphology, rules = read_section_table(SIMPLE_TABLE), load_rules(SIMPLE_RULES)
    (soma,) = morphology.sections
    ends = [np.array([[0.0, 0.0, 0.0], [0.0, soma.length_um, 0.0]])]
    notes = f"Simple CA1 model, one compartment, to be run at 33 degC. {_SOURCE}"
    return cell_document(morphology, rules, cell_id=SIMPLE, notes=notes, paths_um=ends)


def write_cells(folder: Path = CELLS) -> list[Path]:
    """Write the three cells with their annotations and return their paths."""
    morphology, rules = read_section_table(), load_rules()
    documents = {
        FULL: full_cell(morphology, rules),
        SMOOTH: smooth_cell(morphology, rules),
        SIMPLE: simple_cell(),
    }
    paths = []
    for name, document in documents.items():
        paths.append(folder / f"{name}.cell.nml")
        write_document(document, paths[-1])
        annotate(paths[-1])
    return paths
