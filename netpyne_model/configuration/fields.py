"""The fields of a run: each with its unit, range and default, and how they fit each other.

None in a field means "what the set-up says" (``inputs/setups.yaml``) or "what the model says"
(`MODEL_DEFAULTS`).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..cell.integration import Integration, check_multiple_of_dt, require_exact_receptors
from ..data_folders import PACKAGE
from ..errors import ModelError, did_you_mean
from ..files import read_mapping, sha256_of
from ..parameter_settings import check_value
from ..plain_values import plain
from ..receptors import receptors, receptors_of

if TYPE_CHECKING:
    from ..cell.cell import Cell

MODEL_DEFAULTS = read_mapping(PACKAGE / "biophysics" / "CA1_full.yaml")["run"]
"""Temperature, start voltage and spike threshold of the published cell, from its table of rules."""

# Read here since `inputs` would import pandas for ``--help``.
_SET_UPS = read_mapping(PACKAGE / "inputs" / "setups.yaml")
SETUPS = tuple(_SET_UPS["setups"])
"""Names of the set-ups of place-field input."""

EXAMPLE_STIMULI = "[{kind: CurrentClamp, amplitude_nA: 0.1, start_ms: 500}]"
EXAMPLE_RECORD = "{A: kad.i trunk@200, tuft: tuft@400}"

FILES = ("cell_file", "events_file", "weights_file")
"""Fields that name files; what a trial is, their content decides."""
CONTENTS: dict[str, str] = {"events_file": "events_sha256", "weights_file": "weights_sha256"}
"""Fields of files that stay files in a result, and those that say what their content was."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Relative = Annotated[float, Field(ge=0, le=1)]


def value_of_set_up(setup: str, field: str) -> Any:
    """What a set-up has for a field that is null; None if it is no number or word of the set-up's."""
    return {**_SET_UPS["shared"], **_SET_UPS["setups"].get(setup, {})}.get(field)


class TrialConfig(BaseModel):
    """Everything that decides the outcome of one run. Immutable.

    `load_configuration` makes it from user input and words every error as one `ModelError` line;
    the constructor raises pydantic's ``ValidationError``.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )

    cell_file: Path | None = Field(
        None,
        strict=False,
        description="the cell: a specification (.yaml) or a morphology (.swc); null: the published"
        " one",
    )
    cell: dict[str, Any] | None = Field(
        None,
        description="the cell in place: what a file of it holds, or what differs from the"
        " package's cell (base: CA1)",
    )
    parameters: dict[str, float] = Field(
        {},
        description="changes of the cell's parameters: a factor on all of it (kdr.gbar*=0.8) or in"
        " a region (trunk:kdr.gbar*=0.8), or a value there (trunk:kdr.gbar=0.02)",
    )
    setup: str = Field(
        "silent_cell",
        description="place-field input, by the name of its set-up in inputs/setups.yaml",
        json_schema_extra={"enum": list(SETUPS)},
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
        None,
        description="simulated time, settling included, as far as whole steps of record_step_ms go;"
        " null: the whole protocol",
    )
    dt_ms: float = Field(0.025, ge=0.001, le=0.1, description="fixed time step")
    celsius: Annotated[float, Field(ge=0, le=50)] | None = Field(
        None, description=f"temperature; null: the cell's own ({MODEL_DEFAULTS['celsius']:g})"
    )
    v_init_mV: Annotated[float, Field(ge=-150, le=50)] | None = Field(
        None,
        description=f"voltage at the start; null: the cell's own ({MODEL_DEFAULTS['v_init_mV']:g})",
    )
    spines: Literal["solved", "silent", "folded", "explicit", "none"] = Field(
        "solved",
        description="spines: all solved with their segments, or driven ones as sections (silent);"
        " driven ones as sections, the others folded into their segments' membrane (folded); all as"
        " sections (explicit); or left out (none)",
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
        description="drugs by name, such as TTX, AP5, Ba, ZD7288, XE991, with the factor left TTX:0.25, or of"
        " INaP the dose taken INaP:0.5; in a region INaP:0.5@ais",
    )
    excitation: bool = Field(True, description="whether excitatory inputs are active")
    n_excitatory: Annotated[int, Field(ge=0, le=10**6)] | None = Field(
        None,
        description="number of driven excitatory synapses (each region's share rounded down);"
        " null: the set-up's",
    )
    n_inhibitory: Annotated[int, Field(ge=0, le=10**6)] | None = Field(
        None,
        description="number of driven inhibitory synapses (each region's share rounded down);"
        " null: the set-up's",
    )
    excitatory_share: Relative | None = Field(
        None,
        description="driven excitatory synapses as a share of the cell's spines, in place of"
        " n_excitatory; the published cell has 0.14 (silent_cell) or 0.28 (place_cell)",
    )
    inhibitory_share: Relative | None = Field(
        None,
        description="driven inhibitory synapses as a share of the cell's, in place of n_inhibitory",
    )
    w_max: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="largest AMPA weight, at the field centre; null: the set-up's"
    )
    field_centre_fraction: Relative | None = Field(
        None, description="field centre as a fraction of the track; null: the set-up's"
    )
    arrangement: Literal["random", "clustered", "co_tuned"] | None = Field(
        None,
        description="which spines the excitatory inputs drive: random ones, clusters of neighbours"
        " with neighbouring fields, or random ones with neighbouring fields on each branch;"
        " null: the set-up's",
    )
    theta_depth: Relative | None = Field(
        None,
        description="depth of the excitatory inputs' theta modulation, their mean rate kept;"
        " null: the set-up's",
    )
    theta_k: Annotated[float, Field(gt=0, le=50)] | None = Field(
        None,
        description="sharpness of the excitatory inputs' theta modulation, their mean rate kept: the"
        " larger, the more synchronous those of equal phase; null: the set-up's",
    )
    assignment_seed: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = Field(
        None,
        description="seed of driven synapses and their fields alone: trials that share it are laps"
        " of one cell; null: seed",
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
    events_sha256: Sha256 | None = Field(
        None,
        description="SHA-256 of events_file when it was run, as results have it: another content is"
        " refused; null: any content",
    )
    weights_file: Path | None = Field(
        None,
        strict=False,
        description="CSV of the AMPA weight of every excitatory synapse, such as an induction"
        " leaves them; null: by the set-up's field and w_max",
    )
    weights_sha256: Sha256 | None = Field(
        None, description="SHA-256 of weights_file when it was run, as events_sha256"
    )
    stimuli: tuple[dict[str, Any], ...] = Field(
        (),
        strict=False,
        description="stimuli beside the place-field input and the DC, as protocols have them, each"
        f" with its kind, such as {EXAMPLE_STIMULI}",
    )
    record_step_ms: float = Field(
        0.1, gt=0, le=100, description="step of the recordings; a multiple of dt_ms"
    )
    record: dict[str, str] = Field(
        {},
        description="recordings beside the voltages of soma, ais, proximal and distal trunk: name"
        f" and 'place' for the voltage there, or 'variable place', such as {EXAMPLE_RECORD}",
    )
    record_currents: bool = Field(
        False,
        description="whether to record the synaptic currents, summed over the cell by receptor",
    )
    record_segments_ms: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        None,
        description="step at which the voltage of every segment is recorded, a multiple of dt_ms;"
        " 0: not at all; null: 1 ms for the report of ca1 run, else not at all",
    )
    record_membrane_currents_ms: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="step at which all currents of every segment are recorded, by type, for"
        " ca1 currentscape; a multiple of dt_ms; 0: not at all",
    )
    record_membrane_currents_from_ms: Annotated[float, Field(ge=0, le=1e6)] | None = Field(
        None, description="time from which they are recorded; null: from the start"
    )
    record_membrane_currents_to_ms: Annotated[float, Field(ge=0, le=1e6)] | None = Field(
        None, description="time until which they are recorded; null: to the end"
    )
    spike_threshold_mV: Annotated[float, Field(ge=-100, le=50)] | None = Field(
        None,
        description="upward crossing that counts as a spike; null: the cell's own"
        f" ({MODEL_DEFAULTS['spike_threshold_mV']:g})",
    )
    integration: Integration = Field(
        "fixed_step",
        description="at the step dt_ms: implicit Euler, as published, or Crank-Nicolson with exact"
        " receptors; or CVode",
    )
    variable_step_atol: float = Field(
        1e-4, gt=0, le=1, description="absolute tolerance of integration=variable_step"
    )

    @field_validator("setup")
    @classmethod
    def _setup_exists(cls, name: str) -> str:
        if name not in SETUPS:
            raise ModelError(f"there is no such set-up.{did_you_mean(name, SETUPS)}")
        return name

    @field_validator("drugs", mode="before")
    @classmethod
    def _names_only(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or any(not isinstance(item, str) for item in value):
            raise ValueError("not names")
        return value

    @field_validator("cell", "stimuli", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        value = plain(value)  # a Cell, and stimuli as objects, travel as what describes them
        return [value] if isinstance(value, Mapping) and "kind" in value else value

    @field_validator("record", mode="before")
    @classmethod
    def _recordings_have_names(cls, record: Any) -> Any:
        if not isinstance(record, Mapping):
            raise ValueError("no mapping")
        if not all(isinstance(name, str) and name.isidentifier() for name in record):
            raise ValueError("names")
        return {name: _place_as_text(place) for name, place in record.items()}

    @model_validator(mode="after")
    def _one_cell(self) -> "TrialConfig":
        if self.cell is not None and self.cell_file is not None:
            raise ModelError("cell and cell_file: a trial has one cell; give one of the two.")
        return self

    @field_validator("parameters")
    @classmethod
    def _parameters_hold(cls, parameters: dict[str, float]) -> dict[str, float]:
        for name, value in parameters.items():
            check_value(name, value)
        return parameters

    @model_validator(mode="after")
    def _times_fit_each_other(self) -> "TrialConfig":
        for name in ("record_step_ms", "record_segments_ms", "record_membrane_currents_ms"):
            if value := getattr(self, name):
                check_multiple_of_dt(name, value, self.dt_ms)
        if self.duration_ms is not None and self.duration_ms < 2 * self.record_step_ms:
            raise ModelError(
                f"duration_ms = {self.duration_ms:g}: expected at least two steps of record_step_ms"
                f" ({self.record_step_ms:g} ms)."
            )
        return self

    @model_validator(mode="after")
    def _each_field_has_an_effect(self) -> "TrialConfig":
        if self.integration != "variable_step" and "variable_step_atol" in self._changed():
            raise ModelError(
                f"variable_step_atol = {self.variable_step_atol:g}: it has no effect with"
                f" integration={self.integration}; leave it out, or set integration=variable_step"
                f"{''.join(f' {one}' for one in self._fixed_step_only())}."
            )
        for name in ("from", "to"):
            field = f"record_membrane_currents_{name}_ms"
            if getattr(self, field) is not None and not self.record_membrane_currents_ms:
                raise ModelError(
                    f"{field} = {getattr(self, field):g}: it has no effect without"
                    " record_membrane_currents_ms; leave it out, or give both."
                )
        for file, content in CONTENTS.items():
            if getattr(self, file) is None and getattr(self, content) is not None:
                raise ModelError(
                    f"{content}: it has no effect without {file}; leave it out, or give both."
                )
        return self

    @model_validator(mode="after")
    def _mechanisms_fit_integration(self) -> "TrialConfig":
        if self.integration == "variable_step" and (fixed_step_only := self._fixed_step_only()):
            raise ModelError(
                "integration = 'variable_step': what is made for the fixed step must go; set"
                f" {' '.join(fixed_step_only)}."
            )
        if self.integration == "second_order" and self.receptors == "generated":
            raise ModelError(
                "integration = 'second_order': generated receptors take steps of first order; set"
                " receptors=fast."
            )
        if self.integration == "second_order":
            require_exact_receptors(receptors())
        return self

    @model_validator(mode="after")
    def _receptors_fit_spines(self) -> "TrialConfig":
        if self.spines != "solved":
            return self
        beside = [one.name for one in receptors_of("exc") if not one.solved]
        if beside:
            raise ModelError(
                f"spines = 'solved': spines solved within their synapse have no {beside[0]}"
                " receptor; set spines=folded."
            )
        if self.receptors == "generated":
            raise ModelError(
                "receptors = 'generated': spines solved within their synapse have the fast ones;"
                " set spines=folded too."
            )
        return self

    def _changed(self) -> set[str]:
        """Fields with another value than their default."""
        usual = type(self).model_fields
        return {name for name, value in self if value != usual[name].default}

    def _fixed_step_only(self) -> list[str]:
        """Settings that would make room for a variable step."""
        changes = {
            "spines": (("solved", "silent"), "folded"),
            "receptors": (("fast",), "generated"),
            "channels": (("fused",), "separate"),
            "record_currents": ((True,), False),
        }
        settings = [
            f"{name}={str(after).lower()}"
            for name, (before, after) in changes.items()
            if getattr(self, name) in before
        ]
        for name in ("record_segments_ms", "record_membrane_currents_ms"):
            if getattr(self, name):
                settings.append(f"{name}=0")
        return settings

    def make_cell(self) -> "Cell":
        """The cell that the configuration names, with its changed parameters, without its drugs."""

        return self._unchanged_cell().with_parameters(self.parameters)

    def _unchanged_cell(self) -> "Cell":
        from ..cell.cell import Cell

        return Cell(self.cell_file) if self.cell is None else Cell.from_dict(self.cell)

    def file_contents(self) -> dict[str, str]:
        """SHA-256 of the files that it names, by absolute path; ModelError if one cannot be read."""
        named = {name: getattr(self, name) for name in FILES}
        return {
            os.path.abspath(path): sha256_of(name, path)
            for name, path in named.items()
            if path is not None
        }

    def standing_alone(self) -> dict[str, Any]:
        """Every field as JSON holds it, to be run again from anywhere, with what files hold now.

        The cell of a file, if it is another than the published one, and what a cell's files hold,
        stand in place; what remains a file (morphology, channels, events, weights) has its absolute
        path and the SHA-256 of its content.

        Raises
        ------
        ModelError
            If a file cannot be read.
        """
        fields = self.as_dict()
        if self.cell_file is not None or self.cell is not None:
            cell = self._unchanged_cell()
            if self.cell_file is not None or cell.provenance["files"]:
                in_place = cell.as_dict()
                is_published = in_place == TrialConfig()._unchanged_cell().as_dict()
                fields |= {"cell_file": None, "cell": None if is_published else in_place}
        for name, content in CONTENTS.items():
            if (file := getattr(self, name)) is not None:
                fields |= {name: os.path.abspath(file), content: sha256_of(name, file)}
        return fields

    def as_dict(self) -> dict[str, Any]:
        """Every field as JSON holds it; `load_configuration` of it gives an equal configuration."""
        return self.model_dump(mode="json")


def _place_as_text(place: Any) -> Any:
    if isinstance(place, (list, tuple)) and len(place) == 2:
        return f"{place[0]}({place[1]!r})"
    return place
