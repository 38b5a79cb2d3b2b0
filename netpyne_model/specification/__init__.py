"""The specification of a cell: morphology, density rules and placement in one readable file, and how to change it."""

from .cell_specification import (
    CellSpecification,
    MorphologySource,
    default_specification,
    load_specification,
    save_specification,
)
from .changes import add_channel, parameters, remove, scale_channels, set_entry, set_rule
from .difference import Change, changes_between, merged, overrides

__all__ = [
    "CellSpecification",
    "Change",
    "MorphologySource",
    "add_channel",
    "changes_between",
    "default_specification",
    "load_specification",
    "merged",
    "overrides",
    "parameters",
    "remove",
    "save_specification",
    "scale_channels",
    "set_entry",
    "set_rule",
]
