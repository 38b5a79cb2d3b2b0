"""Trials: a configuration is prepared, built with NetPyNE, run, and becomes a result.

NEURON and NetPyNE are imported when a run starts, not with this package.
"""

from .arbor_trial import run_trial_in_arbor
from .checkpoint import Checkpoint
from .prepared import PreparedTrial, check_trial, expected_bytes, prepare_trial
from .remarks import remarks
from .run import Progress, run_trial
from .trial import Trial

__all__ = [
    "Checkpoint",
    "PreparedTrial",
    "Progress",
    "Trial",
    "check_trial",
    "expected_bytes",
    "prepare_trial",
    "remarks",
    "run_trial",
    "run_trial_in_arbor",
]
