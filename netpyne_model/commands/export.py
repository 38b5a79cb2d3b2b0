"""``ca1 export``: the model in folders and files for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from ..configuration import load_configuration
from ..errors import ModelError
from . import SETTINGS
from .options import CELL_HELP, Overwrite, Settings
from .run import DC, Cell, Config, Duration, Events, EventsAre, Seed, Setup, given_fields

export = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where it goes; made new.")]
CellOption = Annotated[Path | None, typer.Option("--cell", metavar="FILE", help=CELL_HELP)]
Flat = Annotated[
    bool, typer.Option("--flat", help="For readers that know little of NeuroML; spines folded in.")
]


@export.callback(context_settings=SETTINGS)
def _export(context: typer.Context) -> None:
    """Write the model for other programs: NetPyNE, NeuroML, COMBINE."""
    if context.invoked_subcommand is None:
        known = ", ".join(one.name for one in export.registered_commands if one.name)
        raise ModelError(f"export: expected what to write ({known}), and a folder. See --help.")


@export.command("netpyne", context_settings=SETTINGS)
def netpyne(
    folder: Folder,
    cell: Cell = None,
    setup: Setup = None,
    seed: Seed = None,
    dc: DC = None,
    duration: Duration = None,
    events: Events = None,
    events_are: EventsAre = None,
    config: Config = None,
    settings: Settings = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a trial as a NetPyNE model.

    NetPyNE (1.0.3 or newer), NetPyNE-UI and Open Source Brain open its index.npjson, with NEURON 8
    or 9; init.py runs it. It has a mechanism for each channel and receptor, and driven spines as
    sections: the same spikes as ca1 run --set channels=separate --set spines=folded --set
    receptors=generated. Fields come from the defaults, then --config, then the options, then --set.
    """
    from ..exports import write_netpyne

    options = given_fields(
        cell_file=cell,
        setup=setup,
        seed=seed,
        dc_nA=dc,
        duration_ms=duration,
        events_file=events,
        events_are=events_are,
    )
    configuration = load_configuration(config, options, settings or [])
    print(f"NetPyNE: {write_netpyne(configuration, folder, overwrite=overwrite) / 'index.npjson'}")


@export.command("neuroml", context_settings=SETTINGS)
def neuroml(folder: Folder, cell: CellOption = None, flat: Flat = False) -> None:
    """Write a cell and its channels as NeuroML2, without spines."""
    from ..cell.cell import Cell
    from ..output_folder import output_folder

    exported = Cell(cell)
    # Channels of an earlier export, flat or not, have the same names; its cell would get these.
    with output_folder(folder, to_replace="a new one") as output:
        written = output.written
        file = exported.write_neuroml(written, flat=flat).relative_to(written)
    print(f"NeuroML: {output.place / file}")


@export.command("omex", context_settings=SETTINGS)
def omex(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .omex.")],
    main: Annotated[
        str, typer.Option(metavar="SIMULATION", help="What is run when the archive is.")
    ] = "CA1_full",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Write the NeuroML model and its simulations as a COMBINE archive.

    With a SED-ML document for each of the LEMS simulations, of which CA1_simple is the
    one-compartment model and CA1_full the cell with a current step. Needs libSEDML (extra omex).
    """
    from ..exports import write_combine_archive

    print(f"COMBINE archive: {write_combine_archive(file, main=main, overwrite=overwrite)}")
