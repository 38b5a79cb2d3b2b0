"""The tables of the doors, for the terminal and for the documentation's page."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..markdown import markdown_table, with_blocks
from .soma_step import HOC

Results = Mapping[str, Any]
_HEADER = (
    "door",
    "spikes (ms)",
    "shift (ms)",
    "rest, soma and trunk (mV)",
    "difference (mV)",
    "differs by",
)


def _cells(name: str, row: Mapping[str, Any]) -> list[str]:
    """What a row says, of a door that was passed, stopped at, or not there."""
    if text := row.get("missing") or row.get("stopped"):
        return [name, text, "", "", "", ""]
    spikes = " ".join(f"{spike:.2f}" for spike in row["spikes_ms"]) or "none"
    if row["n_unmatched"]:
        spikes += f" ({row['n_unmatched']} without their like)"
    shift = "" if row["shift_ms"] is None else _signed(row["shift_ms"])
    rest = ", ".join(f"{v_mV:.4f}" for v_mV in row["rest_mV"].values())
    difference = ", ".join(_signed(v_mV) for v_mV in row["rest_difference_mV"].values())
    return [name, spikes, shift, rest, difference, row["differs"]]


def _signed(difference: float) -> str:
    return f"{difference:+.2g}" if difference else "0"


def _rows(results: Results, *, cause: bool) -> Iterable[list[str]]:
    for name, row in results["rows"].items():
        if row["cause"] == cause:
            yield _cells(name, row)


def tables(results: Results) -> list[Any]:
    """The tables for `rich`: doors, and the steps to them."""
    from rich.table import Table

    found = []
    for title, cause in ((_conditions(results), False), ("Why they differ, cause by cause", True)):
        rows = list(_rows(results, cause=cause))
        if rows:
            table = Table(title=title, title_justify="left", box=None, pad_edge=False)
            for column in _HEADER:
                table.add_column(column)
            for row in rows:
                table.add_row(*row)
            found.append(table)
    return found


def _conditions(results: Results) -> str:
    step = results["step"]
    return (
        f"{step['amplitude_nA']:g} nA into the soma from {step['onset_ms']:g} ms on,"
        f" dt {step['dt_ms']:g} ms"
    )


def doors_table(results: Results) -> str:
    """The doors in markdown, with machine and versions."""
    versions = dict.fromkeys(row["version"] for row in results["rows"].values() if "version" in row)
    made = results["provenance"]["created_utc"][:10]
    what = f"{_conditions(results)}. {results['machine']}, {made}; {', '.join(versions)}:"
    return f"{what}\n\n{markdown_table(_HEADER, _rows(results, cause=False))}"


def causes_table(results: Results) -> str:
    """One cause after the other, in markdown, from this package to jNeuroML's export."""
    rows = results["rows"]
    first = next(iter(rows))
    steps = [_cells(first, rows[first]), *_rows(results, cause=True)]
    if HOC in rows:
        steps.append(_cells(HOC, rows[HOC]))
    return f"{_conditions(results)}:\n\n{markdown_table(_HEADER, steps)}"


TABLES = {"doors": doors_table, "causes": causes_table}
"""Writer of each table of the page, by the name in its mark."""


def filled_in(page: str, results: Results, *, suffix: str = "") -> str:
    """A page with its tables between ``<!-- measured: NAME -->`` and ``<!-- end -->`` made anew.

    `suffix` is that of the names: tables of another time step stand under names of their own.
    """
    tables = {f"measured: {name}{suffix}": table(results) for name, table in TABLES.items()}
    return with_blocks(page, tables)
