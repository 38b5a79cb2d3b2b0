"""CA1 pyramidal place cell (Hsu, Zhao, Milstein & Spruston 2018) in NeuroML2 and NetPyNE."""

import logging
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Cell", "__version__"]

if TYPE_CHECKING:
    from .cell.cell import Cell


# pyNeuroML shows every library's log, and nobody asked for numexpr's count of threads.
logging.getLogger("numexpr").setLevel(logging.WARNING)


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that the command line answers --help at once.
    if name == "Cell":
        from .cell.cell import Cell

        return Cell
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; the modeller's names are in {__name__}.workbench"
    )
