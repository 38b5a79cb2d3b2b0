"""Pictures of results: functions from data to a matplotlib Figure, without pyplot."""

from .cell import REGION_PALETTE, morphology
from .conditions import conditions
from .dose_response import dose_response
from .overview import MAX_DOTS, overview
from .parameters import parameter_against_distance, parameter_on_morphology
from .precession import precession
from .single_trials import rasters, single_trials
from .studies import STUDY_FIGURES, StudyData, study_figures
from .style import GROUP_COLOURS, save
from .traces import traces
from .track_profiles import track_profiles, voltage_distribution

__all__ = [
    "GROUP_COLOURS",
    "MAX_DOTS",
    "REGION_PALETTE",
    "STUDY_FIGURES",
    "StudyData",
    "conditions",
    "dose_response",
    "morphology",
    "overview",
    "parameter_against_distance",
    "parameter_on_morphology",
    "precession",
    "rasters",
    "save",
    "single_trials",
    "study_figures",
    "traces",
    "track_profiles",
    "voltage_distribution",
]


def __dir__() -> list[str]:
    return __all__
