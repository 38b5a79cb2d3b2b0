"""Runs: a configuration becomes a trial, the trial a NetPyNE specification, the specification a result.

NEURON and NetPyNE are imported when a run starts, not with this package.
"""

from .run import Progress, run_trial
from .trial import Trial, prepare_trial

__all__ = ["Progress", "Trial", "prepare_trial", "run_trial"]
