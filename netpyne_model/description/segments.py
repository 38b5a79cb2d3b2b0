"""The same described cell in more segments: what a finer discretisation changes, and what a segment costs."""

import dataclasses
from typing import Any

import numpy as np

from .sections import CellDescription

PER_SEGMENT = ("diam_um", "path_length_um", "cm_uF_per_cm2", "leak_S_per_cm2", "leak_e_mV")


def cut_segments(cell: CellDescription, factor: int) -> CellDescription:
    """Cut every segment of a cell into `factor` equal ones, each with the parameters of the one it was cut from.

    Membrane, lengths and densities stay as they are; only the discretisation is finer.

    Parameters
    ----------
    factor : int
        1 or more.
    """
    sections = {}
    for name, section in cell.sections.items():
        arrays: dict[str, Any] = {
            attribute: np.repeat(getattr(section, attribute), factor) for attribute in PER_SEGMENT
        }
        gbar = {
            channel: np.repeat(values, factor) for channel, values in section.gbar_S_per_cm2.items()
        }
        parameters = {
            channel: {key: np.repeat(values, factor) for key, values in of_channel.items()}
            for channel, of_channel in section.parameters.items()
        }
        sections[name] = dataclasses.replace(
            section, **arrays, gbar_S_per_cm2=gbar, parameters=parameters
        )
    return dataclasses.replace(cell, sections=sections)
