"""Figures of runs and cells from the things themselves: one, several, or several by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..analysis import configuration_differences, title
from ..cell.cell import Cell
from ..errors import ModelError, quoted
from ..results import Result
from ..specification.arguments import as_path
from .cell import morphology
from .comparison import comparison
from .parameters import parameter_against_distance, parameter_on_morphology
from .style import save
from .traces import traces


def plot(
    runs: Mapping[str, Result] | Sequence[Result] | Result,
    *,
    file: str | Path | None = None,
    **options: Any,
) -> Figure:
    """Lay the recordings of runs over each other: a panel each recording, a line each run.

    Parameters
    ----------
    runs : mapping of str to Result, or sequence, or one
        Runs by the name of the condition; without names, those the runs have.
    file : path, optional
        Where to save the figure (``.png``, ``.svg``, ``.pdf``).
    **options
        ``recordings, t_from_ms, t_to_ms, relative_to_baseline_at_ms, together``: see
        `figures.traces`.
    """
    named = _by_name(runs, Result, _name_of)
    return _saved(traces({name: run.traces for name, run in named.items()}, **options), file)


def compare(
    runs: Mapping[str, Result] | Sequence[Result], *, file: str | Path | None = None
) -> Figure:
    """Lay runs over each other: spikes in rows, rates, ramps; of protocols a panel each recording.

    `analysis.configuration_differences` and `analysis.measure_differences` are the tables to it.

    Parameters
    ----------
    runs : mapping of str to Result, or sequence
        Two or more, by the name of the condition; without names, by what was done.
    file : path, optional
        Where to save the figure (``.png``, ``.svg``, ``.pdf``).
    """
    named = _by_name(runs, Result, _name_of)
    differs = ", ".join(configuration_differences(named).index)
    return _saved(comparison(named, differs), file)


def plot_parameter(
    cells: Mapping[str, Cell] | Sequence[Cell] | Cell,
    parameter: str | Sequence[str],
    *,
    file: str | Path | None = None,
) -> Figure:
    """Draw one or several parameters against path distance, several cells side by side.

    Parameters
    ----------
    cells : mapping of str to Cell, or sequence, or one
    parameter : str or sequence of str
        ``nas.gbar``, ``pas.e``, ``cable.cm``, ...: the columns of `Cell.table`.
    file : path, optional
        Where to save the figure.
    """
    tables = {name: cell.table() for name, cell in _cells(cells).items()}
    return _saved(parameter_against_distance(tables, parameter), file)


def draw_parameter(
    cells: Mapping[str, Cell] | Sequence[Cell] | Cell,
    parameter: str,
    *,
    file: str | Path | None = None,
) -> Figure:
    """Draw a parameter on the morphology, several cells side by side: as `plot_parameter`."""
    if not isinstance(parameter, str):
        raise ModelError(
            f"parameter {quoted(parameter)}: a picture of the cell shows one; give one name, such as"
            " 'nas.gbar'."
        )
    named = _cells(cells)
    tables = {name: cell.table() for name, cell in named.items()}
    layouts = {name: cell.paths_um for name, cell in named.items()}
    return _saved(parameter_on_morphology(tables, layouts, parameter), file)


def draw(cell: Cell, *, file: str | Path | None = None) -> Figure:
    """Draw the morphology with its regions in colour: what was made of an SWC file."""
    _checked(cell, Cell)
    return _saved(morphology(cell.morphology, cell.paths_um, title=cell.name), file)


def _name_of(run: Result) -> str:
    return str(run.configuration.get("run") or title(run))


def _cells(cells: Mapping[str, Cell] | Sequence[Cell] | Cell) -> Mapping[str, Cell]:
    return _by_name(cells, Cell, lambda cell: cell.name)


def _by_name(things: Any, kind: type, name_of: Callable[[Any], str]) -> Mapping[str, Any]:
    """Things by name; a second thing of the same name is numbered."""
    if isinstance(things, Mapping):
        named = {str(name): _checked(thing, kind) for name, thing in things.items()}
    else:
        one = isinstance(things, kind | str) or not isinstance(things, Iterable)
        named = {}
        for thing in [things] if one else things:
            name = name_of(_checked(thing, kind))
            number = sum(other == name or other.startswith(f"{name} (") for other in named)
            named[f"{name} ({number + 1})" if number else name] = thing
    if not named:
        raise ModelError(
            f"nothing to draw: expected a {kind.__name__}, several of them, or a mapping of names"
            " to them."
        )
    return named


def _checked(thing: Any, kind: type) -> Any:
    if not isinstance(thing, kind):
        raise ModelError(
            f"found a {type(thing).__name__}; expected a {kind.__name__}, or several by name."
        )
    return thing


def _saved(figure: Figure, file: str | Path | None) -> Figure:
    if file is not None:
        save(figure, as_path(file, "file", "step.png"))
    return figure
