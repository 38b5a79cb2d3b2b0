"""The described cell: the value of every parameter by segment."""

from .sections import CellDescription, SectionDescription, SilentSpines
from .segments import cut_sections, cut_segments
from .spines import add_silent_spines, add_spines, bear_spines, fold_spines, spine_cable
from .table import placement_columns, segment_table
