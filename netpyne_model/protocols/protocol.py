"""The nouns of an experiment on one cell: stimuli, holding, recordings. Plain data; `runner` builds and runs them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from typing import Any

from ..errors import ModelError, did_you_mean
from ..morphology.locations import SOMA
from ..receptors import first_receptor
from .declaring import (
    RECEPTORS,
    as_place,
    as_rows,
    as_several,
    as_text,
    as_times,
    assign,
    check_number,
    check_receptors,
    check_whole,
)

SOURCES = ("EPSC", "EPSC_simple")
DEFAULT_ATOL = 1e-4
CLAMP_CURRENT = "clamp_current"
"""Name of the recording that a voltage clamp adds."""
Place = str | tuple[str, float]


@dataclass(frozen=True, kw_only=True)
class CurrentClamp:
    """A current injected at a place, constant from `start_ms` to `stop_ms` (to the end without it).

    Attributes
    ----------
    amplitude_nA : float
        Positive depolarises.
    place : str or (str, float)
        ``soma``, ``trunk_50(0.5)`` or ``("trunk_50", 0.5)``, or region and path distance: ``trunk@200``.
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


@dataclass(frozen=True, kw_only=True)
class VoltageClamp:
    """A single-electrode voltage clamp at a place; its current is recorded as ``clamp_current`` in nA (positive depolarises).

    Attributes
    ----------
    levels : sequence of (float, float)
        Times (ms, the first 0) from which on a command potential (mV) holds.
    waveform : (sequence of float, sequence of float), optional
        Times (ms, the first 0) and command potentials (mV), linear in between, in place of levels; the last one stays.
    place : str or (str, float)
    series_resistance_MOhm : float
        0.01, an ideal clamp, unless given.
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
                "a voltage clamp has either levels, [(0, -65), (100, -20)], or a waveform (times, potentials)."
            )
        check_number("series_resistance_MOhm", self.series_resistance_MOhm, 1e-6, 1e6)
        if any(len(level) != 2 for level in self.levels):
            raise ModelError(
                "levels: expected pairs of a time (ms) and a potential (mV), [(0, -65), (100, -20)]."
            )
        if self.waveform is not None and (
            len(self.waveform) != 2
            or len(self.waveform[0]) != len(self.waveform[1])
            or len(self.waveform[0]) < 2
        ):
            raise ModelError(
                "waveform: expected times and potentials, as many of these as times, two or more."
            )
        times_ms, values_mV = zip(*self.levels, strict=True) if self.levels else self.waveform
        for time, value in zip(times_ms, values_mV, strict=True):
            check_number("time of the voltage clamp", time, 0.0, 1e7)
            check_number("potential of the voltage clamp", value, -1e3, 1e3)
        if times_ms[0] != 0 or any(after <= before for before, after in pairwise(times_ms)):
            raise ModelError(
                f"times of the voltage clamp {list(times_ms[:4])}: expected 0 first, then increasing times in ms."
            )

    @property
    def begins_ms(self) -> float:
        """Time of its first change: it holds from the start."""
        return 0.0

    def command(self) -> tuple[list[float], list[float]]:
        """Times (ms) and command potentials (mV), linear in between; a time stands twice where the command jumps."""
        if self.waveform is not None:
            times_ms, values_mV = (list(row) for row in self.waveform)
        else:
            times_ms, values_mV = [0.0], [self.levels[0][1]]
            for time, value in self.levels[1:]:
                times_ms += [time] * 2
                values_mV += [values_mV[-1], value]
        return [*times_ms, 1e9], [*values_mV, values_mV[-1]]


@dataclass(frozen=True, kw_only=True)
class SpineInput:
    """Events on spines: each gets all of `times_ms` at its receptors, AMPA and NMDA.

    A spine has one receptor of a kind, which all inputs to it share.

    Attributes
    ----------
    times_ms : float or sequence of float
    place : str or (str, float), optional
        The `n` spines of the region nearest to this place by path distance are driven ...
    n : int
    spines : sequence of int, optional
        ... or these, by their numbers in the cell's placement.
    receptors : str or sequence of str
        ``AMPA``, ``NMDA`` or both.
    weight : float
        Of the AMPA receptor, in units of its spine's conductance (of every receptor whose weight is
        the input's: see ``receptors/receptors.yaml``).
    """

    times_ms: float | Sequence[float]
    place: Place | None = None
    n: int = 1
    spines: int | Sequence[int] = ()
    receptors: str | Sequence[str] = RECEPTORS["spine"]
    weight: float = 1.0

    def __post_init__(self):
        assign(
            self,
            times_ms=as_times(self.times_ms),
            spines=as_several(self.spines),
            receptors=as_several(self.receptors),
        )
        if (self.place is None) == (not self.spines):
            raise ModelError(
                "spine input: give either a place (and n, how many spines near it), or spines by number."
            )
        if self.place is not None:
            assign(self, place=as_place(self.place))
        check_whole("n", self.n, 1)
        for spine in self.spines:
            check_whole("spines", spine, 0)
        if len(set(self.spines)) < len(self.spines):
            twice = next(spine for spine in self.spines if self.spines.count(spine) > 1)
            raise ModelError(f"spines: {twice} is named twice; name each spine once.")
        check_number("weight", self.weight, 0.0, 1e6)
        check_receptors(self.receptors, "spine")

    @property
    def begins_ms(self) -> float:
        """Time of its first event; infinite without any."""
        return min(self.times_ms, default=math.inf)


@dataclass(frozen=True, kw_only=True)
class ShaftInput:
    """Events at one receptor on the branch itself; inputs to the same receptor at the same place share it.

    Attributes
    ----------
    times_ms : float or sequence of float
    place : str or (str, float)
    receptor : str
        ``GABA_A``, ``AMPA``, ``NMDA`` or another one of the table of receptors.
    weight : float
        In units of the component's gbase.
    """

    times_ms: float | Sequence[float]
    place: Place
    receptor: str = first_receptor("inh").name
    weight: float = 1.0

    def __post_init__(self):
        assign(self, times_ms=as_times(self.times_ms), place=as_place(self.place))
        check_number("weight", self.weight, 0.0, 1e6)
        check_receptors([self.receptor], "shaft")

    @property
    def begins_ms(self) -> float:
        """Time of its first event; infinite without any."""
        return min(self.times_ms, default=math.inf)


@dataclass(frozen=True, kw_only=True)
class SynapticCurrent:
    """Events of a current with the time course of a synapse and no driving force (NeuroML2/LEMS_CA1_receptors.xml).

    Attributes
    ----------
    times_ms : float or sequence of float
    peak_nA : float
        Largest current of one event; it depolarises.
    place : str or (str, float)
    source : str
        ``EPSC`` (0.2 and 5 ms, full model) or ``EPSC_simple`` (2 and 20 ms, simple model).
    """

    times_ms: float | Sequence[float]
    peak_nA: float
    place: Place = SOMA
    source: str = "EPSC"

    def __post_init__(self):
        assign(self, times_ms=as_times(self.times_ms), place=as_place(self.place))
        check_number("peak_nA", self.peak_nA, 0.0, 1e3)
        if self.source not in SOURCES:
            raise ModelError(
                f"source '{self.source}': expected {' or '.join(SOURCES)}.{did_you_mean(self.source, SOURCES)}"
            )

    @property
    def begins_ms(self) -> float:
        """Time of its first event; infinite without any."""
        return min(self.times_ms, default=math.inf)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A potential held by a constant current from the start, which is solved for.

    Attributes
    ----------
    target_mV : float
        Mean potential over the last 3 to 1 ms before `until_ms`.
    place : str or (str, float)
        Where it is held and the current injected.
    until_ms : float, optional
        End of the time to settle; the first event or change of a stimulus by default, 250 without any.
    tolerance_mV : float, optional
        Largest error: 0.01 mV unless given, in steps the published 0.5 mV.
    step_nA : float, optional
        Search as the paper did, in steps of this current (0.01 nA): the smallest that is good enough.
    """

    target_mV: float
    place: Place = SOMA
    until_ms: float | None = None
    tolerance_mV: float | None = None
    step_nA: float | None = None

    def __post_init__(self):
        assign(self, place=as_place(self.place))
        if self.tolerance_mV is None:
            assign(self, tolerance_mV=0.01 if self.step_nA is None else 0.5)
        if self.step_nA is not None:
            check_number("step_nA", self.step_nA, 1e-5, 1.0)
        check_number("target_mV", self.target_mV, -200.0, 100.0)
        check_number("tolerance_mV", self.tolerance_mV, 1e-6, 10.0)
        if self.until_ms is not None:
            check_number("until_ms", self.until_ms, 4.0, 1e7)


Stimulus = CurrentClamp | VoltageClamp | SpineInput | ShaftInput | SynapticCurrent


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One experiment on a cell.

    Attributes
    ----------
    duration_ms : float
    stimuli : CurrentClamp, VoltageClamp, SpineInput, ShaftInput, or a sequence of them
    record : mapping of str to str or (str, float)
        Name -> ``place`` for the potential there, or ``variable place``: ``nas.i trunk@200`` (current of a channel, mA/cm2),
        ``nas.g``, ``nas.m`` (gate), ``na.i`` (current of an ion), ``AMPA.g spine_120``, ``NMDA.i spine_120``. A place
        is ``section(x)``, ``region@path distance``, or ``spine_<number>``, the head of a spine of the placement. What
        channels and ions have is that of the segment that the place lies in.
    holding : Holding, optional
    v_init_mV, celsius : float, optional
        The cell's own by default; with holding, the start is the held potential.
    dt_ms : float, optional
        Fixed step (implicit Euler); without it the step is adapted (CVode), in one for all cells that live in NEURON.
    atol : float
        Absolute tolerance of the adapted step.
    record_step_ms : float
    segments_factor : int
        Into how many each segment of the cell is cut, its parameters staying as they are: what the discretisation does.
    """

    duration_ms: float
    stimuli: Stimulus | Sequence[Stimulus] = ()
    record: Mapping[str, str | tuple[str, float]] = field(default_factory=lambda: {"soma": SOMA})
    holding: Holding | None = None
    v_init_mV: float | None = None
    celsius: float | None = None
    dt_ms: float | None = None
    atol: float = DEFAULT_ATOL
    record_step_ms: float = 0.1
    segments_factor: int = 1

    def __post_init__(self):
        check_number("record_step_ms", self.record_step_ms, 1e-3, 1e3)
        if self.dt_ms is not None and not math.isclose(
            self.record_step_ms / self.dt_ms, round(self.record_step_ms / self.dt_ms), rel_tol=1e-6
        ):
            raise ModelError(
                f"record_step_ms = {self.record_step_ms:g}: expected a multiple of dt_ms ({self.dt_ms:g} ms)."
            )
        check_number("duration_ms", self.duration_ms, 2 * self.record_step_ms, 1e7)
        check_whole("segments_factor", self.segments_factor, 1, 99)
        check_number("atol", self.atol, 1e-12, 1.0)
        for name, (value, low, high) in {
            "v_init_mV": (self.v_init_mV, -200.0, 100.0),
            "celsius": (self.celsius, 0.0, 50.0),
            "dt_ms": (self.dt_ms, 1e-4, 1.0),
        }.items():
            if value is not None:
                check_number(name, value, low, high)
        if self.holding is not None and not isinstance(self.holding, Holding):
            raise ModelError(f"holding = {as_text(self.holding)}: expected Holding(target_mV=...).")
        assign(self, stimuli=as_several(self.stimuli))
        for stimulus in self.stimuli:
            if not isinstance(stimulus, Stimulus):
                kinds = ", ".join(kind.__name__ for kind in Stimulus.__args__)
                raise ModelError(f"stimulus {as_text(stimulus)}: expected one of {kinds}.")
            if math.inf > stimulus.begins_ms >= self.duration_ms:
                raise ModelError(
                    f"{type(stimulus).__name__} begins at {stimulus.begins_ms:g} ms, when the run of "
                    f"{self.duration_ms:g} ms is over; give a longer duration_ms."
                )
        self._check_clamps()
        names = self.record if isinstance(self.record, Mapping) else ()
        if not names or not all(isinstance(name, str) and name.isidentifier() for name in names):
            raise ModelError(
                "record: expected a mapping of names (letters, digits, _) to what is recorded where."
            )
        if CLAMP_CURRENT in names:
            raise ModelError(
                f"record: '{CLAMP_CURRENT}' is the name of a voltage clamp's current; take another."
            )
        assign(self, record={name: as_place(text) for name, text in self.record.items()})

    def _check_clamps(self) -> None:
        clamps = sum(isinstance(one, VoltageClamp) for one in self.stimuli)
        if clamps > 1:
            raise ModelError(f"{clamps} voltage clamps: expected one at most; join their levels.")
        if clamps and self.holding is not None:
            raise ModelError(
                "holding beside a voltage clamp: the clamp holds the cell; give one of the two."
            )

    def run(self, cell: Any, *, name: str | None = None) -> Any:
        """Run it on a cell: see `run_protocol`."""
        from .runner import run_protocol

        return run_protocol(cell, self, name=name)
