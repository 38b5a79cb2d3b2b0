"""``ca1 cell``: a cell's content and differences, its parameters as table and pictures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ModelError
from .completion import from_names, parameters
from .options import CellFile


def _path(flag: str, help: str, metavar: str = "FILE") -> Any:
    return typer.Option(flag, metavar=metavar, help=help)


Plotted = Annotated[
    list[str] | None,
    typer.Option(
        "--plot",
        metavar="PARAMETER",
        help="Draw a parameter against path distance; repeatable.",
        autocompletion=from_names(parameters),
    ),
]
Drawn = Annotated[
    str | None,
    typer.Option(
        "--draw",
        metavar="PARAMETER",
        help="Draw a parameter (or 'regions') on the morphology.",
        autocompletion=from_names(lambda: ["regions", *parameters()]),
    ),
]
Against = Annotated[
    Path | None, _path("--against", "Another cell to compare with, in place of the published one.")
]
FigureFile = Annotated[
    Path | None, _path("--figure", "Where the figure goes (.png, .svg, .pdf).  [default: cell.png]")
]
TableFile = Annotated[
    Path | None, _path("--table", "Write every parameter of every segment (.csv).")
]
Saved = Annotated[Path | None, _path("--save", "Write the complete specification (.yaml).")]
NeuroML = Annotated[
    Path | None, _path("--neuroml", "Write the cell and its channels as NeuroML2.", "FOLDER")
]


def cell(
    file: CellFile = None,
    against: Against = None,
    plot: Plotted = None,
    draw: Drawn = None,
    figure: FigureFile = None,
    table: TableFile = None,
    save: Saved = None,
    neuroml: NeuroML = None,
) -> None:
    """Show a cell: sections, spines, channels, and how it differs."""
    from .. import figures
    from ..cell.cell import Cell

    if plot and draw:
        raise ModelError("--plot and --draw both make the figure; give one of them.")
    if figure is not None and not (plot or draw):
        raise ModelError(f"--figure {figure}: nothing to draw; say what with --plot or --draw.")
    if draw == "regions" and against is not None:
        raise ModelError("--draw regions shows one cell; leave out --against.")
    figure = Path("cell.png") if figure is None else figure
    this, other = Cell(file), Cell(against)
    values = this.table()  # a cell that does not hold is refused before anything is shown of it
    if against is not None:
        other.table()
    _print_content(this)
    for note in (*this.morphology.notes, *this.channel_notes, *this.held_rules):
        print(note)
    _print_changes(this, other)
    if plot or draw:
        cells = {this.name: this} if against is None else _named(this, other)
        figures.save(_drawn(cells, plot, draw), _in_a_folder(figure))
        print(f"Figure: {figure}")
    if table is not None:
        _write_table(values, table)
    if save is not None:
        this.save(_in_a_folder(save))
        print(f"Specification: {save}")
    if neuroml is not None:
        print(f"NeuroML: {this.write_neuroml(neuroml)}")


def _print_content(cell: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=cell.name, title_justify="left", box=None, pad_edge=False)
    for column in ("region", "sections", "length (um)", "spines", "inhibitory"):
        table.add_column(column, justify="left" if column == "region" else "right")
    spines = cell.placement.spines["region"].value_counts()
    inhibitory = cell.placement.inhibitory["region"].value_counts()
    for region in dict.fromkeys(section.region for section in cell.morphology.sections):
        sections = cell.morphology.in_region(region)
        length_um = sum(section.length_um for section in sections)
        table.add_row(
            region,
            f"{len(sections)}",
            f"{length_um:,.1f}",
            f"{spines.get(region, 0):,}",
            f"{inhibitory.get(region, 0):,}",
        )
    Console().print(table)
    density = cell.specification.placement.spine_density_per_um
    if spines.sum() and not spines.get("basal", 0) and density.basal.first_order == 0:
        print("no basal spines: by the rule first_order: 0, those of the first order have none")
    print(f"channels: {', '.join(cell.specification.biophysics.channels)}")


def _print_changes(cell: Any, other: Any) -> None:
    changes = cell.diff(other)
    print(f"{len(changes) or 'no'} difference{'' if len(changes) == 1 else 's'} from {other.name}")
    for change in changes:
        print(f"  {change}")


def _named(cell: Any, other: Any) -> dict[str, Any]:
    """Two cells by name, which is to tell them apart."""
    name = other.name if other.name != cell.name else f"{other.name} (compared with)"
    return {cell.name: cell, name: other}


def _drawn(cells: dict[str, Any], plot: list[str] | None, draw: str | None) -> Any:
    from ..figures import plots

    if draw is None:
        return plots.plot_parameter(cells, plot or [])
    if draw == "regions":
        return plots.draw(next(iter(cells.values())))
    return plots.draw_parameter(cells, draw)


def _in_a_folder(path: Path) -> Path:
    """The path of a file, whose folder is made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"{path}: its folder cannot be made ({error.strerror}); choose another."
        ) from None
    return path


def _write_table(table: Any, path: Path) -> None:
    from ..files import write_beside

    units = {name: unit for name, unit in table.attrs["units"].items() if unit}
    named = table.rename(columns={name: f"{name} ({unit})" for name, unit in units.items()})
    with write_beside(_in_a_folder(path)) as temporary:
        named.to_csv(temporary, index=False, lineterminator="\n")
    print(f"Table: {path}")
