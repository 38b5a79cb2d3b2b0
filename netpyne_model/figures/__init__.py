"""Pictures of results: pure functions from data to a matplotlib Figure, without pyplot's global state."""

from .cell import REGION_PALETTE, morphology
from .current_clamp import simple_current_clamp
from .overview import MAX_DOTS, overview
from .parameters import parameter_against_distance, parameter_on_morphology
from .style import GROUP_COLOURS, save
from .traces import traces

__all__ = [
    "GROUP_COLOURS",
    "MAX_DOTS",
    "REGION_PALETTE",
    "morphology",
    "overview",
    "parameter_against_distance",
    "parameter_on_morphology",
    "save",
    "simple_current_clamp",
    "traces",
]
