"""The paper's experiments by name: each with its conditions, table, figure and distance from the published model."""

from . import (
    epsp_amplification,
    gating,
    simple_current_clamp,
    simple_input_output,
    simple_voltage_clamp,
    sodium_current,
)
from .experiment import Comparison, Experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        simple_current_clamp,
        simple_voltage_clamp,
        epsp_amplification,
        simple_input_output,
        sodium_current,
        gating,
    )
}

__all__ = ["EXPERIMENTS", "Comparison", "Experiment"]
