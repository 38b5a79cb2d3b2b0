"""Results of a run: what it recorded, where it came from, and how it is written down."""

from .folder import write_results
from .membrane_currents import MembraneCurrents
from .nwb import write_nwb
from .nwb_reader import read_nwb
from .provenance import file_hashes, provenance
from .result import CurrentStep, Recording, Result, Site, Trace
from .segment_potentials import SegmentPotentials
from .track import Track

__all__ = [
    "CurrentStep",
    "MembraneCurrents",
    "Recording",
    "Result",
    "SegmentPotentials",
    "Site",
    "Trace",
    "Track",
    "file_hashes",
    "provenance",
    "read_nwb",
    "write_nwb",
    "write_results",
]
