"""The described cell: the value of every parameter by segment."""

from .sections import CellDescription, SectionDescription
from .segments import cut_segments
from .spines import add_spines, fold_spines, spine_cable
from .table import placement_columns, segment_table
