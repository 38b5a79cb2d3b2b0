"""The smooth cell in Arbor: one control volume a segment."""

import time
from typing import Any

from ...biophysics.density_rules import RunConditions
from ...cell.arbor_cell import ArborCell
from ...cell.cell import Cell
from ...morphology import Location
from .condition import SmoothCell


def run(cell: SmoothCell) -> dict[str, Any]:
    """Run it; see `cases.run_peer` for what comes back."""
    import arbor

    conditions = RunConditions(
        celsius=cell.celsius, v_init_mV=cell.start_mV, spike_threshold_mV=cell.threshold_mV
    )
    built = ArborCell(cell.description, Cell().morphology, conditions)
    soma = Location(cell.sections[0].name, 0.5)
    ms, nA = arbor.units.ms, arbor.units.nA
    lasting_ms = cell.until_ms - cell.onset_ms
    clamp = arbor.i_clamp(cell.onset_ms * ms, lasting_ms * ms, current=cell.amplitude_nA * nA)
    built.decor.place(built.location(soma), clamp)
    simulation = arbor.simulation(built.recipe({"soma": soma}), arbor.context(threads=1))
    handle = simulation.sample((0, "soma"), arbor.regular_schedule(cell.dt_ms * ms))
    simulation.run(cell.onset_ms * ms, cell.dt_ms * ms)
    begin_s = time.process_time()
    simulation.run(cell.until_ms * ms, cell.dt_ms * ms)
    cpu_s = time.process_time() - begin_s
    ((samples, _),) = simulation.samples(handle)
    return {
        "cpu_s": cpu_s,
        "time_ms": samples[:, 0],
        "soma_mV": samples[:, 1],
        "n_compartments": arbor.cv_data(built.cable_cell()).num_cv,
        "version": f"Arbor {arbor.__version__}",
        "how": f"{arbor.config()['arch']}, vectorised, rates by exp() in each step, Pade step of gates",
    }
