"""Responses at held potentials: what the experiments on EPSP and EPSC amplification share."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..protocols import CurrentClamp, Holding, Stimulus
from ..sweeps import Comparison
from .experiment import reference_table

TARGETS_MV = (-66, -64, -62, -60, -58, -56)
SITES = {"soma": "soma_0(0)", "dend": "trunk_50(0)"}
DURATION_MS = 450.0
# The published runs were integrated at atol 1e-3, which errs by 0.3 % at -56 mV (model.md 9).
RELATIVE, ABSOLUTE_MV = 0.01, 0.02


class Held(NamedTuple):
    """How a condition is held: its labels, and the stimuli and settings that hold it."""

    labels: dict[str, Any]
    stimuli: Sequence[Stimulus]
    settings: dict[str, Any]


def solved(place: str) -> list[Held]:
    """Every target potential, held at a place by a current that is solved for."""
    return [solved_at(target_mV, place) for target_mV in TARGETS_MV]


def solved_at(target_mV: float, place: str) -> Held:
    """One potential, held at a place by a current that is solved for."""
    holding = Holding(target_mV=target_mV, place=place)
    return Held({"holding": "solved", "target_mV": target_mV}, [], {"holding": holding})


def published(
    reference: Path, table: tuple[str, str], start: str, place: str = "soma"
) -> Iterator[tuple[str, Held]]:
    """Group of drugs and holding of every published run; its potential stands in column `start`."""
    for row in reference_table(reference, *table).to_dict("records"):
        labels = {"holding": "published", "target_mV": row["target_vrest"]}
        current = CurrentClamp(amplitude_nA=row["i_holding_nA"], place=place)
        yield drugs_of(row["group"]), Held(labels, [current], {"v_init_mV": row[start]})


def drugs_of(group: str) -> str:
    """The name here of a group of the reference tables."""
    return "control" if group == "Control" else group


def epsp_comparison(quantity: str, published_mV: float, here_mV: float) -> Comparison:
    """Amplitudes, within what the published integration errs by."""
    return Comparison.within(
        quantity, "mV", published_mV, here_mV, relative=RELATIVE, absolute=ABSOLUTE_MV
    )
