"""The figures of a study. One more is a function and an entry of `STUDY_FIGURES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from .conditions import COMPARED, conditions
from .dose_response import POTENTIALS, RESPONSES, dose_response
from .factor_levels import levels_of
from .lost_spikes import CONTROL, MEASURES_DRAWN, lost_spikes
from .precession import precession
from .recorded_sites import Recorded, recorded_sites
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
    recorded : sequence of Recorded
        Of the trials to show what they recorded beside the usual, as in `recorded_sites`; their row
        numbers are those of `traced`.
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
    recorded: Sequence[Recorded] = ()
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
        return bool(_drawable(self.table).any())

    @property
    def why_no_dose_response(self) -> str:
        """Why there is no dose response, where `moves_potential` is False."""
        levels = levels_of(self.table, self.by)
        if not levels.numeric or len(levels) < 2:
            return "it takes several values of a swept number"
        return "no trial has potentials and responses both in the place field and out of it"


def _drawable(table: DataFrame) -> Series:
    """Trials that have both potentials and a response: a point in each column of a dose response."""
    responses = table[list(RESPONSES)].notna().any(axis=1)
    return responses & table[list(POTENTIALS)].notna().all(axis=1)


def _dose_response(data: StudyData) -> Figure | str:
    if not data.moves_potential:
        return data.why_no_dose_response
    return dose_response(data.table, **data.sides)


def _conditions(data: StudyData) -> Figure | str:
    compared = [name for name in COMPARED if name in data.table]
    if data.moves_potential:
        return "the dose response shows them"
    if not data.table[compared].notna().any(axis=None):
        return "no trial has any of the measures that are compared"
    return conditions(data.table, **data.sides)


def _track_profiles(data: StudyData) -> Figure | str:
    if data.profiles is None or not set(ALONG_TRACK) <= set(data.profiles):
        return NO_PROFILES
    return track_profiles(data.profiles, **data.sides)


def _rasters(data: StudyData) -> Figure | str:
    if data.spikes is None:
        return NO_PROFILES
    if not len(data.spikes):
        return "no trial has an output spike on the track"
    return rasters(data.spikes, data.table, **data.sides, profiles=data.profiles)


def _voltage_distribution(data: StudyData) -> Figure | str:
    profiles = data.profiles
    densities = [name for name in DENSITIES if profiles is not None and name in profiles]
    if profiles is None or not any(profiles[name].notnull().any() for name in densities):
        return "no trial has potentials in the place field or out of it"
    return voltage_distribution(profiles, **data.sides)


def _precession(data: StudyData) -> Figure | str:
    if data.spikes is None or not data.spikes["theta_phase_deg"].notna().any():
        return "no output spike has a theta phase: there is none, or the input was replayed"
    others: dict[str, Any] = {"fits": data.fits, "profiles": data.profiles}
    return precession(data.spikes, data.table, **data.sides, **others)


def _single_trials(data: StudyData) -> Figure | str:
    if not len(data.traces):
        return "no trial has a potential on the track"
    return single_trials(data.traces, trials=data.traced, profiles=data.profiles)


def _recordings(data: StudyData) -> Figure | str:
    if not data.recorded:
        return "no trial has recordings of its own (record)"
    return recorded_sites(data.recorded, trials=data.traced, profiles=data.profiles)


def _lost_spikes(data: StudyData) -> Figure | None:
    """Only of a study of groups beside control at several DCs, which others need not be told."""
    needed = {"group", "dc_nA", "seed", *MEASURES_DRAWN}
    if not needed <= set(data.table):
        return None
    with_dc = data.table.dropna(subset=["group", "dc_nA"])
    n_groups = with_dc["group"].nunique()
    if n_groups < 2 or CONTROL not in set(with_dc["group"]) or with_dc["dc_nA"].nunique() < 2:
        return None
    return lost_spikes(with_dc)


NO_PROFILES = "the trials end before the track begins, or have no profiles along it"

STUDY_FIGURES: dict[str, Callable[[StudyData], Figure | str | None]] = {
    "dose_response": _dose_response,
    "conditions": _conditions,
    "track_profiles": _track_profiles,
    "rasters": _rasters,
    "voltage_distribution": _voltage_distribution,
    "precession": _precession,
    "single_trials": _single_trials,
    "recordings": _recordings,
    "lost_spikes": _lost_spikes,
}
"""Figures by name: each takes a `StudyData`, and gives the reason where that lacks what it draws.

None is the answer of a figure that asks for a design of its own, of which no other study need be told.
"""


def study_figures(data: StudyData) -> dict[str, Figure]:
    """Draw every figure that a study has the data for, by name, in the order of `STUDY_FIGURES`."""
    return drawn_and_left_out(data)[0]


def drawn_and_left_out(data: StudyData) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw the figures of a study; of those that there is no data for, the reason, by name."""
    all_of_them = {name: draw(data) for name, draw in STUDY_FIGURES.items()}
    left_out = {name: one for name, one in all_of_them.items() if isinstance(one, str)}
    drawn = {name: one for name, one in all_of_them.items() if isinstance(one, Figure)}
    return drawn, left_out
