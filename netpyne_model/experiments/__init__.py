"""The paper's experiments by name: conditions, table, figure, distance from the published model."""

import re
from importlib import import_module
from pathlib import Path

from ..sweeps import Comparison
from .condition import Condition
from .experiment import Experiment
from .runner import ExperimentResults, report_experiments, run_conditions, run_experiment
from .search import Search


def _discover() -> dict[str, Experiment]:
    """Experiments of this folder by name: every module that sets ``EXPERIMENT`` holds one."""
    experiments = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if re.search(r"^EXPERIMENT = ", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            experiment = import_module(f"{__name__}.{path.stem}").EXPERIMENT
            experiments[experiment.name] = experiment
    return experiments


EXPERIMENTS = _discover()

__all__ = [
    "EXPERIMENTS",
    "Comparison",
    "Condition",
    "Experiment",
    "ExperimentResults",
    "Search",
    "report_experiments",
    "run_conditions",
    "run_experiment",
]


def __dir__() -> list[str]:
    return __all__
