"""Of laps of one cell (``assignment_seed``) in a study: whether they share a tuning, by condition."""

import numpy as np
import pandas as pd

from ..analysis import PROFILES, common_tuning
from ..analysis.tuning_of_laps import N_ROTATIONS
from .conditions import LABEL
from .results import StudyResults

FILE = "lap_tuning.csv"
TUNED = ("ramp_mV", "rate_hz")
"""Profiles along the track that are tested."""

COLUMNS = {
    LABEL: "condition, of which all trials are laps of one cell",
    "profile": "curve along the track",
    "unit": "its unit",
    "n": "laps",
    "spread": "standard deviation along the track of the mean over laps",
    "by_chance": f"the same of laps that are rotated against each other, mean of {N_ROTATIONS} draws",
    "range": "highest less lowest value of the mean over laps",
    "p": "share of these draws whose spread is at least as large",
}
"""Columns of the table, and what they are."""


def lap_tuning(results: StudyResults) -> pd.DataFrame:
    """Test of every condition whose trials are whole laps of one cell around a circular track.

    Parameters
    ----------
    results : StudyResults

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row a condition and profile (`TUNED`); empty where no condition is such.
        A rate of silent laps has no row.
    """
    rows = []
    if results.has_profiles and "track_length" in results.profiles.attrs:
        of_one_cell = {
            trial.condition
            for trial in results.study.trial_list()
            if trial.config.assignment_seed is not None
        }
        conditions = results.profiles[LABEL].to_numpy()
        for name in dict.fromkeys(conditions.tolist()):
            for profile in TUNED if name in of_one_cell else ():
                curves = results.profiles[profile].to_numpy()[conditions == name]
                if len(curves) > 1 and np.isfinite(curves).all() and curves.any():
                    tuning = common_tuning(curves)
                    labels = (name, profile, PROFILES[profile].unit, len(curves))
                    rows.append((*labels, *tuning))
    return pd.DataFrame(rows, columns=list(COLUMNS))
