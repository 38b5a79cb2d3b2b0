"""Reads back the tables (CSV) that sweeps write."""

import io
import warnings
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from ..errors import ModelError, quoted, shortened
from ..files import read_bytes

_MOST_BYTES = 1_000_000_000  # the spikes of a million trials
_MOST_COLUMNS = 1000
_TOLD = (
    pd.errors.ParserWarning,
    RuntimeWarning,
)  # of cells beyond the header, of what is no number


def read_table(
    path: Path, expected: str, *, columns: Collection[str] = (), numbers: Collection[str] = ()
) -> pd.DataFrame:
    """Read a table whose empty cells are missing values.

    Raises ModelError if the file cannot be read, one of the `columns` is missing, or one of
    `numbers`, where it is there, holds something else; `expected` says what to do then.
    """
    what = f"table {path}"
    content = read_bytes(path, what, expected, most_bytes=_MOST_BYTES)
    header = content.split(b"\n", 1)[0]
    if header.count(b",") >= _MOST_COLUMNS:
        raise ModelError(f"{what} has more than {_MOST_COLUMNS} columns; {expected}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # `numbers` are looked at below
            for kind in _TOLD:
                warnings.simplefilter("error", kind)
            table = pd.read_csv(
                io.BytesIO(content), keep_default_na=False, na_values=[""], index_col=False
            )
    except (ValueError, OverflowError, *_TOLD) as error:
        raise ModelError(f"{what} cannot be read ({shortened(str(error))}); {expected}.") from error
    for name in columns:
        if name not in table:
            raise ModelError(f"{what} has no column {quoted(name)}; {expected}.")
    for name in numbers:
        if name in table and len(table) and table[name].dtype.kind not in "iufb":
            raise ModelError(f"{what}: column {quoted(name)} holds no numbers; {expected}.")
    return table
