"""Makes pages of results: finds the cell of each, says what cannot be shown and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..configuration import load_configuration
from ..errors import ModelError
from ..results import Result
from .page import write_report
from .wording import is_trial

FILE = "report.html"
"""Name of the page in a results folder."""

COMPARISON_FILE = "comparison.html"
SPINE_HEAD = "head_"  # how sections of spines begin, which are not drawn


def write_run_report(result: Result, path: Path) -> None:
    """Write the page of a result: see `write_page`."""
    write_page([result], path)


def write_page(
    results: Sequence[Result],
    path: str | Path,
    *,
    names: Sequence[str] = ("A", "B"),
    cell_files: Sequence[Path] = (),
) -> None:
    """Write the page of one result, or of two side by side, into one file.

    Parameters
    ----------
    results : sequence of 1 or 2 Result
    path : path
        The file; it appears whole or not at all.
    names : sequence of str
        What the results are called where two are compared.
    cell_files : sequence of path
        The cells, in the order of the results, of those that do not say what they were made of.

    Raises
    ------
    ModelError
        If there are more than two results, or a cell given does not hold or fit.
    """
    if len(results) not in (1, 2):
        raise ModelError(f"results: found {len(results)}; expected one, or two to compare.")
    cells: list[Cell | None] = []
    notes = []
    for number, result in enumerate(results):
        given = cell_files[number] if number < len(cell_files) else None
        try:
            cell = Cell(given) if given is not None else cell_of(result)
            _check_fits(cell, result)
        except ModelError as error:
            if given is not None:
                raise
            cell = None
            notes.append(f"The cell is not drawn: {error}")
        cells.append(cell)
    write_report(Path(path), results, cells, notes=notes, names=names)


def cell_of(result: Result) -> Cell:
    """The cell that a result was made with, under its drugs.

    Raises
    ------
    ModelError
        If the result does not say, or names a file that is gone or was changed since.
    """
    configuration = result.configuration
    if is_trial(result):
        return _cell_of_trial(configuration)
    if configuration.get("cell", {}).get("changes"):
        raise ModelError(
            "the result of a protocol does not hold the cell, which was not the published one; give"
            " it as --cell FILE."
        )
    return Cell()


def _cell_of_trial(configuration: dict[str, Any]) -> Cell:
    try:
        trial = load_configuration(None, configuration)
        return trial.make_cell().with_drugs(*trial.drugs)
    except ModelError as error:
        # What else a file of the cell could be given by, as a line of it, no result has.
        reason = str(error).partition("; ")[0]
        raise ModelError(f"{reason}; give the cell of the run as --cell FILE.") from error


def _check_fits(cell: Cell, result: Result) -> None:
    """Refuse a cell that lacks sections of the result."""
    known = {section.name for section in cell.morphology.sections}
    named = {site.section for site in result.sites.values()}
    named = {name for name in named if not name.startswith(SPINE_HEAD)}
    if result.segments is not None:
        named |= set(result.segments.sections)
    if missing := sorted(named - known):
        raise ModelError(
            f"cell {cell.name} has no section {missing[0]}, which the result has; give the cell of"
            " the run as --cell FILE."
        )
