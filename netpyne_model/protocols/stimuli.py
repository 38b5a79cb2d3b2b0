"""Stimuli of protocols and trials: read from what a file holds, and put on a cell."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..errors import ModelError, did_you_mean, quoted
from ..results import CurrentStep, Track
from .attached import Attached
from .driven import DrivenSynapses, join
from .dynamic_clamp import DynamicClamp
from .electrodes import CLAMP_CURRENT, CurrentClamp, Electrode, VoltageClamp
from .sources import Source
from .synaptic_inputs import PlaceFieldInput, SynapticInput

Stimulus = Electrode | SynapticInput
KINDS = {kind.__name__: kind for kind in Stimulus.__args__}


def stimulus_of(declared: Any) -> Stimulus:
    """A stimulus, also from a mapping: ``{kind: CurrentClamp, amplitude_nA: 0.1, start_ms: 500}``.

    Raises
    ------
    ModelError
        If it is neither, with the nearest name.
    """
    if isinstance(declared, Stimulus):
        return declared
    kinds = ", ".join(KINDS)
    if not isinstance(declared, Mapping):
        raise ModelError(f"stimulus {quoted(declared)}: expected one of {kinds}.")
    # What a stimulus leaves to its default may stand in a file as null: JSON has no infinity.
    entries = {name: value for name, value in declared.items() if value is not None}
    kind = entries.pop("kind", None)
    if kind not in KINDS:
        near = did_you_mean(str(kind), KINDS) if kind is not None else ""
        raise ModelError(f"stimulus {quoted(dict(declared))}: expected kind, one of {kinds}.{near}")
    return KINDS[kind](**entries)


def driven_by(stimuli: Sequence[Stimulus], cell: Cell, duration_ms: float) -> DrivenSynapses:
    """The synapses that stimuli drive on a cell in a run of this duration, in one table."""
    inputs = [one for one in stimuli if isinstance(one, SynapticInput)]
    return join(cell, [one.driven(cell, duration_ms) for one in inputs])


def attach_electrodes(
    stimuli: Sequence[Stimulus], cell: Cell, built: BuiltCell
) -> list[tuple[Electrode, Attached]]:
    """Attach the electrodes among stimuli to a built cell; they go with what is returned."""
    electrodes = []
    for one in stimuli:  # a comprehension that fails would keep the built cell
        if isinstance(one, Electrode):
            electrodes.append((one, one.attach(cell, built)))
    return electrodes


def at_start(electrodes: Sequence[tuple[Electrode, Attached]]) -> Any:
    """What sends the events of electrodes at every start, as long as it lives; None for none.

    It knows the electrodes alone: NEURON would keep alive whoever is called.
    """
    from neuron import h

    if not electrodes:
        return None
    attached = [one for _, one in electrodes]

    def schedule() -> None:
        for one in attached:
            one.schedule()

    return h.FInitializeHandler(schedule)


def clamp_source(electrodes: Sequence[tuple[Electrode, Attached]], cell: Cell) -> dict[str, Source]:
    """The current of a voltage clamp as a source, by its name; empty without a clamp."""
    for one, attached in electrodes:
        if isinstance(one, VoltageClamp):
            pointer = attached.objects[0]._ref_i
            return {CLAMP_CURRENT: Source("clamp.i", "nA", cell.locate(one.place), pointer)}
    return {}


def conductance_clamps(electrodes: Sequence[tuple[Electrode, Attached]]) -> list[Any]:
    """The point processes of the dynamic clamps among electrodes."""
    return [
        process
        for one, attached in electrodes
        if isinstance(one, DynamicClamp)
        for process in attached.objects
    ]


def largest_command_mV(stimuli: Sequence[Stimulus]) -> float:
    """The potential furthest from 0 that a voltage clamp among stimuli commands; 0 without one."""
    clamps = [one for one in stimuli if isinstance(one, VoltageClamp)]
    return max((abs(value) for one in clamps for value in one.command()[1]), default=0.0)


def injected_currents(
    stimuli: Sequence[Stimulus], cell: Cell, duration_ms: float
) -> list[CurrentStep]:
    """The current clamps among stimuli as a result holds them."""
    return [
        CurrentStep(
            *cell.locate(one.place), one.start_ms, min(one.stop_ms, duration_ms), one.amplitude_nA
        )
        for one in stimuli
        if isinstance(one, CurrentClamp)
    ]


def track_of(stimuli: Sequence[Stimulus], driven: DrivenSynapses) -> Track | None:
    """The track of the place-field input among stimuli; None without any."""
    for one in stimuli:
        if isinstance(one, PlaceFieldInput):
            return one.track(driven.theta_phase_rad)
    return None
