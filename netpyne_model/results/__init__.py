"""Results of a run: what it recorded, where it came from, and how it is written down."""

from .folder import write_results
from .nwb import write_nwb
from .nwb_reader import read_nwb
from .provenance import file_hashes, provenance
from .track import Track
from .trial_result import CellResult, CurrentStep, Recording, Site, Trace, TrialResult

__all__ = [
    "CellResult",
    "CurrentStep",
    "Recording",
    "Site",
    "Trace",
    "Track",
    "TrialResult",
    "file_hashes",
    "provenance",
    "read_nwb",
    "write_nwb",
    "write_results",
]
