"""A protocol: what is done to a cell and recorded from it, declared once and run on any cell."""

import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ..cell.cell import Cell
from ..cell.sections import errors_keep_nothing
from ..errors import ModelError, quoted
from ..plain_values import plain
from ..results import CurrentStep, Result
from ..results.provenance import provenance
from .checks import with_known_fields
from .declaration import Declaration
from .electrodes import VoltageClamp
from .holding import Held, hold
from .recording import recordings_of, site_of
from .rig import Recorded, Rig
from .stimuli import injected_currents, track_of
from .synaptic_inputs import PlaceFieldInput

# What belongs to a trial's input, asked of a protocol.
_OF_INPUT = {
    one.name: f"It is a field of the input: stimuli=PlaceFieldInput({one.name}=...)"
    for one in fields(PlaceFieldInput)
}


@with_known_fields(**_OF_INPUT)
@dataclass(frozen=True, kw_only=True)
class Protocol(Declaration):
    __doc__ = Declaration.__doc__

    def run(self, cell: Cell, *, name: str | None = None) -> Result:
        """Run it on a cell, in NEURON alone; nothing of the run stays in NEURON.

        The stimulated and the recorded spines are sections. The others are solved with their
        segments at fixed time steps, and folded into these at variable ones.

        Parameters
        ----------
        cell : Cell
        name : str, optional
            What the run is called; the cell's name by default.

        Returns
        -------
        Result
            ``configuration`` holds the protocol, how the cell differs from the published one, and
            with holding ``holding_current_nA`` and ``held_mV``; ``provenance["cell"]`` what the
            cell is made from.

        Raises
        ------
        ModelError
            If a place, a variable or a spine does not exist, a potential cannot be held, or
            mechanisms cannot be compiled.
        """
        if not isinstance(cell, Cell):
            step = f"; Cell({str(cell)!r}) makes one" if isinstance(cell, str | Path) else ""
            raise ModelError(f"{quoted(cell)}: expected a Cell to run the protocol on{step}.")
        with errors_keep_nothing():
            return self._run(cell, name)

    def sampled(self, cell: Cell, times_ms: np.ndarray) -> Recorded:
        """Run it and keep its recordings at these times (ms, rising), and nothing else.

        What happens is the same, until the last of them. Of an adapted step a sample costs as much
        as a step: where only a part is looked at, this takes half the time of `run`. Raises what
        `run` raises.
        """
        times_ms = np.asarray(times_ms, float)
        inside = (times_ms >= 0) & (times_ms <= self.duration_ms)
        if not len(times_ms) or not inside.all() or (np.diff(times_ms) <= 0).any():
            raise ModelError(
                f"times_ms: expected rising times from 0 to {self.duration_ms:g} ms, the end."
            )
        with errors_keep_nothing():
            return self._recorded(Rig(cell, self), times_ms)[0]

    def _run(self, cell: Cell, name: str | None) -> Result:
        rig = Rig(cell, self)
        start = time.perf_counter()
        recorded, held = self._recorded(rig)
        return _result(rig, recorded, held, name, time.perf_counter() - start)

    def _recorded(
        self, rig: Rig, times_ms: np.ndarray | None = None
    ) -> tuple[Recorded, Held | None]:
        """Hold the cell and run: recordings, and how it was held."""
        held = None if self.holding is None else hold(rig, self.holding)
        recorded = rig.run(
            self._start_mV(rig.cell) if held is None else held.attained_mV,
            self.duration_ms if times_ms is None else float(times_ms[-1]),
            holding_nA=0.0 if held is None else held.current_nA,
            sampled_ms=times_ms,
            with_membrane=True,
        )
        return recorded, held

    def _start_mV(self, cell: Cell) -> float:
        """Potential at the start of a run without holding."""
        if self.v_init_mV is not None:
            return self.v_init_mV
        for one in self.all_stimuli:
            # Else the first sample of the clamp's current is the charging of the cell.
            if isinstance(one, VoltageClamp):
                return one.command()[1][0]
        return cell.specification.biophysics.run.v_init_mV


def _result(
    rig: Rig, recorded: Recorded, held: Held | None, name: str | None, wall_s: float
) -> Result:
    cell, protocol = rig.cell, rig.protocol
    sites = {
        key: site_of(key, cell, rig.built.description, source.location)
        for key, source in rig.sources.items()
        if source.variable == "v"
    }
    configuration = {
        "run": cell.name if name is None else name,
        "cell": {"name": cell.name, "changes": [str(change) for change in cell.diff()]},
        "protocol": plain(protocol),
    }
    stimulus = injected_currents(protocol.all_stimuli, cell, protocol.duration_ms)
    if held is not None and protocol.holding is not None:
        configuration |= {"holding_current_nA": held.current_nA, "held_mV": held.attained_mV}
        place = cell.locate(protocol.holding.place)
        stimulus.append(CurrentStep(*place, 0.0, protocol.duration_ms, held.current_nA))
    return Result(
        configuration=configuration,
        time_ms=recorded.time_ms,
        voltage_mV={key: recorded.values[key] for key in sites},
        sites=sites,
        spike_times_ms=recorded.spike_times_ms,
        stimulus=tuple(stimulus),
        synapses=rig.driven.synapses,
        presynaptic_ms=rig.driven.presynaptic_ms,
        released_ms=rig.driven.released_ms,
        membrane_currents=None if rig.membrane is None else rig.membrane.currents(),
        recordings=recordings_of(rig.sources, recorded.values, cell, rig.built),
        track=track_of(protocol.all_stimuli, rig.driven),
        provenance=provenance() | {"cell": cell.provenance},
        simulation_wall_s=wall_s,
    )
