"""A protocol's cell, stimuli and recordings built in NEURON, ready to be run once or several times."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..cell.cell import Cell
from ..errors import ModelError
from ..morphology import Location
from ..neuroml2.components import component
from ..receptors import Receptor, first_receptor, receptors
from .protocol import (
    CLAMP_CURRENT,
    CurrentClamp,
    Holding,
    Protocol,
    ShaftInput,
    SpineInput,
    SynapticCurrent,
    VoltageClamp,
)
from .recording import Source, find_source, spine_head, spine_of, split_text

_CHUNK_MS = 25.0  # so that an interruption is heard
_BEYOND_MS = 1e-6  # an adapted step may stop the last digit short of a sample
_HELD_STEP_MS = 0.1  # of the samples whose mean is the held potential


class Recorded(NamedTuple):
    """Sample times (ms), the values of each recording at these, and the times of output spikes (ms)."""

    time_ms: np.ndarray
    values: dict[str, np.ndarray]
    spike_times_ms: np.ndarray


class Apparatus:
    """What `Protocol` describes, built around a cell.

    Attributes
    ----------
    built : BuiltCell
    sources : dict of str to Source
        By the name of the recording.
    receptors : dict of (str, Location) to point process
        Driven receptors by name and place.
    synapses : list of dict
        One a driven spine or shaft receptor, as a row of the table of synapses, with its ``times_ms``.
    """

    def __init__(self, cell: Cell, protocol: Protocol):
        self.cell = cell
        self.protocol = protocol
        driven = [
            number
            for one in protocol.stimuli
            if isinstance(one, SpineInput)
            for number in spines_of(cell, one)
        ]
        recorded = [spine_of(split_text(text)[1]) for text in protocol.record.values()]
        explicit = {*driven, *(number for number in recorded if number is not None)}
        self.built = cell.build(explicit=explicit, segments_factor=protocol.segments_factor)
        from neuron import h

        self._h = h
        self.receptors: dict[tuple[str, Location], Any] = {}
        self.synapses: list[dict[str, Any]] = []
        self._events: list[tuple[Any, tuple[float, ...]]] = []
        self._kept: list[Any] = []  # NEURON drops what Python does not hold
        self.clamp: Any = None
        for stimulus in protocol.stimuli:
            self._add(stimulus)
        self.holding_clamp = (
            None if protocol.holding is None else self._iclamp(protocol.holding.place)
        )
        self.sources: dict[str, Source] = {
            name: find_source(text, cell, self.built, self.receptors)
            for name, text in protocol.record.items()
        }
        if self.clamp is not None:
            self.sources[CLAMP_CURRENT] = Source(
                "clamp.i", "nA", self._clamp_location, self.clamp._ref_i
            )

    # -- stimuli --------------------------------------------------------------------------------------------------------

    def _add(self, stimulus: Any) -> None:
        if isinstance(stimulus, CurrentClamp):
            clamp = self._iclamp(stimulus.place)
            # A step that lasts to the end is not switched off with the last sample.
            clamp.delay, clamp.dur = (
                stimulus.start_ms,
                min(stimulus.stop_ms, 1e9) - stimulus.start_ms,
            )
            clamp.amp = stimulus.amplitude_nA
        elif isinstance(stimulus, VoltageClamp):
            self._add_voltage_clamp(stimulus)
        elif isinstance(stimulus, SpineInput):
            for number in spines_of(self.cell, stimulus):
                self._add_spine(stimulus, number)
        elif isinstance(stimulus, ShaftInput):
            self._add_shaft(stimulus)
        elif isinstance(stimulus, SynapticCurrent):
            location = self.cell.locate(stimulus.place)
            weight = stimulus.peak_nA / component(stimulus.source)["ibase"]
            self._add_receptor(stimulus.source, location, weight, stimulus.times_ms)

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
        for name in stimulus.receptors:
            weight = weight_on_spine(receptors()[name], spine, stimulus.weight)
            self._add_receptor(name, spine_head(number), weight, stimulus.times_ms)
        self._add_synapse(
            "spine",
            int(spine["section"]),
            spine["x"],
            "exc",
            stimulus.weight,
            float(spine[first_receptor("exc").column]),
            stimulus.times_ms,
        )

    def _add_shaft(self, stimulus: ShaftInput) -> None:
        location = self.cell.locate(stimulus.place)
        self._add_receptor(stimulus.receptor, location, stimulus.weight, stimulus.times_ms)
        index = self.cell.morphology.section(location.section).index
        kind = receptors()[stimulus.receptor].kind
        gbase_uS = component(stimulus.receptor)["gbase"]
        self._add_synapse(
            "shaft", index, location.x, kind, stimulus.weight, gbase_uS, stimulus.times_ms
        )

    def _add_receptor(
        self, receptor: str, location: Location, weight: float, times_ms: tuple[float, ...]
    ) -> None:
        if (receptor, location) not in self.receptors:
            self.receptors[receptor, location] = getattr(self._h, receptor)(
                self.built.segment(location)
            )
        connection = self._h.NetCon(None, self.receptors[receptor, location])
        connection.weight[0], connection.delay = weight, 0.0
        self._events.append((connection, times_ms))

    def _add_synapse(
        self,
        group: str,
        section: int,
        x: float,
        kind: str,
        weight: float,
        gmax_uS: float,
        times_ms: Any,
    ) -> None:
        row = {
            "synapse": len(self.synapses),
            "group": group,
            "section": section,
            "x": float(x),
            "kind": kind,
        }
        row |= {"ampa_weight": weight, "gmax_uS": gmax_uS, "times_ms": np.array(times_ms, float)}
        self.synapses.append(row)

    # -- runs -----------------------------------------------------------------------------------------------------------

    def run(
        self,
        v_init_mV: float,
        until_ms: float,
        *,
        holding_nA: float = 0.0,
        sources: Mapping[str, Source] | None = None,
        step_ms: float | None = None,
    ) -> Recorded:
        """Run from rest at `v_init_mV`, recording `sources`, by default all, every `step_ms`, by default the protocol's."""
        h, dt_ms = self._h, self.protocol.dt_ms
        sources = self.sources if sources is None else sources
        step_ms = self.protocol.record_step_ms if step_ms is None else step_ms
        if self.holding_clamp is not None:
            self.holding_clamp.amp = holding_nA
        time_ms = step_ms * np.arange(int(np.floor(until_ms / step_ms + 1e-6)) + 1)
        at, late = h.Vector(time_ms), h.Vector(time_ms + (dt_ms or 0.0))
        vectors = {
            name: h.Vector().record(source.pointer, late if source.behind else at)
            for name, source in sources.items()
        }
        soma = self.built.soma(0.0)
        detector = h.NetCon(soma._ref_v, None, sec=self.built.soma)
        detector.threshold = self.cell.specification.biophysics.run.spike_threshold_mV
        spikes = h.Vector()
        detector.record(spikes)
        # The last sample is delivered by the step that begins with it, a late one by the next.
        self._advance(v_init_mV, until_ms + (_BEYOND_MS if dt_ms is None else 2 * dt_ms))
        values = {name: np.array(vector) for name, vector in vectors.items()}
        # A clamp that crosses the threshold makes no spike.
        spike_times_ms = np.array(spikes if self.clamp is None else [])
        return Recorded(time_ms, values, spike_times_ms[spike_times_ms <= until_ms])

    def held_potential(
        self, holding: Holding, v_init_mV: float, until_ms: float, holding_nA: float
    ) -> tuple[float, bool]:
        """Mean potential (mV) at the held place 3 to 1 ms before `until_ms`, and whether the soma fired on the way."""
        location = self.cell.locate(holding.place)
        held = {"held": Source("v", "mV", location, self.built.segment(location)._ref_v)}
        recorded = self.run(
            v_init_mV, until_ms - 1, holding_nA=holding_nA, sources=held, step_ms=_HELD_STEP_MS
        )
        window = recorded.time_ms >= until_ms - 3 - 1e-9
        return float(recorded.values["held"][window].mean()), bool(len(recorded.spike_times_ms))

    def clamped_current_nA(self, holding: Holding, until_ms: float) -> float:
        """Current that a voltage clamp to the target delivers when the held potential is read."""
        clamp = self._h.SEClamp(self.built.segment(self.cell.locate(holding.place)))
        clamp.rs, clamp.dur1, clamp.amp1 = 0.01, 1e9, holding.target_mV
        self.holding_clamp.amp = 0.0
        self._advance(holding.target_mV, until_ms - 2)
        return float(clamp.i)

    def _advance(self, v_init_mV: float, until_ms: float) -> None:
        h, protocol = self._h, self.protocol
        celsius = (
            self.cell.specification.biophysics.run.celsius
            if protocol.celsius is None
            else protocol.celsius
        )
        with _settings(h, celsius=celsius, dt_ms=protocol.dt_ms, atol=protocol.atol):
            start = h.FInitializeHandler(self._schedule)
            parallel = h.ParallelContext()
            parallel.set_maxstep(10)
            h.finitialize(v_init_mV)
            if protocol.dt_ms is None:
                self._check_start()
            # At fixed steps NEURON's clock drifts: half a step more is the nearest step.
            margin_ms = 0.0 if protocol.dt_ms is None else protocol.dt_ms / 2
            while h.t < until_ms - margin_ms - 1e-9:
                before_ms = h.t
                parallel.psolve(min(h.t + _CHUNK_MS, until_ms) + margin_ms)
                self._check_finite(before_ms)
            del start

    def _check_start(self) -> None:
        """Refuse equations without a finite value: CVode would try them again for ever."""
        cvode, states, slopes = self._h.CVode(), self._h.Vector(), self._h.Vector()
        cvode.states(states)
        cvode.f(0.0, states, slopes)
        if not (np.isfinite(states).all() and np.isfinite(slopes).all()):
            raise ModelError(f"the cell has no finite equations at the start; {self._suspects()}.")

    def _check_finite(self, before_ms: float) -> None:
        for name, section in self.built.sections.items():
            if not np.isfinite(section(0.5).v):
                raise ModelError(
                    f"the potential of {name} is no finite number after {before_ms:g} ms; {self._suspects()}."
                )

    def _suspects(self) -> str:
        own = ", ".join(
            mechanism.file.name for mechanism in self.built.description.user_channels.values()
        )
        return (
            f"look for a 0/0 in the rates of {own}"
            if own
            else "look for a rule or a stimulus far out of range"
        )

    def _schedule(self) -> None:
        for connection, times_ms in self._events:
            for time in times_ms:
                connection.event(time)


def weight_on_spine(receptor: Receptor, spine: Any, weight: float) -> float:
    """Weight of a receptor of a spine (a row of the placement), in units of its component's gbase."""
    conductance = float(spine[receptor.column])
    if receptor.weight == "input":
        conductance = weight * conductance
    if receptor.conductance == "gmax_uS":
        return conductance / component(receptor.name)["gbase"]
    return conductance


def spines_of(cell: Cell, stimulus: SpineInput) -> list[int]:
    """Numbers of the spines that a stimulus drives."""
    if stimulus.place is None:
        return list(stimulus.spines)
    return cell.spines_near(stimulus.place, stimulus.n)


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
