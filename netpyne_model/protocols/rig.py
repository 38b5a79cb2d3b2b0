"""The rig: a protocol's cell, stimuli and recordings built in NEURON, for one or several runs."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..cell.cell import Cell
from ..cell.guard import Guard
from ..cell.integration import neuron_order, require_exact_receptors, start_joint
from ..cell.sections import BuiltCell
from ..cell.synapses import ENTRIES, fast_mechanism, point_process
from ..description.segments import cut_segments
from ..mechanisms import loading
from ..morphology import Location
from ..receptors import receptors
from .current_recording import CurrentRecording
from .declaration import Declaration, Holding, checked_record
from .driven import with_spines
from .electrodes import CLAMP_CURRENT, CurrentClamp, attach_current, connection_to
from .recording import find_source, output_spikes, reads_an_ion, recorded_spines
from .sources import Recorder, Source
from .stimuli import (
    attach_electrodes,
    clamp_source,
    conductance_clamps,
    driven_by,
    largest_command_mV,
)

_CHUNK_MS = 25.0  # so that an interruption is heard
_BEYOND_MS = 1e-6  # an adapted step may stop the last digit short of a sample
_HELD_STEP_MS = 0.1  # of the samples whose mean is the held potential
# Of second order, while nothing but a held potential settles: where, no step changes; by when, these
# move it by 3e-5 mV, of a tolerance of 0.01 (tests/test_protocol_second_order.py).
_SEARCH_DT_MS = 0.2
_CLAMP_DT_MS = 0.5


def sample_times_ms(until_ms: float, step_ms: float, from_ms: float = 0.0) -> np.ndarray:
    """The multiples of a step in an interval, its ends among them."""
    samples = np.arange(int(np.floor(until_ms / step_ms + 1e-6)) + 1)
    return step_ms * samples[samples >= from_ms / step_ms - 1e-6]


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
        self._dt_ms = protocol.dt_ms
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
        driven = {name for weights in self.driven.weights for name in weights}
        self._exact_receptors = protocol.integrated == "second_order"
        if self._exact_receptors:
            require_exact_receptors(driven)
        loading.load(() if self._exact_receptors else driven)
        for row, target in enumerate(targets):
            for receptor, weight in self.driven.weights[row].items():
                self._connect(receptor, target, weight, self.driven.released_ms[row])
        self.electrodes = attach_electrodes(protocol.all_stimuli, cell, self.built)
        self.holding_clamp: Any = None
        if protocol.holding is not None:
            self.holding_clamp = attach_current(cell, self.built, protocol.holding.place)
        self.sources: dict[str, Source] = {}
        for name, text in record.items():  # a comprehension that fails would keep all of this
            clamps = conductance_clamps(self.electrodes)
            self.sources[name] = find_source(text, cell, self.built, self.receptors, clamps)
        self.sources |= clamp_source(self.electrodes, cell)
        self.membrane = self._membrane_recording()
        reads_ions = bool(description.user_channels) or reads_an_ion(record.values(), cell)
        self._order = neuron_order(protocol.integrated, reads_ions=reads_ions)
        self._guard = Guard(self.built, largest_command_mV(protocol.all_stimuli))

    def _membrane_recording(self) -> CurrentRecording | None:
        protocol = self.protocol
        times = protocol.membrane_times
        if times is None or protocol.dt_ms is None:
            return None
        labels = {one.hname(): receptor for (receptor, _), one in self.receptors.items()}
        return CurrentRecording(self.cell, self.built, times, protocol.dt_ms, labels)

    def _connect(
        self, receptor: str, location: Location, weight: float, times_ms: np.ndarray
    ) -> None:
        """Bring events to the receptor of a place, one for all inputs to it."""
        exact = self._exact_receptors
        mechanism = fast_mechanism(receptors()[receptor]) if exact else {"mod": receptor}
        if (receptor, location) not in self.receptors:
            process = point_process(mechanism, self.built.segment(location))
            self.receptors[receptor, location] = process
        connection = connection_to(self.receptors[receptor, location], weight)
        if mechanism["mod"] in ENTRIES:
            connection.weight[2] = 1  # of one place: else each would have a receptor of its own
        self._events.append((connection, times_ms))

    def run(
        self,
        v_init_mV: float,
        until_ms: float,
        *,
        holding_nA: float = 0.0,
        sources: Mapping[str, Source] | None = None,
        sampled_ms: np.ndarray | None = None,
        with_membrane: bool = False,
    ) -> Recorded:
        """Run from `v_init_mV`; record `sources` (all) at `sampled_ms` (the protocol's samples).

        Of an adapted step a sample costs as much as a step, and moves none: what is not looked at
        is best left out. `with_membrane` says whether the currents of all segments are taken too,
        if the protocol asks for them.
        """
        dt_ms = self._dt_ms
        sources = self.sources if sources is None else sources
        if self.holding_clamp is not None:
            self.holding_clamp.amp = holding_nA
        time_ms = sample_times_ms(until_ms, self.protocol.record_step_ms)
        if sampled_ms is not None:
            time_ms = sampled_ms
        recorder = Recorder(sources, time_ms, dt_ms or 0.0)
        _detector, spikes = self.spikes()
        # The last sample is delivered by the step that begins with it, a late one by the next.
        end_ms = until_ms + (_BEYOND_MS if dt_ms is None else 2 * dt_ms)
        self._advance(v_init_mV, end_ms, self.membrane if with_membrane else None)
        # A clamp that crosses the threshold makes no spike.
        crossings_ms = [] if CLAMP_CURRENT in self.sources else spikes.to_python()
        return Recorded(time_ms, recorder.values(), output_spikes(crossings_ms, until_ms))

    def held_potential(
        self, holding: Holding, v_init_mV: float, until_ms: float, holding_nA: float
    ) -> tuple[float, bool]:
        """Mean potential at the held place 3 to 1 ms before `until_ms`, and whether it fired."""
        location = self.cell.locate(holding.place)
        held = {"held": Source("v", "mV", location, self.built.segment(location)._ref_v)}
        with self._searching(_SEARCH_DT_MS):
            recorded = self.run(
                v_init_mV,
                until_ms - 1,
                holding_nA=holding_nA,
                sources=held,
                sampled_ms=sample_times_ms(until_ms - 1, _HELD_STEP_MS, until_ms - 3),
            )
        return float(recorded.values["held"].mean()), bool(len(recorded.spike_times_ms))

    def clamped_current_nA(self, holding: Holding, until_ms: float) -> float:
        """Current that a voltage clamp to the target delivers when the held potential is read.

        In steps of first order, which are as near here: at second order so stiff a clamp rings.
        """
        clamp = self._h.SEClamp(self.built.segment(self.cell.locate(holding.place)))
        clamp.rs, clamp.dur1, clamp.amp1 = 0.01, 1e9, holding.target_mV
        if self.holding_clamp is not None:
            self.holding_clamp.amp = 0.0
        with self._searching(_CLAMP_DT_MS), self.begun(holding.target_mV, order=0):
            self.go_on(until_ms - 2)
        return float(clamp.i)

    @contextlib.contextmanager
    def _searching(self, dt_ms: float) -> Iterator[None]:
        """The steps in which a holding current is searched: coarser ones do at second order."""
        if self._order and self._dt_ms is not None:
            dt_ms = max(self._dt_ms, dt_ms)
            with self.stepping(dt_ms):
                yield
        else:
            yield

    @contextlib.contextmanager
    def stepping(self, dt_ms: float) -> Iterator[None]:
        """Steps of another fixed size for a part of a run."""
        before, self._dt_ms = self._dt_ms, dt_ms
        try:
            yield
        finally:
            self._dt_ms = before

    def _advance(
        self, v_init_mV: float, until_ms: float, membrane: CurrentRecording | None = None
    ) -> None:
        with self.begun(v_init_mV):
            self.go_on(until_ms, membrane)

    @contextlib.contextmanager
    def begun(self, v_init_mV: float, *, order: int | None = None) -> Iterator[None]:
        """NEURON initialised at a potential, for as long as the run takes.

        `order` is NEURON's ``secondorder``; by default that of the protocol.
        """
        h, protocol = self._h, self.protocol
        celsius = protocol.celsius
        if celsius is None:
            celsius = self.cell.specification.biophysics.run.celsius
        order = self._order if order is None else order
        with _settings(h, celsius=celsius, dt_ms=self._dt_ms, order=order, atol=protocol.atol):
            start = h.FInitializeHandler(self._start)
            h.ParallelContext().set_maxstep(10)
            self._guard.begin()
            h.finitialize(v_init_mV)
            self._guard.check_start()
            yield
            del start

    def _start_joints(self) -> None:
        clamps = [] if self.holding_clamp is None else [self.holding_clamp]
        for one, attached in self.electrodes:
            if isinstance(one, CurrentClamp):
                clamps += attached.objects
        for clamp in clamps:
            start_joint(clamp)

    def go_on(self, until_ms: float, membrane: CurrentRecording | None = None) -> None:
        """Run on from where NEURON is, and take the currents of the membrane at their times."""
        h, dt_ms = self._h, self._dt_ms
        if dt_ms is not None:
            h.dt = dt_ms
        # At fixed steps NEURON's clock drifts: half a step more is the nearest step.
        margin_ms = 0.0 if dt_ms is None else dt_ms / 2
        while h.t < until_ms - margin_ms - 1e-9:
            stop_ms = min(h.t + _CHUNK_MS, until_ms)
            while membrane is not None and membrane.next_ms <= stop_ms:
                self._guard.advance(membrane.next_ms + margin_ms)
                membrane.sample()
            self._guard.advance(stop_ms + margin_ms)

    def spikes(self) -> tuple[Any, Any]:
        """What counts output spikes, and the ``h.Vector`` of their times."""
        detector = self._h.NetCon(self.built.soma(0.0)._ref_v, None, sec=self.built.soma)
        detector.threshold = self.cell.specification.biophysics.run.spike_threshold_mV
        times_ms = self._h.Vector()
        detector.record(times_ms)
        return detector, times_ms

    def _start(self) -> None:
        for connection, times_ms in self._events:
            for time_ms in times_ms.tolist():
                connection.event(time_ms)
        for _, attached in self.electrodes:
            attached.schedule()
        if self._h.secondorder:
            self._start_joints()


@contextlib.contextmanager
def _settings(
    h: Any, *, celsius: float, dt_ms: float | None, order: int, atol: float
) -> Iterator[None]:
    """Set NEURON's global settings for a run, and put back what was there."""
    names = ("celsius", "dt", "secondorder", "steps_per_ms")
    before = {name: getattr(h, name) for name in names if hasattr(h, name)}
    cvode = h.CVode()
    active, tolerance = cvode.active(), cvode.atol()
    h.celsius, h.secondorder = celsius, order
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
