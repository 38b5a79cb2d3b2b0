"""The configuration of a run: the one list of every field, its unit, range and default, and how it is loaded.

None in a field means "what the set-up says" (``inputs/setups.yaml``) or "what the model says" (`MODEL_DEFAULTS`).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .data_folders import PACKAGE
from .errors import ModelError, did_you_mean
from .files import parse_value, read_mapping
from .validation import one_line

MODEL_DEFAULTS = read_mapping(PACKAGE / "biophysics" / "CA1_full.yaml")["run"]
"""Temperature, start voltage and spike threshold of the published cell, from its table of rules."""

_UNITS = {"nA": "nA", "ms": "ms", "mV": "mV", "celsius": "degC"}

Relative = Annotated[float, Field(ge=0, le=1)]


class TrialConfig(BaseModel):
    """Everything that decides the outcome of one run. Immutable; an unknown field or a wrong type is refused.

    Build it from user input with `load_configuration`, which words every error as one `ModelError` line;
    the constructor raises pydantic's ``ValidationError``.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )

    cell_file: Path | None = Field(
        None,
        strict=False,
        description="the cell: a specification (.yaml) or a morphology (.swc); null: the published one",
    )
    setup: Literal["silent_cell", "place_cell"] = Field(
        "silent_cell",
        description="place-field input: silent cell with a somatic DC (2018), or place cell (2017)",
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="seed of every random choice of the trial")
    dc_nA: Annotated[float, Field(ge=-5, le=5)] | None = Field(
        None, description="injected DC; null: the set-up's"
    )
    dc_start_ms: Annotated[float, Field(ge=0, le=1e6)] | None = Field(
        None, description="time at which the DC is switched on; null: the set-up's"
    )
    dc_section: str | None = Field(
        None, description="section that receives the DC; null: the set-up's"
    )
    dc_x: Relative | None = Field(
        None, description="relative position of the DC along its section; null: the set-up's"
    )
    duration_ms: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        None, description="simulated time, settling included; null: the whole protocol"
    )
    dt_ms: float = Field(0.025, ge=0.001, le=0.1, description="fixed time step")
    celsius: Annotated[float, Field(ge=0, le=50)] | None = Field(
        None, description=f"temperature; null: the cell's own ({MODEL_DEFAULTS['celsius']:g})"
    )
    v_init_mV: Annotated[float, Field(ge=-150, le=50)] | None = Field(
        None,
        description=f"voltage at the start; null: the cell's own ({MODEL_DEFAULTS['v_init_mV']:g})",
    )
    spines: Literal["solved", "folded", "explicit", "none"] = Field(
        "solved",
        description="spines: driven ones solved within their synapse, or as sections (folded); the others folded into their"
        " segment; or all as sections (explicit); or left out (none)",
    )
    channels: Literal["fused", "separate"] = Field(
        "fused", description="channels: all in one mechanism, or a mechanism each"
    )
    receptors: Literal["fast", "generated"] = Field(
        "fast", description="receptor mechanisms: written by hand, or generated from NeuroML"
    )
    drugs: tuple[str, ...] = Field(
        (),
        strict=False,
        description="drugs by name, such as TTX, AP5, Ba, ZD7288, XE991, or with a factor TTX:0.25",
    )
    excitation: bool = Field(True, description="whether excitatory inputs are active")
    n_excitatory: Annotated[int, Field(ge=0, le=10**6)] | None = Field(
        None,
        description="number of driven excitatory synapses (each region's share rounded down); null: the set-up's",
    )
    n_inhibitory: Annotated[int, Field(ge=0, le=10**6)] | None = Field(
        None,
        description="number of driven inhibitory synapses (each region's share rounded down); null: the set-up's",
    )
    w_max: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="largest AMPA weight, at the field centre; null: the set-up's"
    )
    field_centre_fraction: Relative | None = Field(
        None, description="field centre as a fraction of the track; null: the set-up's"
    )
    inhibition_reduction: Literal["none", "out_of_field", "in_field", "whole_run"] = Field(
        "none", description="where along the track inhibition is reduced"
    )
    events_file: Path | None = Field(
        None,
        strict=False,
        description="CSV of synapses and event times to replay; null: drawn from the seed",
    )
    events_are: Literal["released", "presynaptic"] = Field(
        "released",
        description="events of events_file: released, or presynaptic (release model applies)",
    )
    record_step_ms: float = Field(
        0.1, gt=0, le=100, description="step of the recordings; a multiple of dt_ms"
    )
    record_sites: dict[str, str] | None = Field(
        None,
        description="voltage recordings: name and 'section(x)' or 'region@path distance'; null: soma, ais, proximal and"
        " distal trunk",
    )
    record_currents: bool = Field(
        False,
        description="whether to record the synaptic currents, summed over the cell by receptor",
    )
    spike_threshold_mV: Annotated[float, Field(ge=-100, le=50)] | None = Field(
        None,
        description=f"upward crossing that counts as a spike; null: the cell's own ({MODEL_DEFAULTS['spike_threshold_mV']:g})",
    )
    integration: Literal["fixed_step", "second_order", "variable_step"] = Field(
        "fixed_step",
        description="at the step dt_ms: implicit Euler, as published, or Crank-Nicolson with exact receptors; or CVode",
    )
    variable_step_atol: float = Field(
        1e-4, gt=0, le=1, description="absolute tolerance of integration=variable_step"
    )

    @field_validator("drugs", mode="before")
    @classmethod
    def _names_only(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or any(not isinstance(item, str) for item in value):
            raise ValueError("not names")
        return value

    @field_validator("record_sites")
    @classmethod
    def _sites_have_names(cls, sites: dict[str, str] | None) -> dict[str, str] | None:
        if sites is not None and (not sites or not all(name.isidentifier() for name in sites)):
            raise ValueError("names")
        return sites

    @model_validator(mode="after")
    def _times_fit_each_other(self) -> "TrialConfig":
        steps = self.record_step_ms / self.dt_ms
        if round(steps) < 1 or not math.isclose(steps, round(steps), rel_tol=1e-9):
            raise ModelError(
                f"record_step_ms = {self.record_step_ms:g}: expected a multiple of dt_ms ({self.dt_ms:g} ms)."
            )
        if self.integration == "variable_step" and (fixed_step_only := self._fixed_step_only()):
            raise ModelError(
                f"integration = 'variable_step': what is made for the fixed step must go; set {' '.join(fixed_step_only)}."
            )
        if self.integration == "second_order" and self.receptors == "generated":
            raise ModelError(
                "integration = 'second_order': generated receptors take steps of first order; set receptors=fast."
            )
        if self.spines == "solved" and self.receptors == "generated":
            raise ModelError(
                "receptors = 'generated': spines solved within their synapse have the fast ones; set spines=folded too."
            )
        if self.duration_ms is not None and self.duration_ms < 2 * self.record_step_ms:
            raise ModelError(
                f"duration_ms = {self.duration_ms:g}: expected at least two steps of record_step_ms "
                f"({self.record_step_ms:g} ms)."
            )
        return self

    def _fixed_step_only(self) -> list[str]:
        """Settings that would make room for a variable step."""
        changes = {
            "spines": ("solved", "folded"),
            "receptors": ("fast", "generated"),
            "channels": ("fused", "separate"),
            "record_currents": (True, False),
        }
        return [
            f"{name}={str(after).lower()}"
            for name, (before, after) in changes.items()
            if getattr(self, name) == before
        ]

    @property
    def celsius_or_default(self) -> float:
        """Temperature in degC: the field, or the model's own."""
        return MODEL_DEFAULTS["celsius"] if self.celsius is None else self.celsius

    @property
    def v_init_or_default_mV(self) -> float:
        """Start voltage in mV: the field, or the model's own."""
        return MODEL_DEFAULTS["v_init_mV"] if self.v_init_mV is None else self.v_init_mV

    @property
    def spike_threshold_or_default_mV(self) -> float:
        """Spike threshold in mV: the field, or the model's own."""
        return (
            MODEL_DEFAULTS["spike_threshold_mV"]
            if self.spike_threshold_mV is None
            else self.spike_threshold_mV
        )

    def as_dict(self) -> dict[str, Any]:
        """Every field as plain JSON-able values; `load_configuration` of it gives an equal configuration."""
        return self.model_dump(mode="json")


def load_configuration(
    file: str | Path | None = None, *overrides: Mapping[str, Any] | Sequence[str]
) -> TrialConfig:
    """Build a configuration: defaults, then the file, then each of `overrides` in turn; later ones win.

    Parameters
    ----------
    file : path, optional
        JSON or YAML file with a mapping of field names to values (what a run writes as ``configuration.json``).
    *overrides : mapping or sequence of str
        Fields as a mapping, or as ``key=value`` texts whose values are read as YAML (``dc_nA=0.05``, ``dc_nA=null``).

    Returns
    -------
    TrialConfig

    Raises
    ------
    ModelError
        One line: file unreadable or malformed (with its line), unknown field (with the nearest name), or the field,
        its value and what was expected.
    """
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    layers = [(f" in {file}", read_mapping(file))] if file is not None else []
    layers += [("", as_mapping(override)) for override in overrides]
    for where, layer in layers:
        for name, value in layer.items():
            if name not in TrialConfig.model_fields:
                raise ModelError(
                    f"unknown field '{name}'{where}.{did_you_mean(name, TrialConfig.model_fields)}"
                )
            values[name], origin[name] = value, where
    try:
        config = TrialConfig(**values)
    except ValidationError as error:
        raise one_line(error, TrialConfig, values, expected=expected, source=origin) from error
    _check_cell(config)
    return config


def description(field: str) -> str:
    """What a field is, in one line.

    Raises
    ------
    ModelError
        If there is no such field.
    """
    if field not in TrialConfig.model_fields:
        raise ModelError(f"unknown field '{field}'.{did_you_mean(field, TrialConfig.model_fields)}")
    return TrialConfig.model_fields[field].description


def unit(field: str) -> str:
    """Unit of a field, from its name; empty for a pure number or a word."""
    return _UNITS.get(field.rsplit("_", 1)[-1], "")


def expected(field: str) -> str:
    """What a field accepts, in words: kind, unit and range, from its declaration."""
    schema = TrialConfig.model_json_schema()["properties"][field]
    options = schema.get("anyOf", [schema])
    return ", or ".join(_kind(option, field) for option in options)


def _kind(schema: Mapping[str, Any], field: str) -> str:
    of_unit = f" in {unit(field)}" if unit(field) else ""
    kind = schema["type"]
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if kind in ("number", "integer"):
        low = (
            f" above {schema['exclusiveMinimum']:g} and up" if "exclusiveMinimum" in schema else ""
        )
        low = f" from {schema['minimum']:.10g}" if "minimum" in schema else low
        high = f" to {schema['maximum']:.10g}"
        return f"{'a number' if kind == 'number' else 'a whole number'}{of_unit}{low}{high}"
    if kind == "array":
        return "a list of names, such as [TTX, AP5]"
    if kind == "object":
        return "a mapping of names (letters, digits, _) to places, such as {soma: soma_0(0), tuft: tuft_60(0.5)}"
    return {"boolean": "true or false", "null": "null", "string": "a text"}[kind]


def as_mapping(override: Mapping[str, Any] | Sequence[str]) -> Mapping[str, Any]:
    """Fields given as a mapping, or as ``key=value`` texts whose values are read as YAML.

    Raises
    ------
    ModelError
        If a text is no ``key=value``, or its value is not YAML.
    """
    if isinstance(override, Mapping):
        return override
    values = {}
    for text in override:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise ModelError(
                f"setting '{text}': expected key=value, for example dc_nA=0.05 or dc_nA=null."
            )
        values[name.strip()] = parse_value(value)
    return values


def _check_cell(config: TrialConfig) -> None:
    """Refuse drugs and places that the cell does not have."""
    # Imported here because --help, which loads no configuration, should not wait for numpy.
    from .cell.cell import Cell
    from .morphology import locate
    from .specification import find_drug

    for drug in config.drugs:
        find_drug(drug)

    morphology = Cell.from_file(config.cell_file).morphology
    if config.dc_section is not None:
        morphology.section(config.dc_section)
    for site in (config.record_sites or {}).values():
        locate(morphology, site)
