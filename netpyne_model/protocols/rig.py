"""The rig: a protocol's cell, stimuli and recordings built in NEURON, for one or several runs."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..description.segments import cut_segments
from ..errors import ModelError
from ..mechanisms import compilation
from ..morphology import Location
from .declaration import Declaration, Holding, checked_record
from .driven import with_spines
from .electrodes import CLAMP_CURRENT, attach_current, connection_to
from .recording import Recorder, Source, find_source, recorded_spines
from .stimuli import attach_electrodes, clamp_source, driven_by

_CHUNK_MS = 25.0  # so that an interruption is heard
_BEYOND_MS = 1e-6  # an adapted step may stop the last digit short of a sample
_HELD_STEP_MS = 0.1  # of the samples whose mean is the held potential


class Recorded(NamedTuple):
    """Sample times, the values of each recording at these, and the times of output spikes."""

    time_ms: np.ndarray
    values: dict[str, np.ndarray]
    spike_times_ms: np.ndarray


class Rig:
    """What a protocol declares, built around a cell.

    `receptors` are the point processes of driven receptors by name and place, `sources` what is
    recorded by name.
    """

    def __init__(self, cell: Cell, protocol: Declaration):
        self.cell = cell
        self.protocol = protocol
        self.driven = driven_by(protocol.all_stimuli, cell, protocol.duration_ms)
        record = checked_record(protocol.record)  # with places as text
        recorded = recorded_spines(record, cell)
        spines = "folded" if protocol.dt_ms is None else "silent"
        described, targets = with_spines(cell, self.driven, spines, recorded)
        description = cut_segments(described, protocol.segments_factor)
        self.built = BuiltCell(description, cell.morphology, fused=protocol.channels == "fused")
        from neuron import h  # imported by what is built, without a window system

        self._h = h
        self.receptors: dict[tuple[str, Location], Any] = {}
        self._events: list[tuple[Any, np.ndarray]] = []
        compilation.load({name for weights in self.driven.weights for name in weights})
        for row, target in enumerate(targets):
            for receptor, weight in self.driven.weights[row].items():
                self._connect(receptor, target, weight, self.driven.released_ms[row])
        self.electrodes = attach_electrodes(protocol.all_stimuli, cell, self.built)
        self.holding_clamp: Any = None
        if protocol.holding is not None:
            self.holding_clamp = attach_current(cell, self.built, protocol.holding.place)
        self.sources: dict[str, Source] = {}
        for name, text in record.items():  # a comprehension that fails would keep all of this
            self.sources[name] = find_source(text, cell, self.built, self.receptors)
        self.sources |= clamp_source(self.electrodes, cell)

    def _connect(
        self, receptor: str, location: Location, weight: float, times_ms: np.ndarray
    ) -> None:
        if (receptor, location) not in self.receptors:
            process = getattr(self._h, receptor)(self.built.segment(location))
            self.receptors[receptor, location] = process
        connection = connection_to(self.receptors[receptor, location], weight)
        self._events.append((connection, times_ms))

    def run(
        self,
        v_init_mV: float,
        until_ms: float,
        *,
        holding_nA: float = 0.0,
        sources: Mapping[str, Source] | None = None,
        step_ms: float | None = None,
    ) -> Recorded:
        """Run from `v_init_mV`; record `sources` (all) every `step_ms` (the protocol's)."""
        h, dt_ms = self._h, self.protocol.dt_ms
        sources = self.sources if sources is None else sources
        step_ms = self.protocol.record_step_ms if step_ms is None else step_ms
        if self.holding_clamp is not None:
            self.holding_clamp.amp = holding_nA
        time_ms = step_ms * np.arange(int(np.floor(until_ms / step_ms + 1e-6)) + 1)
        recorder = Recorder(sources, time_ms, dt_ms or 0.0)
        soma = self.built.soma(0.0)
        detector = h.NetCon(soma._ref_v, None, sec=self.built.soma)
        detector.threshold = self.cell.specification.biophysics.run.spike_threshold_mV
        spikes = h.Vector()
        detector.record(spikes)
        # The last sample is delivered by the step that begins with it, a late one by the next.
        self._advance(v_init_mV, until_ms + (_BEYOND_MS if dt_ms is None else 2 * dt_ms))
        # A clamp that crosses the threshold makes no spike.
        spike_times_ms = np.array([] if CLAMP_CURRENT in self.sources else spikes.to_python())
        return Recorded(time_ms, recorder.values(), spike_times_ms[spike_times_ms <= until_ms])

    def held_potential(
        self, holding: Holding, v_init_mV: float, until_ms: float, holding_nA: float
    ) -> tuple[float, bool]:
        """Mean potential at the held place 3 to 1 ms before `until_ms`, and whether it fired."""
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
        if self.holding_clamp is not None:
            self.holding_clamp.amp = 0.0
        self._advance(holding.target_mV, until_ms - 2)
        return float(clamp.i)

    def _advance(self, v_init_mV: float, until_ms: float) -> None:
        h, protocol = self._h, self.protocol
        celsius = protocol.celsius
        if celsius is None:
            celsius = self.cell.specification.biophysics.run.celsius
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
                    f"the potential of {name} is no finite number after {before_ms:g} ms;"
                    f" {self._suspects()}."
                )

    def _suspects(self) -> str:
        channels = self.built.description.user_channels.values()
        files = ", ".join(channel.file.name for channel in channels)
        if files:
            return f"look for a 0/0 in the rates of {files}"
        return "look for a rule or a stimulus far out of range"

    def _schedule(self) -> None:
        for connection, times_ms in self._events:
            for time_ms in times_ms.tolist():
                connection.event(time_ms)
        for _, attached in self.electrodes:
            attached.schedule()


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
