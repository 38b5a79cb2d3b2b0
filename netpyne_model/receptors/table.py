"""The table of receptors, read from ``receptors.yaml`` and checked."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..validation import one_line

TABLE = Path(__file__).with_name("receptors.yaml")

Kind = Literal["exc", "inh"]
KINDS: tuple[Kind, ...] = ("exc", "inh")
"""Kinds of inputs: excitatory ones on spines, inhibitory ones on the branch."""
FAST_TYPES = {"KineticReceptors": "kineticReceptor", "KineticNMDAReceptor": "kineticNMDAReceptor"}
"""LEMS type of the components that a mechanism written by hand can take."""


class Receptor(BaseModel):
    """One receptor; ``receptors.yaml`` explains the entries of its row."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    description: str
    file: str
    kind: Kind
    conductance: Literal["gmax_uS", "relative_gmax"]
    weight: Literal["input", "one"]
    fast: Literal["KineticReceptors", "KineticNMDAReceptor"] | None = None
    solved: bool = False

    @property
    def parameter(self) -> str:
        """Its parameter of the placement: ``AMPA.gmax``, ``NMDA.relative_gmax``."""
        return f"{self.name}.{self.conductance.removesuffix('_uS')}"

    @property
    def unit(self) -> str:
        """Unit of `parameter`."""
        return "uS" if self.conductance == "gmax_uS" else ""

    @property
    def column(self) -> str:
        """Its column in a table of spines or synapses: ``gmax_AMPA_uS``, ``relative_gmax_NMDA``."""
        quantity = self.parameter.partition(".")[2]
        return f"{quantity}_{self.name}{'_uS' if self.unit else ''}"


@cache
def receptors() -> dict[str, Receptor]:
    """Every receptor by its name, in the order of the table; ModelError if a row does not hold."""
    rows = {name: _receptor(name, row) for name, row in read_mapping(TABLE).items()}
    for receptor in rows.values():
        first = next(row for row in rows.values() if row.kind == receptor.kind)
        if receptor.conductance == "gmax_uS" and (receptor.kind, receptor) != ("exc", first):
            raise ModelError(
                f"receptor {receptor.name} in {TABLE}: conductance = 'gmax_uS', which is for the"
                " first receptor of the spines; expected relative_gmax."
            )
    return rows


def receptors_of(kind: Kind) -> list[Receptor]:
    """The receptors that the inputs of a kind drive, in the order of the table."""
    return [receptor for receptor in receptors().values() if receptor.kind == kind]


def first_receptor(kind: Kind) -> Receptor:
    """The receptor whose weight and conductance a table of synapses tells."""
    return receptors_of(kind)[0]


def check_receptor(name: str) -> str:
    """A receptor's name if it stands in the table; else a ModelError with the nearest one."""
    if name not in receptors():
        raise ModelError(
            f"receptor {quoted(name)} does not exist.{did_you_mean(name, receptors())}"
        )
    return name


ReceptorName = Annotated[str, AfterValidator(check_receptor)]
"""Type of an entry that names a receptor."""


def _receptor(name: str, row: Any) -> Receptor:
    if not isinstance(row, dict):
        raise ModelError(
            f"receptors {TABLE}, {name} = {quoted(row)}: expected the entries of a row."
        )
    fields = {"name": name, **row}
    try:
        return Receptor.model_validate(fields)
    except ValidationError as error:
        raise one_line(error, Receptor, fields, what=f"receptor {name} in {TABLE}") from None
