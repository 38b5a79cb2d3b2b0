"""A quantity here and in the published model."""

from dataclasses import dataclass


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

    @property
    def difference(self) -> float:
        """Here less published."""
        return self.here - self.published

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; a missing value does not agree."""
        return bool(abs(self.difference) <= self.tolerance)
