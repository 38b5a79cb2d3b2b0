"""Runs a protocol on a cell: builds, holds, integrates, and returns a result like that of any run."""

import time
from collections.abc import Sequence

from ..cell.cell import Cell
from ..errors import ModelError
from ..plain_values import plain
from ..results import CurrentStep, Result, Track
from ..results.provenance import provenance
from .declaration import Declaration
from .driven import DrivenSynapses
from .electrodes import CurrentClamp, VoltageClamp
from .holding import Held, hold
from .recording import recordings_of, site_of
from .rig import Recorded, Rig
from .stimuli import Stimulus
from .synaptic_inputs import PlaceFieldInput


def run_protocol(cell: Cell, protocol: Declaration, *, name: str | None = None) -> Result:
    """Run a protocol on a cell, in NEURON alone.

    The stimulated and the recorded spines are sections, the others are folded into their segments.
    Nothing of the run stays
    in NEURON.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    name : str, optional
        What the run is called; the cell's name by default.

    Returns
    -------
    Result
        ``configuration`` holds the protocol, how the cell differs from the published one, and with
        holding
        ``holding_current_nA`` and ``held_mV``; ``provenance["cell"]`` what the cell is made from.

    Raises
    ------
    ModelError
        If a place, a variable or a spine does not exist, a potential cannot be held, or mechanisms
        cannot be compiled.
    """
    if not isinstance(cell, Cell):
        raise ModelError(f"{type(cell).__name__}: expected a Cell to run the protocol on.")
    if not isinstance(protocol, Declaration):
        raise ModelError(f"{type(protocol).__name__}: expected a Protocol to run on the cell.")
    rig = Rig(cell, protocol)
    start = time.perf_counter()
    held = None if protocol.holding is None else hold(rig, protocol.holding)
    own_mV = cell.specification.biophysics.run.v_init_mV
    v_init_mV = own_mV if protocol.v_init_mV is None else protocol.v_init_mV
    clamps = [one for one in protocol.all_stimuli if isinstance(one, VoltageClamp)]
    if clamps and protocol.v_init_mV is None:
        # Else the first sample of the clamp's current is the charging of the cell.
        v_init_mV = clamps[0].command()[1][0]
    if held is not None:
        v_init_mV = held.attained_mV
    current_nA = 0.0 if held is None else held.current_nA
    recorded = rig.run(v_init_mV, protocol.duration_ms, holding_nA=current_nA)
    return _result(rig, recorded, held, name, time.perf_counter() - start)


def _result(
    rig: Rig, recorded: Recorded, held: Held | None, name: str | None, wall_s: float
) -> Result:
    cell, protocol = rig.cell, rig.protocol
    sites = {
        key: site_of(key, cell, rig.built, source.location)
        for key, source in rig.sources.items()
        if source.variable == "v"
    }
    configuration = {
        "run": cell.name if name is None else name,
        "cell": {"name": cell.name, "changes": [str(change) for change in cell.diff()]},
        "protocol": plain(protocol),
    }
    if held is not None:
        configuration |= {"holding_current_nA": held.current_nA, "held_mV": held.attained_mV}
    return Result(
        configuration=configuration,
        time_ms=recorded.time_ms,
        voltage_mV={key: recorded.values[key] for key in sites},
        sites=sites,
        spike_times_ms=recorded.spike_times_ms,
        stimulus=_currents(rig, held),
        synapses=rig.driven.synapses,
        presynaptic_ms=rig.driven.presynaptic_ms,
        released_ms=rig.driven.released_ms,
        recordings=recordings_of(rig.sources, recorded.values, cell, rig.built),
        track=track_of(protocol.all_stimuli, rig.driven),
        provenance=provenance() | {"cell": cell.provenance},
        simulation_wall_s=wall_s,
    )


def _currents(rig: Rig, held: Held | None) -> tuple[CurrentStep, ...]:
    cell, protocol = rig.cell, rig.protocol
    steps = injected_currents(protocol.all_stimuli, cell, protocol.duration_ms)
    if held is not None and protocol.holding is not None:
        section, x = cell.locate(protocol.holding.place)
        steps.append(CurrentStep(section, x, 0.0, protocol.duration_ms, held.current_nA))
    return tuple(steps)


def injected_currents(
    stimuli: Sequence[Stimulus], cell: Cell, duration_ms: float
) -> list[CurrentStep]:
    """The current clamps among stimuli as a result holds them."""
    steps = []
    for one in stimuli:
        if isinstance(one, CurrentClamp):
            section, x = cell.locate(one.place)
            stop_ms = min(one.stop_ms, duration_ms)
            steps.append(CurrentStep(section, x, one.start_ms, stop_ms, one.amplitude_nA))
    return steps


def track_of(stimuli: Sequence[Stimulus], driven: DrivenSynapses) -> Track | None:
    """The track of the place-field input among stimuli; None without any."""
    for one in stimuli:
        if isinstance(one, PlaceFieldInput):
            return one.track(driven.theta_phase_rad)
    return None
