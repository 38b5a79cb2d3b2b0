"""Writes a cell as NeuroML2 for readers that know little of it."""

from pathlib import Path

from ..data_folders import CHANNEL_FOLDER
from ..description import CellDescription
from ..files import WRITABLE, writing
from ..neuroml2.cell_writer import write_document
from ..neuroml2.flat_cell import flat_document
from ..neuroml2.flat_channel import flat_channel
from ..specification import CellSpecification
from .describing import refuse_mod_files


def write_flat_neuroml(
    description: CellDescription, specification: CellSpecification, folder: Path
) -> Path:
    """Write ``cells/<name>.cell.nml`` and its channels below a folder; return the cell's path.

    Raises ModelError if a channel comes from a mod file, or a file cannot be written.
    """
    refuse_mod_files(specification)
    run = specification.biophysics.run
    notes = (
        f"CA1 pyramidal cell with its spines folded into their segments, at {run.celsius:g} degC"
        " whatever its network says. Made by netpyne_model: uniform densities on segments that are"
        " cylinders and, where anything differs along a section, sections of their own. Lengths and"
        " diameters are exact, the 3D layout is schematic. Lengths in um, potentials in mV,"
        " densities in S/cm2."
    )
    document = flat_document(description, run, notes=notes)
    path = folder / "cells" / f"{description.cell_id}.cell.nml"
    with writing(folder, WRITABLE):
        for made in (folder / "channels", path.parent):
            made.mkdir(parents=True, exist_ok=True)
        for include in document.includes:
            name = Path(include.href).name
            own = description.user_channels.get(name.removesuffix(".channel.nml"))
            source = CHANNEL_FOLDER / name if own is None else own.file
            (folder / "channels" / name).write_bytes(flat_channel(source, run.celsius))
    write_document(document, path)
    return path
