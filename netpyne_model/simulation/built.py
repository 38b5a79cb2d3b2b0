"""A trial that NetPyNE has built, finished: what NetPyNE's specification cannot hold."""

from typing import Any

import numpy as np

from ..cell.assembly import finish_cell
from ..cell.guard import Guard
from ..cell.sections import BuiltCell
from ..cell.synapses import ENTRIES, SPINES
from ..errors import ModelError, quoted
from ..morphology import Location
from ..protocols.checks import RECEPTORS
from ..protocols.electrodes import CLAMP_CURRENT
from ..protocols.recording import find_source, place_of, recordings_of, split_text
from ..protocols.sources import Recorder, Source, WorkedOutSource
from ..protocols.stimuli import (
    at_start,
    attach_electrodes,
    clamp_source,
    conductance_clamps,
    largest_command_mV,
)
from ..results import Recording
from .afferents import Afferents
from .netpyne_params import POPULATION
from .prepared import PreparedTrial, further_recordings, recording_sites
from .synapses import input_groups, shared_receptors, solved_weights


class BuiltTrial:
    """A built trial, finished and ready to run. Electrodes and recordings go with it.

    Finishing sets on the built cell what NetPyNE's specification cannot hold (see `finish_cell`),
    the NMDA conductance of its solved spines, and which inputs share a receptor.

    Parameters
    ----------
    trial : PreparedTrial
    inputs_by_netpyne : bool
        Whether NetPyNE has built the inputs too; if not, they are made here, which is faster.

    Attributes
    ----------
    trial : PreparedTrial
    netpyne_sections : dict of str to dict
    view : BuiltCell
        The same sections as protocols know them.
    sources : dict of str to Source
        What is recorded beside voltages, by name.
    guard : Guard
        Of its potentials.
    """

    def __init__(self, trial: PreparedTrial, *, inputs_by_netpyne: bool = True):
        self.trial = trial
        self._cell = _built_cell()
        self._afferents = None if inputs_by_netpyne else Afferents(trial, self._cell)
        self.netpyne_sections = dict(self._cell.secs)
        sections = {name: section["hObj"] for name, section in self.netpyne_sections.items()}
        finish_cell(sections, trial.description)
        self._finish_spines()
        self._share_receptors()
        fused = trial.config.channels == "fused"
        self.view = BuiltCell(trial.description, trial.morphology, fused=fused, sections=sections)
        self._electrodes = attach_electrodes(trial.stimuli, trial.cell, self.view)
        self._start = at_start(self._electrodes)
        self.sources = self._find_sources()
        self._recorder = self._record()
        self.guard = Guard(self.view, largest_command_mV(trial.stimuli))

    @property
    def clamped(self) -> bool:
        """Whether a voltage clamp holds the cell: crossings of the threshold are then no spikes."""
        return CLAMP_CURRENT in self.sources

    @property
    def receptor_labels(self) -> dict[str, str]:
        """Which receptor each synapse is, by its name in NEURON."""
        return {
            synapse["hObj"].hname(): synapse["label"]
            for section in self.netpyne_sections.values()
            for synapse in section.get("synMechs", ())
        }

    @property
    def n_samples(self) -> int:
        """Number of samples, from the start to the very end."""
        return round(self.trial.duration_ms / self.trial.config.record_step_ms) + 1

    def recordings(self, n_samples: int) -> dict[str, Recording]:
        """What was recorded beside voltages in the last run, `n_samples` of it."""
        values = {name: trace[:n_samples] for name, trace in self._recorder.values().items()}
        return recordings_of(self.sources, values, self.trial.cell, self.view)

    @property
    def vectors(self) -> dict[str, Any]:
        """Every ``h.Vector`` that a run fills, by a name of its own."""
        from netpyne import sim

        voltages = {name: sim.simData[name] for name in recording_sites(self.trial)}
        return (
            {f"spikes/{name}": sim.simData[name] for name in ("spkt", "spkid")}
            | {f"voltage/{name}": next(iter(one.values())) for name, one in voltages.items()}
            | {f"recording/{name}": vector for name, vector in self._recorder.filled.items()}
        )

    def _record(self) -> Recorder:
        from netpyne import sim

        config = self.trial.config
        time_ms = config.record_step_ms * np.arange(self.n_samples)
        dt_ms = 0.0 if config.integration == "variable_step" else config.dt_ms
        recorder = Recorder(self.sources, time_ms, dt_ms)
        for name, source in self.sources.items():  # so that NetPyNE gathers and saves them
            if isinstance(source, WorkedOutSource):
                continue  # NetPyNE would save the first of the variables from which it follows
            section, x = source.location
            sim.cfg.recordTraces[name] = {"sec": section, "loc": x, "var": source.variable}
            sim.simData[name] = {f"cell_{self._cell.gid}": recorder.vectors[name]}
        return recorder

    def _finish_spines(self) -> None:
        for name, section in self.netpyne_sections.items():
            for synapse in section.get("synMechs", ()):
                if synapse["label"] == SPINES:
                    weights = solved_weights(self.trial, name, synapse["loc"])
                    for variable, weight in weights.items():
                        setattr(synapse["hObj"], variable, weight)

    def _connections(self) -> list[tuple[int, str, Any]]:
        """Row of the driven synapse, label of the mechanism, and NetCon of every connection."""
        from netpyne import sim

        if self._afferents is not None:
            return self._afferents.connections
        row_of: dict[int, int] = {}
        for population, _, rows in input_groups(self.trial):
            row_of |= dict(zip(sim.net.pops[population].cellGids, rows, strict=True))
        return [(row_of[one["preGid"]], one["synMech"], one["hObj"]) for one in self._cell.conns]

    def _share_receptors(self) -> None:
        shared = shared_receptors(self.trial)
        if not shared:
            return
        for row, _, connection in self._connections():
            process = connection.syn()
            if row in shared and process.hname().partition("[")[0] in ENTRIES:
                connection.weight[2] = shared[row]

    def _find_sources(self) -> dict[str, Source]:
        texts = further_recordings(self.trial)
        receptors: dict[tuple[str, Location], Any] = {}
        if any(_receptor(text) for text in texts.values()):
            for row, label, connection in self._connections():
                receptors[label, self.trial.targets[row]] = connection.syn()
        sources = {}
        for name, text in texts.items():
            if self.trial.config.receptors == "fast" and _receptor(text):
                self._check_fast(text, receptors)
            clamps = conductance_clamps(self._electrodes)
            sources[name] = find_source(text, self.trial.cell, self.view, receptors, clamps)
        return sources | clamp_source(self._electrodes, self.trial.cell)

    def _check_fast(self, text: str, receptors: dict[tuple[str, Location], Any]) -> None:
        """Refuse what fast receptors do not keep: all but i and g of one input alone."""
        name, place = split_text(text)
        receptor, _, variable = name.partition(".")
        process = receptors.get((receptor, place_of(place, self.trial.cell)))
        users = sum(process is not None and other == process for other in receptors.values())
        if variable not in ("i", "g") or users > 1:
            raise ModelError(
                f"recording {quoted(text)}: fast receptors keep i and g, of all inputs to a segment"
                " together; set spines=folded receptors=generated."
            )


def _receptor(text: str) -> str | None:
    """The receptor whose variable a recording names."""
    receptor = split_text(text)[0].partition(".")[0]
    return receptor if receptor in RECEPTORS["shaft"] else None


def _built_cell() -> Any:
    from netpyne import sim

    return next(cell for cell in sim.net.cells if cell.tags["pop"] == POPULATION)
