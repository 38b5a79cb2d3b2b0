"""Scores of a cell against measured features, with the tests and the target data of HippoUnit."""

from . import (
    attenuation,
    back_propagation,
    depolarisation_block,
    oblique_integration,
    somatic_features,
    steady_attenuation,
)
from .score import Score, ScoredTest, mean_in_sd
from .targets import Target, somatic_targets, targets

TESTS: dict[str, ScoredTest] = {
    test.name: test
    for module in (
        somatic_features,
        depolarisation_block,
        back_propagation,
        attenuation,
        steady_attenuation,
        oblique_integration,
    )
    for test in module.TESTS
}
"""Every test by name."""

__all__ = ["TESTS", "Score", "ScoredTest", "Target", "mean_in_sd", "somatic_targets", "targets"]


def __dir__() -> list[str]:
    return __all__
