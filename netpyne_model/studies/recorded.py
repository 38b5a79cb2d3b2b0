"""What a study's trials recorded beside the usual (``record``): a table of its highs and means."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..analysis import TrialOnTrack
from ..results import Result
from .conditions import LABEL
from .declaration import Declaration
from .results import StudyResults

FILE = "recordings.csv"

COLUMNS = {
    "trial": "number of the trial in the study",
    LABEL: "what the trial's condition is called",
    "seed": "seed of every random choice of the trial",
    "recording": "name of the recording, the soma among them",
    "unit": "its unit",
    "mean_in_field": "mean in the field of the input",
    "highest_in_field": "highest value there",
    "mean_out_of_field": "mean out of the field",
    "highest_out_of_field": "highest value there",
}
"""Columns of the table, and what they are."""


def recorded_table(results: StudyResults) -> pd.DataFrame:
    """Mean and highest value of every recording of a study, spikes included.

    Parameters
    ----------
    results : StudyResults

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row a trial and recording, NaN where the run has nothing of that part
        of the track; empty where no trial has recordings of its own.
    """
    rows = []
    names = recorded_names(results.study)
    for one in results.table.itertuples() if len(names) > 1 else ():
        trial = results.trial(one.trial)
        for name, values in _on_track(trial, names).items():
            labels = (one.trial, one.condition, one.seed, name, trial.traces[name].unit)
            rows.append((*labels, *values))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def recorded_names(study: Declaration) -> list[str]:
    """The soma, and what any condition records of its own, in the order of the declaration."""
    fields = (study.base, *study.conditions)
    return ["soma", *dict.fromkeys(name for one in fields for name in one.get("record", {}))]


def _on_track(result: Result, names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Mean and highest value in the field and out of it, by recording that the trial has."""
    on_track = TrialOnTrack(result)
    if "field" not in on_track.holds:
        return {}
    found, traces = {}, result.traces
    for name in names:
        if name not in traces:
            continue
        values = np.asarray(traces[name].values)[on_track.samples]
        numbers: list[float] = []
        for part in ("in_field", "out_of_field"):
            there = values[on_track.parts[part]]
            numbers += [there.mean(), there.max()] if len(there) else [np.nan, np.nan]
        found[name] = tuple(map(float, numbers))
    return found
