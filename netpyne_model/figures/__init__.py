"""Pictures of results: pure functions from data to a matplotlib Figure, without pyplot's global state."""

from .cell import morphology
from .current_clamp import simple_current_clamp
from .overview import MAX_DOTS, overview
from .style import GROUP_COLOURS, save

__all__ = ["GROUP_COLOURS", "MAX_DOTS", "morphology", "overview", "save", "simple_current_clamp"]
