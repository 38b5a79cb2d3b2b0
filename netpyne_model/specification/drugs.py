"""Drugs by name, as changes of a specification: any protocol and any trial takes them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..biophysics.density_rules import Component
from ..biophysics.rules import NotNegative, Strict, validate_table
from ..errors import ModelError, did_you_mean
from ..files import read_mapping
from ..receptors import ReceptorName, receptors
from .cell_specification import CellSpecification
from .changes import scale_at_origin, scale_parameter, set_entry

TABLE = Path(__file__).with_name("drugs.yaml")


class Drug(Strict):
    """What a drug multiplies and by how much, or which components it puts in a channel's place."""

    description: str
    channels: Annotated[tuple[str, ...], Field(strict=False)] = ()
    receptors: Annotated[tuple[ReceptorName, ...], Field(strict=False)] = ()
    components: dict[str, Annotated[tuple[Component, ...], Field(strict=False)]] = Field(
        default_factory=dict
    )
    factor: NotNegative = 1.0
    at_origin: bool = False


class _Drugs(Strict):
    drugs: dict[str, Drug]


@cache
def drugs() -> dict[str, Drug]:
    """Every drug by its name, from ``drugs.yaml``."""
    return validate_table(_Drugs, {"drugs": read_mapping(TABLE)}, f"drugs {TABLE}").drugs


def find_drug(text: str) -> Drug:
    """The drug that a text names: ``TTX``, or with another factor ``TTX:0``.

    Raises ModelError if there is no such drug (with the nearest name), or the factor is no number
    of 0 or more.
    """
    name, colon, factor = str(text).partition(":")
    known = drugs()
    if name not in known:
        raise ModelError(f"drug '{name}' does not exist.{did_you_mean(name, known)}")
    if not colon:
        return known[name]
    try:
        value = float(factor)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ModelError(
            f"drug '{text}': expected name or name:factor with a factor of 0 or more, such as"
            " TTX:0.25."
        )
    return known[name].model_copy(update={"factor": value})


def apply_drugs(specification: CellSpecification, names: Iterable[str]) -> CellSpecification:
    """Give a cell drugs, one after the other.

    A channel that the cell does not have is passed over: there is nothing to block. Raises
    ModelError as `find_drug`.
    """
    for name in names:
        drug = find_drug(name)
        channels = specification.biophysics.channels
        present = [channel for channel in drug.channels if channel in channels]
        scaled = [receptors()[receptor].parameter for receptor in drug.receptors]
        if present and drug.at_origin:
            specification = scale_at_origin(specification, present, drug.factor)
        else:
            scaled += [f"{channel}.gbar" for channel in present]
        for channel, components in drug.components.items():
            if channel in channels:
                value = [one.model_dump(mode="json", exclude_defaults=True) for one in components]
                entry = f"biophysics.channels.{channel}.components"
                specification = set_entry(specification, entry, value)
        for parameter in scaled:
            specification = scale_parameter(specification, "all", parameter, drug.factor)
    return specification
