"""Runs a protocol on a cell: builds, holds, integrates, and returns a result like that of any run."""

import time
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..errors import ModelError
from ..results import CellResult, CurrentStep, Recording, provenance
from ..results.trial_result import SYNAPSE_COLUMNS
from .apparatus import Apparatus, Recorded
from .holding import Held, hold
from .protocol import CurrentClamp, Protocol, VoltageClamp
from .recording import site_of


def run_protocol(cell: Cell, protocol: Protocol, *, name: str | None = None) -> CellResult:
    """Run a protocol on a cell, in NEURON alone.

    The stimulated and the recorded spines are sections, the others are folded into their segments. Nothing of the run stays
    in NEURON.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    name : str, optional
        What the run is called; the cell's name by default.

    Returns
    -------
    CellResult
        ``configuration`` holds the protocol, how the cell differs from the published one, and with holding
        ``holding_current_nA`` and ``held_mV``; ``provenance["cell"]`` what the cell is made from.

    Raises
    ------
    ModelError
        If a place, a variable or a spine does not exist, a potential cannot be held, or mechanisms cannot be compiled.
    """
    if not isinstance(cell, Cell):
        raise ModelError(f"{type(cell).__name__}: expected a Cell to run the protocol on.")
    if not isinstance(protocol, Protocol):
        raise ModelError(f"{type(protocol).__name__}: expected a Protocol to run on the cell.")
    apparatus = Apparatus(cell, protocol)
    start = time.perf_counter()
    held = None if protocol.holding is None else hold(apparatus)
    own_mV = cell.specification.biophysics.run.v_init_mV
    v_init_mV = own_mV if protocol.v_init_mV is None else protocol.v_init_mV
    clamps = [one for one in protocol.stimuli if isinstance(one, VoltageClamp)]
    if clamps and protocol.v_init_mV is None:
        v_init_mV = clamps[0].command()[1][
            0
        ]  # else the first sample of the clamp's current is the charging of the cell
    if held is not None:
        v_init_mV = held.attained_mV
    current_nA = 0.0 if held is None else held.current_nA
    recorded = apparatus.run(v_init_mV, protocol.duration_ms, holding_nA=current_nA)
    return _result(apparatus, recorded, held, name, time.perf_counter() - start)


def _result(
    apparatus: Apparatus, recorded: Recorded, held: Held | None, name: str | None, wall_s: float
) -> CellResult:
    cell, protocol = apparatus.cell, apparatus.protocol
    sites = {
        key: site_of(key, cell, apparatus.built, source.location)
        for key, source in apparatus.sources.items()
    }
    voltages = [key for key, source in apparatus.sources.items() if source.variable == "v"]
    recordings = {
        key: Recording(source.variable, source.unit, sites[key], recorded.values[key])
        for key, source in apparatus.sources.items()
        if key not in voltages
    }
    synapses = pd.DataFrame(apparatus.synapses, columns=[*SYNAPSE_COLUMNS, "times_ms"])
    times_ms = list(synapses.pop("times_ms"))
    configuration = {
        "run": cell.name if name is None else name,
        "cell": {"name": cell.name, "changes": [str(change) for change in cell.diff()]},
        "protocol": plain(protocol),
    }
    if held is not None:
        configuration |= {"holding_current_nA": held.current_nA, "held_mV": held.attained_mV}
    return CellResult(
        configuration=configuration,
        time_ms=recorded.time_ms,
        voltage_mV={key: recorded.values[key] for key in voltages},
        sites={key: sites[key] for key in voltages},
        spike_times_ms=recorded.spike_times_ms,
        stimulus=_currents(apparatus, held),
        synapses=synapses,
        presynaptic_ms=times_ms,
        released_ms=times_ms,
        recordings=recordings,
        provenance=provenance() | {"cell": cell.provenance},
        simulation_wall_s=wall_s,
    )


def _currents(apparatus: Apparatus, held: Held | None) -> tuple[CurrentStep, ...]:
    cell, protocol = apparatus.cell, apparatus.protocol
    steps = []
    for stimulus in protocol.stimuli:
        if isinstance(stimulus, CurrentClamp):
            section, x = cell.locate(stimulus.place)
            stop_ms = min(stimulus.stop_ms, protocol.duration_ms)
            steps.append(CurrentStep(section, x, stimulus.start_ms, stop_ms, stimulus.amplitude_nA))
    if held is not None:
        section, x = cell.locate(protocol.holding.place)
        steps.append(CurrentStep(section, x, 0.0, protocol.duration_ms, held.current_nA))
    return tuple(steps)


def plain(value: Any) -> Any:
    """A protocol, or a part of one, as JSON can hold it; each stimulus says what it is."""
    if is_dataclass(value):
        content = {key: plain(getattr(value, key)) for key in asdict(value)}
        return content if isinstance(value, Protocol) else {"kind": type(value).__name__, **content}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
