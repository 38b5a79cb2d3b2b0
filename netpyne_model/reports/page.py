"""Writes the page of a run, or of two side by side: one HTML file with all that it needs in it.

The page holds the content as JSON, its arrays as text (`PackedArrays`), and a bundle of
``browser/`` (our modules with three.js for the cell and uPlot for the plots). Scripts read it
through ``window.ca1report``: ``await ready``, then ``voltage(section, x, t_ms)`` (mV),
``trace(name)``, ``parts(t_ms)`` (what feeds the soma, nA), ``time_ms`` (to read and to set),
``range`` of the time axis, ``picked`` segment, ``colourOf(section, x)``, ``lit``, ``plots`` and
``timings``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..analysis import title
from ..cell.cell import Cell
from ..results import Result
from ..results.segment_potentials import RESOLUTION_MV
from . import wording
from .packing import PackedArrays
from .rendering import write_rendered
from .run_content import MAP_BYTES, run_content

__all__ = ["MAP_BYTES", "RESOLUTION_MV", "write_report"]

_NAMES = ("A", "B")


def write_report(
    path: Path,
    results: Sequence[Result],
    cells: Sequence[Cell | None],
    *,
    notes: Sequence[str] = (),
    names: Sequence[str] = _NAMES,
) -> None:
    """Write the page of one result, or of two.

    Parameters
    ----------
    path : Path
        The file; it appears whole or not at all.
    results : sequence of 1 or 2 Result
    cells : sequence of Cell or None
        The cell of each, under its drugs, to be drawn; None where it is not known.
    notes : sequence of str
        What the page says beside: why something is not shown.
    names : sequence of str
        What the results are called where two are compared: their folders.
    """
    arrays = PackedArrays()
    runs = [run_content(result, cell, arrays) for result, cell in zip(results, cells, strict=True)]
    words = _words(results, names) | {
        "notes": list(notes),
        "with_cell": all(run["cell"] is not None for run in runs),
        "with_map": all(run["map"] is not None for run in runs),
    }
    write_rendered(
        path,
        "page.html",
        words,
        {"runs": runs},
        arrays.texts,
        script="report.js",
        libraries=("three", "uplot"),
    )


def _words(results: Sequence[Result], names: Sequence[str]) -> dict[str, Any]:
    """What stands on the page as text."""
    titles = [title(result) for result in results]
    measured = [wording.numbers(result) for result in results]
    by_name = [{row["name"]: row for row in rows} for rows in measured]
    rows = []
    for name in dict.fromkeys(name for one in by_name for name in one):
        row = next(one[name] for one in by_name if name in one)
        rows.append(
            row | {"values": [one[name]["value"] if name in one else None for one in by_name]}
        )
    sentences = [wording.sentences(result) for result in results]
    shared = [one for one in sentences[0] if all(one in other for other in sentences[1:])]
    return {
        "title": " — and — ".join(titles),
        "shared": shared,
        "currents_hint": any(
            wording.is_trial(one) and not one.configuration.get("record_currents")
            for one in results
        ),
        "badges": list(_NAMES[: len(results)]),
        "runs": [
            {
                "title": one_title,
                "name": str(name),
                "sentences": wording.sentences(result),
                "command": wording.command(result),
                "made_with": wording.made_with(result),
            }
            for one_title, name, result in zip(titles, names, results, strict=False)
        ],
        "numbers": rows,
        "fields": wording.configuration_rows(*results),
        "trials": all(map(wording.is_trial, results)),
    }
