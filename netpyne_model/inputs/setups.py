"""The two published place-field set-ups (model.md 7), read from ``setups.yaml`` and checked.

Sources: Grienberger et al. 2017, Nat Neurosci 20:417; Hsu et al. 2018, Neuron 99:147.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..validation import one_line
from .track import CircularTrack, TimeTrack

TABLE = Path(__file__).with_name("setups.yaml")
ARRANGEMENTS = ("random", "clustered", "co_tuned")
INHIBITION_REDUCTIONS = ("none", "out_of_field", "in_field", "whole_run")


class Site(NamedTuple):
    """A place on the cell: section name and relative position."""

    section: str
    x: Annotated[float, Field(ge=0, le=1)]


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Excitation(_Checked):
    """Rate of an excitatory input at its peak; depth and sharpness (k) of its theta modulation."""

    peak_hz: float = Field(ge=0)
    theta_depth: float = Field(ge=0, le=1)
    theta_k: float = Field(gt=0)


class Inhibition(_Checked):
    """Nominal mean rate of an inhibitory input; depth and sharpness (k) of its theta modulation."""

    nominal_mean_hz: float = Field(ge=0)
    theta_depth: float = Field(ge=0, le=1)
    theta_k: float = Field(gt=0)

    @property
    def peak_hz(self) -> float:
        """Rate at the preferred theta phase: 2 mean / (2 - depth)."""
        return 2 * self.nominal_mean_hz / (2 - self.theta_depth)


class Clusters(_Checked):
    """Of a clustered arrangement: the most driven spines a cluster, and its length of branch."""

    spines: int = Field(ge=1)
    span_um: float = Field(gt=0)


class ExcitatoryGroup(_Checked):
    """Regions whose inputs form the group, preferred theta phase, and whether it precesses."""

    regions: tuple[str, ...]
    psi0_deg: float
    precesses: bool


class InhibitoryGroup(_Checked):
    """Preferred theta phase, and whether a reduction of inhibition touches the group."""

    psi0_deg: float
    reducible: bool


class InhibitoryRule(_Checked):
    """Which synapses (regions, terminal branch or not, distance) go to which groups, by odds."""

    regions: tuple[str, ...]
    terminal: bool | None = None
    up_to_um: float | None = None
    odds: dict[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)


class Precession(_Checked):
    """psi (deg) at distances from the peak in field widths; linear between, constant outside."""

    field_widths: tuple[float, ...]
    psi_deg: tuple[float, ...]

    @model_validator(mode="after")
    def _matching(self):
        rising = list(self.field_widths) == sorted(self.field_widths)
        if not rising or len(self.field_widths) != len(self.psi_deg):
            raise ValueError("field_widths must rise and psi_deg have as many values")
        return self


class Setup(_Checked):
    """A place-field set-up.

    Field names carry their units; ``setups.yaml`` says what each one is. Derived: `track_ms`,
    `duration_ms`, `track_start_ms`, `field_centre`. Change fields with `changed` (checked); what
    ``model_copy(update=...)`` leaves unchecked is checked by `draw_trial`.
    """

    name: str
    description: str
    source: str
    settling_ms: float = Field(ge=0)
    lead_in_ms: float = Field(ge=0)
    track: Annotated[TimeTrack | CircularTrack, Field(discriminator="kind")]
    n_excitatory: int = Field(ge=0)
    n_inhibitory: int = Field(ge=0)
    w_max: float = Field(ge=0)
    field_centre_fraction: float = Field(ge=0, le=1)
    weight_bump_field_widths: float = Field(gt=0)
    arrangement: Literal["random", "clustered", "co_tuned"]
    clusters: Clusters
    envelope_exponent: float = Field(gt=0)
    theta_period_ms: float = Field(gt=0)
    dead_time_ms: float = Field(ge=0)
    precession: Precession
    excitation: Excitation
    inhibition: Inhibition
    inhibition_reduction: Literal["none", "out_of_field", "in_field", "whole_run"]
    inhibition_reduction_fraction: float = Field(ge=0, le=1)
    inhibition_reduction_ms: float = Field(ge=0)
    excitatory_groups: dict[str, ExcitatoryGroup]
    inhibitory_groups: dict[str, InhibitoryGroup]
    inhibitory_rules: tuple[InhibitoryRule, ...]
    dc_nA: float
    dc_start_ms: float = Field(ge=0)
    dc_site: Site

    @model_validator(mode="after")
    def _possible(self):
        fastest_hz = max(self.excitation.peak_hz, self.inhibition.peak_hz)
        if fastest_hz * self.dead_time_ms >= 1e3:
            raise ValueError(
                f"a rate of {fastest_hz:g} Hz cannot be had with dead_time_ms {self.dead_time_ms:g}"
            )
        named = {name for rule in self.inhibitory_rules for name in rule.odds}
        if unknown := named - set(self.inhibitory_groups):
            raise ValueError(f"inhibitory_rules name the unknown group {quoted(min(unknown))}")
        return self

    @property
    def track_ms(self) -> float:
        """Time on the track in ms."""
        return self.track.track_time_ms(self.track.length)

    @property
    def track_start_ms(self) -> float:
        """Simulation time in ms of the start of the track (s = 0)."""
        return self.settling_ms + self.lead_in_ms

    @property
    def duration_ms(self) -> float:
        """Settling, lead-in and track together, in ms."""
        return self.track_start_ms + self.track_ms

    @property
    def field_centre(self) -> float:
        """Position (ms or cm, see `track.unit`) at which the AMPA weights have their maximum."""
        return self.field_centre_fraction * self.track.length

    def changed(self, **fields) -> "Setup":
        """A copy with some fields replaced; `ModelError` if one does not exist or does not fit."""
        return _checked({**self.model_dump(warnings=False), **fields}, self.name)

    def with_theta(self, depth: float | None = None, k: float | None = None) -> "Setup":
        """A copy with another theta modulation of the excitatory inputs, their mean rate kept.

        Parameters
        ----------
        depth, k : float, optional
            Depth, 0 to 1, and sharpness of the modulation; the set-up's own without them. The rate
            at the peak follows, so that an input fires as often in a theta cycle as before, at
            fewer phases: inputs of the same phase are then more synchronous.
        """
        own = self.excitation
        depth = own.theta_depth if depth is None else depth
        k = own.theta_k if k is None else k
        if (depth, k) == (own.theta_depth, own.theta_k):
            return self
        kept = mean_theta_factor(own.theta_k, own.theta_depth) / mean_theta_factor(k, depth)
        changed = {"peak_hz": own.peak_hz * kept, "theta_depth": depth, "theta_k": k}
        return self.changed(excitation=changed)


def mean_theta_factor(k: float, depth: float) -> float:
    """Mean over a cycle of the theta factor, exp(k cos angle) rescaled to 1 - depth to 1."""
    return float(1 - depth * (np.exp(k) - np.i0(k)) / (np.exp(k) - np.exp(-k)))


def _checked(fields: dict, name: str) -> Setup:
    try:
        return Setup.model_validate(fields)
    except ValidationError as error:
        raise one_line(error, Setup, fields, what=f"set-up {quoted(name)}") from None


@cache
def _table() -> dict:
    return read_mapping(TABLE)


ENVELOPE_EXPONENT: float = _table()["shared"]["envelope_exponent"]
"""Of the spatial envelope of an input's rate, all set-ups."""
SETUPS = tuple(_table()["setups"])
"""Names of the set-ups."""


@cache
def _load(name: str) -> Setup:
    return _checked({"name": name, **_table()["shared"], **_table()["setups"][name]}, name)


def load_setup(name: str) -> Setup:
    """A published set-up: ``place_cell`` (Grienberger 2017) or ``silent_cell`` (Hsu 2018)."""
    if name not in SETUPS:
        raise ModelError(f"set-up {quoted(name)} does not exist.{did_you_mean(name, SETUPS)}")
    return _load(name)


def group_names(kind: str) -> tuple[str, ...]:
    """Names of the groups of inputs of one kind (``exc`` or ``inh``), in the order of the table."""
    key = {"exc": "excitatory_groups", "inh": "inhibitory_groups"}[kind]
    return tuple(_table()["shared"][key])
