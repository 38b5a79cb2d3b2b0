"""The fields of a protocol: stimuli, holding, recordings and integration, as plain data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..cell.integration import INTEGRATIONS, Integration, check_multiple_of_dt
from ..errors import ModelError, did_you_mean, quoted
from ..morphology.locations import SOMA
from .checks import (
    Place,
    as_place,
    as_several,
    assign,
    check_number,
    check_whole,
    with_known_fields,
)
from .current_recording import SampleTimes, sample_times
from .electrodes import CLAMP_CURRENT, VoltageClamp
from .stimuli import Stimulus, stimulus_of
from .synaptic_inputs import PlaceFieldInput

DEFAULT_ATOL = 1e-4
CHANNELS = ("separate", "fused")


@with_known_fields()
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
        End of the time to settle; by default the first event or change of a stimulus, or 250.
    tolerance_mV : float, optional
        Largest error; by default 0.01 mV, in steps the published 0.5 mV.
    step_nA : float, optional
        Search in steps of this current, as the paper did (0.01 nA), for the smallest good enough.
    """

    target_mV: float
    place: Place = SOMA
    until_ms: float | None = None
    tolerance_mV: float | None = None
    step_nA: float | None = None

    def __post_init__(self):
        assign(self, place=as_place(self.place), tolerance_mV=self.largest_error_mV)
        if self.step_nA is not None:
            check_number("step_nA", self.step_nA, 1e-5, 1.0)
        check_number("target_mV", self.target_mV, -200.0, 100.0)
        check_number("tolerance_mV", self.tolerance_mV, 1e-6, 10.0)
        if self.until_ms is not None:
            check_number("until_ms", self.until_ms, 4.0, 1e7)

    @property
    def largest_error_mV(self) -> float:
        """The tolerance; by default that of the search."""
        if self.tolerance_mV is not None:
            return self.tolerance_mV
        return 0.01 if self.step_nA is None else 0.5


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One experiment on a cell, as data.

    Attributes
    ----------
    duration_ms : float
    stimuli : one stimulus or a sequence of them
        CurrentClamp, VoltageClamp, SpineInput, ShaftInput, SynapticCurrent, SynapticConductance,
        PlaceFieldInput.
    record : mapping of str to str or (str, float)
        Name -> ``place`` for the potential there, or ``variable place``: ``nas.i trunk@200``
        (current of a channel, mA/cm2), ``nas.g``, ``nas.m`` (gate), ``na.i`` (current of an ion),
        ``AMPA.g spine_120``, ``NMDA.i spine_120``. A place is ``section(x)``, ``region@path
        distance``, or ``spine_<number>``, the head of a spine of the placement. What channels and
        ions have is that of the segment that the place lies in.
    holding : Holding, optional
    v_init_mV, celsius : float, optional
        The cell's own by default; with holding, the start is the held potential.
    dt_ms : float, optional
        Fixed step; without it the step is adapted (CVode), in one for all cells that live in
        NEURON.
    integration : {'fixed_step', 'second_order', 'variable_step'}, optional
        As of a trial: at the step `dt_ms` implicit Euler, as published, or Crank-Nicolson with
        exact receptors; or CVode. By default fixed_step with `dt_ms`, variable_step without.
    atol : float
        Absolute tolerance of the adapted step.
    record_step_ms : float
    record_membrane_currents_ms : float
        Step at which all currents of every segment are recorded, by type, for `currentscape`: a
        multiple of dt_ms, which it needs. 0: not at all.
    record_membrane_currents_from_ms, record_membrane_currents_to_ms : float, optional
        Span in which they are; the whole run by default.
    segments_factor : int
        Into how many each segment is cut, its parameters staying as they are.
    channels : {'separate', 'fused'}
        Whether each channel is a mechanism of its own, or the package's are in one: several times
        as fast, for fixed steps, the same to rounding.
    """

    duration_ms: float
    stimuli: Stimulus | Sequence[Stimulus] = ()
    record: Mapping[str, str | tuple[str, float]] = field(default_factory=lambda: {"soma": SOMA})
    holding: Holding | None = None
    v_init_mV: float | None = None
    celsius: float | None = None
    dt_ms: float | None = None
    integration: Integration | None = None
    atol: float = DEFAULT_ATOL
    record_step_ms: float = 0.1
    record_membrane_currents_ms: float = 0.0
    record_membrane_currents_from_ms: float | None = None
    record_membrane_currents_to_ms: float | None = None
    segments_factor: int = 1
    channels: str = "separate"

    @property
    def all_stimuli(self) -> tuple[Stimulus, ...]:
        """The stimuli, one or several, as a tuple."""
        return as_several(self.stimuli)

    @property
    def integrated(self) -> str:
        """How it is integrated: `integration`, or what follows from the step."""
        if self.integration is not None:
            return self.integration
        return "variable_step" if self.dt_ms is None else "fixed_step"

    @property
    def membrane_times(self) -> SampleTimes | None:
        """When all currents are taken; None if they are not."""
        return sample_times(
            self.record_membrane_currents_ms,
            self.record_membrane_currents_from_ms,
            self.record_membrane_currents_to_ms,
            self.duration_ms,
        )

    def __post_init__(self):
        self._check_times()
        check_whole("segments_factor", self.segments_factor, 1, 99)
        check_number("atol", self.atol, 1e-12, 1.0)
        self._check_integration()
        self._check_channels()
        limits = {"v_init_mV": (-200.0, 100.0), "celsius": (0.0, 50.0), "dt_ms": (1e-4, 1.0)}
        for name, (low, high) in limits.items():
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), low, high)
        if self.holding is not None and not isinstance(self.holding, Holding):
            raise ModelError(f"holding = {quoted(self.holding)}: expected Holding(target_mV=...).")
        stimuli = [self.stimuli] if isinstance(self.stimuli, Mapping) else as_several(self.stimuli)
        assign(self, stimuli=tuple(stimulus_of(one) for one in stimuli))
        self._check_stimuli()
        assign(self, record=checked_record(self.record))
        if not self.record:
            raise ModelError("record: expected at least one recording, such as {'soma': 'soma'}.")

    def _check_integration(self) -> None:
        if self.integrated not in INTEGRATIONS:
            near = did_you_mean(str(self.integration), INTEGRATIONS)
            raise ModelError(
                f"integration = {quoted(self.integration)}: expected one of"
                f" {', '.join(INTEGRATIONS)}.{near}"
            )
        if self.integrated == "variable_step" and self.dt_ms is not None:
            raise ModelError(
                f"dt_ms = {quoted(self.dt_ms)}: an adapted step has none; leave it out, or set"
                " integration=fixed_step."
            )
        if self.integrated != "variable_step" and self.dt_ms is None:
            example_ms = 0.05 if self.integration == "second_order" else 0.025
            raise ModelError(
                f"integration = '{self.integration}' takes fixed steps: give dt_ms too, such as"
                f" {example_ms:g}."
            )

    def _check_channels(self) -> None:
        if self.channels not in CHANNELS:
            near = did_you_mean(str(self.channels), CHANNELS)
            raise ModelError(
                f"channels = {quoted(self.channels)}: expected {' or '.join(CHANNELS)}.{near}"
            )
        if self.channels == "fused" and self.dt_ms is None:
            raise ModelError("channels = 'fused' take fixed steps: give dt_ms too, such as 0.025.")

    def _check_times(self) -> None:
        check_number("record_step_ms", self.record_step_ms, 1e-3, 1e3)
        if self.dt_ms is not None:
            check_multiple_of_dt("record_step_ms", self.record_step_ms, self.dt_ms)
        check_number("duration_ms", self.duration_ms, 2 * self.record_step_ms, 1e7)
        self._check_membrane_currents()

    def _check_membrane_currents(self) -> None:
        field, step_ms = "record_membrane_currents_ms", self.record_membrane_currents_ms
        check_number(field, step_ms, 0.0, 1e3)
        for name in ("from", "to"):
            span = f"record_membrane_currents_{name}_ms"
            if getattr(self, span) is not None:
                check_number(span, getattr(self, span), 0.0, 1e7)
                if not step_ms:
                    raise ModelError(f"{span}: it has no effect without {field}; give both.")
        if not step_ms:
            return
        if self.dt_ms is None:
            raise ModelError(f"{field} takes fixed steps: give dt_ms too, such as 0.025.")
        check_multiple_of_dt(field, step_ms, self.dt_ms)
        _ = self.membrane_times  # its checks

    def _check_stimuli(self) -> None:
        check_begins(self.all_stimuli, self.duration_ms)
        if sum(isinstance(one, PlaceFieldInput) for one in self.all_stimuli) > 1:
            raise ModelError("several place-field inputs: expected one at most, on one track.")
        if check_clamps(self.all_stimuli) and self.holding is not None:
            raise ModelError(
                "holding beside a voltage clamp: the clamp holds the cell; give one of the two."
            )


def check_begins(stimuli: Sequence[Stimulus], duration_ms: float) -> None:
    """Refuse stimuli that begin when the run is over."""
    for stimulus in stimuli:
        if math.inf > stimulus.begins_ms >= duration_ms:
            raise ModelError(
                f"{type(stimulus).__name__} begins at {stimulus.begins_ms:g} ms, when the run of"
                f" {duration_ms:g} ms is over; give a longer duration_ms."
            )


def check_clamps(stimuli: Sequence[Stimulus]) -> bool:
    """Refuse more than one voltage clamp; return whether there is one."""
    clamps = sum(isinstance(one, VoltageClamp) for one in stimuli)
    if clamps > 1:
        raise ModelError(f"{clamps} voltage clamps: expected one at most; join their levels.")
    return clamps == 1


def checked_record(record: Mapping[str, str | tuple[str, float]]) -> dict[str, str]:
    """What is recorded, by name, with places as text."""
    names = record if isinstance(record, Mapping) else ("",)
    if not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise ModelError(
            "record: expected a mapping of names (letters, digits, _) to what is recorded where."
        )
    if CLAMP_CURRENT in names:
        raise ModelError(
            f"record: '{CLAMP_CURRENT}' is the name of a voltage clamp's current; take another."
        )
    return {name: as_place(text) for name, text in record.items()}
