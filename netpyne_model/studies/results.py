"""What a study leaves in its folder: its declaration, a file a trial, and described tables."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..analysis import MEASURES, PROFILES, V_EDGES_MV, mean_and_band
from ..configuration import description, unit
from ..errors import ModelError, shortened
from ..files import read_bytes, read_mapping, write_beside, write_text
from ..inputs import load_setup
from ..results import Result, read_nwb
from ..results.tables import read_table
from .conditions import LABEL
from .contrasts import COLUMNS as CONTRAST_COLUMNS
from .contrasts import contrast_table
from .declaration import STUDY_FILE, Declaration, columns
from .measures import TrialMeasures
from .sensitivity import COLUMNS as SENSITIVITY_COLUMNS
from .sensitivity import sensitivity_table
from .trial import StudyTrial

if TYPE_CHECKING:  # xarray takes half a second to import
    import xarray

TRIALS, PACKAGE = "trials", "datapackage.json"
TABLE, CONDITIONS, SPIKES, RUNS = "trials.csv", "conditions.csv", "spikes.csv", "runs.csv"
CONTRASTS, SENSITIVITY = "contrasts.csv", "sensitivity.csv"
PROFILES_FILE = "profiles.nc"
SPIKE_TIMES = ("simulation_time_ms", "track_time_ms", "theta_phase_deg")

Measured = tuple[StudyTrial, Path, TrialMeasures]

_MOST_PROFILE_BYTES = 1_000_000_000
_ANEW = "run the study again in its folder: finished trials stay, tables are written anew"
_TEXTS = (LABEL, "group", "file", "measure", "claim", "verdict", "unit", "family", "parameter")

_OTHER_COLUMNS = {
    "trial": ("number of the trial in the study", ""),
    "condition": ("what the trial's condition is called", ""),
    "group": ("conditions that are drawn as one curve", ""),
    "seed": ("seed of every random choice of the trial", ""),
    "file": ("the trial's file", ""),
    "simulation_time_ms": ("simulation time of an output spike, from the start of the run", "ms"),
    "track_time_ms": ("its track time, from the start of the track", "ms"),
    "theta_phase_deg": ("phase of the input's theta at the spike", "deg"),
    "measure": ("column of trials.csv", ""),
    "unit": ("unit of the measure", ""),
    "n": ("trials with a value", ""),
    "mean": ("mean over these trials", ""),
    "lower": ("lower limit of the mean's 95 % confidence band, Student's t", ""),
    "upper": ("its upper limit", ""),
    "host": ("machine on which the trial ran", ""),
    "process": ("process that ran it", ""),
    "wall_s": ("wall time of the trial, building included", "s"),
    "memory_MB": ("resident memory of the process after it", "MB"),
}


@dataclass(frozen=True, repr=False)
class StudyResults:
    """The folder of a study that has been run.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @cached_property
    def study(self) -> Declaration:
        """The study as it was run."""
        path = self.folder / STUDY_FILE
        content = read_mapping(path).get("study")
        if not isinstance(content, dict):
            raise ModelError(f"{path} holds no study; {_ANEW}.")
        try:
            return Declaration.of_content(content)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a trial: condition, swept fields, seed, measures and file."""
        return self._read(TABLE, "trial", LABEL, "seed", "file")

    @cached_property
    def conditions(self) -> pd.DataFrame:
        """One row a condition and measure: mean over trials and its 95 % confidence band."""
        return self._read(CONDITIONS, LABEL, "measure", "mean")

    @cached_property
    def spikes(self) -> pd.DataFrame:
        """One row an output spike on the track: trial, times and theta phase."""
        return self._read(SPIKES, "trial", *SPIKE_TIMES)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a trial: host, process, wall time and memory of its run."""
        return self._read(RUNS, "trial", "wall_s", "memory_MB")

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """One row a contrast that the study declares: its number, band, chance and verdict."""
        may_be_empty = ("unit", "family")
        table = self._read(CONTRASTS, "claim", "value", "lower", "upper", "verdict", *may_be_empty)
        texts = {name: table[name].astype(object).fillna("") for name in may_be_empty}
        return table.assign(**texts)

    @cached_property
    def sensitivity(self) -> pd.DataFrame:
        """One row a measure and parameter: Sobol indices with bands, if the study draws samples."""
        columns = ("measure", "parameter", "unit", "total", "first", "verdict")
        table = self._read(SENSITIVITY, *columns)
        return table.assign(unit=table["unit"].astype(object).fillna(""))

    @property
    def has_profiles(self) -> bool:
        """Whether any trial got as far as the track."""
        return (self.folder / PROFILES_FILE).is_file()

    @property
    def track_start_ms(self) -> float:
        """Simulation time at which the earliest track of the trials begins."""
        configurations = (trial.config for trial in self.study.trial_list())
        return min(load_setup(one.setup).track_start_ms for one in configurations)

    @cached_property
    def profiles(self) -> "xarray.Dataset":
        """Rate, ramp and theta amplitude along the track and voltage distributions, by trial."""
        import xarray

        if not self.has_profiles:
            raise ModelError(
                f"{self.folder} holds no {PROFILES_FILE}; no trial got as far as the track."
            )
        path = self.folder / PROFILES_FILE
        content = read_bytes(path, path, _ANEW, most_bytes=_MOST_PROFILE_BYTES)
        try:
            with xarray.open_dataset(io.BytesIO(content), engine="scipy") as dataset:
                return dataset.load()
        except Exception as error:  # of a damaged file, the library may raise anything
            raise ModelError(
                f"{path} cannot be read ({shortened(str(error))}); {_ANEW}."
            ) from error

    def trial(self, number: int) -> Result:
        """Voltages, currents and spikes of a trial, by its number in the table."""
        rows = self.table.loc[self.table["trial"] == number, "file"]
        if not len(rows):
            raise ModelError(
                f"trial {number} is not in {self.folder / TABLE}; it has {len(self.table)} trials."
            )
        return read_nwb(self.folder / str(rows.iloc[0]), inputs=False)

    def trials(self) -> Iterator[Result]:
        """All trials, one after the other, in the order of the table."""
        return (self.trial(number) for number in self.table["trial"])

    def __repr__(self) -> str:
        n_conditions = len(self.study.conditions)
        return f"StudyResults({str(self.folder)!r}: {n_conditions} conditions, {len(self.table)} trials)"

    def _read(self, name: str, *columns: str) -> pd.DataFrame:
        path = self.folder / name
        if not path.is_file():
            raise ModelError(f"{path} does not exist; give the folder of a study that was run.")
        numbers = [column for column in columns if column not in _TEXTS]
        return read_table(path, _ANEW, columns=columns, numbers=[*numbers, *MEASURES])


def load_results(folder: str | Path) -> StudyResults:
    """The results of a study in a folder; `ModelError` if no study was run there."""
    folder = Path(folder).resolve()
    if not (folder / STUDY_FILE).is_file():
        raise ModelError(
            f"{folder} holds no study (no {STUDY_FILE}); give a folder that a study wrote."
        )
    return StudyResults(folder)


def write_tables(measured: Sequence[Measured], study: Declaration, folder: Path) -> None:
    """Write the tables of a study's trials, and ``datapackage.json``, which describes them.

    Trials are numbered as they come in `measured`, in the order of the study.
    """
    rows, runs, spikes = [], [], []
    for number, (trial, file, one) in enumerate(measured):
        labels = {"trial": number} | columns(trial)
        rows.append(labels | one.row | {"file": file.relative_to(folder).as_posix()})
        runs.append(labels | one.process)
        spikes.append(pd.DataFrame({"trial": number, **one.spikes}))
    names = ["trial", LABEL, *study.told_apart_by, "seed"]
    table = pd.DataFrame(rows, columns=[*names, *MEASURES, "file"])
    no_spikes = pd.DataFrame({"trial": np.empty(0, int), **dict.fromkeys(SPIKE_TIMES, np.empty(0))})
    tables = {
        TABLE: table,
        CONDITIONS: by_condition(table),
        SPIKES: pd.concat([one for one in spikes if len(one)] or [no_spikes]),
        RUNS: pd.DataFrame(runs, columns=[*names, "host", "process", "wall_s", "memory_MB"]),
    }
    if study.contrasts:
        tables[CONTRASTS] = contrast_table(study.contrasts, table)
    else:
        (folder / CONTRASTS).unlink(missing_ok=True)
    if study.sensitivity is not None:
        tables[SENSITIVITY] = sensitivity_table(study.sensitivity, table)
    else:
        (folder / SENSITIVITY).unlink(missing_ok=True)
    for name, table in tables.items():
        write_text(folder / name, table.to_csv(index=False, lineterminator="\n"))
    write_text(folder / PACKAGE, json.dumps(data_package(tables, study), indent=2) + "\n")
    if not any(one.profiles for _, _, one in measured):
        (folder / PROFILES_FILE).unlink(missing_ok=True)
    else:
        labels_of_trials = [columns(trial) for trial, _, _ in measured]
        dataset = stack_profiles([one for _, _, one in measured], labels_of_trials)
        with write_beside(folder / PROFILES_FILE) as temporary:
            dataset.to_netcdf(temporary, engine="scipy")


def by_condition(table: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Mean and confidence band of every measure over the `n` trials of a condition that have it."""
    rows = []
    for condition, trials in table.groupby("condition", sort=False):
        for name, measure in MEASURES.items():
            values = trials[name].to_numpy(float)
            n = int(np.isfinite(values).sum())
            mean, lower, upper = map(float, mean_and_band(values, confidence=confidence))
            rows.append((condition, name, measure.unit, n, mean, lower, upper))
    names = ["condition", "measure", "unit", "n", "mean", "lower", "upper"]
    return pd.DataFrame(rows, columns=names)


def data_package(tables: dict[str, pd.DataFrame], study: Declaration) -> dict[str, Any]:
    """Describe tables as a data package (Frictionless): type, meaning and unit of every column."""
    resources = []
    for name, table in tables.items():
        known = {CONTRASTS: CONTRAST_COLUMNS, SENSITIVITY: SENSITIVITY_COLUMNS}.get(name, {})
        fields = [_describe(column, table[column], known) for column in table.columns]
        resource = {"name": name.removesuffix(".csv"), "path": name}
        resource["profile"] = "tabular-data-resource"
        resources.append(resource | {"schema": {"fields": fields, "missingValues": [""]}})
    return {
        "profile": "tabular-data-package",
        "name": study.name.lower(),
        "title": study.title or study.name,
        "sources": [{"title": study.source}] if study.source else [],
        "resources": resources,
    }


def _describe(column: str, values: pd.Series, known: Mapping[str, str]) -> dict[str, str]:
    if column in known:
        what, of_unit = known[column], ""
    elif column in _OTHER_COLUMNS:
        what, of_unit = _OTHER_COLUMNS[column]
    elif column in MEASURES:
        what, of_unit = MEASURES[column].description, MEASURES[column].unit
    else:
        what, of_unit = description(column), unit(column)
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
    field = {"name": column, "type": kinds.get(values.dtype.kind, "string"), "description": what}
    return field | ({"unit": of_unit} if of_unit else {})


def stack_profiles(
    measures: Sequence[TrialMeasures], labels: Sequence[dict[str, Any]]
) -> "xarray.Dataset":
    """Profiles of trials as one labelled dataset.

    Positions are cm where all trials run the same circular track (attribute ``track_length``), else
    track time in s. Trials on another grid than the longest are interpolated onto it, NaN beyond
    their end. The `labels` tell the trials apart.
    """
    import xarray

    longest = max((one.profiles["track_time_ms"] for one in measures if one.profiles), key=len)
    laps = {(one.track.lap_ms, one.track.length_cm) for one in measures}
    track = measures[0].track
    per_ms, attrs = 1e-3, {"units": "s", "long_name": "Track time"}
    attributes = {}
    if len(laps) == 1 and track.kind == "circular":
        per_ms, attrs = track.units_per_ms, {"units": track.unit, "long_name": track.position_label}
        attributes = {"track_length": track.length_cm}
    grids = {"position": longest, "v_mV": 0.5 * (V_EDGES_MV[1:] + V_EDGES_MV[:-1])}
    data = {}
    for name, curve in PROFILES.items():
        grid = grids[curve.along]
        values = np.array([_on_grid(one.profiles, name, curve.along, grid) for one in measures])
        about = {"long_name": curve.description, "units": curve.unit}
        data[name] = (("trial", curve.along), values, about)
    coords: dict[str, Any] = {
        "position": ("position", longest * per_ms, attrs | {"units_per_ms": per_ms}),
        "v_mV": ("v_mV", grids["v_mV"], {"units": "mV", "long_name": "Somatic voltage"}),
    }
    for name in ("centre", "width"):
        places = [getattr(one.track, f"{name}_ms") * per_ms for one in measures]
        about = attrs | {"long_name": f"{name} of the input's field"}
        coords[f"field_{name}"] = ("trial", places, about)
    coords |= {name: ("trial", _label_values(name, labels)) for name in labels[0]}
    return xarray.Dataset(data, coords, attributes)


def _label_values(name: str, labels: Sequence[dict[str, Any]]) -> np.ndarray:
    values = pd.Series([label[name] for label in labels]).fillna(np.nan).to_numpy()
    # The integers of netCDF 3 end at 2**31; a double holds every seed, of a trial or an assignment.
    return values.astype(float) if values.dtype.kind in "iu" and values.max() >= 2**31 else values


def _on_grid(profiles: dict[str, np.ndarray], name: str, dim: str, grid: np.ndarray) -> np.ndarray:
    if not profiles:
        return np.full(len(grid), np.nan)
    if dim != "position" or np.array_equal(profiles["track_time_ms"], grid):
        return profiles[name]
    return np.interp(grid, profiles["track_time_ms"], profiles[name], left=np.nan, right=np.nan)
