"""The figures of a study. One more is a function and an entry of `STUDY_FIGURES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame

from .conditions import COMPARED, conditions
from .dose_response import POTENTIALS, RESPONSES, dose_response
from .factor_levels import levels_of
from .precession import precession
from .single_trials import rasters, single_trials
from .track_profiles import ALONG_TRACK, DENSITIES, track_profiles, voltage_distribution

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset


@dataclass(frozen=True)
class StudyData:
    """What the figures of a study are drawn from.

    Attributes
    ----------
    table : DataFrame
        One row a trial: swept fields, ``seed`` and measures.
    profiles : Dataset, optional
        As in `track_profiles` and `voltage_distribution`; its trials are the rows of `table`.
    spikes : DataFrame, optional
        One row a spike: ``trial`` (row number of `table`), ``position``, ``theta_phase_deg``.
    traces : sequence of (str, ndarray, ndarray)
        Label, positions and somatic potential in mV of the trials to show.
    traced : sequence of int, optional
        Row numbers of these trials in `table`, as in `single_trials`.
    by : str
        Swept field that tells the trials apart: numbers give a dose response, categories a
        comparison of conditions.
    panels : str, optional
        Swept field that splits the panels, such as ``drugs``.
    fits : DataFrame, optional
        Circular-linear fits, as in `precession`.
    """

    table: DataFrame
    profiles: "Dataset | None" = None
    spikes: DataFrame | None = None
    traces: Sequence[tuple[str, np.ndarray, np.ndarray]] = ()
    traced: Sequence[int] | None = None
    by: str = "condition"
    panels: str | None = None
    fits: DataFrame | None = None

    @property
    def sides(self) -> dict[str, Any]:
        """The fields that tell trials and panels apart, as arguments of figures."""
        return {"by": self.by, "panels": self.panels}

    @property
    def moves_potential(self) -> bool:
        """Whether several numbers were swept, with responses and potentials to draw."""
        levels, needed = levels_of(self.table, self.by), {*RESPONSES, *POTENTIALS, "seed"}
        if not levels.numeric or len(levels) < 2 or not needed <= set(self.table):
            return False
        both = (RESPONSES, POTENTIALS)
        return all(self.table[list(columns)].notna().any(axis=None) for columns in both)


def _dose_response(data: StudyData) -> Figure | None:
    return dose_response(data.table, **data.sides) if data.moves_potential else None


def _conditions(data: StudyData) -> Figure | None:
    compared = [name for name in COMPARED if name in data.table]
    if data.moves_potential or not data.table[compared].notna().any(axis=None):
        return None
    return conditions(data.table, **data.sides)


def _track_profiles(data: StudyData) -> Figure | None:
    if data.profiles is None or not set(ALONG_TRACK) <= set(data.profiles):
        return None
    return track_profiles(data.profiles, **data.sides)


def _rasters(data: StudyData) -> Figure | None:
    if data.spikes is None:
        return None
    return rasters(data.spikes, data.table, **data.sides, profiles=data.profiles)


def _voltage_distribution(data: StudyData) -> Figure | None:
    profiles = data.profiles
    densities = [name for name in DENSITIES if profiles is not None and name in profiles]
    if profiles is None or not any(profiles[name].notnull().any() for name in densities):
        return None
    return voltage_distribution(profiles, **data.sides)


def _precession(data: StudyData) -> Figure | None:
    if data.spikes is None or not data.spikes["theta_phase_deg"].notna().any():
        return None
    others: dict[str, Any] = {"fits": data.fits, "profiles": data.profiles}
    return precession(data.spikes, data.table, **data.sides, **others)


def _single_trials(data: StudyData) -> Figure | None:
    if not len(data.traces):
        return None
    return single_trials(data.traces, trials=data.traced, profiles=data.profiles)


STUDY_FIGURES: dict[str, Callable[[StudyData], Figure | None]] = {
    "dose_response": _dose_response,
    "conditions": _conditions,
    "track_profiles": _track_profiles,
    "rasters": _rasters,
    "voltage_distribution": _voltage_distribution,
    "precession": _precession,
    "single_trials": _single_trials,
}
"""Figures by name: each takes a `StudyData`, and gives None where that lacks what it draws."""


def study_figures(data: StudyData) -> dict[str, Figure]:
    """Draw every figure that a study has the data for, by name, in the order of `STUDY_FIGURES`."""
    drawn = {name: draw(data) for name, draw in STUDY_FIGURES.items()}
    return {name: figure for name, figure in drawn.items() if figure is not None}
