"""A protocol: what is done to a cell and recorded from it, declared once and run on any cell."""

from dataclasses import dataclass

from ..cell.cell import Cell
from ..results import Result
from .declaration import Declaration
from .running import run_protocol


@dataclass(frozen=True, kw_only=True)
class Protocol(Declaration):
    __doc__ = Declaration.__doc__

    def run(self, cell: Cell, *, name: str | None = None) -> Result:
        """Run it on a cell: see `run_protocol`."""
        return run_protocol(cell, self, name=name)
