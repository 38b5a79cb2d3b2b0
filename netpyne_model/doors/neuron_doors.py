"""The cell in NEURON: as this package builds it, and by the hoc file that jNeuroML writes."""

import os
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..cell.sections import build_sections
from ..description import CellDescription
from ..mechanisms import compilation, loading
from ..mechanisms.conversion import GENERATED
from ..neuroml2.cell_reader import read_cell
from ..neuroml2.cells import CELLS, FULL
from .soma_step import AS_EXPORTED, SOMA, TRUNK, SomaStep


def general(step: SomaStep) -> dict[str, Any]:
    """This package's general mode: a mechanism a channel, spines folded into their segments."""
    return _described(step, Cell().describe("folded"), fused=False)


def default(step: SomaStep) -> dict[str, Any]:
    """This package's default: fused channels, silent spines solved with their segments."""
    differs = "spines solved with their segments"
    return _described(step, Cell().describe("silent"), fused=True, differs=differs)


def spread_spines(step: SomaStep) -> dict[str, Any]:
    """The committed NeuroML cell built by this package: spines spread over each section."""
    return _described(
        step, read_cell(CELLS / f"{FULL}.cell.nml"), fused=False, differs="spread spines"
    )


def hoc_of_jneuroml(step: SomaStep, folder: Path) -> dict[str, Any]:
    """The cell's hoc file in plain NEURON, with the mechanisms compiled beside it."""
    os.chdir(folder)  # NEURON loads what is compiled in the folder it starts in
    return _hoc(step, folder, AS_EXPORTED)


def hoc_with_own_gates(step: SomaStep, folder: Path) -> dict[str, Any]:
    """The same file with this package's channels, whose gates are solved exactly."""
    channels = {path.name: path for path in folder.glob("*.mod") if path.stem != "soma_step"}
    own = {name: GENERATED / name for name in channels if (GENERATED / name).is_file()}
    library = compilation.compiled_library((channels | own).values())
    loading.load_library(library)
    return _hoc(step, folder, "spread spines, frusta")


def _described(
    step: SomaStep, cell: CellDescription, *, fused: bool, differs: str = ""
) -> dict[str, Any]:
    sections = build_sections(cell, fused=fused)
    return _run(step, sections[SOMA], sections[TRUNK], differs)


def _hoc(step: SomaStep, folder: Path, differs: str) -> dict[str, Any]:
    from neuron import h

    h.load_file("stdlib.hoc")
    h.load_file(str(folder / f"{FULL}.hoc"))
    cell = getattr(h, FULL)()
    # What the hoc file leaves to who initialises: its potentials and ions.
    handlers = [
        h.FInitializeHandler(order, method)
        for order, method in enumerate((cell.set_initial_v, cell.set_initial_ion_properties))
    ]
    answer = _run(step, getattr(cell, SOMA), getattr(cell, TRUNK), differs)
    del handlers
    return answer


def _run(step: SomaStep, soma: Any, trunk: Any, differs: str) -> dict[str, Any]:
    from neuron import h

    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = step.onset_ms, step.until_ms, step.amplitude_nA
    recorded = [
        h.Vector().record(pointer) for pointer in (h._ref_t, soma(0.5)._ref_v, trunk(0.5)._ref_v)
    ]
    h.celsius, h.dt, h.secondorder = step.celsius, step.dt_ms, 0
    h.finitialize(step.start_mV)
    while h.t < step.until_ms - step.dt_ms / 2:
        h.fadvance()
    return step.passage(*recorded, version=f"NEURON {h.nrnversion(0)}", differs=differs)
