"""The numbers of the plasticity rule, and what its paper reports, read from ``btsp.yaml``."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import expit

from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..validation import validated

TABLE = Path(__file__).with_name("btsp.yaml")


class PlasticityRule(BaseModel):
    """The weight-dependent rule of Milstein et al. 2021, with its nine numbers.

    dW/dt = (w_max - W) k_plus q_plus(x) - W k_minus q_minus(x), x the overlap: eligibility trace of
    the synapse times instructive signal of the cell, both 0 to 1.

    Attributes
    ----------
    tau_ET_ms, tau_IS_ms : float
        Time constants with which eligibility trace and instructive signal decay.
    alpha_plus, beta_plus, alpha_minus, beta_minus : float
        Threshold and slope of potentiation and of depression as functions of the overlap.
    k_plus_per_s, k_minus_per_s : float
        Rates of potentiation and depression where they are fully on.
    w_max : float
        Largest weight, in units of that before any induction.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tau_ET_ms: float = Field(gt=0)
    tau_IS_ms: float = Field(gt=0)
    alpha_plus: float
    beta_plus: float = Field(gt=0)
    alpha_minus: float
    beta_minus: float = Field(gt=0)
    k_plus_per_s: float = Field(ge=0)
    k_minus_per_s: float = Field(ge=0)
    w_max: float = Field(gt=0)

    def potentiation(self, overlap: np.ndarray | float) -> np.ndarray:
        """q_plus: how far potentiation is on at an overlap, 0 to 1."""
        return gain(overlap, self.alpha_plus, self.beta_plus)

    def depression(self, overlap: np.ndarray | float) -> np.ndarray:
        """q_minus: how far depression is on at an overlap, 0 to 1."""
        return gain(overlap, self.alpha_minus, self.beta_minus)

    def equilibrium(self, overlap: np.ndarray | float) -> np.ndarray:
        """The weight that a constant overlap leads to; NaN where nothing changes."""
        up = self.k_plus_per_s * self.potentiation(overlap)
        rate = up + self.k_minus_per_s * self.depression(overlap)
        return self.w_max * np.divide(up, rate, out=np.full(np.shape(rate), np.nan), where=rate > 0)

    def changed(self, **numbers: float) -> "PlasticityRule":
        """The rule with other values of some numbers; `ModelError` if one does not fit."""
        return _checked({**self.model_dump(), **numbers}, "plasticity rule")


def gain(overlap: np.ndarray | float, alpha: float, beta: float) -> np.ndarray:
    """Logistic function of the overlap, scaled and shifted to be 0 at 0 and 1 at 1.

    Equations 10 and 11 of the paper. An overlap above 1 counts as 1.
    """
    at = np.clip(overlap, 0.0, 1.0)
    low, high = expit(-beta * alpha), expit(beta * (1 - alpha))
    return (expit(beta * (at - alpha)) - low) / (high - low)


class Plateau(NamedTuple):
    """A plateau as it is evoked: current into the soma (nA), its length (ms), on how many laps."""

    amplitude_nA: float
    duration_ms: float
    laps: int


@cache
def _table() -> dict[str, Any]:
    return read_mapping(TABLE)


RULES = tuple(_table()["rules"])
"""Names of the paper's sets of numbers."""
SOURCE: str = _table()["source"]


def load_rule(name: str = "fitted") -> PlasticityRule:
    """The rule with one of the paper's sets of numbers: ``fitted`` or ``single_spike``."""
    if name not in RULES:
        raise ModelError(
            f"plasticity rule {quoted(name)} does not exist.{did_you_mean(name, RULES)}"
        )
    return _checked(_table()["rules"][name], f"plasticity rule {quoted(name)}")


def fitted_sem() -> dict[str, float]:
    """Standard errors of the ``fitted`` numbers, by their names."""
    return dict(_table()["fitted_sem"])


def plateau_protocol() -> Plateau:
    """How the paper evoked plateaus."""
    return Plateau(**_table()["plateau"])


def reported() -> dict[str, Any]:
    """What the paper reports of inductions: number, or mean and standard error, by name."""
    return dict(_table()["reported"])


def _checked(numbers: dict[str, Any], what: str) -> PlasticityRule:
    return validated(PlasticityRule, numbers, what)
