"""The flat cell with a network and a simulation, for readers of LEMS files."""

from pathlib import Path

from ..cell.cell import Cell
from ..data_folders import NEUROML2
from ..description import cut_sections
from ..neuroml2.cells import FULL
from ..neuroml2.flat_cell import flat_segments
from .soma_step import LEMS_FILE, NETWORK_FILE, SOMA, TRUNK, VOLTAGES_FILE, SomaStep, with_step

NAME = "CA1_flat"
CELL = f"cells/{NAME}.cell.nml"
SIMULATION = LEMS_FILE.replace(FULL, NAME)
VOLTAGES = VOLTAGES_FILE.replace(FULL, NAME)


def write_flat_files(folder: Path, step: SomaStep) -> dict[str, int]:
    """Write the flat cell, its channels, network and simulation; the places' segments by section.

    Network and simulation are the full cell's with another cell in them.
    """
    cell = Cell().named(NAME)
    cell.write_neuroml(folder, flat=True)
    places = flat_places(cell)
    network = (NEUROML2 / NETWORK_FILE).read_text(encoding="utf-8").replace(FULL, NAME)
    network = network.replace('segmentId="0"', f'segmentId="{places[SOMA]}"')
    simulation = with_step((NEUROML2 / LEMS_FILE).read_text(encoding="utf-8"), step)
    simulation = simulation.replace(FULL, NAME)
    for old, section in (("/0/v", SOMA), ("/50/v", TRUNK)):
        simulation = simulation.replace(f"{NAME}{old}", f"{NAME}/{places[section]}/v")
    for name, text in ((NETWORK_FILE.replace(FULL, NAME), network), (SIMULATION, simulation)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return places


def flat_places(cell: Cell) -> dict[str, int]:
    """Ids of the segments where the voltage is seen, in the middle of their sections."""
    description = cell.describe("folded")
    cut = cut_sections(description)
    ids = {one.section.name: one.id for one in flat_segments(description)}
    return {name: ids[cut.place(name, 0.5).section] for name in (SOMA, TRUNK)}
