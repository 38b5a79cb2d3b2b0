"""Results of a run: what it recorded, where it came from, and how it is written down."""

from .nwb import read_nwb, write_nwb
from .provenance import file_hashes, provenance
from .summary import format_summary, rate_map, summary, write_results
from .trial_result import CurrentStep, SimpleResult, SimpleRun, Site, TrialResult

__all__ = [
    "CurrentStep",
    "SimpleResult",
    "SimpleRun",
    "Site",
    "TrialResult",
    "file_hashes",
    "format_summary",
    "provenance",
    "rate_map",
    "read_nwb",
    "summary",
    "write_nwb",
    "write_results",
]
