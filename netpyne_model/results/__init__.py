"""Results of a run: what it recorded, where it came from, and how it is written down."""

from .folder import write_results
from .nwb import read_nwb, write_nwb
from .provenance import file_hashes, provenance
from .trial_result import CurrentStep, SimpleResult, SimpleRun, Site, TrialResult

__all__ = [
    "CurrentStep",
    "SimpleResult",
    "SimpleRun",
    "Site",
    "TrialResult",
    "file_hashes",
    "provenance",
    "read_nwb",
    "write_nwb",
    "write_results",
]
