"""The reduced morphology: one cylinder or linear taper per unbranched stretch (model.md 2)."""

from .coordinates import along_path, path_length, relative_positions, section_paths
from .layout import layout
from .locations import Location, locate, parse_site, standard_sites
from .sections import (
    AXONAL,
    DENDRITES,
    REGION_GROUPS,
    REGIONS,
    Morphology,
    Section,
    segment_centre,
    segment_index,
)
from .swc import read_swc
from .table import DEFAULT_TABLE, read_section_table
