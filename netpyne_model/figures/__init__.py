"""Pictures of results: functions from data to a matplotlib Figure, without pyplot."""

from .cell import REGION_PALETTE, morphology
from .comparison import comparison
from .conditions import conditions
from .currentscapes import currentscape
from .dose_response import dose_response
from .overview import MAX_DOTS, overview
from .parameters import parameter_against_distance, parameter_on_morphology
from .precession import precession
from .recorded_sites import Recorded, recorded_sites
from .single_trials import rasters, single_trials
from .studies import STUDY_FIGURES, StudyData, drawn_and_left_out, study_figures
from .style import GROUP_COLOURS, STYLE_FILE, save, save_both
from .traces import traces
from .track_profiles import track_profiles, voltage_distribution

__all__ = [
    "GROUP_COLOURS",
    "MAX_DOTS",
    "REGION_PALETTE",
    "STUDY_FIGURES",
    "STYLE_FILE",
    "Recorded",
    "StudyData",
    "comparison",
    "conditions",
    "currentscape",
    "dose_response",
    "drawn_and_left_out",
    "morphology",
    "overview",
    "parameter_against_distance",
    "parameter_on_morphology",
    "precession",
    "rasters",
    "recorded_sites",
    "save",
    "save_both",
    "single_trials",
    "study_figures",
    "traces",
    "track_profiles",
    "voltage_distribution",
]


def __dir__() -> list[str]:
    return __all__
