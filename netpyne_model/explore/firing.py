"""The f-I curve of a cell: steps of current that begin from one and the same settled state."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..analysis.intrinsic import Firing, firing
from ..cell.cell import Cell
from ..cell.sections import errors_keep_nothing
from ..cell.worked_out import worked_out
from ..experiments.intrinsic_features import SETTLED_MS, STEP_MS, V_INIT_MV, firing_condition
from ..protocols.recording import output_spikes
from ..protocols.rig import Rig
from ..simulation.simulator_state import SimulatorState
from .settings import STEPS

BEFORE_THE_STEP_MS = 1.0


class Look(NamedTuple):
    """How closely steps are looked at: for how long, in what steps of second order before and during."""

    lasts_ms: float = STEP_MS
    settling_dt_ms: float = STEPS["dt_ms"]
    dt_ms: float = STEPS["dt_ms"]


EXPERIMENT = Look()
"""As long as the experiment's."""
FIRST_LOOK = Look(lasts_ms=200.0, settling_dt_ms=0.25, dt_ms=0.1)
"""The beginning of a step, a fifth of the work: a rate to 5 Hz, by steps that err as the experiment's."""


def firing_during_steps(
    cell: Cell, currents_nA: Sequence[float], dc_nA: float, look: Look = EXPERIMENT
) -> Iterator[tuple[float, Firing]]:
    """Current of each step (nA) and the spikes during it, one after the other.

    Steps are those of `firing_condition`, into the soma on top of a DC, at second order; so are the
    spikes, to the last bit, of all that a look has of them. The time to settle, half of each
    run, is simulated once: NEURON's state is kept until the step begins.
    """
    settings = {**STEPS, "dt_ms": look.dt_ms}
    protocol = firing_condition(cell, max(currents_nA), dc_nA, **settings).protocol
    start_ms, stop_ms = SETTLED_MS, SETTLED_MS + look.lasts_ms
    assert protocol.dt_ms is not None
    with errors_keep_nothing():
        rig = Rig(worked_out(cell), protocol)
        clamp = rig.electrodes[0][1].objects[0]
        _detector, spikes = rig.spikes()
        state = SimulatorState({"spikes": spikes})
        with rig.begun(V_INIT_MV):
            with rig.stepping(look.settling_dt_ms):
                rig.go_on(start_ms - BEFORE_THE_STEP_MS)
            settled = state.save()
            for current_nA in currents_nA:
                state.restore(settled)
                clamp.amp = current_nA
                rig.go_on(stop_ms + 2 * protocol.dt_ms)
                times_ms = output_spikes(spikes.to_python(), stop_ms)
                yield current_nA, firing(times_ms, start_ms, stop_ms)
