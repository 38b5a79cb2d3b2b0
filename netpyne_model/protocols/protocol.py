"""The nouns of an experiment on one cell: stimuli, holding, recordings. Plain data; `runner` builds and runs them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from typing import Any

from ..errors import ModelError, did_you_mean

RECEPTORS = {"spine": ("AMPA", "NMDA"), "shaft": ("AMPA", "NMDA", "GABA_A")}
SOMA = "soma_0(0)"
"""The joint of the two somatic cylinders, where the paper records and injects."""
DEFAULT_ATOL = 1e-4


@dataclass(frozen=True, kw_only=True)
class CurrentClamp:
    """A current injected at a place, constant from `start_ms` to `stop_ms` (to the end without it).

    Attributes
    ----------
    amplitude_nA : float
        Positive depolarises.
    place : str
        ``soma_0(0)``, or region and path distance: ``trunk@200``.
    start_ms, stop_ms : float
    """

    amplitude_nA: float
    place: str = SOMA
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self):
        _check_number("amplitude_nA", self.amplitude_nA, -1e3, 1e3)
        _check_number("start_ms", self.start_ms, 0.0, 1e7)
        if not self.stop_ms > self.start_ms:
            raise ModelError(f"stop_ms = {self.stop_ms}: expected more than start_ms ({self.start_ms:g}).")


@dataclass(frozen=True, kw_only=True)
class VoltageClamp:
    """A single-electrode voltage clamp at a place; its current is recorded as ``clamp_current`` in nA.

    Attributes
    ----------
    levels : sequence of (float, float)
        Times (ms, the first 0) from which on a command potential (mV) holds.
    waveform : (sequence of float, sequence of float), optional
        Times (ms) and command potentials (mV), linear in between, in place of levels.
    place : str
    series_resistance_MOhm : float
        0.01, an ideal clamp, unless given.
    """

    levels: Sequence[tuple[float, float]] = ()
    waveform: tuple[Sequence[float], Sequence[float]] | None = None
    place: str = SOMA
    series_resistance_MOhm: float = 0.01

    def __post_init__(self):
        if bool(self.levels) == (self.waveform is not None):
            raise ModelError(
                "a voltage clamp has either levels, [(0, -65), (100, -20)], or a waveform (times, potentials)."
            )
        _check_number("series_resistance_MOhm", self.series_resistance_MOhm, 1e-6, 1e6)
        times_ms = [time for time, _ in self.levels] if self.levels else list(self.waveform[0])
        if self.waveform is not None and (len(times_ms) != len(self.waveform[1]) or len(times_ms) < 2):
            raise ModelError("waveform: expected as many potentials as times, two or more.")
        if times_ms[0] != 0 or any(after <= before for before, after in pairwise(times_ms)):
            raise ModelError(
                f"times of the voltage clamp {times_ms[:4]}...: expected 0 first, then increasing times in ms."
            )

    def command(self) -> tuple[list[float], list[float]]:
        """Times (ms) and command potentials (mV), linear in between; a time stands twice where the command jumps."""
        if self.waveform is not None:
            return [float(t) for t in self.waveform[0]], [float(v) for v in self.waveform[1]]
        times_ms, values_mV = [0.0], [float(self.levels[0][1])]
        for time, value in self.levels[1:]:
            times_ms += [float(time)] * 2
            values_mV += [values_mV[-1], float(value)]
        return [*times_ms, 1e9], [*values_mV, values_mV[-1]]


@dataclass(frozen=True, kw_only=True)
class SpineInput:
    """Events on spines: each gets all of `times_ms` at its AMPA and NMDA receptor.

    Attributes
    ----------
    times_ms : sequence of float
    place : str, optional
        The `n` spines of the region nearest to this place by path distance are driven ...
    n : int
    spines : sequence of int, optional
        ... or these, by their numbers in the cell's placement.
    receptors : sequence of str
        ``AMPA``, ``NMDA`` or both.
    weight : float
        Of the AMPA receptor, in units of its spine's conductance.
    """

    times_ms: Sequence[float]
    place: str | None = None
    n: int = 1
    spines: Sequence[int] = ()
    receptors: Sequence[str] = RECEPTORS["spine"]
    weight: float = 1.0

    def __post_init__(self):
        if (self.place is None) == (not self.spines):
            raise ModelError("spine input: give either a place (and n, how many spines near it), or spines by number.")
        _check_number("n", self.n, 1, 1e6)
        _check_events(self.times_ms, self.weight)
        _check_receptors(self.receptors, "spine")


@dataclass(frozen=True, kw_only=True)
class ShaftInput:
    """Events at one receptor on the branch itself.

    Attributes
    ----------
    times_ms : sequence of float
    place : str
    receptor : str
        ``GABA_A``, ``AMPA`` or ``NMDA``.
    weight : float
        In units of the component's gbase.
    """

    times_ms: Sequence[float]
    place: str
    receptor: str = "GABA_A"
    weight: float = 1.0

    def __post_init__(self):
        _check_events(self.times_ms, self.weight)
        _check_receptors([self.receptor], "shaft")


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A potential held by a constant current from the start, which is solved for.

    Attributes
    ----------
    target_mV : float
        Mean potential over the last 3 to 1 ms before `until_ms`.
    place : str
        Where it is held and the current injected.
    until_ms : float, optional
        End of the time to settle; the first event or change of a stimulus by default, 250 without any.
    tolerance_mV : float
    """

    target_mV: float
    place: str = SOMA
    until_ms: float | None = None
    tolerance_mV: float = 0.01

    def __post_init__(self):
        _check_number("target_mV", self.target_mV, -200.0, 100.0)
        _check_number("tolerance_mV", self.tolerance_mV, 1e-6, 10.0)
        if self.until_ms is not None:
            _check_number("until_ms", self.until_ms, 4.0, 1e7)


Stimulus = CurrentClamp | VoltageClamp | SpineInput | ShaftInput


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One experiment on a cell.

    Attributes
    ----------
    duration_ms : float
    stimuli : sequence of CurrentClamp, VoltageClamp, SpineInput, ShaftInput
    record : mapping of str to str
        Name -> ``place`` for the potential there, or ``variable place``: ``nas.i trunk@200`` (current of a channel, mA/cm2),
        ``nas.g``, ``nas.m`` (gate), ``na.i`` (current of an ion), ``AMPA.g spine_120``, ``NMDA.i spine_120``. A place
        is ``section(x)``, ``region@path distance``, or ``spine_<number>``, the head of a spine of the placement.
    holding : Holding, optional
    v_init_mV, celsius : float, optional
        The cell's own by default; with holding, the start is the held potential.
    dt_ms : float, optional
        Fixed step (implicit Euler); without it the step is adapted (CVode).
    atol : float
        Absolute tolerance of the adapted step.
    record_step_ms : float
    """

    duration_ms: float
    stimuli: Sequence[Stimulus] = ()
    record: Mapping[str, str] = field(default_factory=lambda: {"soma": SOMA})
    holding: Holding | None = None
    v_init_mV: float | None = None
    celsius: float | None = None
    dt_ms: float | None = None
    atol: float = DEFAULT_ATOL
    record_step_ms: float = 0.1

    def __post_init__(self):
        _check_number("record_step_ms", self.record_step_ms, 1e-3, 1e3)
        _check_number("duration_ms", self.duration_ms, 2 * self.record_step_ms, 1e7)
        _check_number("atol", self.atol, 1e-12, 1.0)
        for name, (value, low, high) in {
            "v_init_mV": (self.v_init_mV, -200.0, 100.0),
            "celsius": (self.celsius, 0.0, 50.0),
            "dt_ms": (self.dt_ms, 1e-4, 1.0),
        }.items():
            if value is not None:
                _check_number(name, value, low, high)
        for stimulus in self.stimuli:
            if not isinstance(stimulus, Stimulus):
                kinds = ", ".join(kind.__name__ for kind in Stimulus.__args__)
                raise ModelError(f"stimulus {stimulus!r}: expected one of {kinds}.")
        if not self.record or not all(isinstance(name, str) and name.isidentifier() for name in self.record):
            raise ModelError("record: expected a mapping of names (letters, digits, _) to what is recorded where.")

    def run(self, cell: Any, *, name: str | None = None) -> Any:
        """Run it on a cell: see `run_protocol`."""
        from .runner import run_protocol

        return run_protocol(cell, self, name=name)


def _check_number(name: str, value: Any, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high:
        raise ModelError(f"{name} = {value!r}: expected a number from {low:g} to {high:g}.")


def _check_events(times_ms: Sequence[float], weight: float) -> None:
    for time in times_ms:
        _check_number("times_ms", time, 0.0, 1e7)
    _check_number("weight", weight, 0.0, 1e6)


def _check_receptors(receptors: Sequence[str], site: str) -> None:
    for receptor in receptors:
        if receptor not in RECEPTORS[site]:
            raise ModelError(f"receptor '{receptor}' on a {site}:{did_you_mean(receptor, RECEPTORS[site])}")
