"""How the model answers each recorded quantity: ``answers.yaml``, read and looked up."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from .recorded import Recorded, recorded

ANSWERS = Path(__file__).with_name("answers.yaml")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OfTrials(_Frozen):
    """A measure of a condition's trials, one value a seed."""

    condition: str = Field(description="name of a condition of trials.yaml")
    measure: str = Field(description="column of trials.csv")
    less: "OfTrials | None" = Field(None, description="what is taken off, paired by seed")
    per: str | None = Field(None, description="field by whose difference it is divided")
    scale: float = Field(1.0, description="into the unit of the row")
    over_seeds: Literal["mean", "max", "sign"] = Field("mean", description="what stands for all")

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions that it needs."""
        return (self.condition, *(self.less.conditions if self.less is not None else ()))


class Alike(_Frozen):
    """The correlation of all pairs of a condition's trials, of a profile along the track."""

    condition: str
    profile: str

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions that it needs."""
        return (self.condition,)


class OfScore(_Frozen):
    """A feature of a test of `ca1 scores`."""

    test: str
    feature: str


class Late(_Frozen):
    """What is open of a channel late in a step, as a share of the step's peak."""

    channel: str
    from_mV: float
    step_mV: float


class Answer(_Frozen):
    """How the model answers a recorded quantity, or why it does not.

    Attributes
    ----------
    quantity, condition : str
        Of the row of targets.csv.
    why : str
        One sentence or two: why it comes out as it does, or is not modelled.
    trials, alike, score, count, late
        One of them, or none where the quantity is not modelled.
    """

    quantity: str
    condition: str
    why: str = Field(min_length=1)
    trials: OfTrials | None = None
    alike: Alike | None = None
    score: OfScore | None = None
    count: Literal["spines", "inhibitory"] | None = None
    late: Late | None = None

    @property
    def of(self) -> OfTrials | Alike | OfScore | Late | str | None:
        """What it is read off; None where it is not modelled."""
        given = [self.trials, self.alike, self.score, self.count, self.late]
        return next((one for one in given if one is not None), None)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Conditions of trials that it needs."""
        return self.of.conditions if isinstance(self.of, OfTrials | Alike) else ()


@cache
def answers() -> dict[tuple[str, str], Answer]:
    """Every answer by quantity and condition."""
    listed = [Answer(**one) for one in read_mapping(ANSWERS)["answers"]]
    return {(one.quantity, one.condition): one for one in listed}


def chosen_rows(names: tuple[str, ...] = ()) -> list[tuple[Recorded, Answer]]:
    """Rows by their quantity, all without names; `ModelError` if one does not exist."""
    rows = recorded()
    known = list(dict.fromkeys(row.quantity for row in rows))
    for name in names:
        if name not in known:
            raise ModelError(f"row {quoted(name)} does not exist.{did_you_mean(name, known)}")
    return [
        (row, answers()[row.quantity, row.condition])
        for row in rows
        if not names or row.quantity in names
    ]
