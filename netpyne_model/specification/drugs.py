"""Drugs by name, as changes of a specification: any protocol and any trial takes them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast

import pydantic
from pydantic import Field

from ..biophysics.density_rules import Component
from ..biophysics.rules import NotNegative, Strict, validate_table
from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..receptors import ReceptorName, receptors
from .cell_specification import CellSpecification
from .changes import bears, regions_of, scale_at_origin, scale_parameter, set_entry
from .taking_away import take_away

TABLE = Path(__file__).with_name("drugs.yaml")
EVERYWHERE = "all"
Components = dict[str, Annotated[tuple[Component, ...], Field(strict=False)]]


class Drug(Strict):
    """A drug, and how much of it.

    Attributes
    ----------
    description : str
        What it does, in one line.
    channels, receptors : tuple of str
        Whose density or conductance it multiplies.
    factor : float, optional
        What it leaves of them.
    at_origin : bool
        Whether it scales what the rules start from, not their final values.
    takes_away : dict of str to tuple of Component
        By channel the components whose current it takes away from it.
    dose : float, optional
        The fraction of that current, 0 to 1.
    components : dict of str to tuple of Component
        By channel what it puts in its place.
    region : str
        A region or a group of regions in which it acts.
    """

    description: str
    channels: Annotated[tuple[str, ...], Field(strict=False)] = ()
    receptors: Annotated[tuple[ReceptorName, ...], Field(strict=False)] = ()
    factor: NotNegative | None = None
    at_origin: bool = False
    takes_away: Components = Field(default_factory=dict)
    dose: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    components: Components = Field(default_factory=dict)
    region: str = EVERYWHERE

    @pydantic.model_validator(mode="after")
    def _has_one_kind_of_number(self):
        multiplies = bool(self.channels or self.receptors)
        if multiplies != (self.factor is not None) or bool(self.takes_away) != (
            self.dose is not None
        ):
            raise ValueError("what multiplies has a factor, what takes away a dose")
        return self

    @property
    def has_number(self) -> bool:
        """Whether there is more or less of it: a factor or a dose."""
        return self.factor is not None or self.dose is not None

    @property
    def takes_region(self) -> bool:
        """Whether it can be given to a region alone."""
        return not self.at_origin and not self.components

    @property
    def amount(self) -> str:
        """How much of it there is and where, in words: ``a dose of 0.5 in ais``."""
        number = f"times {self.factor:g}" if self.dose is None else f"a dose of {self.dose:g}"
        where = "" if self.region == EVERYWHERE else f" in {self.region}"
        return (number if self.has_number else "") + where

    @property
    def provenance(self) -> float | dict[str, Any] | None:
        """The factor that it leaves; of what takes away, or is in a region, more."""
        if self.dose is None and self.region == EVERYWHERE:
            return self.factor
        given = {"factor": self.factor, "dose": self.dose}
        given = {name: value for name, value in given.items() if value is not None}
        return given | ({} if self.region == EVERYWHERE else {"region": self.region})


class _Drugs(Strict):
    drugs: dict[str, Drug]


@cache
def drugs() -> dict[str, Drug]:
    """Every drug by its name, from ``drugs.yaml``."""
    return validate_table(_Drugs, {"drugs": read_mapping(TABLE)}, f"drugs {TABLE}").drugs


def find_drug(text: str) -> Drug:
    """The drug that a text names: ``TTX``, with a number ``TTX:0``, in a region ``INaP:0.5@ais``.

    The number is the factor that the drug leaves or, of one that has a dose, the fraction that it
    takes away. Raises ModelError if there is no such drug (with the nearest name), the number does
    not hold, or the drug takes no number or no region.
    """
    before, at, region = str(text).partition("@")
    name, colon, number = before.partition(":")
    known = drugs()
    if name not in known:
        raise ModelError(f"drug {quoted(name)} does not exist.{did_you_mean(name, known)}")
    changes: dict[str, Any] = {}
    if colon:
        kind = "factor" if known[name].dose is None else "dose"
        changes[kind] = _number(text, number, name, known[name])
    if at:
        if not known[name].takes_region:
            regional = ", ".join(one for one, drug in known.items() if drug.takes_region)
            raise ModelError(
                f"drug {quoted(text)}: {name} acts on the whole cell; leave out {quoted(at + region)},"
                f" or take one of {regional}."
            )
        try:
            regions_of(region)
        except ModelError as error:
            raise ModelError(f"drug {quoted(text)}: {error}") from error
        changes["region"] = region
    return known[name].model_copy(update=changes)


def _number(text: str, number: str, name: str, drug: Drug) -> float:
    if not drug.has_number:
        raise ModelError(f"drug {quoted(text)}: {name} has no factor and no dose; write {name}.")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if drug.dose is not None and not 0 <= value <= 1:
        raise ModelError(
            f"drug {quoted(text)}: the number of {name} is its dose, the fraction that it takes away;"
            f" expected name or name:dose with a dose from 0 to 1, such as {name}:0.5."
        )
    if not 0 <= value <= 1:
        acts_on = (
            f"{drug.receptors[0]}.relative_gmax" if drug.receptors else f"{drug.channels[0]}.gbar"
        )
        raise ModelError(
            f"drug {quoted(text)}: the number of {name} is the fraction that it leaves; expected name"
            f" or name:factor with a factor from 0 to 1, such as {name}:0.25 (more than all is a"
            f" parameter: {acts_on}*=1.5)."
        )
    return value


def leaving(name: str, share: float) -> str:
    """The text of a drug that leaves a share of what it acts on: ``TTX:0.75``, ``INaP:0.25``."""
    return f"{name}:{share if drugs()[name].dose is None else 1 - share:g}"


def apply_drugs(specification: CellSpecification, names: Iterable[str]) -> CellSpecification:
    """Give a cell drugs, one after the other.

    A channel that the cell does not have is passed over: there is nothing to block. Raises
    ModelError as `find_drug`, if a region has nothing that the drug acts on, or where it would have
    to know what a channel from a file is.
    """
    for name in names:
        drug = find_drug(name)
        if drug.components:
            specification = _replaced(specification, name, drug)
        elif drug.takes_away:
            for channel in _acted_on(specification, name, drug, drug.takes_away):
                components = _plain(drug.takes_away[channel])
                specification = take_away(
                    specification, channel, components, drug.region, cast(float, drug.dose)
                )
        else:
            specification = _multiplied(specification, name, drug)
    return specification


def _multiplied(specification: CellSpecification, name: str, drug: Drug) -> CellSpecification:
    factor = cast(float, drug.factor)
    parameters = [receptors()[receptor].parameter for receptor in drug.receptors]
    channels = _acted_on(specification, name, drug, drug.channels)
    if channels and drug.at_origin:
        specification = scale_at_origin(specification, channels, factor)
    else:
        parameters += [f"{channel}.gbar" for channel in channels]
    for parameter in parameters:
        specification = scale_parameter(specification, drug.region, parameter, factor)
    return specification


def _replaced(specification: CellSpecification, name: str, drug: Drug) -> CellSpecification:
    for channel in _acted_on(specification, name, drug, drug.components):
        entry = f"biophysics.channels.{channel}.components"
        specification = set_entry(specification, entry, _plain(drug.components[channel]))
    return specification


def _acted_on(
    specification: CellSpecification, name: str, drug: Drug, channels: Iterable[str]
) -> list[str]:
    """Those of a drug's channels that the cell has where it is given."""
    rules = specification.biophysics.channels
    present = [one for one in channels if one in rules]
    here = [one for one in present if bears(specification, f"{one}.gbar", drug.region)]
    if present and not here and drug.region != EVERYWHERE:
        raise ModelError(
            f"drug {quoted(name)}: region {drug.region} has no {' and no '.join(present)}, and there is"
            " nothing to block; give another region."
        )
    for one in here if drug.takes_away or drug.components else ():
        if rules[one].file is not None:
            raise ModelError(
                f"drug {quoted(name)}: channel {one} comes from {Path(str(rules[one].file)).name}, of"
                " which its persistent part is not known; leave out the drug, or the channel."
            )
    return here


def _plain(components: Iterable[Component]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json", exclude_defaults=True) for one in components]
