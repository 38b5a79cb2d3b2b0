"""Input trains from and to a CSV file: one row an event.

A synapse without events has one row with no time. The form is that of the published model's
recorded trial: columns `COLUMNS`, in any order; a name that ends in ``.gz`` is compressed. Times
are simulation time in ms.
"""

import csv
import gzip
import io
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import ModelError, did_you_mean, quoted, shortened, shown_path
from ..files import WRITABLE, read_bytes, write_beside, writing
from ..morphology import Morphology
from .ragged import split
from .setups import group_names

COLUMNS = {
    "synapse": "int64",
    "group": "str",
    "section": "int64",
    "x": "float64",
    "kind": "str",
    "ampa_weight": "float64",
    "gmax_uS": "float64",
    "time_ms": "float64",
}
"""Columns of the file and their types."""

ATTRIBUTES = tuple(name for name in COLUMNS if name not in ("synapse", "time_ms"))
_EXPECTED = f"expected a CSV file with {', '.join(COLUMNS)}"
_TIMES_ALONE = "spike times without synapses go into SpineInput(times_ms=[...])"
_NUMBERS = {"int64": "an integer", "float64": "a number"}
_GIVE = "give the path of a .csv or .csv.gz file"
MOST_EVENTS_BYTES = 100_000_000
"""Of an events file, decompressed: some two million events."""


@dataclass(frozen=True)
class EventsTable:
    """The synapses and events of a file.

    Attributes
    ----------
    synapses : DataFrame
        One row a synapse, by ascending number: ``synapse, group, section, x, kind, ampa_weight,
        gmax_uS, region, path_distance`` (um) and ``peak`` (NaN: a file does not tell).
    times_ms : list of float64 arrays
        Sorted event times in simulation time, one array per row of `synapses`.
    """

    synapses: pd.DataFrame
    times_ms: list[np.ndarray]


def read_events(path: str | Path, morphology: Morphology) -> EventsTable:
    """Read the events of a trial on a cell from a ``.csv`` or ``.csv.gz``.

    Raises
    ------
    ModelError
        If the file cannot be read or a row does not hold; names the line and what was expected.
    """
    path = Path(path)
    table = _read_table(path, _text(path))
    if not len(table):
        raise ModelError(f"{path}: no synapses; expected at least one row below the header.")
    _check_values(path, table, morphology)
    numbers, first, of_synapse = np.unique(
        table["synapse"].to_numpy(), return_index=True, return_inverse=True
    )
    _check_agreement(path, table, first, of_synapse)
    order = np.lexsort((table["time_ms"].to_numpy(), of_synapse))
    times, of_synapse = table["time_ms"].to_numpy()[order], of_synapse[order]
    events = ~np.isnan(times)
    counts = np.bincount(of_synapse[events], minlength=len(numbers))
    return EventsTable(_synapses(table.iloc[first], morphology), split(times[events], counts))


def write_events(path: str | Path, synapses: pd.DataFrame, times_ms: Sequence[np.ndarray]) -> None:
    """Write the events of a trial; `read_events` gives back the same numbers.

    The file appears whole or not at all; ``region``, ``path_distance`` and ``peak`` are not
    written. `times_ms` are in simulation time, an array a row of `synapses`.
    """
    path = Path(path)
    trains = [np.asarray(train, dtype=float) if len(train) else [np.nan] for train in times_ms]
    rows = np.repeat(np.arange(len(synapses)), [len(train) for train in trains])
    table = synapses.iloc[rows].drop(columns="time_ms", errors="ignore")
    table = table.assign(time_ms=np.concatenate(trains) if trains else np.empty(0))[list(COLUMNS)]
    gzipped = {"method": "gzip", "compresslevel": 6, "mtime": 0}
    compression = gzipped if path.suffix == ".gz" else None
    with writing(f"events file {path}", WRITABLE), write_beside(path) as partial:
        table.to_csv(partial, index=False, lineterminator="\n", compression=compression)


def _text(path: Path) -> str:
    """What the file holds, decompressed."""
    what = f"events file {shown_path(path)}"
    content = read_bytes(path, what, _GIVE, most_bytes=MOST_EVENTS_BYTES)
    try:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
                content = file.read(MOST_EVENTS_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ModelError(f"{what} cannot be read ({error}); {_GIVE}.") from error
    if len(content) > MOST_EVENTS_BYTES:
        raise ModelError(
            f"{what} holds more than {MOST_EVENTS_BYTES / 1e6:g} MB; give fewer events."
        )
    return text


def _read_table(path: Path, text: str) -> pd.DataFrame:
    """Read by pandas; only when that fails, look for the line that made it fail."""
    try:
        _check_header(path, next(_lines(text), (1, []))[1])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return pd.read_csv(
                io.StringIO(text),
                dtype=COLUMNS,
                keep_default_na=False,
                na_values={"time_ms": [""]},
                index_col=False,
            )
    except ModelError:
        raise
    except (ValueError, OverflowError, csv.Error, Warning) as error:
        _find_fault(path, text)
        problem = shortened(str(error))
        raise ModelError(f"{path}: {problem}; {_EXPECTED}.") from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    for fields in reader:
        yield reader.line_num, fields


def _check_header(path: Path, header: list[str]) -> None:
    if not header:
        raise ModelError(f"{path}: the file is empty; {_EXPECTED}.")
    if not COLUMNS.keys() & set(header):
        line = quoted(",".join(header))
        is_none = "is no line of columns parted by commas"
        if len(header) > 1 and not any(_is_number(field, "float64") for field in header):
            is_none = "has none of the columns"
        raise _fault(path, 1, f"{line} {is_none} ({_TIMES_ALONE}); {_EXPECTED}.")
    for name in header:
        if name not in COLUMNS:
            raise _fault(path, 1, f"unknown column {quoted(name)}.{did_you_mean(name, COLUMNS)}")
        if header.count(name) > 1:
            raise _fault(path, 1, f"column {quoted(name)} stands there twice; expected it once.")
    for name in COLUMNS:
        if name not in header:
            raise _fault(path, 1, f"column {quoted(name)} is missing; {_EXPECTED}.")


def _fault(path: Path, line: int, problem: str) -> ModelError:
    return ModelError(f"{path}, line {line}: {problem}")


def _find_fault(path: Path, text: str) -> None:
    """Raise for the first line whose fields cannot be numbers where numbers are expected."""
    try:
        lines = _lines(text)
        header = next(lines)[1]
        for number, fields in lines:
            if not fields:  # a blank line, which pandas leaves out
                continue
            if len(fields) != len(header):
                raise _fault(path, number, f"{len(fields)} fields; expected {len(header)}.")
            for name, cell in zip(header, fields, strict=True):
                expected = _NUMBERS.get(COLUMNS[name])
                missing_time = name == "time_ms" and not cell
                if expected and not missing_time and not _is_number(cell, COLUMNS[name]):
                    raise _fault(path, number, f"{name} is {quoted(cell)}; expected {expected}.")
    except csv.Error as error:
        raise ModelError(f"{path}: {error}; {_EXPECTED}.") from error


def _is_number(text: str, dtype: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    if "_" in text or not np.isfinite(value):
        return False
    return dtype != "int64" or (value.is_integer() and abs(value) < 2**63)


def _check_values(path: Path, table: pd.DataFrame, morphology: Morphology) -> None:
    column = {name: table[name].to_numpy() for name in COLUMNS}
    names = {kind: group_names(kind) for kind in ("exc", "inh")}
    of_kind = {kind: column["kind"] == kind for kind in names}
    fits_kind = sum(
        of_kind[kind] & table["group"].isin(names[kind]).to_numpy() for kind in names
    ).astype(bool)
    finite = {
        name: np.isfinite(column[name]) & (column[name] >= 0)
        for name in ("ampa_weight", "gmax_uS", "time_ms")
    }
    checks = (
        ("synapse", column["synapse"] >= 0, "expected a number of 0 or above"),
        ("kind", of_kind["exc"] | of_kind["inh"], "expected exc or inh"),
        (
            "section",
            (column["section"] >= 0) & (column["section"] < len(morphology)),
            f"expected a section of the morphology, 0 to {len(morphology) - 1}",
        ),
        ("x", (column["x"] >= 0) & (column["x"] <= 1), "expected a relative position from 0 to 1"),
        ("ampa_weight", finite["ampa_weight"], "expected a finite number of 0 or above"),
        ("gmax_uS", finite["gmax_uS"], "expected a finite number of uS, 0 or above"),
        (
            "time_ms",
            finite["time_ms"] | np.isnan(column["time_ms"]),
            "expected a finite time in ms, 0 or above",
        ),
    )
    for name, holds, expected in checks:
        if not holds.all():
            row = int(np.argmin(holds))
            raise _fault(
                path, row + 2, f"{name} is '{shortened(str(column[name][row]))}'; {expected}."
            )
    if not fits_kind.all():
        row = int(np.argmin(fits_kind))
        group, kind = column["group"][row], column["kind"][row]
        hint = did_you_mean(group, names[kind])
        raise _fault(path, row + 2, f"group {quoted(group)} is not a group of kind {kind}.{hint}")


def _check_agreement(
    path: Path, table: pd.DataFrame, first: np.ndarray, of_synapse: np.ndarray
) -> None:
    """Check that all rows of a synapse agree, and that a row without time stands alone."""
    for name in ATTRIBUTES:
        values = table[name].to_numpy()
        differs = values != values[first][of_synapse]
        if differs.any():
            row = int(np.argmax(differs))
            other = int(first[of_synapse[row]])
            here, there = (shortened(str(values[one])) for one in (row, other))
            problem = f"{name} of synapse {table['synapse'].iloc[row]} is {quoted(here)}, but"
            problem += f" {quoted(there)} on line {other + 2}; expected the same on all its rows."
            raise _fault(path, row + 2, problem)
    alone = np.bincount(of_synapse)[of_synapse] == 1
    stray = np.isnan(table["time_ms"].to_numpy()) & ~alone
    if stray.any():
        row = int(np.argmax(stray))
        problem = f"no time_ms, but synapse {table['synapse'].iloc[row]} has other rows;"
        raise _fault(path, row + 2, f"{problem} expected a time on each of them.")


def _synapses(rows: pd.DataFrame, morphology: Morphology) -> pd.DataFrame:
    synapses = rows.drop(columns="time_ms").reset_index(drop=True)
    places = list(zip(synapses["section"].tolist(), synapses["x"].tolist(), strict=True))
    return synapses.assign(
        region=[morphology.sections[section].region for section, _ in places],
        path_distance=[morphology.path_distance(section, x) for section, x in places],
        peak=np.nan,
    )[["synapse", *ATTRIBUTES, "region", "path_distance", "peak"]]
