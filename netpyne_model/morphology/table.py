"""Reads the section table: the figures of the morphology, one row a section."""

import csv
from pathlib import Path

from ..data_folders import MORPHOLOGIES
from ..errors import ModelError
from ..files import reading
from .sections import REGIONS, Morphology, Section

DEFAULT_TABLE = MORPHOLOGIES / "CA1_EB2.sections.csv"
COLUMNS = ("index", "name", "region", "parent", "parent_loc", "length_um", "diam0_um", "diam1_um")


def read_section_table(path: str | Path = DEFAULT_TABLE) -> Morphology:
    """Read a morphology from a section table, a CSV file with the columns `COLUMNS`.

    Raises ModelError if the file cannot be read, a column is missing, or a row does not hold (file,
    line and what was expected).
    """
    path = Path(path)
    table = f"section table {path}"
    with reading(table, "give the path of a CSV file"), path.open(newline="") as file:
        reader = csv.DictReader(file)
        for column in COLUMNS:
            if column not in (reader.fieldnames or []):
                expected = ", ".join(COLUMNS)
                raise ModelError(f"{path}, line 1: no column '{column}'; expected {expected}.")
        sections = [_section(row, number, path) for number, row in enumerate(reader)]
    if not sections:
        raise ModelError(f"{path}: no sections; expected at least one row below the header.")
    return Morphology(sections)


def _section(row: dict, number: int, path: Path) -> Section:
    where = f"{path}, line {number + 2}"
    try:
        index = int(row["index"])
        parent = int(row["parent"]) if row["parent"] else None
        parent_loc = float(row["parent_loc"]) if row["parent_loc"] else 0.0
        sizes_um = (float(row["length_um"]), float(row["diam0_um"]), float(row["diam1_um"]))
    except (TypeError, ValueError) as error:
        expected = "expected numbers in every column but name and region"
        raise ModelError(f"{where}: {error}; {expected}.") from error
    if index != number:
        raise ModelError(f"{where}: index {index}; expected {number}, counted from 0 without gaps.")
    if row["region"] not in REGIONS:
        expected = ", ".join(REGIONS)
        raise ModelError(f"{where}: region '{row['region']}'; expected one of {expected}.")
    if (parent is None) != (index == 0) or (parent is not None and not 0 <= parent < index):
        raise ModelError(
            f"{where}: parent {row['parent']!r}; expected an earlier row, and none for the first"
            " row only."
        )
    if parent_loc not in (0.0, 1.0):
        raise ModelError(
            f"{where}: parent_loc {parent_loc}; expected 0 or 1, the end of the parent it hangs"
            " from."
        )
    if not all(0 < size_um < 1e5 for size_um in sizes_um):
        raise ModelError(f"{where}: length and diameters must be above 0 and below 1e5 um.")
    return Section(index, row["name"], row["region"], parent, parent_loc, *sizes_um)
