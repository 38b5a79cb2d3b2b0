"""Contrasts of a study: questions of its conditions that its trials, paired by seed, can answer."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..analysis import MEASURES
from ..analysis.contrasts import PairedEffect, holm, paired_effect, paired_share
from ..analysis.verdicts import NONE, verdict_on

Pairs = tuple[tuple[str, str], ...]

COLUMNS = {
    "claim": "sentence that the contrast shows to be right or wrong",
    "verdict": "agrees, does not, or cannot be told",
    "measure": "column of trials.csv",
    "unit": "unit of the measure; none of a share",
    "compared": "conditions that are taken from each other, trials of the same seed",
    "n": "pairs of trials, or pairs of pairs, with a value",
    "value": "mean difference over the pairs, or share",
    "lower": "lower limit of its 95 % confidence band, Student's t (of a share: Fieller)",
    "upper": "its upper limit",
    "effect_size": "mean difference in units of the standard deviation of the differences",
    "effect_lower": "lower limit of its 95 % confidence band, noncentral t",
    "effect_upper": "its upper limit",
    "p": "probability that chance brings as much, by turning the signs of the differences about",
    "family": "contrasts among which a false alarm shall be rare",
    "p_holm": "p, raised for the number of contrasts of the family (Holm)",
    "expected": "what is claimed of the value",
}
"""Columns of the table, and what they are."""


class Contrast(BaseModel):
    """A claim about the difference between conditions, in trials that are paired by seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str = Field(min_length=1, description="a sentence that can be right or wrong")
    measure: str = Field(description="column of trials.csv")
    difference: Pairs = Field(
        description="[A, B]: A less B, by names of conditions; of several pairs their mean"
    )
    less: Pairs = Field((), description="pairs whose difference is taken from that one")
    share_of: Pairs = Field(
        (), description="pairs whose difference is the whole that it is part of"
    )
    whole_measure: str | None = Field(
        None, description="the measure of share_of, where it is another one of the same unit"
    )
    expected: Literal["larger", "smaller", "none"] = Field(
        description="what is claimed of the difference, or of the share"
    )
    than: float = Field(
        0.0,
        allow_inf_nan=False,
        description="what it is claimed to be larger or smaller than, in the unit of the measure",
    )
    family: str = Field(
        "",
        description="contrasts among which a false alarm shall be rare; without it all that have none",
    )
    within: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="for 'none': a difference nearer to 0 than this does not matter",
    )

    @field_validator("difference", "less", "share_of", mode="before")
    @classmethod
    def _one_pair_or_several(cls, value: Any) -> Any:
        one = isinstance(value, Sequence) and len(value) == 2
        return [value] if one and all(isinstance(name, str) for name in value) else value

    @model_validator(mode="after")
    def _holds(self) -> "Contrast":
        if not self.difference:
            raise ValueError("difference has no pair; give [A, B], two names of conditions")
        if (self.expected == NONE) != (self.within is not None):
            raise ValueError(
                "expected: none needs 'within', what does not matter, and no other has it"
            )
        if self.expected == NONE and self.than:
            raise ValueError("expected: none has no 'than'; give 'within' alone")
        if self.whole_measure is not None and not self.share_of:
            raise ValueError("'whole_measure' is that of share_of, which is missing")
        if self.less and self.share_of:
            raise ValueError("'less' and 'share_of' in one; give each a contrast of its own")
        return self

    @property
    def conditions(self) -> Iterator[str]:
        """Names of the conditions that it compares."""
        return (name for pairs in self._effects for pair in pairs for name in pair)

    @property
    def measures(self) -> tuple[str, ...]:
        """What it measures: of a share that of the part and that of the whole."""
        whole = self.whole_measure
        return (self.measure,) if whole is None else (self.measure, whole)

    @property
    def _effects(self) -> tuple[Pairs, ...]:
        return self.difference, self.less, self.share_of

    @property
    def unit(self) -> str:
        """Of the difference; a share has none."""
        return "" if self.share_of else MEASURES[self.measure].unit

    @property
    def compared(self) -> str:
        """What is taken from what, in words."""
        text, *others = (_in_words(pairs) for pairs in self._effects if pairs)
        if not others:
            return text
        of = "" if self.whole_measure is None else f" of {self.whole_measure}"
        how = f"as a share{of} of" if self.share_of else "less"
        return f"({text}) {how} ({others[0]})"

    @property
    def expected_in_words(self) -> str:
        """What is claimed of the value: ``larger than 0``."""
        if self.expected == NONE:
            return f"none beyond {self.within:g}"
        return f"{self.expected} than {self.than:g}"

    def effect(self, table: pd.DataFrame) -> PairedEffect:
        """What comes out of a table of trials with ``condition``, ``seed`` and the measure."""
        values, whole_values = (
            table.pivot(index="seed", columns="condition", values=name)
            for name in (self.measures[0], self.measures[-1])
        )
        difference = _mean_difference(values, self.difference)
        if self.share_of:
            whole = _mean_difference(whole_values, self.share_of)
            return paired_share(difference, whole, than=self.than)
        if self.less:
            difference = difference - _mean_difference(values, self.less)
        return paired_effect(difference, than=self.than)


def _in_words(pairs: Pairs) -> str:
    text = "; ".join(f"{one} less {other}" for one, other in pairs)
    return text if len(pairs) == 1 else f"mean of {text}"


def _mean_difference(values: pd.DataFrame, pairs: Pairs) -> np.ndarray:
    """By seed, NaN where a trial is missing or has no value."""
    values = values.reindex(columns=list({name for pair in pairs for name in pair}))
    return np.mean([values[one] - values[other] for one, other in pairs], axis=0, dtype=float)


def contrast_table(contrasts: Sequence[Contrast], table: pd.DataFrame) -> pd.DataFrame:
    """The contrasts of a study as a table, one row each, in the order of the declaration.

    Parameters
    ----------
    contrasts : sequence of Contrast
    table : DataFrame
        One row a trial, as in ``trials.csv``.
    """
    effects = [one.effect(table) for one in contrasts]
    p = pd.Series([effect.p for effect in effects], dtype=float)
    families = [one.family for one in contrasts]
    adjusted = p.groupby(families, sort=False).transform(holm)
    rows = [
        _row(one, effect, float(p))
        for one, effect, p in zip(contrasts, effects, adjusted, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(one: Contrast, effect: PairedEffect, p_holm: float) -> dict[str, Any]:
    value, lower, upper = effect.estimate
    limits = {"than": one.than, "within": one.within or 0.0}
    row: dict[str, Any]
    row = {"claim": one.claim, "measure": one.measure, "unit": one.unit, "compared": one.compared}
    row |= {"n": effect.n, "value": value, "lower": lower, "upper": upper}
    row |= dict(zip(("effect_size", "effect_lower", "effect_upper"), effect.size, strict=True))
    row |= {"p": effect.p, "family": one.family, "p_holm": p_holm}
    row["expected"] = one.expected_in_words
    row["verdict"] = verdict_on(lower, upper, one.expected, p=p_holm, **limits)
    return row


def in_cells(contrasts: pd.DataFrame) -> list[list[str]]:
    """The table as text, in the order of `reports.sweep_page.CONTRASTED`."""
    return [
        [
            row.claim,
            row.verdict,
            row.measure,
            row.compared,
            str(row.n),
            number,
            row.expected,
            _with_band(row.effect_size, row.effect_lower, row.effect_upper, ""),
            probability(row.p_holm),
        ]
        for row, number in zip(contrasts.itertuples(), numbers(contrasts), strict=True)
    ]


def numbers(contrasts: pd.DataFrame) -> list[str]:
    """The number of each contrast with its band and unit, as text."""
    return [_with_band(row.value, row.lower, row.upper, row.unit) for row in contrasts.itertuples()]


def in_lines(contrasts: pd.DataFrame) -> list[str]:
    """A line a contrast: verdict, claim, and the number with its band."""
    return [
        f"{row.verdict}: {row.claim.rstrip('.')}: {number}, p {probability(row.p_holm)}"
        for row, number in zip(contrasts.itertuples(), numbers(contrasts), strict=True)
    ]


def probability(p: float) -> str:
    """As text; below 0.001 no more is said."""
    if not np.isfinite(p):
        return "none"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def _with_band(value: float, lower: float, upper: float, unit: str) -> str:
    """A number with its band, all to the same decimals, of the band three figures."""
    if not np.isfinite(value):
        return "none"
    if not np.isfinite(lower + upper):
        return f"{value:.3g} {unit}".strip()
    decimals = _decimals(max(abs(lower), abs(upper)))
    value, lower, upper = (round(one, decimals) + 0.0 for one in (value, lower, upper))
    band = f"({lower:.{decimals}f} to {upper:.{decimals}f})"
    return f"{value:.{decimals}f} {unit}".strip() + f" {band}"


def _decimals(size: float) -> int:
    """Decimals of a number of this size in three figures; four at most."""
    return 2 if size <= 0 else int(np.clip(2 - np.floor(np.log10(size)), 0, 4))
