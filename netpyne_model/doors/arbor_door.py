"""The cell in Arbor: `Cell.to_arbor`, spines folded into their segments."""

from typing import Any

from ..cell.cell import Cell
from .soma_step import SOMA, TRUNK, SomaStep


def run(step: SomaStep) -> dict[str, Any]:
    """Run it for as long as the others, a control volume a segment."""
    import arbor

    units, places = arbor.units, {"soma": (SOMA, 0.5), "trunk": (TRUNK, 0.5)}
    cell = Cell().to_arbor(injected=[places["soma"]])
    clamp = arbor.i_clamp(
        step.onset_ms * units.ms, step.until_ms * units.ms, current=step.amplitude_nA * units.nA
    )
    cell.decor.place(cell.location(places["soma"]), clamp)
    simulation = arbor.simulation(cell.recipe(places), arbor.context(threads=1))
    regular = arbor.regular_schedule(step.dt_ms * units.ms)
    handles = [simulation.sample((0, tag), regular) for tag in places]
    simulation.run(step.until_ms * units.ms, step.dt_ms * units.ms)
    (soma, _), (trunk, _) = (simulation.samples(handle)[0] for handle in handles)
    return step.passage(
        soma[:, 0],
        soma[:, 1],
        trunk[:, 1],
        version=f"Arbor {arbor.__version__}",
        differs="its own steps of gates and cable",
    )
