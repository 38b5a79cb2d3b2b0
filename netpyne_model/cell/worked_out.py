"""Cells that were worked out in this process, for later trials of the same cell."""

import json
from collections import OrderedDict

from ..specification.cell_specification import file_contents
from .cell import Cell

_KEPT = 4  # some megabytes each; conditions of a study seldom have more, one after the other
_cells: OrderedDict[str, Cell] = OrderedDict()


def worked_out(cell: Cell) -> Cell:
    """A cell of the same content from before in this process, or else this one.

    Its placement, description and profiles are then there already; of a cell that differs from the
    last one in its membrane alone, the placement is. The content is that of the specification and of
    the files that it names, as they are now.
    """
    parts = [cell.specification.as_dict(), file_contents(cell.specification)]
    content = json.dumps(parts, sort_keys=True)
    if content not in _cells and _cells:
        cell._take_synapses_of(next(reversed(_cells.values())))
    known = _cells.pop(content, cell)
    _cells[content] = known  # as the latest
    if len(_cells) > _KEPT:
        _cells.popitem(last=False)
    return known
