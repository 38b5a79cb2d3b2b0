"""Whether a reported sign shows: a number with a current and without, their bands, a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..analysis.verdicts import LARGER, NONE, SMALLER, verdict_on

COLUMNS = (
    "sign", "quantity", "unit", "source", "expected", "compared", "with_it", "band_with",
    "without_it", "band_without", "difference", "verdict",
)  # fmt: skip


class Banded(NamedTuple):
    """A number and how far it may be off to either side; NaN where there is none."""

    value: float
    band: float = 0.0


@dataclass(frozen=True)
class Claim:
    """What is reported of a current, as a sentence that can be right or wrong.

    Attributes
    ----------
    sign : str
        Which sign it belongs to.
    quantity, unit : str
    higher : bool
        Whether the quantity is reported to be higher with the current (or lower).
    source : str
    """

    sign: str
    quantity: str
    unit: str
    higher: bool
    source: str

    def judged(self, compared: str, with_it: Banded, without_it: Banded) -> dict[str, object]:
        """A row of the table of verdicts.

        Parameters
        ----------
        compared : str
            With what, without what.
        with_it, without_it : Banded
        """
        expected = f"{'higher' if self.higher else 'lower'} with it"
        answer = verdict(with_it, without_it, higher=self.higher)
        return _row(self, expected, compared, with_it, without_it, answer)


@dataclass(frozen=True)
class ReportedNumber:
    """A number that is reported, and whether it is the same here.

    Attributes
    ----------
    sign : str
        Which sign it belongs to.
    quantity, unit : str
    reported : Banded
    source : str
    """

    sign: str
    quantity: str
    unit: str
    reported: Banded
    source: str

    def judged(self, compared: str, measured: Banded) -> dict[str, object]:
        """A row of the table of verdicts, measured against reported: see `same_number`."""
        answer = same_number(measured, self.reported)
        compared = f"{compared}, here against reported"
        return _row(self, "the same", compared, measured, self.reported, answer)


def _row(
    claim: Claim | ReportedNumber,
    expected: str,
    compared: str,
    one: Banded,
    other: Banded,
    answer: str,
) -> dict[str, object]:
    """A row of the table of verdicts."""
    row = {
        "sign": claim.sign,
        "quantity": claim.quantity,
        "unit": claim.unit,
        "source": claim.source,
        "expected": expected,
        "compared": compared,
        "with_it": one.value,
        "band_with": one.band,
        "without_it": other.value,
        "band_without": other.band,
        "difference": one.value - other.value,
        "verdict": answer,
    }
    return {name: row[name] for name in COLUMNS}


def same_number(measured: Banded, reported: Banded) -> str:
    """``agrees``, ``does not`` or ``cannot be told``.

    The same is a number whose band lies within that of the reported one; another, one whose band lies
    beyond it.
    """
    difference = measured.value - reported.value
    ends = difference - measured.band, difference + measured.band
    return verdict_on(*ends, NONE, within=reported.band)


def verdict(with_it: Banded, without_it: Banded, *, higher: bool) -> str:
    """``agrees``, ``does not`` or ``cannot be told``.

    A difference within the sum of both bands, or one that has no value, cannot be told; a larger one
    agrees if it has the expected direction.
    """
    difference, band = with_it.value - without_it.value, with_it.band + without_it.band
    return verdict_on(difference - band, difference + band, LARGER if higher else SMALLER)


def from_two_runs(coarse: float, fine: float, resolution: float = 0.0) -> Banded:
    """The number of the finer of two runs; its band is how far the coarser one is from it.

    At half the step of a method of first order that is what the finer run still errs by.

    Parameters
    ----------
    coarse, fine : float
    resolution : float
        What the number cannot be finer than: the width at which a search ends.
    """
    return Banded(float(fine), abs(float(fine) - float(coarse)) + resolution)


def verdict_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Verdicts as a table, one row a comparison."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def in_cells(table: pd.DataFrame) -> list[list[str]]:
    """A table of verdicts as text for a page: numbers with their bands, in four figures."""
    return [
        [
            row.sign,
            f"{row.quantity}, {row.compared}",
            row.expected,
            _with_band(row.with_it, row.band_with, row.unit),
            _with_band(row.without_it, row.band_without, row.unit),
            row.verdict,
            row.source,
        ]
        for row in table.itertuples()
    ]


def _with_band(value: float, band: float, unit: str) -> str:
    if not np.isfinite(value):
        return "none"
    text = f"{value:.4g}" + (f" ± {band:.2g}" if band > 0 else "")
    return f"{text} {unit}".strip()
