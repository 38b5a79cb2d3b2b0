"""A study as it is declared: conditions that change the configuration, run with equal seeds."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import Self

from ..analysis import MEASURES, PROFILES
from ..configuration import field_value, load_configuration, plain_fields
from ..errors import ModelError, did_you_mean
from ..files import read_mapping
from ..inputs import load_setup
from ..simulation import check_trial
from ..validation import one_line
from .conditions import (
    LABEL,
    Changes,
    as_text,
    check_field,
    grid_conditions,
    name_of,
    table_conditions,
)
from .trial import FILES, StudyTrial

FOLDER = Path(__file__).parent
PUBLISHED = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""Names of the studies that come with the package."""

STUDY_FILE = "study.json"
"""What the folder of a study holds as its declaration."""

_SWEEPS = ("grid", "list", "table")


class PublishedValue(BaseModel):
    """A value of the published model that a study is compared with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    condition: str = Field(description="name of the condition")
    measure: str = Field(
        description="column of trials.csv, for its mean over trials; or a profile along the track,"
        " for the highest value of its mean"
    )
    value: float = Field(description="in the published model, in the measure's unit")
    tolerance: float = Field(ge=0, description="largest difference that counts as agreement")


class Declaration(BaseModel):
    """Trials of several conditions, each with the same seeds. Immutable.

    In place of ``conditions`` it takes ``grid`` (field to values), ``list`` (mappings of fields,
    with ``condition`` as the name) or ``table`` (a CSV file, a column a field). A cell and stimuli
    may be objects; a parameter of the cell is a field too (``kdr.gbar*``).

    Raises
    ------
    ModelError
        If an entry does not exist (with the nearest name) or does not hold.

    Examples
    --------
    >>> study = Study(base={"duration_ms": 1000}, grid={"dc_nA": [0, 0.1]}, trials=5)
    >>> results = study.run("dc")
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("sweep", pattern=r"^[A-Za-z0-9_.-]+$", description="names the results folder")
    title: str = Field("", description="heads the figures")
    source: str = Field("", description="where the study comes from")
    base: dict[str, Any] = Field(
        default_factory=dict, description="fields of the configuration, in all conditions"
    )
    conditions: tuple[Changes, ...] = Field(
        ({},),
        min_length=1,
        description="fields that each condition changes; its name in 'condition'",
    )
    trials: int = Field(1, ge=1, le=100_000, description="trials of each condition, one a seed")
    first_seed: int = Field(
        0, ge=0, le=2**32 - 1, description="seed of the first trial; the others follow"
    )
    axis: str = Field("condition", description="field that the figures set their measures against")
    panels: str | None = Field(None, description="field that splits figures into panels or curves")
    compare: tuple[PublishedValue, ...] = Field(
        (), description="values of the published model that the report compares with"
    )
    keep_inputs: bool = Field(
        False, description="whether a trial's file holds all input trains; the seed has them"
    )

    def __init__(self, **content: Any):
        content = _with_conditions(content)
        try:
            super().__init__(**content)
        except ValidationError as error:
            message = one_line(error, type(self), content, what="study", further_fields=_SWEEPS)
            raise message from error
        for name, value in _sides(self, content).items():
            object.__setattr__(self, name, value)
        _check(self)

    @property
    def swept(self) -> tuple[str, ...]:
        """Fields that a condition changes, in the order in which they come up."""
        fields = dict.fromkeys(field for condition in self.conditions for field in condition)
        return tuple(field for field in fields if field != LABEL)

    @classmethod
    def load(
        cls, name: str | Path, *, base: Mapping[str, Any] | None = None, **fields: Any
    ) -> Self:
        """A study of the package by name, or one of your own from a YAML or JSON file.

        Parameters
        ----------
        name : str or path
            ``silent_place``, ``place_cell``, or a file.
        base : mapping, optional
            Fields of the configuration that replace those of the study's base.
        **fields
            Fields of the file to replace.
        """
        content = _read(Path(name))
        if any(sweep in fields for sweep in (*_SWEEPS, "conditions")):
            replaced = (*_SWEEPS, "conditions", "axis", "panels", "compare")
            content = {key: value for key, value in content.items() if key not in replaced}
        content |= fields
        content["base"] = {**_mapping("base", content.get("base", {})), **(base or {})}
        return cls(**content)

    def trial_list(self) -> list[StudyTrial]:
        """All trials, condition by condition, seed by seed; `ModelError` if one does not hold."""
        return list(self._trials())

    def _trials(self) -> Iterator[StudyTrial]:
        for condition in self.conditions:
            name = name_of(condition)
            changes = {field: value for field, value in condition.items() if field != LABEL}
            try:
                config = load_configuration(None, self.base, changes, {"seed": self.first_seed})
                check_trial(config)
            except ModelError as error:
                raise ModelError(f"condition '{name}': {error}") from error
            setup = load_setup(config.setup)
            # What a condition leaves to the set-up shall stand in the table too.
            swept = {field: field_value(config, field) for field in self.swept}
            swept |= {
                field: getattr(setup, field, None)
                for field, value in swept.items()
                if value is None
            }
            # A worker elsewhere starts in a folder of its own.
            files = {field: getattr(config, field) for field in FILES}
            absolute = {field: path.resolve() for field, path in files.items() if path is not None}
            for seed in range(self.first_seed, self.first_seed + self.trials):
                seeded = config.model_copy(update=absolute | {"seed": seed})
                yield StudyTrial(name, swept, seeded, self.keep_inputs)


def _read(path: Path) -> dict[str, Any]:
    """The content of a study's file; a table that it names counts from its folder."""
    if (path / STUDY_FILE).is_file():
        raise ModelError(
            f"{path} is the folder of a study that was run; it goes on there with"
            f" ca1 study {path / STUDY_FILE} --out {path}."
        )
    if path.suffix not in (".yaml", ".yml", ".json"):
        if str(path) not in PUBLISHED:
            near = did_you_mean(str(path), PUBLISHED)
            raise ModelError(
                f"study '{path}' does not exist.{near} A study of your own is a .yaml file."
            )
        path = FOLDER / f"{path}.yaml"
    content: Mapping[str, Any] = read_mapping(path)
    if "study" in content:  # study.json of a folder of results: the study and its provenance
        content = _mapping("study", content["study"])
    content = {"name": study_name(path.stem), **content}
    if "table" in content:
        content["table"] = path.parent / str(content["table"])
    return content


def _with_conditions(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the list of conditions that a grid, a list or a table stands for."""
    content = dict(content)
    sweeps = [key for key in (*_SWEEPS, "conditions") if key in content]
    if len(sweeps) > 1:
        raise ModelError(
            f"study with {' and '.join(sweeps)}: expected one of grid, list, table or conditions."
        )
    for key in sweeps:
        content["conditions"] = [plain_fields(one) for one in _conditions(key, content.pop(key))]
    content["base"] = plain_fields(_mapping("base", content.get("base", {})))
    return content


def _conditions(key: str, value: Any) -> list[Changes]:
    if key == "grid":
        return grid_conditions(_mapping("grid", value))
    if key == "table":
        return table_conditions(value)
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
        raise ModelError(f"{key} = {value!r}: expected a list of mappings of fields to values.")
    return [dict(item) for item in value]


def _mapping(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ModelError(f"{key} = {value!r}: expected a mapping of fields to values.")
    return value


def _check(study: Declaration) -> None:
    names = [name_of(condition) for condition in study.conditions]
    for field in study.swept:
        check_field(field)
    if "seed" in study.base:
        raise ModelError("seed cannot be set in a study's base: set trials and first_seed instead.")
    if study.first_seed + study.trials > 2**32:
        raise ModelError(
            f"first_seed = {study.first_seed}: expected a last seed of at most {2**32 - 1}."
        )
    if twice := {name for name in names if names.count(name) > 1}:
        raise ModelError(
            f"condition '{min(twice)}' stands twice; give each a name or a change of its own."
        )
    for side in filter(None, (study.axis, study.panels)):
        if side not in (LABEL, *study.swept):
            raise ModelError(
                f"the figures' '{side}' is not swept.{did_you_mean(side, (LABEL, *study.swept))}"
            )
    for published in study.compare:
        known = {"condition": names, "measure": [*MEASURES, *PROFILES]}
        for kind, existing in known.items():
            name = getattr(published, kind)
            if name not in existing:
                near = did_you_mean(name, existing)
                raise ModelError(f"compare: {kind} '{name}' does not exist.{near}")


def _sides(study: Declaration, content: Mapping[str, Any]) -> dict[str, Any]:
    """Axis and panels where the study leaves them open: a swept field of numbers, and the other."""
    conditions = study.conditions
    if {"axis", "panels"} & set(content) or any(LABEL in condition for condition in conditions):
        return {}
    numeric = [
        field for field in study.swept if all(_is_number(one.get(field)) for one in conditions)
    ]
    others = [field for field in study.swept if field not in numeric[:1]]
    if not numeric or len(others) > 1:
        return {}
    return {"axis": numeric[0], "panels": others[0] if others else None}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def study_name(text: str) -> str:
    """A name for a study, from that of a file."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text)


def columns(trial: StudyTrial) -> dict[str, Any]:
    """The columns of a table that tell a trial from the others: condition, swept fields, seed."""
    values = {
        field: value if _is_number(value) or value is None else as_text(field, value)
        for field, value in trial.swept.items()
    }
    if trial.config.cell is None and trial.config.cell_file is None:
        values |= {field: "published" for field in ("cell", "cell_file") if field in values}
    return {LABEL: trial.condition, **values, "seed": trial.config.seed}
