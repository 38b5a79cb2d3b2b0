"""Behavioural-time-scale plasticity (model.md 10): weights from spikes and plateaus, arrays alone."""

from .btsp import STEP_MS, weights_after
from .rule import RULES, SOURCE, PlasticityRule, fitted_sem, load_rule, plateau_protocol, reported
from .traces import PlateauPulse, eligibility, instructive, instructive_peak, mean_eligibility_peak

__all__ = [
    "RULES",
    "SOURCE",
    "STEP_MS",
    "PlasticityRule",
    "PlateauPulse",
    "eligibility",
    "fitted_sem",
    "instructive",
    "instructive_peak",
    "load_rule",
    "mean_eligibility_peak",
    "plateau_protocol",
    "reported",
    "weights_after",
]
