"""SWC files that tests read, and whether two morphologies agree."""

from collections.abc import Iterable

import pytest

from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.morphology import Morphology

EXAMPLE = MORPHOLOGIES / "example.swc"
EXAMPLE_POINTS = [
    line.split()
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
SOMA = ["1 1 0 0 0 4 -1", "2 1 0 -4 0 4 1", "3 1 0 4 0 4 1"]


def rows(morphology: Morphology) -> list[tuple]:
    return [
        (section.index, section.name, section.region, section.parent, section.parent_loc)
        for section in morphology.sections
    ]


def sizes(morphology: Morphology) -> list[float]:
    return [
        size
        for section in morphology.sections
        for size in (section.length_um, section.diam0_um, section.diam1_um)
    ]


def same(one: Morphology, other: Morphology) -> bool:
    return rows(one) == rows(other) and sizes(one) == pytest.approx(sizes(other), rel=1e-11)


def standard_types(fields: list[str]) -> list[str]:
    """A point as it is in a file that does not tell trunk and tuft from the obliques."""
    return [fields[0], "4" if fields[1] in "56" else fields[1], *fields[2:]]


def standard_lines(points: Iterable[list[str]]) -> list[str]:
    return [" ".join(standard_types(fields)) for fields in points]


def total_um(cell: Morphology, region: str) -> float:
    return sum(section.length_um for section in cell.in_region(region))
