"""Cuts the segments of a described cell into finer ones."""

import dataclasses
from typing import Any

import numpy as np

from .sections import CellDescription

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
