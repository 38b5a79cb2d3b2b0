"""Where spines and inhibitory synapses sit on the cell (model.md 4)."""

from .densities import inhibitory_densities, spine_densities
from .rules import DEFAULT_RULES, PlacementRules, SpineGeometry, load_placement_rules
from .spines import Placement, nearest_spines, place_synapses
