"""Sensitivity of a study's measures to parameters that all vary at once: declaration and table."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..analysis import MEASURES
from ..analysis.sensitivity import (
    IS_NOISE,
    RANKS,
    VALUES,
    RankTrend,
    SobolIndices,
    band_of,
    rank_trends,
    ranks,
    saltelli_samples,
    sobol_indices,
    trend_sign,
)
from ..analysis.verdicts import CANNOT_BE_TOLD
from ..errors import ModelError, did_you_mean, quoted
from .conditions import LABEL, Changes

COLUMNS = {
    "measure": "column of trials.csv",
    "unit": "unit of the measure",
    "scale": "whether the variance of its values or of their ranks is divided",
    "parameter": "what varies",
    "field": "field of the configuration, or setting of the cell's parameter, that holds it",
    "low": "lowest value that is drawn",
    "high": "highest value that is drawn",
    "n": "blocks of the design of which all trials have a value",
    "total": "share of the variance with all that the parameter brings together with others",
    "total_lower": "lower limit of its 95 % band, percentiles over resampled blocks",
    "total_upper": "its upper limit",
    "first": "share of the variance that the parameter brings alone",
    "first_lower": "lower limit of its 95 % band, percentiles over resampled blocks",
    "first_upper": "its upper limit",
    "largest": "share of the resamples in which its total index is the largest of all",
    "over_noise_lower": "lower limit of the 95 % band of its total index less that of the noise",
    "over_noise_upper": "its upper limit",
    "trend": "rank correlation of the measure with the parameter, independent samples",
    "trend_p": "its p",
    "verdict": "against the noise: above, below, cannot be told",
}
"""Columns of the table, and what they are."""

ABOVE, BELOW = "above", "below"
FEWEST_BLOCKS = 32
"""Blocks below which bands hold known indices too seldom to tell anything (``docs/studies.md``)."""
_FIGURES = 6  # of a value that is drawn, so that names and files of settings stay short


class SampledParameter(BaseModel):
    """A field that is drawn evenly between two values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="what tables and figures call it")
    field: str = Field(description="field of the configuration, or a setting such as kdr.gbar*")
    low: float = Field(allow_inf_nan=False, description="lowest value")
    high: float = Field(allow_inf_nan=False, description="highest value")
    whole: bool = Field(False, description="whether it takes whole numbers, both ends included")
    source: str = Field("", description="where the range is from")

    @model_validator(mode="after")
    def _holds(self) -> "SampledParameter":
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} and high {self.high:g}; give low below high")
        if self.whole and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError("whole: true needs whole numbers as low and high")
        return self

    def value(self, share: float) -> float | int:
        """The value at a share, 0 to 1, of the range."""
        if self.whole:
            n_values = int(self.high - self.low) + 1
            return int(self.low) + min(int(share * n_values), n_values - 1)
        return float(f"{self.low + share * (self.high - self.low):.{_FIGURES}g}")


class MeasuredOf(BaseModel):
    """A measure whose variance is divided among the parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str = Field(description="column of trials.csv")
    none_is: float | None = Field(
        None,
        allow_inf_nan=False,
        description="value of a trial that has none, such as information of a cell without spikes",
    )
    scale: Literal["values", "ranks"] = Field(
        VALUES, description="whether its values count or their ranks, where few samples have most"
    )


class Sensitivity(BaseModel):
    """Which parameters of a study move its measures: samples in place of conditions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: int = Field(
        64, ge=2, le=4096, description="blocks of samples, a power of two; a block has k + 2 trials"
    )
    design_seed: int = Field(0, ge=0, le=2**32 - 1, description="seed of the design")
    parameters: tuple[SampledParameter, ...] = Field(min_length=2, max_length=100)
    noise: str | None = Field(
        None, description="name of the parameter that says how much chance alone brings"
    )
    measures: tuple[MeasuredOf, ...] = Field(min_length=1)

    @field_validator("samples")
    @classmethod
    def _power_of_two(cls, samples: int) -> int:
        if samples & (samples - 1):
            lower = 1 << samples.bit_length() - 1
            raise ValueError(f"no power of two; give {lower} or {2 * lower}")
        return samples

    @field_validator("measures", mode="before")
    @classmethod
    def _names_alone(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return [{"measure": one} if isinstance(one, str) else one for one in value]

    @model_validator(mode="after")
    def _holds(self) -> "Sensitivity":
        for what in ("name", "field"):
            values = [getattr(one, what) for one in self.parameters]
            if twice := {one for one in values if values.count(one) > 1}:
                raise ValueError(f"{what} {quoted(min(twice))} stands twice; give each once")
        if self.noise is not None and self.noise not in self.names:
            near = did_you_mean(self.noise, self.names)
            raise ValueError(f"noise {quoted(self.noise)} is none of the parameters.{near}")
        for one in self.measures:
            if one.measure not in MEASURES:
                near = did_you_mean(one.measure, MEASURES)
                raise ValueError(f"measure {quoted(one.measure)} does not exist.{near}")
        return self

    @property
    def names(self) -> list[str]:
        """What the parameters are called."""
        return [one.name for one in self.parameters]

    @property
    def shares(self) -> np.ndarray:
        """The design: where in its range each parameter lies, shape (samples, parameters)."""
        return saltelli_samples(self.samples, len(self.parameters), seed=self.design_seed)

    def conditions(self) -> tuple[Changes, ...]:
        """A condition a sample, in the order of the design."""
        return tuple(
            {LABEL: _sample_name(number)}
            | {
                one.field: one.value(float(share))
                for one, share in zip(self.parameters, row, strict=True)
            }
            for number, row in enumerate(self.shares)
        )


def _sample_name(number: int) -> str:
    return f"sample {number}"


def sensitivity_table(sensitivity: Sensitivity, table: pd.DataFrame) -> pd.DataFrame:
    """Indices of every measure and parameter with bands, in the order of the declaration.

    Parameters
    ----------
    sensitivity : Sensitivity
    table : DataFrame
        One row a trial, with ``condition`` and the measures, as in ``trials.csv``; of several trials
        of a sample (seeds) the mean counts. A sample that is missing takes its block with it.
    """
    shares = sensitivity.shares
    samples = [_sample_name(number) for number in range(len(shares))]
    rows = []
    for one in sensitivity.measures:
        values = table[one.measure]
        if one.none_is is not None:
            values = values.fillna(one.none_is)
        by_sample = values.groupby(table[LABEL]).mean().reindex(samples).to_numpy(float)
        n_parameters = len(sensitivity.parameters)
        trends = rank_trends(shares, by_sample)
        if one.scale == RANKS:
            by_sample = ranks(by_sample, n_parameters)
        indices = sobol_indices(by_sample, n_parameters)
        about = {"measure": one.measure, "unit": MEASURES[one.measure].unit, "scale": one.scale}
        rows += [about | row for row in _rows(sensitivity, indices, trends)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(
    sensitivity: Sensitivity, indices: SobolIndices, trends: list[RankTrend]
) -> Iterator[dict[str, Any]]:
    resampled = indices.total_resampled
    noise = None if sensitivity.noise is None else sensitivity.names.index(sensitivity.noise)
    over = np.full((2, len(trends)), np.nan)
    if noise is not None and len(resampled):
        over = band_of(resampled - resampled[:, [noise]])
    largest = np.full(len(trends), np.nan)
    if len(resampled):
        largest = np.bincount(resampled.argmax(axis=1), minlength=len(trends)) / len(resampled)
    for at, (one, trend) in enumerate(zip(sensitivity.parameters, trends, strict=True)):
        row: dict[str, Any] = {"parameter": one.name, "field": one.field}
        row |= {"low": one.low, "high": one.high, "n": indices.n_blocks}
        for name in ("total", "first"):
            lower, upper = getattr(indices, f"{name}_band")[:, at]
            row |= {name: getattr(indices, name)[at]}
            row |= {f"{name}_lower": lower, f"{name}_upper": upper}
        row |= {"largest": largest[at], "trend": trend.correlation, "trend_p": trend.p}
        row |= {"over_noise_lower": over[0, at], "over_noise_upper": over[1, at]}
        verdict = _verdict(*over[:, at], n_blocks=indices.n_blocks)
        yield row | {"verdict": IS_NOISE if at == noise else verdict}


def _verdict(lower: float, upper: float, *, n_blocks: int) -> str:
    if n_blocks < FEWEST_BLOCKS:
        return CANNOT_BE_TOLD
    if lower > 0:
        return ABOVE
    return BELOW if upper < 0 else CANNOT_BE_TOLD


def answers(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    """What the table says of each measure, a sentence or two, by measure and scale."""
    grouped = table.groupby(["measure", "scale"], sort=False)
    return {(str(measure), str(scale)): _answer(rows) for (measure, scale), rows in grouped}


def _answer(rows: pd.DataFrame) -> str:
    if not np.isfinite(rows["total"]).any():
        return "It does not vary, or no block of samples is complete: nothing can be told."
    told = rows[rows["verdict"] != IS_NOISE].sort_values("total", ascending=False)
    first, *others = told.head(3).to_dict("records")
    text = f"{_with_band(first)} moves it most, the largest in {first['largest']:.0%} of resamples"
    text += f"; then {' and '.join(map(_with_band, others))}." if others else "."
    if (n_blocks := int(rows["n"].iloc[0])) < FEWEST_BLOCKS:
        return f"{text} Of {n_blocks} blocks, bands are too narrow: take {FEWEST_BLOCKS} or more."
    noise = rows[rows["verdict"] == IS_NOISE].to_dict("records")
    if noise:
        text += f" Noise, {_with_band(noise[0])}:"
        parts = [
            f"{verdict} it {', '.join(told.loc[told['verdict'] == verdict, 'parameter']) or 'none'}"
            for verdict in (ABOVE, BELOW)
        ]
        n_untold = int((told["verdict"] == CANNOT_BE_TOLD).sum())
        text += f" {'; '.join(parts)}; of {n_untold} it cannot be told."
    return text


def _with_band(row: Mapping[Any, Any]) -> str:
    """A parameter with the sign of its trend, its total index and band."""
    band = f"{row['total']:.2f}, {row['total_lower']:.2f} to {row['total_upper']:.2f}"
    return f"{' '.join(filter(None, (row['parameter'], trend_sign(row))))} ({band})"


def check_conditions(sensitivity: Sensitivity, conditions: tuple[Changes, ...]) -> None:
    """Refuse conditions that are not the samples of the design."""
    if conditions != sensitivity.conditions():
        raise ModelError(
            "sensitivity draws the conditions itself; remove conditions, grid, list or table."
        )
