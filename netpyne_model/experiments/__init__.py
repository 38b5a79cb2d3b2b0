"""The paper's experiments by name: each with its conditions, table, figure and distance from the published model."""

from . import epsp_amplification
from .experiment import Comparison, Experiment

EXPERIMENTS: dict[str, Experiment] = {module.EXPERIMENT.name: module.EXPERIMENT for module in (epsp_amplification,)}

__all__ = ["EXPERIMENTS", "Comparison", "Experiment"]
