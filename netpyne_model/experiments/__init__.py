"""The paper's experiments by name: each with its conditions, table, figure and distance from the published model."""

from ..sweeps import Comparison
from . import (
    attenuation,
    convergence,
    epsc_amplification,
    epsp_amplification,
    gating,
    input_output,
    intrinsic_features,
    simple_current_clamp,
    simple_input_output,
    simple_voltage_clamp,
    sodium_current,
)
from .condition import Condition
from .experiment import Experiment
from .runner import ExperimentResults, report_experiments, run_conditions, run_experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        simple_current_clamp,
        simple_voltage_clamp,
        epsp_amplification,
        epsc_amplification,
        input_output,
        simple_input_output,
        sodium_current,
        gating,
        intrinsic_features,
        attenuation,
        convergence,
    )
}

__all__ = [
    "EXPERIMENTS",
    "Comparison",
    "Condition",
    "Experiment",
    "ExperimentResults",
    "report_experiments",
    "run_conditions",
    "run_experiment",
]
