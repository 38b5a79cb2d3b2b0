"""Studies: sweeps of place-field trials over any field of the configuration, on local or remote Dask workers."""

from importlib import import_module
from typing import Any

# Where each public name is; imported when asked for, since the command's --help should not wait for all of it.
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
