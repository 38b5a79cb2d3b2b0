"""Electrodes: currents and clamps at a place, as plain data that attaches to a built cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..errors import ModelError, did_you_mean, quoted
from ..mechanisms import loading
from ..morphology.locations import SOMA
from ..neuroml2.components import component
from .attached import FOREVER_MS, Attached
from .checks import (
    Place,
    Timed,
    as_place,
    as_rows,
    as_times,
    assign,
    check_number,
    with_known_fields,
)
from .dynamic_clamp import DynamicClamp

SOURCES = ("EPSC", "EPSC_simple")
CLAMP_CURRENT = "clamp_current"
"""Name of the recording that a voltage clamp adds."""


def attach_current(cell: Cell, built: BuiltCell, place: Place) -> Any:
    """A current clamp at a place, of no current yet, on from the start without end."""
    from neuron import h

    clamp = h.IClamp(built.segment(cell.locate(place)))
    clamp.delay = 0.0
    clamp.dur = FOREVER_MS
    clamp.amp = 0.0
    return clamp


def connection_to(process: Any, weight: float) -> Any:
    """A connection that brings a point process events of this weight, at once."""
    from neuron import h

    connection = h.NetCon(None, process)
    connection.weight[0] = weight
    connection.delay = 0.0
    return connection


@with_known_fields(
    duration_ms="Give stop_ms, the time of its end",
    delay_ms="Give start_ms",
    dur_ms="Give stop_ms, the time of its end",
)
@dataclass(frozen=True, kw_only=True)
class CurrentClamp:
    """A current injected at a place, constant from `start_ms` to `stop_ms` (to the end without it).

    Attributes
    ----------
    amplitude_nA : float
        Positive depolarises.
    place : str or (str, float)
        ``soma``, ``trunk_50(0.5)`` or ``("trunk_50", 0.5)``, or region and path distance:
        ``trunk@200``.
    start_ms, stop_ms : float
    """

    amplitude_nA: float
    place: Place = SOMA
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self):
        check_number("amplitude_nA", self.amplitude_nA, -1e3, 1e3)
        check_number("start_ms", self.start_ms, 0.0, 1e7)
        assign(self, place=as_place(self.place))
        if not isinstance(self.stop_ms, Real) or not self.stop_ms > self.start_ms:
            raise ModelError(
                f"stop_ms = {self.stop_ms}: expected more than start_ms ({self.start_ms:g})."
            )

    @property
    def begins_ms(self) -> float:
        """Time of its first change."""
        return float(self.start_ms)

    def attach(self, cell: Cell, built: BuiltCell) -> Attached:
        """Attach it to a built cell."""
        clamp = attach_current(cell, built, self.place)
        clamp.delay = self.start_ms
        # A step that lasts to the end is not switched off with the last sample.
        clamp.dur = min(self.stop_ms, FOREVER_MS) - self.start_ms
        clamp.amp = self.amplitude_nA
        return Attached((clamp,))


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class VoltageClamp:
    """A single-electrode voltage clamp at a place.

    Its current is recorded as ``clamp_current`` in nA (positive depolarises).

    Attributes
    ----------
    levels : sequence of (float, float)
        Times (ms, the first 0) from which on a command potential (mV) holds.
    waveform : (sequence of float, sequence of float), optional
        In place of levels: times (ms, the first 0) and command potentials (mV), linear in between;
        the last one stays.
    place : str or (str, float)
    series_resistance_MOhm : float
        By default that of an ideal clamp.
    """

    levels: Sequence[tuple[float, float]] = ()
    waveform: tuple[Sequence[float], Sequence[float]] | None = None
    place: Place = SOMA
    series_resistance_MOhm: float = 0.01

    def __post_init__(self):
        assign(self, place=as_place(self.place), levels=as_rows("levels", self.levels))
        if self.waveform is not None:
            assign(self, waveform=as_rows("waveform", self.waveform))
        if bool(self.levels) == (self.waveform is not None):
            raise ModelError(
                "a voltage clamp has either levels, [(0, -65), (100, -20)], or a waveform"
                " (times, potentials)."
            )
        check_number("series_resistance_MOhm", self.series_resistance_MOhm, 1e-6, 1e6)
        for time, value in self._command_points():
            check_number("time of the voltage clamp", time, 0.0, 1e7)
            check_number("potential of the voltage clamp", value, -1e3, 1e3)
        times_ms = [time for time, _ in self._command_points()]
        if times_ms[0] != 0 or any(after <= before for before, after in pairwise(times_ms)):
            raise ModelError(
                f"times of the voltage clamp {times_ms[:4]}: expected 0 first, then increasing"
                " times in ms."
            )

    def _command_points(self) -> list[tuple[float, float]]:
        """Times (ms) and potentials (mV) of the levels or of the waveform."""
        if self.waveform is None:
            if any(len(level) != 2 for level in self.levels):
                raise ModelError(
                    "levels: expected pairs of a time (ms) and a potential (mV),"
                    " [(0, -65), (100, -20)]."
                )
            return list(self.levels)
        lengths = [len(row) for row in self.waveform]
        if len(lengths) != 2 or lengths[0] != lengths[1] or lengths[0] < 2:
            raise ModelError(
                "waveform: expected times, two or more, and potentials, as many of these as times."
            )
        return list(zip(*self.waveform, strict=True))

    @property
    def begins_ms(self) -> float:
        """Time of its first change: it holds from the start."""
        return 0.0

    def command(self) -> tuple[list[float], list[float]]:
        """Times (ms) and command potentials (mV), linear in between; a jump's time stands twice."""
        if self.waveform is not None:
            times_ms, values_mV = (list(row) for row in self.waveform)
        else:
            times_ms = [0.0]
            values_mV = [self.levels[0][1]]
            for time, value in self.levels[1:]:
                times_ms += [time] * 2
                values_mV += [values_mV[-1], value]
        return [*times_ms, 1e9], [*values_mV, values_mV[-1]]

    def attach(self, cell: Cell, built: BuiltCell) -> Attached:
        """Attach it to a built cell."""
        from neuron import h

        clamp = h.SEClamp(built.segment(cell.locate(self.place)))
        clamp.rs = self.series_resistance_MOhm
        clamp.dur1 = FOREVER_MS
        times_ms, command_mV = (h.Vector(values) for values in self.command())
        command_mV.play(clamp._ref_amp1, times_ms, True)
        return Attached((clamp, times_ms, command_mV))


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class SynapticCurrent(Timed):
    """Events of a current with a synapse's time course and no driving force.

    Attributes
    ----------
    times_ms : float or sequence of float
    peak_nA : float
        Largest current of one event; it depolarises.
    place : str or (str, float)
    source : str
        ``EPSC`` (0.2 and 5 ms, full model) or ``EPSC_simple`` (2 and 20 ms, simple model), of
        NeuroML2/LEMS_CA1_receptors.xml.
    """

    times_ms: float | Sequence[float]
    peak_nA: float
    place: Place = SOMA
    source: str = "EPSC"

    def __post_init__(self):
        assign(self, times_ms=as_times(self.times_ms), place=as_place(self.place))
        check_number("peak_nA", self.peak_nA, 0.0, 1e3)
        if self.source not in SOURCES:
            near = did_you_mean(self.source, SOURCES)
            raise ModelError(
                f"source {quoted(self.source)}: expected {' or '.join(SOURCES)}.{near}"
            )

    def attach(self, cell: Cell, built: BuiltCell) -> Attached:
        """Attach it to a built cell."""
        from neuron import h

        loading.load([self.source])
        current = getattr(h, self.source)(built.segment(cell.locate(self.place)))
        weight = self.peak_nA / component(self.source)["ibase"]
        return Attached((current, connection_to(current, weight)), as_times(self.times_ms))


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class SynapticConductance(Timed):
    """Events of a conductance that rises and decays exponentially, NEURON's Exp2Syn.

    Attributes
    ----------
    times_ms : float or sequence of float
    peak_uS : float
        Largest conductance of one event; events add up.
    place : str or (str, float)
    tau_rise_ms, tau_decay_ms : float
    reversal_mV : float
    """

    times_ms: float | Sequence[float]
    peak_uS: float
    place: Place = SOMA
    tau_rise_ms: float = 0.1
    tau_decay_ms: float = 3.0
    reversal_mV: float = 0.0

    def __post_init__(self):
        assign(self, times_ms=as_times(self.times_ms), place=as_place(self.place))
        check_number("peak_uS", self.peak_uS, 0.0, 1e3)
        check_number("tau_rise_ms", self.tau_rise_ms, 1e-3, 1e4)
        check_number("tau_decay_ms", self.tau_decay_ms, 1e-3, 1e4)
        check_number("reversal_mV", self.reversal_mV, -200.0, 200.0)
        if not self.tau_rise_ms < self.tau_decay_ms:
            raise ModelError(
                f"tau_rise_ms = {self.tau_rise_ms:g}: expected less than tau_decay_ms"
                f" ({self.tau_decay_ms:g})."
            )

    def attach(self, cell: Cell, built: BuiltCell) -> Attached:
        """Attach it to a built cell."""
        from neuron import h

        synapse = h.Exp2Syn(built.segment(cell.locate(self.place)))
        synapse.tau1, synapse.tau2 = self.tau_rise_ms, self.tau_decay_ms
        synapse.e = self.reversal_mV
        connection = connection_to(synapse, self.peak_uS)
        return Attached((synapse, connection), as_times(self.times_ms))


Electrode = CurrentClamp | VoltageClamp | SynapticCurrent | SynapticConductance | DynamicClamp
