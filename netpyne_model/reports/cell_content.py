"""A cell as a page has it: where its segments are in space, and the parameters of each."""

from typing import Any

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..morphology import along_path, relative_positions
from .packing import PackedArrays

SPACE_UM = 0.01  # to which coordinates are rounded
_PLACE = ("section", "index", "region", "segment", "x", "path_distance")
_FIGURES = 5  # of a parameter


def cell_content(cell: Cell, arrays: PackedArrays) -> dict[str, Any]:
    """Describe a cell for the page.

    Returns
    -------
    dict
        ``sections`` (name, region, number of its first segment, how many it has, length in um),
        ``pieces`` (both ends of every straight piece, in um) with ``piece_segments``, ``diameters``
        and ``distances`` (um) by segment, and ``parameters`` (name, unit, values by segment; null
        where there is none).
    """
    table = cell.table()
    pieces, segments = _pieces(cell, table)
    return {
        "name": cell.name,
        "sections": _sections(cell, table),
        "pieces": arrays.add(pieces, SPACE_UM),
        "piece_segments": arrays.add(segments),
        "diameters": arrays.add(table["diam_um"], 1e-3),
        "distances": arrays.add(table["path_distance"], 0.1),
        "parameters": _parameters(table),
    }


def segment_number(table_sections: list[dict[str, Any]], section: str, x: float) -> int:
    """The number of the segment at a place, among all of a cell's."""
    one = next(one for one in table_sections if one["name"] == section)
    return one["first"] + min(int(x * one["n"]), one["n"] - 1)


def _sections(cell: Cell, table: pd.DataFrame) -> list[dict[str, Any]]:
    sections, first = [], 0
    counts = table.groupby("index", sort=False).size()
    for section in cell.morphology.sections:
        n = int(counts[section.index])
        sections.append(
            {
                "name": section.name,
                "region": section.region,
                "first": first,
                "n": n,
                "length_um": round(section.length_um, 2),
            }
        )
        first += n
    return sections


def _pieces(cell: Cell, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of each straight piece of path, shape (n, 6), and the segment that it belongs to."""
    pieces, segments, first = [], [], 0
    counts = table.groupby("index", sort=False).size()
    for section, path in zip(cell.morphology.sections, cell.paths_um, strict=True):
        relative = relative_positions(path)
        n = int(counts[section.index])
        for number in range(n):
            begin, end = number / n, (number + 1) / n
            within = path[(relative > begin) & (relative < end)]
            ends = along_path(path, np.array([begin, end]))
            points = np.vstack([ends[:1], within, ends[1:]])[:, :3]
            pieces.append(np.hstack([points[:-1], points[1:]]))
            segments += [first + number] * (len(points) - 1)
        first += n
    return np.vstack(pieces), np.array(segments)


def _parameters(table: pd.DataFrame) -> list[dict[str, Any]]:
    units = table.attrs["units"]
    parameters = []
    for name in table.columns:
        if name in _PLACE:
            continue
        unit = units.get(name, {"diam_um": "um", "area_um2": "um2"}.get(name, ""))
        values = [None if np.isnan(x) else float(f"{x:.{_FIGURES}g}") for x in table[name]]
        parameters.append({"name": name, "unit": unit, "values": values})
    return parameters
