"""A protocol's cell, stimuli and recordings built in NEURON, ready to be run once or several times."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..cell.cell import Cell
from ..neuroml2.components import component
from .protocol import CurrentClamp, Holding, Protocol, ShaftInput, SpineInput, VoltageClamp
from .recording import Source, find_source, spine_of, split_text

_CHUNK_MS = 25.0  # so that an interruption is heard


class Apparatus:
    """What `Protocol` describes, built around a cell.

    Attributes
    ----------
    built : BuiltCell
    sources : dict of str to Source
        By the name of the recording.
    receptors : dict of (str, str) to point process
        Driven receptors by name and place.
    synapses : list of dict
        One a driven spine or shaft receptor, as a row of the table of synapses, with its ``times_ms``.
    """

    def __init__(self, cell: Cell, protocol: Protocol):
        self.cell = cell
        self.protocol = protocol
        driven = [number for one in protocol.stimuli if isinstance(one, SpineInput) for number in spines_of(cell, one)]
        recorded = [spine_of(split_text(text)[1]) for text in protocol.record.values()]
        explicit = {*driven, *(number for number in recorded if number is not None)}
        self.built = cell.build(explicit=explicit)
        from neuron import h

        self._h = h
        self.receptors: dict[tuple[str, str], Any] = {}
        self.synapses: list[dict[str, Any]] = []
        self._events: list[tuple[Any, list[float]]] = []
        self._kept: list[Any] = []  # NEURON drops what Python does not hold
        self.clamp: Any = None
        for stimulus in protocol.stimuli:
            self._add(stimulus)
        self.holding_clamp = None if protocol.holding is None else self._iclamp(protocol.holding.place)
        self.sources: dict[str, Source] = {
            name: find_source(text, cell, self.built, self.receptors) for name, text in protocol.record.items()
        }
        if self.clamp is not None:
            self.sources["clamp_current"] = Source("clamp.i", "nA", self._clamp_location, (self.clamp._ref_i,))

    # -- stimuli --------------------------------------------------------------------------------------------------------

    def _add(self, stimulus: Any) -> None:
        if isinstance(stimulus, CurrentClamp):
            clamp = self._iclamp(stimulus.place)
            stop_ms = min(stimulus.stop_ms, self.protocol.duration_ms)
            clamp.delay, clamp.dur = stimulus.start_ms, max(stop_ms - stimulus.start_ms, 0.0)
            clamp.amp = stimulus.amplitude_nA
        elif isinstance(stimulus, VoltageClamp):
            self._add_voltage_clamp(stimulus)
        elif isinstance(stimulus, SpineInput):
            for number in spines_of(self.cell, stimulus):
                self._add_spine(stimulus, number)
        elif isinstance(stimulus, ShaftInput):
            self._add_shaft(stimulus)

    def _iclamp(self, place: str) -> Any:
        clamp = self._h.IClamp(self.built.segment(self.cell.locate(place)))
        clamp.delay, clamp.dur, clamp.amp = 0.0, 1e9, 0.0
        self._kept.append(clamp)
        return clamp

    def _add_voltage_clamp(self, stimulus: VoltageClamp) -> None:
        self._clamp_location = self.cell.locate(stimulus.place)
        self.clamp = self._h.SEClamp(self.built.segment(self._clamp_location))
        self.clamp.rs, self.clamp.dur1 = stimulus.series_resistance_MOhm, 1e9
        times_ms, command_mV = (self._h.Vector(values) for values in stimulus.command())
        command_mV.play(self.clamp._ref_amp1, times_ms, True)
        self._kept += [times_ms, command_mV]

    def _add_spine(self, stimulus: SpineInput, number: int) -> None:
        spine = self.cell.placement.spines.loc[number]
        head = self.built.sections[f"head_{number}"](0.5)
        gmax_uS = float(spine["gmax_AMPA_uS"])
        weights = {
            "AMPA": stimulus.weight * gmax_uS / component("AMPA")["gbase"],
            "NMDA": float(spine["relative_gmax_NMDA"]),
        }
        for receptor in stimulus.receptors:
            self._add_receptor(receptor, f"spine_{number}", head, weights[receptor], stimulus.times_ms)
        self._add_synapse(
            "spine", int(spine["section"]), spine["x"], "exc", stimulus.weight, gmax_uS, stimulus.times_ms
        )

    def _add_shaft(self, stimulus: ShaftInput) -> None:
        location = self.cell.locate(stimulus.place)
        place = self.built.segment(location)
        self._add_receptor(stimulus.receptor, stimulus.place, place, stimulus.weight, stimulus.times_ms)
        index = self.cell.morphology.section(location.section).index
        kind = "inh" if stimulus.receptor == "GABA_A" else "exc"
        gbase_uS = component(stimulus.receptor)["gbase"]
        self._add_synapse("shaft", index, location.x, kind, stimulus.weight, gbase_uS, stimulus.times_ms)

    def _add_receptor(self, receptor: str, place: str, segment: Any, weight: float, times_ms: Any) -> None:
        synapse = getattr(self._h, receptor)(segment)
        connection = self._h.NetCon(None, synapse)
        connection.weight[0], connection.delay = weight, 0.0
        self.receptors[receptor, place] = synapse
        self._kept.append(connection)
        self._events.append((connection, sorted(float(time) for time in times_ms)))

    def _add_synapse(
        self, group: str, section: int, x: float, kind: str, weight: float, gmax_uS: float, times_ms: Any
    ) -> None:
        row = {"synapse": len(self.synapses), "group": group, "section": section, "x": float(x), "kind": kind}
        row |= {"ampa_weight": weight, "gmax_uS": gmax_uS, "times_ms": np.sort(np.asarray(times_ms, float))}
        self.synapses.append(row)

    # -- runs -----------------------------------------------------------------------------------------------------------

    def run(self, v_init_mV: float, until_ms: float, *, holding_nA: float = 0.0) -> dict[str, np.ndarray]:
        """Run from rest at `v_init_mV`; return ``time_ms``, every recording by its name, and ``spike_times_ms``."""
        h, step_ms = self._h, self.protocol.record_step_ms
        if self.holding_clamp is not None:
            self.holding_clamp.amp = holding_nA
        vectors = {
            name: [h.Vector().record(pointer, step_ms) for pointer in source.pointers]
            for name, source in self.sources.items()
        }
        soma = self.built.soma(0.0)
        detector = h.NetCon(soma._ref_v, None, sec=self.built.soma)
        detector.threshold = self.cell.specification.biophysics.run.spike_threshold_mV
        spikes = h.Vector()
        detector.record(spikes)
        self._advance(v_init_mV, until_ms)
        n_samples = int(np.floor(until_ms / step_ms + 1e-6)) + 1
        recorded = {
            name: _combined(self.sources[name], [np.array(vector)[:n_samples] for vector in group])
            for name, group in vectors.items()
        }
        time_ms = step_ms * np.arange(min(len(values) for values in recorded.values()))
        recorded = {name: values[: len(time_ms)] for name, values in recorded.items()}
        return {"time_ms": time_ms, "spike_times_ms": np.array(spikes), **recorded}

    def held_potential(
        self, holding: Holding, v_init_mV: float, until_ms: float, holding_nA: float
    ) -> tuple[float, bool]:
        """Mean potential (mV) at the held place over the last 3 to 1 ms, and whether the soma fired on the way."""
        location = self.cell.locate(holding.place)
        self.sources["_held"] = Source("v", "mV", location, (self.built.segment(location)._ref_v,))
        try:
            recorded = self.run(v_init_mV, until_ms, holding_nA=holding_nA)
        finally:
            del self.sources["_held"]
        window = (recorded["time_ms"] >= until_ms - 3 - 1e-9) & (recorded["time_ms"] <= until_ms - 1 + 1e-9)
        return float(recorded["_held"][window].mean()), bool(len(recorded["spike_times_ms"]))

    def clamped_current_nA(self, holding: Holding, until_ms: float) -> float:
        """Current that a voltage clamp to the target delivers at the end of the time to settle."""
        clamp = self._h.SEClamp(self.built.segment(self.cell.locate(holding.place)))
        clamp.rs, clamp.dur1, clamp.amp1 = 0.01, 1e9, holding.target_mV
        self.holding_clamp.amp = 0.0
        self._advance(holding.target_mV, until_ms)
        return float(clamp.i)

    def _advance(self, v_init_mV: float, until_ms: float) -> None:
        h, protocol = self._h, self.protocol
        celsius = self.cell.specification.biophysics.run.celsius if protocol.celsius is None else protocol.celsius
        with _settings(h, celsius=celsius, dt_ms=protocol.dt_ms, atol=protocol.atol):
            start = h.FInitializeHandler(self._schedule)
            parallel = h.ParallelContext()
            parallel.set_maxstep(10)
            h.finitialize(v_init_mV)
            # At fixed steps NEURON's clock drifts: half a step more is the nearest step.
            margin_ms = 0.0 if protocol.dt_ms is None else protocol.dt_ms / 2
            while h.t < until_ms - margin_ms - 1e-9:
                parallel.psolve(min(h.t + _CHUNK_MS, until_ms) + margin_ms)
            del start

    def _schedule(self) -> None:
        for connection, times_ms in self._events:
            for time in times_ms:
                connection.event(time)


def _combined(source: Source, values: list[np.ndarray]) -> np.ndarray:
    return values[0] if source.combine is None else source.combine(*values)


def spines_of(cell: Cell, stimulus: SpineInput) -> list[int]:
    """Numbers of the spines that a stimulus drives."""
    if stimulus.place is None:
        return [int(number) for number in stimulus.spines]
    return cell.spines_near(stimulus.place, int(stimulus.n))


@contextlib.contextmanager
def _settings(h: Any, *, celsius: float, dt_ms: float | None, atol: float) -> Iterator[None]:
    """Set NEURON's global settings for a run, and put back what was there."""
    names = ("celsius", "dt", "secondorder", "steps_per_ms")
    before = {name: getattr(h, name) for name in names if hasattr(h, name)}
    cvode = h.CVode()
    active, tolerance = cvode.active(), cvode.atol()
    h.celsius, h.secondorder = celsius, 0
    cvode.active(dt_ms is None)
    if dt_ms is None:
        cvode.atol(atol)
    else:
        h.dt = dt_ms
    try:
        yield
    finally:
        cvode.active(active)
        cvode.atol(tolerance)
        for name, value in before.items():
            setattr(h, name, value)
