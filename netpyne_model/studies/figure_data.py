"""What the figures of a study take out of its results."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import analysis, figures
from .results import StudyResults

_MOST_TRACES = 8


def study_figures(results: StudyResults) -> dict[str, Figure]:
    """Draw every figure that a study has the data for, by name; see `figures.study_figures`."""
    table = results.table
    if not len(table):
        return {}
    by, panels = results.study.axis, results.study.panels
    profiles = results.profiles if results.has_profiles else None
    spikes = None if profiles is None else _positioned(results)
    fits = None if spikes is None else fit_precession(spikes, results, by=by, panels=panels)
    rows, traces = _traces(results, by=by, panels=panels)
    data = figures.StudyData(
        table, profiles, spikes, traces, traced=rows, by=by, panels=panels, fits=fits
    )
    return figures.study_figures(data)


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
) -> tuple[list[int], list[tuple[str, np.ndarray, np.ndarray]]]:
    """Rows of the table, and the somatic voltages, of the first trial of some conditions.

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
    rows, traces = [], []
    for row, trial in zip(firsts.index, firsts.to_dict("records"), strict=True):
        trace = _trace(results, trial, per_ms)
        if len(trace[1]):  # else the trial ends before the track
            rows.append(row)
            traces.append(trace)
    return rows, traces


def _trace(
    results: StudyResults, row: dict[str, Any], per_ms: float
) -> tuple[str, np.ndarray, np.ndarray]:
    trial = results.trial(row["trial"])
    time_ms = trial.track_time_ms
    on_track = time_ms >= 0
    name = f"{row['condition']}, seed {row['seed']}"
    return name, time_ms[on_track] * per_ms, trial.voltage_mV["soma"][on_track]
