"""A study as it is declared: conditions that change the configuration, run with equal seeds."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from typing_extensions import Self

from ..analysis import MEASURES, PROFILES
from ..configuration import FILES, count_from, field_value, load_configuration, plain_fields
from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..inputs import load_setup
from ..simulation import check_trial
from ..validation import one_line
from .conditions import (
    GROUP,
    LABEL,
    NAMES,
    Changes,
    as_text,
    check_field,
    grid_conditions,
    name_of,
    table_conditions,
)
from .contrasts import Contrast
from .sensitivity import Sensitivity, check_conditions
from .trial import StudyTrial

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
    with ``condition`` as the name), ``table`` (a CSV file, a column a field) or ``sensitivity``
    (parameters that vary at once; a condition a sample). A cell and stimuli
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
        description="fields that each condition changes; its name in 'condition', and in 'group'"
        " that of the curve that it is a point of",
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
    contrasts: tuple[Contrast, ...] = Field(
        (), description="claims about conditions that the trials, paired by seed, are asked"
    )
    sensitivity: Sensitivity | None = Field(
        None, description="in place of conditions: parameters that vary at once, and what they move"
    )
    keep_inputs: bool = Field(
        False, description="whether a trial's file holds all input trains; the seed has them"
    )

    trial_time_limit_s: float | None = Field(
        None,
        gt=0,
        le=1e9,
        description="wall time that a trial may simulate; one that takes longer has failed",
    )

    _folder: Path | None = PrivateAttr(None)  # from which paths in conditions count

    def __init__(self, /, *, _folder: Path | None = None, **content: Any):
        if isinstance(content.get("table"), (str, Path)):
            _folder = Path(content["table"]).absolute().parent
        content = _with_conditions(content)
        try:
            super().__init__(**content)
        except ValidationError as error:
            message = one_line(error, type(self), content, what="study", further_fields=_SWEEPS)
            raise message from error
        if self.sensitivity is not None:
            if "conditions" in content:
                check_conditions(self.sensitivity, self.conditions)
            object.__setattr__(self, "conditions", self.sensitivity.conditions())
        for name, value in _sides(self, content).items():
            object.__setattr__(self, name, value)
        if any(count_from(Path("/"), one) != one for one in self.conditions):
            self._folder = _folder
        _check(self)

    @property
    def swept(self) -> tuple[str, ...]:
        """Fields that a condition changes, in the order in which they come up."""
        fields = dict.fromkeys(field for condition in self.conditions for field in condition)
        return tuple(field for field in fields if field not in NAMES)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        """The swept fields, after the groups of the conditions where they have any."""
        grouped = any(GROUP in condition for condition in self.conditions)
        return (*((GROUP,) if grouped else ()), *self.swept)

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        base: Mapping[str, Any] | None = None,
        samples: int | None = None,
        **fields: Any,
    ) -> Self:
        """A study of the package by name, or one of your own from a YAML or JSON file.

        Parameters
        ----------
        name : str or path
            ``silent_place``, ``place_cell``, or a file.
        base : mapping, optional
            Fields of the configuration that replace those of the study's base.
        samples : int, optional
            Blocks of samples of a study of sensitivity, in place of its own number.
        **fields
            Fields of the file to replace.
        """
        content = _read(Path(name))
        folder: Path | None = Path(name).absolute().parent
        if any(sweep in fields for sweep in (*_SWEEPS, "conditions")):
            drawn = ("axis", "panels", "compare", "contrasts")
            replaced = {*_SWEEPS, "conditions", "sensitivity", *drawn}
            content = {key: value for key, value in content.items() if key not in replaced}
            folder = None  # what was given in its place counts from the working folder
        content |= fields
        if samples is not None:
            content = _with_samples(content, samples)
        content["base"] = {**_mapping("base", content.get("base", {})), **(base or {})}
        return cls.of_content(content, folder)

    @classmethod
    def of_content(cls, content: Mapping[str, Any], folder: Path | None = None) -> Self:
        """A study from the content of a file, whose paths count from `folder`."""
        if "_folder" in content:  # is no field, but a parameter
            raise ModelError("study has no field '_folder'; remove it.")
        return cls(**content, _folder=folder)

    def as_dict(self) -> dict[str, Any]:
        """The study as JSON holds it, with the files that it names by their absolute paths."""
        content = self.model_dump(mode="json")
        content["base"] = count_from(Path.cwd(), content["base"])
        content["conditions"] = [
            one if one == self._counted(one) else {LABEL: name_of(one), **self._counted(one)}
            for one in content["conditions"]
        ]
        return content

    def _counted(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        """A condition, whose names stay as they were written, with absolute paths."""
        return count_from(self._folder or Path.cwd(), condition)

    def trial_list(self) -> list[StudyTrial]:
        """All trials, condition by condition, seed by seed; `ModelError` if one does not hold."""
        return list(self._trials())

    def first_trial(self) -> StudyTrial:
        """The first of `trial_list`, without working out the others."""
        return next(self._trials())

    def _trials(self) -> Iterator[StudyTrial]:
        for condition in self.conditions:
            name = name_of(condition)
            changes = self._counted(condition)
            for label in NAMES:
                changes.pop(label, None)
            try:
                config = load_configuration(None, self.base, changes, {"seed": self.first_seed})
                check_trial(config)
            except ModelError as error:
                raise ModelError(f"condition {quoted(name)}: {error}") from error
            setup = load_setup(config.setup)
            # What a condition leaves to the set-up shall stand in the table too.
            swept = {field: field_value(config, field) for field in self.swept}
            swept |= {field: condition[field] for field in FILES if field in condition}
            swept |= {
                field: getattr(setup, field, None)
                for field, value in swept.items()
                if value is None
            }
            if GROUP in self.told_apart_by:
                swept = {GROUP: condition.get(GROUP, name), **swept}
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
        if path.suffix == ".csv":
            raise ModelError(f"study '{path}' is a table; give it as --table {path}.")
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
    folder = path.absolute().parent
    if "table" in content:
        content["table"] = folder / str(content["table"])
    content["base"] = count_from(folder, _mapping("base", content.get("base", {})))
    return content


def _with_samples(content: Mapping[str, Any], samples: int) -> dict[str, Any]:
    """A study's content with another number of blocks of samples."""
    if not isinstance(content.get("sensitivity"), Mapping):
        raise ModelError(
            f"samples = {samples}: the study draws none; give one with sensitivity, such as"
            " ca1 study sensitivity."
        )
    kept = {key: value for key, value in content.items() if key != "conditions"}
    return kept | {"sensitivity": {**content["sensitivity"], "samples": samples}}


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
        if not isinstance(value, str | Path):
            raise ModelError(f"table = {quoted(value)}: expected the path of a CSV file.")
        return table_conditions(value)
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
        raise ModelError(
            f"{key} = {quoted(value)}: expected a list of mappings of fields to values."
        )
    return [dict(item) for item in value]


def _mapping(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ModelError(f"{key} = {quoted(value)}: expected a mapping of fields to values.")
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
            f"condition {quoted(min(twice))} stands twice; give each a name or a change of its own."
        )
    for side in filter(None, (study.axis, study.panels)):
        known = (LABEL, *study.told_apart_by)
        if side not in known:
            raise ModelError(
                f"the figures' {quoted(side)} is not swept.{did_you_mean(side, known)}"
            )
    for published in study.compare:
        _check_named("compare", "condition", [published.condition], names)
        _check_named("compare", "measure", [published.measure], [*MEASURES, *PROFILES])
    for contrast in study.contrasts:
        _check_named("contrasts", "condition", contrast.conditions, names)
        _check_named("contrasts", "measure", contrast.measures, MEASURES)
        units = {MEASURES[name].unit for name in contrast.measures}
        if len(units) > 1:
            raise ModelError(
                f"contrasts: {' and '.join(contrast.measures)} have the units"
                f" {' and '.join(sorted(units))}; a share is of one unit."
            )


def _check_named(entry: str, kind: str, names: Iterable[str], existing: Collection[str]) -> None:
    """Refuse names in a study's entry that are none of those that exist."""
    for name in names:
        if name not in existing:
            near = did_you_mean(name, existing)
            raise ModelError(f"{entry}: {kind} {quoted(name)} does not exist.{near}")


def _sides(study: Declaration, content: Mapping[str, Any]) -> dict[str, Any]:
    """Axis and panels where the study leaves them open: a swept field of numbers, and the other."""
    conditions = study.conditions
    if {"axis", "panels"} & set(content) or any(
        set(NAMES) & set(condition) for condition in conditions
    ):
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
