"""What the sliders of `ca1 explore` say, and the cell that they make of another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cell.cell import Cell
from ..errors import ModelError, did_you_mean
from ..experiments.epsp_amplification import RATIO_MV
from ..experiments.experiment import trunk_spines
from ..experiments.intrinsic_features import FI_NA
from ..protocols.checks import check_number, check_whole
from ..specification.drugs import drugs, leaving

STEPS: Mapping[str, Any] = {"integration": "second_order", "dt_ms": 0.05, "channels": "fused"}
"""How everything is integrated, as fields of `Protocol`: nearer the converged solution than the
experiments' own steps, in a third of the time (docs/explore.md)."""
PUBLISHED_SPINES = ("epsp_amplification", "soma")
MORE_SPINES = ("input_output",)
LARGEST_DC_NA, LARGEST_FACTOR = 10.0, 1e6


def dosed_drugs() -> list[str]:
    """The drugs of which there is more or less: those that leave a share of what they act on."""
    return [name for name, drug in drugs().items() if drug.has_number]


@dataclass(frozen=True)
class Settings:
    """A change of a cell, and what is done to it.

    Attributes
    ----------
    factors : mapping of str to float
        Factor on the density of a channel, by the channel's name; 1 leaves it as it is.
    left : mapping of str to float
        Share that a drug leaves of what it acts on, by the drug's name; 1 is no drug.
    dc_nA : float
        Into the soma from the start, where no potential is held: under the steps of the f-I curve,
        and in a run of its own.
    n_spines : int
        Trunk spines that are driven, each five times at 100 Hz.
    held_mV : (float, float)
        The two potentials of the soma at which EPSPs are compared.
    currents_nA : tuple of float
        Steps of the f-I curve.

    Raises
    ------
    ModelError
        If a number lies beyond what it can be, or a drug does not exist.
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    left: Mapping[str, float] = field(default_factory=dict)
    dc_nA: float = 0.0
    n_spines: int = 5
    held_mV: tuple[float, float] = (float(RATIO_MV[0]), float(RATIO_MV[1]))
    currents_nA: tuple[float, ...] = FI_NA

    def __post_init__(self):
        check_number("dc_nA", self.dc_nA, -LARGEST_DC_NA, LARGEST_DC_NA)
        check_whole("n_spines", self.n_spines, 1)
        for name, factor in self.factors.items():
            check_number(f"{name}.gbar, factor", factor, 0.0, LARGEST_FACTOR)
        for held_mV in self.held_mV:
            check_number("held_mV", held_mV, -200.0, 100.0)
        for name, share in self.left.items():
            if name not in dosed_drugs():
                nearest = did_you_mean(name, dosed_drugs())
                raise ModelError(f"drug '{name}' has no dose or does not exist.{nearest}")
            check_number(f"{name}, share left", share, 0.0, 1.0)

    @property
    def changed_factors(self) -> dict[str, float]:
        """The factors that are not 1."""
        return {name: factor for name, factor in self.factors.items() if factor != 1}

    @property
    def given_drugs(self) -> tuple[str, ...]:
        """The drugs that are there, as `Cell.with_drugs` takes them: ``TTX:0.5``."""
        return tuple(leaving(name, share) for name, share in self.left.items() if share != 1)


def changed_cell(cell: Cell, settings: Settings) -> Cell:
    """The cell with its densities scaled, and under the drugs.

    Raises ModelError if it has no such channel, or a factor is no number of 0 or more.
    """
    for channel, factor in settings.changed_factors.items():
        cell = cell.with_rule("all", f"{channel}.gbar", factor=factor)
    return cell.with_drugs(*settings.given_drugs)


def driven_spines(cell: Cell, n: int) -> list[int]:
    """Numbers of the spines that are driven: those of the paper's EPSPs, then those added in Fig. 6B.

    Another cell has as many, drawn from its trunk. Raises ModelError if there are fewer than `n`.
    """
    numbers = trunk_spines(cell, *PUBLISHED_SPINES)
    if n > len(numbers):
        numbers = list(dict.fromkeys([*numbers, *trunk_spines(cell, *MORE_SPINES)]))
    if n > len(numbers):
        raise ModelError(
            f"n_spines = {n}: cell {cell.name} has {len(numbers)} on its trunk; expected 1 to"
            f" {len(numbers)}."
        )
    return numbers[:n]
