"""The specification of a cell, its morphology, density rules and placement, and its changes."""

from .cell_specification import (
    CellSpecification,
    MorphologySource,
    content_of,
    default_specification,
    load_specification,
    read_specification,
    save_specification,
)
from .changes import (
    add_channel,
    parameters,
    remove,
    scale_at_origin,
    scale_parameter,
    set_entry,
    set_rule,
)
from .difference import Change, changes_between, merged, overrides
from .drugs import Drug, apply_drugs, drugs, find_drug
