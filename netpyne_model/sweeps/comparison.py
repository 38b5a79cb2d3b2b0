"""A quantity here and in the published model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """A quantity here and in the published model.

    Attributes
    ----------
    quantity, unit : str
    published, here : float
        NaN in `here` where no run gave one.
    tolerance : float
        Largest difference that counts as agreement, in the unit.
    """

    quantity: str
    unit: str
    published: float
    here: float
    tolerance: float

    @classmethod
    def within(
        cls,
        quantity: str,
        unit: str,
        published: float,
        here: float,
        *,
        relative: float = 0.0,
        absolute: float = 0.0,
    ) -> "Comparison":
        """A comparison with a share of the published value as tolerance, or at least `absolute`."""
        tolerance = max(relative * abs(published), absolute)
        return cls(quantity, unit, float(published), float(here), float(tolerance))

    @classmethod
    def largest_difference(
        cls, quantity: str, published: pd.Series, here: pd.Series, tolerance: float
    ) -> "Comparison":
        """The largest relative difference over the index of `here`; 0 is agreement."""
        differences = (here / published.reindex(here.index) - 1).abs()
        largest = float(differences.max(skipna=False)) if len(here) else np.nan
        return cls(f"{quantity}: largest relative difference", "", 0.0, largest, tolerance)

    @property
    def difference(self) -> float:
        """Here less published."""
        return self.here - self.published

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; a missing value does not agree."""
        return bool(abs(self.difference) <= self.tolerance)
