"""Units that a mod file states, and what NEURON makes of them: it multiplies by no factor of its own."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping

from ..errors import shortened
from ..quantities import is_another_unit

_NUMBER = re.compile(
    r"(?<![\w.])(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?(?![\w.])"
)


def stated_otherwise(
    units: Mapping[str, str], ions: Iterable[str], definitions: Mapping[str, str]
) -> Iterator[str]:
    """Where the file states another unit for what NEURON gives it in its own.

    Parameters
    ----------
    units, definitions : mapping
        Units of what the file declares, and what its UNITS block defines.
    ions : iterable of str
    """
    wanted = {"v": "mV"}
    for ion in ions:
        wanted |= {f"e{ion}": "mV", f"i{ion}": "mA/cm2", f"{ion}i": "mM", f"{ion}o": "mM"}
    for name, unit in wanted.items():
        if is_another_unit(stated := units.get(name, ""), unit, definitions):
            yield (
                f"its file has {name} in {shortened(stated)}; NEURON's is in {unit}, and so are its"
                " equations taken"
            )


def lacks_factor(code: str, per_siemens_per_cm2: float) -> bool:
    """Whether no number in the code makes mA/cm2 of a density in such a unit and mV.

    A current is in S/cm2 times mV; one of 10,000 pS/um2 to the S/cm2 takes a factor of 1e-4 before
    it, or a division by 1e4, which the file has to write.
    """
    if math.isclose(per_siemens_per_cm2, 1.0):
        return False
    needed = {per_siemens_per_cm2, 1 / per_siemens_per_cm2}
    numbers = {float(number) for number in _NUMBER.findall(code)}
    return not any(math.isclose(one, factor) for one in numbers for factor in needed)
