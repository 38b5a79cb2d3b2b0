"""The modeller's workbench: everything to make a cell, change it, try it and look at it, in one import.

>>> from netpyne_model.workbench import Cell, CurrentClamp, Protocol, plot
>>> step = Protocol(duration_ms=300, stimuli=[CurrentClamp(amplitude_nA=0.1, start_ms=100)])
>>> control, reduced = Cell(), Cell().with_rule("trunk", "nas.gbar", value=0.02)
>>> figure = plot({"control": step.run(control), "less Na on the trunk": step.run(reduced)})
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from . import figures
from .analysis import summarise_recordings
from .cell.cell import Cell
from .errors import ModelError
from .files import output_folder
from .protocols import (
    CurrentClamp,
    Holding,
    Protocol,
    ShaftInput,
    SpineInput,
    SynapticCurrent,
    VoltageClamp,
    run_protocol,
)
from .results import CellResult, read_nwb, write_results
from .specification.arguments import path_given

__all__ = [
    "Cell",
    "CellResult",
    "CurrentClamp",
    "Holding",
    "ModelError",
    "Protocol",
    "ShaftInput",
    "SpineInput",
    "SynapticCurrent",
    "VoltageClamp",
    "draw",
    "draw_parameter",
    "load",
    "plot",
    "plot_parameter",
    "run_protocol",
    "save",
]


def plot(
    runs: Mapping[str, CellResult] | Sequence[CellResult] | CellResult,
    *,
    file: str | Path | None = None,
    **options: Any,
) -> Figure:
    """Lay the recordings of one or several runs over each other: a panel each recording, a line each run.

    Parameters
    ----------
    runs : mapping of str to CellResult, or sequence, or one
        Runs by the name of the condition; without names, those the runs have.
    file : path, optional
        Where to save the figure (``.png``, ``.svg``, ``.pdf``).
    **options
        ``recordings, t_from_ms, t_to_ms, relative_to_baseline_at_ms, together``: see `figures.traces`.
    """
    named = _by_name(runs, CellResult, lambda run: run.configuration.get("run", "run"))
    return _saved(
        figures.traces({name: run.traces for name, run in named.items()}, **options), file
    )


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
    return _saved(figures.parameter_against_distance(tables, parameter), file)


def draw_parameter(
    cells: Mapping[str, Cell] | Sequence[Cell] | Cell,
    parameter: str,
    *,
    file: str | Path | None = None,
) -> Figure:
    """Draw a parameter on the morphology, several cells side by side: as `plot_parameter`."""
    if not isinstance(parameter, str):
        raise ModelError(
            f"parameter {parameter!r}: a picture of the cell shows one; give one name, such as 'nas.gbar'."
        )
    named = _cells(cells)
    tables = {name: cell.table() for name, cell in named.items()}
    layouts = {name: cell.coordinates_um for name, cell in named.items()}
    return _saved(figures.parameter_on_morphology(tables, layouts, parameter), file)


def draw(cell: Cell, *, file: str | Path | None = None) -> Figure:
    """Draw the morphology with its regions in colour: how trunk and tuft were assigned to an SWC file."""
    _checked(cell, Cell)
    return _saved(figures.morphology(cell.morphology, cell.coordinates_um, title=cell.name), file)


def save(result: CellResult, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write a result into a folder, in the form of every run: ``results.nwb``, configuration, provenance, summary.

    Raises
    ------
    ModelError
        If the folder holds results already and `overwrite` is false, or cannot be written.
    """
    _checked(result, CellResult)
    folder = path_given(folder, "folder", "output/step")
    with output_folder(folder, overwrite, to_replace="give overwrite=True") as temporary:
        write_results(result, summarise_recordings(result), temporary)
    return folder


def load(folder: str | Path) -> CellResult:
    """Read a result back from a folder, or from its ``results.nwb``."""
    path = path_given(folder, "folder", "output/step")
    return read_nwb(path / "results.nwb" if path.is_dir() else path)


def _cells(cells: Mapping[str, Cell] | Sequence[Cell] | Cell) -> Mapping[str, Cell]:
    return _by_name(cells, Cell, lambda cell: cell.name)


def _by_name(given: Any, kind: type, name_of: Callable[[Any], str]) -> Mapping[str, Any]:
    """Things by name; a second thing of the same name is numbered."""
    if isinstance(given, Mapping):
        named = {str(name): _checked(one, kind) for name, one in given.items()}
    else:
        several = (
            given if isinstance(given, Iterable) and not isinstance(given, kind | str) else [given]
        )
        named = {}
        for one in several:
            name = name_of(_checked(one, kind))
            number = sum(other == name or other.startswith(f"{name} (") for other in named)
            named[f"{name} ({number + 1})" if number else name] = one
    if not named:
        raise ModelError(
            f"nothing to draw: expected a {kind.__name__}, several of them, or a mapping of names to them."
        )
    return named


def _checked(given: Any, kind: type) -> Any:
    if not isinstance(given, kind):
        raise ModelError(
            f"found a {type(given).__name__}; expected a {kind.__name__}, or several by name."
        )
    return given


def _saved(figure: Figure, file: str | Path | None) -> Figure:
    if file is not None:
        figures.save(figure, path_given(file, "file", "step.png"))
    return figure
