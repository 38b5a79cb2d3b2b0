"""Stimuli and recordings of a declaration put on a built cell: what protocols and trials do alike."""

from collections.abc import Mapping, Sequence

from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from .driven import DrivenSynapses, join
from .electrodes import CLAMP_CURRENT, Attached, Electrode, VoltageClamp
from .recording import Source, spine_of, split_text
from .stimuli import Stimulus
from .synaptic_inputs import SynapticInput


def driven_by(stimuli: Sequence[Stimulus], cell: Cell) -> DrivenSynapses:
    """The synapses that stimuli drive on a cell, in one table."""
    return join(cell, [one.driven(cell) for one in stimuli if isinstance(one, SynapticInput)])


def recorded_spines(record: Mapping[str, str], cell: Cell) -> set[int]:
    """Numbers of the spines that recordings name."""
    numbers = [spine_of(split_text(text)[1]) for text in record.values()]
    spines = {number for number in numbers if number is not None}
    cell.require_spines(spines)
    return spines


def attach_electrodes(
    stimuli: Sequence[Stimulus], cell: Cell, built: BuiltCell
) -> list[tuple[Electrode, Attached]]:
    """Attach the electrodes among stimuli to a built cell; they go with what is returned."""
    return [(one, one.attach(cell, built)) for one in stimuli if isinstance(one, Electrode)]


def clamp_source(electrodes: Sequence[tuple[Electrode, Attached]], cell: Cell) -> dict[str, Source]:
    """The current of a voltage clamp as a source, by its name; empty without a clamp."""
    for one, attached in electrodes:
        if isinstance(one, VoltageClamp):
            pointer = attached.objects[0]._ref_i
            return {CLAMP_CURRENT: Source("clamp.i", "nA", cell.locate(one.place), pointer)}
    return {}
