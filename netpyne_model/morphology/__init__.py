"""The reduced morphology: one cylinder or linear taper per unbranched stretch (model.md 2; Hsu et al. 2018)."""

from .layout import layout
from .locations import Location, locate, parse_site, standard_sites
from .sections import AXONAL, DENDRITES, REGIONS, Morphology, Section, segment_index
from .swc import read_swc
from .table import DEFAULT_TABLE, read_section_table

__all__ = [
    "AXONAL",
    "DEFAULT_TABLE",
    "DENDRITES",
    "REGIONS",
    "Location",
    "Morphology",
    "Section",
    "layout",
    "locate",
    "parse_site",
    "read_section_table",
    "read_swc",
    "segment_index",
    "standard_sites",
]
