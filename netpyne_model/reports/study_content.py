"""A study as its page has it: measures by condition, profiles along the track, every trial."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ..analysis import MEASURES, PROFILES, mean_and_band
from ..figures.cell import region_label
from ..figures.conditions import COMPARED
from ..figures.dose_response import POTENTIALS, RESPONSES
from ..figures.factor_levels import Levels, levels_of, measure_name
from ..figures.studies import StudyData
from ..results import Result
from . import wording
from .packing import PackedArrays
from .recordings import FEWEST_CHARACTERS, Recording, pack_recordings
from .run_content import SPIKE_MS, track_content

ALONG_TRACK = ("rate_hz", "ramp_mV")
MEASURED: tuple[str, ...] = tuple(dict.fromkeys((*RESPONSES, *POTENTIALS, *COMPARED)))
"""Measures that a study's page shows."""

_MOST_POINTS = 400  # of a profile
_PLACE = 1e-3  # to which the place of a spike is rounded, in cm or s
_FIGURES = 6
_CURVES = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00")


def study_content(
    data: StudyData, trials: Iterable[Result], arrays: PackedArrays, most_characters: int
) -> dict[str, Any]:
    """Describe a study for its page.

    Parameters
    ----------
    data : StudyData
        Its table has ``condition``, ``seed`` and ``file``.
    trials : iterable of Result
        In the order of the table, or none at all: then the page has no traces.
    arrays : PackedArrays
    most_characters : int
        Room for the traces of a trial.
    """
    table = data.table
    levels, curves = levels_of(table, data.by), levels_of(table, data.panels)
    rows_of = {
        str(name): rows.index.to_numpy() for name, rows in table.groupby("condition", sort=False)
    }
    return {
        "by": {
            "name": measure_name(data.by).replace("\n", " "),
            "numeric": levels.numeric and len(levels) > 1,
            "condition": data.by == "condition",
        },
        "curves": _curves(curves),
        "measures": [_measure(name, table, rows_of) for name in _measured(table)],
        "conditions": [
            _condition(name, rows, data, levels, curves, arrays) for name, rows in rows_of.items()
        ],
        "position": _position(data),
        "trials": _trials(data, trials, arrays, most_characters),
    }


def _curves(curves: Levels) -> list[dict[str, str]]:
    return [
        {"name": name, "colour": _CURVES[number % len(_CURVES)]}
        for number, name in enumerate(curves.titles)
    ]


def _measured(table: pd.DataFrame) -> list[str]:
    return [name for name in MEASURED if name in table and table[name].notna().any()]


def _number(value: Any) -> float | None:
    return float(f"{value:.{_FIGURES}g}") if np.isfinite(value) else None


def _measure(name: str, table: pd.DataFrame, rows_of: dict[str, np.ndarray]) -> dict[str, Any]:
    """Its value of every trial, and the mean with its band of every condition."""
    values = table[name].to_numpy(float)
    bands = [mean_and_band(values[rows]) for rows in rows_of.values()]
    one = MEASURES[name]
    return {
        "name": name,
        "label": one.label,
        "unit": wording.unit_text(one.unit),
        "description": one.description,
        "values": [_number(value) for value in values],
        "mean": [_number(band.mean) for band in bands],
        "lower": [_number(band.lower) for band in bands],
        "upper": [_number(band.upper) for band in bands],
    }


def _condition(
    name: str,
    rows: np.ndarray,
    data: StudyData,
    levels: Levels,
    curves: Levels,
    arrays: PackedArrays,
) -> dict[str, Any]:
    level = levels.codes[rows[0]]
    return {
        "name": name,
        "level": float(levels.values[level]) if levels.numeric else None,
        "curve": int(curves.codes[rows[0]]),
        "trials": rows.tolist(),
        "profiles": {one: _profile(one, rows, data, arrays) for one in _along_track(data)},
        "field": _field(rows, data),
    }


def _along_track(data: StudyData) -> list[str]:
    return [one for one in ALONG_TRACK if data.profiles is not None and one in data.profiles]


def _profile(
    name: str, rows: np.ndarray, data: StudyData, arrays: PackedArrays
) -> dict[str, Any] | None:
    """The mean over a condition's trials along the track, with its band where there are several."""
    assert data.profiles is not None
    band = mean_and_band(data.profiles[name].values[rows][:, :: _stride(data)])
    if not np.isfinite(band.mean).any():
        return None
    several = bool(np.isfinite(band.lower).any())
    sides = {"mean": band.mean, "lower": band.lower, "upper": band.upper}
    shown = sides if several else {"mean": band.mean}
    # Beyond the end of a trial there is no value; the page draws the points that have one.
    n = int(np.flatnonzero(np.isfinite(band.mean))[-1]) + 1
    filled = {
        side: np.where(np.isfinite(values), values, band.mean)[:n] for side, values in shown.items()
    }
    return {
        side: arrays.add(np.nan_to_num(values), 0.01, delta=True) for side, values in filled.items()
    }


def _stride(data: StudyData) -> int:
    assert data.profiles is not None
    return max(-(-data.profiles.sizes["position"] // _MOST_POINTS), 1)


def _position(data: StudyData) -> dict[str, Any] | None:
    profiles = data.profiles
    if profiles is None:
        return None
    places = profiles["position"].values[:: _stride(data)]
    about = profiles["position"].attrs
    kinds = {
        name: {"label": PROFILES[name].label, "unit": PROFILES[name].unit}
        for name in _along_track(data)
    }
    return {
        "values": [round(float(place), 4) for place in places],
        "label": f"{about.get('long_name', 'position').capitalize()} ({about.get('units', '')})",
        "profiles": kinds,
    }


def _field(rows: np.ndarray, data: StudyData) -> list[float] | None:
    """Begin and end of the input's place field, where the trials of a condition share it."""
    if data.profiles is None or "field_centre" not in data.profiles.coords:
        return None
    centres = np.unique(data.profiles["field_centre"].values[rows])
    widths = np.unique(data.profiles["field_width"].values[rows])
    if len(centres) != 1 or len(widths) != 1 or not np.isfinite(widths[0]):
        return None
    half = 0.5 * float(widths[0])
    return [float(centres[0]) - half, float(centres[0]) + half]


def _trials(
    data: StudyData, trials: Iterable[Result], arrays: PackedArrays, most_characters: int
) -> list[dict[str, Any]]:
    table, spikes = data.table, data.spikes
    places: dict[int, np.ndarray] = {}
    if spikes is not None:
        groups = spikes.groupby("trial")["position"]
        places = {int(number): place.to_numpy() for number, place in groups}
    shown = [
        {
            "seed": str(row["seed"]),
            "file": str(row["file"]),
            "places": arrays.add(np.sort(places.get(number, np.empty(0))), _PLACE, delta=True),
            "run": None,
        }
        for number, row in enumerate(table.to_dict("records"))
    ]
    if most_characters < FEWEST_CHARACTERS:
        return shown
    for one, result in zip(shown, trials, strict=False):
        one["run"] = _run(result, arrays, most_characters)
    return shown


def _run(result: Result, arrays: PackedArrays, most_characters: int) -> dict[str, Any]:
    recordings = [
        Recording(
            name,
            region_label(name) if name in result.voltage_mV else trace.label,
            trace.unit,
            float(result.time_ms[0]),
            result.step_ms,
            trace.values,
        )
        for name, trace in result.traces.items()
    ]
    return {
        "end_ms": float(result.time_ms[-1]),
        "track": track_content(result),
        "spikes_ms": arrays.add(result.spike_times_ms, SPIKE_MS, delta=True),
        "recorded": len(recordings),
        "traces": pack_recordings(recordings, arrays, most_characters),
        "command": wording.command(result),
    }
