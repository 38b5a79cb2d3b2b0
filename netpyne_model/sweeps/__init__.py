"""Sweeps: many runs on Dask workers, a file each, kept on disk, resumed, compared and reported."""

from .comparison import Comparison
from .engine import SweepTask, content_key, run_sweep
from .store import Store
from .workers import Failure, Workers, check_workers

__all__ = [
    "Comparison",
    "Failure",
    "Store",
    "SweepTask",
    "Workers",
    "check_workers",
    "content_key",
    "run_sweep",
]
