#!/usr/bin/env python3
"""Write the tables of docs/morphologies.md: ``python scripts/morphologies_page.py``.

The twelve reconstructions are made by ``tests/reconstructions.py``; each is read, rests for a
second and runs a short trial.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from reconstructions import CELLS, write_all

import netpyne_model as ca1
from netpyne_model.markdown import markdown_table, with_blocks

PAGE = ROOT / "docs" / "morphologies.md"
REGIONS = ("soma", "basal", "trunk", "apical", "tuft")
REST_MS = 1000.0
TRIAL_MS = 50.0
MINUS = "\N{MINUS SIGN}"


def resting_profile(cell: ca1.Cell) -> dict[str, tuple[float, float]]:
    """Lowest and highest potential (mV) of each region after a second without input."""
    from neuron import h

    h.load_file("stdrun.hoc")
    built = cell.build(fused=True)
    conditions = cell.specification.biophysics.run
    h.celsius, h.dt, h.steps_per_ms = conditions.celsius, 0.1, 10
    h.finitialize(conditions.v_init_mV)
    h.continuerun(REST_MS)
    v_mV = pd.DataFrame(
        (cell.morphology.section(name).region, segment.v)
        for name, section in built.sections.items()
        for segment in section
    ).groupby(0)[1]
    return {region: (v_mV.min()[region], v_mV.max()[region]) for region in REGIONS}


def trial(cell: ca1.Cell) -> ca1.Result:
    """A short trial of the place cell's inputs."""
    return ca1.Trial(setup="place_cell", cell=cell, duration_ms=TRIAL_MS).run()


def step(cell: ca1.Cell) -> ca1.Result:
    """A current step at the soma."""
    stimulus = ca1.CurrentClamp(amplitude_nA=0.3, start_ms=50, stop_ms=250)
    return ca1.Protocol(duration_ms=250, stimuli=[stimulus]).run(cell)


def row(name: str, trait: str, cell: ca1.Cell) -> list[str]:
    """A row of the table."""
    table = cell.table()
    morphology = cell.morphology
    length_um = sum(section.length_um for section in morphology.sections if section.index > 4)
    trunk = morphology.in_region("trunk")
    trunk_um = max(morphology.path_distance(section.index, 1.0) for section in trunk)
    rest = resting_profile(cell)
    figures = [
        f"{len(morphology) - 5}",
        f"{length_um:,.0f}",
        f"{trunk_um:.0f}",
        f"{table['pas.e'].min():.1f}",
        f"{1e4 * table['pas.g'].max():.2f}",
        *(f"{rest[region][0]:.1f} to {rest[region][1]:.1f}" for region in REGIONS[1:]),
        f"{trial(cell).voltage_mV['soma'][-1]:.1f}",
        f"{len(step(cell).spike_times_ms)}",
    ]
    return [name, trait, *(figure.replace("-", MINUS) for figure in figures)]


def table(folder: Path, names: Sequence[str] = tuple(CELLS)) -> str:
    """The table of the published cell and of those named, whose files go into a folder."""
    header = [
        "cell",
        "trait",
        "sections",
        "dendrite (um)",
        "trunk ends (um)",
        "lowest `pas.e` (mV)",
    ]
    header += ["highest `pas.g` (1e-4 S/cm2)", *(f"{region}, rest (mV)" for region in REGIONS[1:])]
    header += [f"soma after {TRIAL_MS:g} ms of a place field (mV)", "spikes, 0.3 nA for 200 ms"]
    paths = write_all(folder)
    rows = [row("CA1", "the published cell", ca1.Cell())]
    rows += [row(name, CELLS[name][0], ca1.Cell(paths[name])) for name in names]
    return markdown_table(header, rows)


def notes(folder: Path) -> str:
    """What reading the twelve told."""
    told = [
        f"{name}: {note}"
        for name, path in write_all(folder).items()
        for note in ca1.Cell(path).morphology.notes
    ]
    return "\n".join(["```text", *told, "```"])


def updated(page: str, name: str, content: str) -> str:
    """The page with a block in the place of the one that it has."""
    return with_blocks(page, {name: content})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        page = PAGE.read_text(encoding="utf-8")
        page = updated(page, "table", table(Path(folder)))
        page = updated(page, "notes", notes(Path(folder)))
    PAGE.write_text(page, encoding="utf-8")
