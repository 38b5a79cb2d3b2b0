"""Reads the section table: the figures of the morphology, one row a section."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from ..data_folders import MORPHOLOGIES
from ..errors import ModelError, quoted
from ..files import read_bytes
from .sections import LARGEST_UM, REGIONS, Morphology, Section, check_size

DEFAULT_TABLE = MORPHOLOGIES / "CA1_EB2.sections.csv"
MOST_TABLE_BYTES = 2_000_000  # some 30,000 sections
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
COLUMNS = ("index", "name", "region", "parent", "parent_loc", "length_um", "diam0_um", "diam1_um")


def read_section_table(path: str | Path = DEFAULT_TABLE) -> Morphology:
    """Read a morphology from a section table, a CSV file with the columns `COLUMNS`.

    Raises ModelError if the file cannot be read, a column is missing, or a row does not hold (file,
    line and what was expected).
    """
    path = Path(path)
    table = f"section table {path}"
    expected = "give the path of a CSV file"
    content = read_bytes(path, table, expected, most_bytes=MOST_TABLE_BYTES)
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        for column in COLUMNS:
            if column not in (reader.fieldnames or []):
                columns = ", ".join(COLUMNS)
                raise ModelError(f"{path}, line 1: no column {quoted(column)}; expected {columns}.")
        sections = [_section(row, number, path) for number, row in enumerate(reader)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{table} cannot be read ({error}); {expected}.") from error
    if not sections:
        raise ModelError(f"{path}: no sections; expected at least one row below the header.")
    _check_tree(sections, path)
    check_size(sections, path)
    return Morphology(sections)


def _check_tree(sections: Sequence[Section], path: Path) -> None:
    """Refuse a root that is no soma, and two sections of one name."""
    if sections[0].region != "soma":
        raise ModelError(
            f"{path}, line 2: the root, section {quoted(sections[0].name)}, is"
            f" {sections[0].region}; expected soma: put a section of the soma before it."
        )
    line_of: dict[str, int] = {}
    for line, section in enumerate(sections, start=2):
        if section.name in line_of:
            raise ModelError(
                f"{path}, line {line}: section {quoted(section.name)} stands in line"
                f" {line_of[section.name]} already; give each section a name of its own."
            )
        line_of[section.name] = line


def _section(row: dict, number: int, path: Path) -> Section:
    where = f"{path}, line {number + 2}"
    try:
        index = int(row["index"])
        parent = int(row["parent"]) if row["parent"] else None
        parent_loc = float(row["parent_loc"]) if row["parent_loc"] else 0.0
        sizes_um = (float(row["length_um"]), float(row["diam0_um"]), float(row["diam1_um"]))
    except (TypeError, ValueError):
        written = quoted([row[column] for column in COLUMNS if column not in ("name", "region")])
        expected = "expected numbers in every column but name and region"
        raise ModelError(f"{where}: {written}; {expected}.") from None
    if index != number:
        raise ModelError(
            f"{where}: index {quoted(row['index'])}; expected {number}, counted from 0 without gaps."
        )
    if row["region"] not in REGIONS:
        expected = ", ".join(REGIONS)
        raise ModelError(f"{where}: region {quoted(row['region'])}; expected one of {expected}.")
    if not _NAME.fullmatch(row["name"] or ""):
        raise ModelError(
            f"{where}: name {quoted(row['name'])}; expected letters, digits and _, a letter first,"
            f" such as {row['region']}_{number}."
        )
    if (parent is None) != (index == 0) or (parent is not None and not 0 <= parent < index):
        raise ModelError(
            f"{where}: parent {quoted(row['parent'])}; expected an earlier row, and none for the first"
            " row only."
        )
    if parent_loc not in (0.0, 1.0):
        raise ModelError(
            f"{where}: parent_loc {parent_loc}; expected 0 or 1, the end of the parent it hangs"
            " from."
        )
    if not all(0 < size_um < LARGEST_UM for size_um in sizes_um):
        raise ModelError(
            f"{where}: length and diameters must be above 0 and below {LARGEST_UM:g} um."
        )
    return Section(index, row["name"], row["region"], parent, parent_loc, *sizes_um)
