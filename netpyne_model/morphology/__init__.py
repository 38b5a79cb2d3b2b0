"""The reduced morphology: one cylinder or linear taper per unbranched stretch (MODEL: Hsu et al. 2018)."""

from .layout import layout
from .sections import DENDRITES, REGIONS, Morphology, Section
from .table import DEFAULT_TABLE, read_section_table

__all__ = ["DEFAULT_TABLE", "DENDRITES", "REGIONS", "Morphology", "Section", "layout", "read_section_table"]
