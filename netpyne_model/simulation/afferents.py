"""The driven synapses of a trial on a cell that NetPyNE has built, and the events they get.

NetPyNE builds a point cell, a generator of spikes, a connection and a dictionary of each for every
input, which takes longer than all the rest of a short trial, and NEURON then sends every event
twice. What a run needs of them are the receptors, made here in the order in which NetPyNE makes
them, and one source of all events (``InputTrains.mod``): the result is the same bit for bit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..cell.synapses import point_process
from .hoc_objects import new_netcon_to
from .prepared import PreparedTrial
from .synapses import input_connections, one_receptor_a_connection, synaptic_mechanisms

# A run goes on for a few steps, which deliver its last samples: see `run.integrate`.
_GOES_ON_MS = 1.0


class Afferents:
    """What brings a trial's events to a built cell. It lives as long as this object.

    Receptors are noted where NetPyNE notes its own, in ``synMechs`` of their section.

    Parameters
    ----------
    trial : PreparedTrial
    cell : netpyne.cell.CompartCell
        Built of the trial's description.

    Attributes
    ----------
    connections : list of (int, str, nrn.NetCon)
        Row of the driven synapse, label of the mechanism, and what leads to it.
    """

    def __init__(self, trial: PreparedTrial, cell: Any):
        self._secs = cell.secs
        self.connections: list[tuple[int, str, Any]] = []
        self._connect(trial)
        self._source = self._play(trial.driven.released_ms, trial.duration_ms)

    def remove(self) -> None:
        """Take the receptors and their events off the cell."""
        self._source = None
        self.connections.clear()
        for section in self._secs.values():
            section.pop("synMechs", None)

    def _connect(self, trial: PreparedTrial) -> None:
        mechanisms = synaptic_mechanisms(trial)
        alone = one_receptor_a_connection(trial)
        receptors: dict[tuple[str, str, float], Any] = {}
        for connection in input_connections(trial):
            label = connection.label
            for row, place, weight in connection.synapses:
                key = (label, *place)
                receptor = None if alone else receptors.get(key)
                if receptor is None:
                    receptor = receptors[key] = self._receptor(label, place, mechanisms[label])
                netcon = new_netcon_to(receptor)
                netcon.weight[0] = weight
                self.connections.append((row, label, netcon))

    def _receptor(self, label: str, place: tuple[str, float], parameters: dict[str, Any]) -> Any:
        name, x = place
        section = self._secs[name]
        receptor = point_process(parameters, section["hObj"](x))
        section.setdefault("synMechs", []).append({"label": label, "loc": x, "hObj": receptor})
        return receptor

    def _play(self, trains_ms: Sequence[np.ndarray], end_ms: float) -> Any:
        """The source of all events, on the first section of the cell."""
        from neuron import h

        if not self.connections:
            return None
        trains = [trains_ms[row] for row, _, _ in self.connections]
        times_ms = np.concatenate(trains)
        connections = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        within = times_ms <= end_ms + _GOES_ON_MS
        times_ms, connections = times_ms[within], connections[within]
        order = np.argsort(times_ms, kind="stable")
        netcons = h.List()
        for _, _, netcon in self.connections:
            netcons.append(netcon)
        source = h.InputTrains(next(iter(self._secs.values()))["hObj"](0.5))
        source.play(netcons, h.Vector(times_ms[order]), h.Vector(connections[order]))
        return source
