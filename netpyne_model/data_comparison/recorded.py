"""What was recorded in animals and slices, and whether a value of the model lies within it.

The rows are those of ``reference/in_vivo/targets.csv``, each with its source; docs/in_vivo.md says
what was set right in them.
"""

import csv
import math
from functools import cache
from typing import NamedTuple

from ..data_folders import REFERENCE

TARGETS = REFERENCE / "in_vivo" / "targets.csv"

INSIDE, INSIDE_IF_SEM, OUTSIDE = "inside", "inside if SEM", "outside"
NO_SPREAD, NOT_MODELLED = "no spread", "not modelled"
_FACTOR = 2.0  # from a recorded value without a spread, which no spread makes up for
VERDICTS = (INSIDE, INSIDE_IF_SEM, OUTSIDE, NO_SPREAD, NOT_MODELLED)
"""What a row may come to, in the order in which the page counts them."""


class Recorded(NamedTuple):
    """A recorded quantity.

    Attributes
    ----------
    quantity, condition, unit, preparation, source : str
    value, spread : float
        In the unit; the spread is NaN where none was given.
    spread_is : str
        ``sd``, ``sem``, ``as_printed`` (one of the two, not told apart), ``range`` (the quantity
        lies from `value` to `spread`) or ``none``.
    n : int or None
        Of cells, where it is known.
    read : str
        How the figure was come by: of the full text, of the abstract, computed from raw data, or
        from a third party.
    """

    quantity: str
    condition: str
    value: float
    spread: float
    spread_is: str
    n: int | None
    unit: str
    preparation: str
    source: str
    read: str

    @property
    def name(self) -> str:
        """Quantity and condition in words."""
        words = self.quantity.replace("_", " ")
        return f"{words}, {self.condition}" if self.condition else words

    @property
    def band(self) -> tuple[float, float] | None:
        """Within which the recorded cells lie as far as can be told; None without a spread."""
        if self.spread_is == "none":
            return None
        if self.spread_is == "range":
            return self.value, self.spread
        return self._about(self.spread_is == "sem")

    @property
    def widest_band(self) -> tuple[float, float] | None:
        """The same if a spread that is not told apart is a standard error."""
        return self._about(True) if self.spread_is == "as_printed" else self.band

    def _about(self, of_mean: bool) -> tuple[float, float]:
        # A model cell is set beside cells, not beside their mean: of a standard error the SD.
        sd = self.spread * math.sqrt(self.n) if of_mean and self.n else self.spread
        return self.value - sd, self.value + sd

    def verdict(self, here: float, low: float, high: float) -> str:
        """Where a value of the model lies, of which `low` and `high` are the band over seeds.

        Without a recorded spread the recorded value is looked for in the model's band; where that
        has no width either, a factor of two is outside whatever the spread, and less is not told.
        """
        if not math.isfinite(here):
            return OUTSIDE  # the cell does not do what was measured
        if self.unit == "sign":
            return INSIDE if here == self.value else OUTSIDE
        if self.band is None or self.widest_band is None:
            if low == high:
                return NO_SPREAD if _FACTOR**-1 < here / self.value < _FACTOR else OUTSIDE
            return INSIDE if low <= self.value <= high else OUTSIDE
        if self.band[0] <= here <= self.band[1]:
            return INSIDE
        return INSIDE_IF_SEM if self.widest_band[0] <= here <= self.widest_band[1] else OUTSIDE


@cache
def recorded() -> tuple[Recorded, ...]:
    """Every row of the table, in its order."""
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return tuple(_row(row) for row in csv.DictReader(file))


def _row(row: dict[str, str]) -> Recorded:
    return Recorded(
        quantity=row["quantity"],
        condition=row["condition"],
        value=float(row["value"]),
        spread=float(row["spread"] or "nan"),
        spread_is=row["spread_is"],
        n=int(row["n"]) if row["n"] else None,
        unit="" if row["unit"] == "1" else row["unit"],
        preparation=row["preparation"],
        source=row["source"],
        read=row["read"],
    )
