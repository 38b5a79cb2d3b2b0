"""Studies: sweeps of place-field trials over any field of the configuration, on Dask workers."""

from importlib import import_module
from typing import Any

# Where each public name is; imported at first use, or the command's --help would wait for all.
_HOMES = {
    "PUBLISHED": "declaration",
    "Study": "study",
    "StudyResults": "results",
    "load_results": "results",
    "report_study": "report",
    "run_study": "runner",
    "study_figures": "figure_data",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
