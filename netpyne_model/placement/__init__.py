"""Where spines and inhibitory synapses sit on the cell (model.md 4)."""

from .densities import inhibitory_densities, spine_densities
from .rules import DEFAULT_RULES, PlacementRules, SpineGeometry, load_placement_rules
from .spines import Placement, nearest_spines, place_synapses

__all__ = [
    "DEFAULT_RULES",
    "Placement",
    "PlacementRules",
    "SpineGeometry",
    "inhibitory_densities",
    "load_placement_rules",
    "nearest_spines",
    "place_synapses",
    "spine_densities",
]
