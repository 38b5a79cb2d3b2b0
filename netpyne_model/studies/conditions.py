"""A sweep as a list of conditions: every combination of a grid, a list, or the rows of a table."""

import csv
import io
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from .. import configuration
from ..errors import ModelError, quoted, shown_path
from ..files import parse_value, read_bytes

LABEL = "condition"
"""Column of a table, and key of a condition, that holds its name."""
GROUP = "group"
"""The same that holds which conditions are drawn as one curve, where no field says so."""
NAMES = (LABEL, GROUP)

_RANGE = {"from", "to", "step"}
_ROOMS = ("biophysics", "channels")  # entries of a cell that what stands in them does not need
_MOST_VALUES = 10_000
_MOST_CONDITIONS = 100_000
_MOST_TABLE_BYTES = 1_000_000

Changes = dict[str, Any]


def grid_conditions(grid: Mapping[str, Any]) -> list[Changes]:
    """Every combination of the values of some fields; the last field changes fastest.

    Values are a list, or ``{from, to, step}`` with both ends included.
    """
    values = {field: _values(field, values) for field, values in grid.items()}
    n_conditions = math.prod(map(len, values.values()))
    if n_conditions > _MOST_CONDITIONS:
        raise ModelError(
            f"the grid has {n_conditions} conditions; expected at most {_MOST_CONDITIONS}: give"
            " fewer values, or sweep them in studies of their own."
        )
    return [
        dict(zip(values, combination, strict=True))
        for combination in itertools.product(*values.values())
    ]


def table_conditions(path: str | Path) -> list[Changes]:
    """The rows of a CSV file: a column a field; in ``condition`` and ``group`` names, if there are.

    Values are read as YAML (``0.05``, ``[TTX]``); an empty cell leaves the field as it is.
    """
    header, *rows = _rows(Path(path))
    header = [name.strip() for name in header]
    for name in header:
        if name not in NAMES:
            check_field(name)
    if len(set(header)) < len(header):
        raise ModelError(f"table {path}: a column stands twice; expected every field once.")
    conditions = []
    value_of = cache(parse_value)  # the same few values stand in many rows
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ModelError(
                f"table {path}, row {number}: {len(row)} cells;"
                f" expected {len(header)}, one a column."
            )
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
        conditions.append(
            {name: cell if name in NAMES else value_of(cell) for name, cell in cells.items()}
        )
    return conditions


def _rows(path: Path) -> list[list[str]]:
    """The header and the rows of a CSV file; empty ones are left out."""
    what, expected = f"table {shown_path(path)}", "give a CSV file with a column a field"
    content = read_bytes(path, what, expected, most_bytes=_MOST_TABLE_BYTES)
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        rows = [row for row in csv.reader(text) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{what} cannot be read ({error}); {expected}.") from error
    if len(rows) < 2:
        raise ModelError(f"table {path}: expected a header of fields and a row a condition.")
    return rows


def check_field(name: str) -> None:
    """Refuse to sweep what is no field of the configuration, or the seed, which `trials` sweeps."""
    if name == "seed":
        raise ModelError(
            "seed cannot be swept: every condition has the same seeds; set trials and first_seed."
        )
    for file, content in configuration.CONTENTS.items():
        if name == content:
            raise ModelError(f"{content} cannot be swept: it belongs to a file; sweep {file}.")
    configuration.check_field(name, " in the sweep")


def as_text(field: str, value: Any) -> str:
    """A value in names and tables: lists joined by +, no drugs as ``control``, a cell by name.

    A cell without a name of its own is named by what differs from the published one.
    """
    if isinstance(value, Mapping):
        if "kind" in value:
            return str(value["kind"])
        if field == "cell":
            return _cell_as_text(value)
        return "+".join(map(str, value.values()))
    if isinstance(value, (list, tuple)):
        empty = "control" if field == "drugs" else "none"
        return "+".join(as_text(field, item) for item in value) or empty
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def _cell_as_text(content: Mapping[str, Any]) -> str:
    if "name" in content or "base" not in content:
        return str(content.get("name", "CA1"))
    changes = [f"{entry}={value}" for entry, value in _entries(content) if entry != "base"]
    return f"{content['base']} with {', '.join(changes)}" if changes else str(content["base"])


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a cell's changes say: parameter and region of each, and its new value."""
    for key, value in content.items():
        rule = isinstance(value, Mapping) and set(value) == {"value"}
        if rule or not isinstance(value, Mapping) or not value:
            yield key, as_text("", value)
        else:
            for entry, text in _entries(value):
                name = entry if key in _ROOMS else f"{key}.{entry}"
                yield name, text


def name_of(condition: Mapping[str, Any]) -> str:
    """Name of a condition: its own, or what it changes."""
    if LABEL in condition:
        return str(condition[LABEL])
    parts = []
    for field, value in condition.items():
        if field == GROUP:
            continue
        prefix = "" if isinstance(value, (list, tuple)) else f"{field}="
        parts.append(prefix + as_text(field, value))
    return ", ".join(parts) or "as set"


def _values(field: str, values: Any) -> Sequence[Any]:
    check_field(field)
    if isinstance(values, Mapping):
        return _range(field, values)
    if not isinstance(values, (list, tuple)) or not values:
        raise ModelError(
            f"{field} = {quoted(values)} in the sweep: expected a list of values, or"
            " {from: A, to: B, step: C}."
        )
    return values


def _range(field: str, ends: Mapping[str, Any]) -> list[float] | list[int]:
    numbers: list[Any] = [ends.get(key) for key in ("from", "to", "step")]
    if set(ends) != _RANGE or any(
        isinstance(n, bool) or not isinstance(n, (int, float)) or not abs(n) < 1e100
        for n in numbers
    ):
        raise ModelError(
            f"{field} = {quoted(dict(ends))} in the sweep: expected numbers {{from: A, to: B, step: C}}."
        )
    first, last, step = numbers
    steps = (last - first) / step if step else -1.0
    if not 0 <= steps < _MOST_VALUES or not math.isclose(steps, round(steps), abs_tol=1e-6):
        raise ModelError(
            f"{field} = {quoted(dict(ends))} in the sweep: expected a step that leads from the first to"
            f" the last value in a whole number of steps below {_MOST_VALUES}."
        )
    if all(isinstance(number, int) for number in numbers):
        return list(range(first, last + (1 if step > 0 else -1), step))
    # In decimals, as they are written: -0.15 + 6 * 0.025 shall be 0.
    start, by = (Decimal(repr(float(number))) for number in (first, step))
    return [float(start + k * by) for k in range(round(steps) + 1)]
