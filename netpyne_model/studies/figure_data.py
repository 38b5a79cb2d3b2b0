"""What the figures of a study take out of its results."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import analysis, figures
from ..results import Result
from .recorded import recorded_names
from .results import StudyResults

_MOST_TRACES = 8


def study_figures(results: StudyResults) -> dict[str, Figure]:
    """Draw every figure that a study has the data for, by name; see `figures.study_figures`."""
    return drawn_and_left_out(study_data(results))[0]


def drawn_and_left_out(data: figures.StudyData | None) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw the figures of a study; of those that there is no data for, the reason, by name."""
    if data is None:
        return {}, dict.fromkeys(figures.STUDY_FIGURES, "no trial was run")
    return figures.drawn_and_left_out(data)


def study_data(results: StudyResults) -> figures.StudyData | None:
    """What figures and page are made of; None of a study of which no trial was run."""
    table, by, panels = results.table, results.study.axis, results.study.panels
    if not len(table):
        return None
    profiles = results.profiles if results.has_profiles else None
    spikes = None if profiles is None else _positioned(results)
    fits = None if spikes is None else fit_precession(spikes, results, by=by, panels=panels)
    rows, traces, recorded = _traces(results, by=by, panels=panels)
    shown: dict[str, Any] = {"traced": rows, "recorded": recorded}
    return figures.StudyData(
        table, profiles, spikes, traces, **shown, by=by, panels=panels, fits=fits
    )


def fit_precession(
    spikes: pd.DataFrame, results: StudyResults, *, by: str, panels: str | None
) -> pd.DataFrame:
    """Circular-linear fits of theta phase against distance from the field's centre.

    Parameters
    ----------
    spikes : DataFrame
        ``trial, position, theta_phase_deg``.
    results : StudyResults
    by, panels : str
        Fields of whose levels the trials are pooled.

    Returns
    -------
    DataFrame
        A row a level: `by`, `panels`, the attributes of `analysis.CircularLinearFit`, and as
        ``origin`` the centre of the field. Spikes in the field are fitted; a level that pools
        trials of different fields has no row.
    """
    table, profiles = results.table, results.profiles
    fields = [name for name in (by, panels) if name is not None]
    rows = []
    for level, trials in table.groupby(fields, sort=False, dropna=False):
        index = trials.index.to_numpy()
        centres = set(profiles["field_centre"].values[index].tolist())
        widths = set(profiles["field_width"].values[index].tolist())
        if len(centres) > 1 or len(widths) > 1:  # no one line is that of several fields
            continue
        (centre,), (width,) = centres, widths
        here = spikes[spikes["trial"].isin(index) & spikes["theta_phase_deg"].notna()]
        lap = profiles.attrs.get("track_length")
        distance = analysis.distance_from(here["position"].to_numpy(), centre, track_length=lap)
        inside = np.abs(distance) <= width / 2
        lowest, highest = analysis.STEEPEST_DEG_PER_FIELD
        phases = here["theta_phase_deg"].to_numpy()[inside]
        fit = analysis.circular_linear_fit(
            distance[inside], phases, slope_range_deg_per_unit=(lowest / width, highest / width)
        )
        rows.append({**dict(zip(fields, level, strict=True)), **vars(fit), "origin": centre})
    return pd.DataFrame(rows)


def _positioned(results: StudyResults) -> pd.DataFrame:
    """Spikes with their place in the units of the profiles."""
    spikes, profiles = results.spikes, results.profiles
    places = spikes["track_time_ms"] * profiles["position"].attrs["units_per_ms"]
    return spikes.drop(columns=["simulation_time_ms", "track_time_ms"]).assign(position=places)


def _traces(
    results: StudyResults, *, by: str, panels: str | None
) -> tuple[list[int], list[tuple[str, np.ndarray, np.ndarray]], list[figures.Recorded]]:
    """Of the first trial of some conditions: rows of the table, somatic voltages, recordings.

    Of a numeric axis both ends and what is nearest to zero, else the first few.
    """
    table = results.table
    per_ms = results.profiles["position"].attrs["units_per_ms"] if results.has_profiles else 1e-3
    firsts = table.drop_duplicates("condition")
    if pd.api.types.is_numeric_dtype(firsts[by]):
        levels = np.sort(firsts[by].unique())
        nearest_zero = levels[np.argmin(np.abs(levels))]
        chosen = firsts[by].isin([levels[0], nearest_zero, levels[-1]])
        firsts = firsts[chosen].sort_values([by], kind="stable")
    firsts = firsts.head(_MOST_TRACES)
    names = recorded_names(results.study)
    rows, traces = [], []
    recorded: list[figures.Recorded] = []
    for row, labels in zip(firsts.index, firsts.to_dict("records"), strict=True):
        trial = results.trial(labels["trial"])
        on_track = trial.track_time_ms >= 0
        if not on_track.any():
            continue
        position = trial.track_time_ms[on_track] * per_ms
        name = f"{labels['condition']}, seed {labels['seed']}"
        rows.append(row)
        traces.append((name, position, trial.voltage_mV["soma"][on_track]))
        recorded.append((str(labels["condition"]), position, _recorded(trial, names, on_track)))
    if not any(len(values) > 1 for *_, values in recorded):
        recorded = []  # of the soma alone, which the traces have
    return rows, traces, recorded


def _recorded(
    trial: Result, names: Sequence[str], on_track: np.ndarray
) -> dict[str, tuple[np.ndarray, str]]:
    """Values on the track, and unit, of those of the names that a trial recorded."""
    traces = {name: one for name, one in trial.traces.items() if name in names}
    ordered = {name: traces[name] for name in names if name in traces}
    return {name: (np.asarray(one.values)[on_track], one.unit) for name, one in ordered.items()}
