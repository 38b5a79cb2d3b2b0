"""Quantities with units, as NeuroML, LEMS and mod files write them, by one registry of units."""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

# A registry of these alone is made in milliseconds, and knows neither inches nor units of currency.
_DEFINITIONS = """
mega- = 1e6 = M-
kilo- = 1e3 = k-
deci- = 1e-1 = d-
centi- = 1e-2 = c-
milli- = 1e-3 = m-
micro- = 1e-6 = u-
nano- = 1e-9 = n-
pico- = 1e-12 = p-
second = [time] = s
meter = [length] = m = metre
ampere = [current] = A = amp
volt = [potential] = V
siemens = ampere / volt = S = mho
ohm = volt / ampere
farad = ampere * second / volt = F
molar = [concentration] = M
micron = micrometer
"""
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]\w*)?\s*")
# LEMS knows no mega but the Mohm: MS is a slip for ms.
_LEMS_UNIT = re.compile(r"(per_)?((?!M[A-Z])[A-Za-z]+)(\d*)(?:_|$)")
# NEURON writes powers as cm2; people also write cm^2, which its translator lets pass.
_NMODL_FACTOR = re.compile(
    r"\s*([-*/]?)\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z]+)\s*\^?\s*(\d*))\s*"
)


def magnitude(text: str, *units: str) -> float:
    """Read a quantity of NeuroML or LEMS (``-70 mV``, ``0.3ms``, ``1.0 uF_per_cm2``).

    The result is in the one of the `units` that fits it; they are of different dimensions, in LEMS'
    notation (``""``: a plain number). Raises ValueError if the text is no number with a unit, or
    its unit is none of the dimensions.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no number with a unit")
    sizes = _in_si(match[2] or "", units)
    if sizes is None:
        raise ValueError(f"'{text}' is in none of the units {', '.join(units)}")
    # By way of SI units, as NeuroML's own tools go: the last bit of the float is theirs.
    return float(match[1]) * sizes[0] / sizes[1]


def per_siemens_per_cm2(unit: str, definitions: Mapping[str, str]) -> float | None:
    """How many of a mod file's unit (``S/cm2``, ``pS/um2``) make up 1 S/cm2; None if it cannot.

    `definitions` are the units that the file's UNITS block defines.
    """
    measured, wanted = _nmodl_unit(unit, definitions), _lems_unit("S_per_cm2")
    if measured is None or wanted is None or measured.dimensionality != wanted.dimensionality:
        return None
    return float((wanted / measured).to_base_units().magnitude) if measured.magnitude else None


@cache
def _registry() -> "pint.UnitRegistry":
    import pint

    registry: pint.UnitRegistry = pint.UnitRegistry(None, non_int_type=Fraction)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry


@cache
def _in_si(unit: str, units: tuple[str, ...]) -> tuple[float, float] | None:
    """Sizes in SI units of a unit, and of the one of `units` that measures the same."""
    measured = _lems_unit(unit)
    for wanted in filter(None, map(_lems_unit, units)):
        if measured is not None and measured.dimensionality == wanted.dimensionality:
            return _size(measured), _size(wanted)
    return None


def _size(unit: "pint.Quantity") -> float:
    return float(unit.to_base_units().magnitude)


def _lems_unit(unit: str) -> "pint.Quantity | None":
    """A unit such as ``uF_per_cm2``, ``per_ms`` or ``ohm_cm``."""
    product, place = _registry().Quantity(Fraction(1)), 0
    while place < len(unit):
        match = _LEMS_UNIT.match(unit, place)
        factor = _named(match[2], {}) if match else None
        if match is None or factor is None:
            return None
        product *= factor ** (int(match[3] or 1) * (-1 if match[1] else 1))
        place = match.end()
    return product


def _nmodl_unit(unit: str, definitions: Mapping[str, str]) -> "pint.Quantity | None":
    """A product of factors; a ``/`` divides by the factor after it only, as in NEURON."""
    product, place = _registry().Quantity(Fraction(1)), 0
    while place < len(unit):
        match = _NMODL_FACTOR.match(unit, place)
        if match is None:
            return None
        number = _registry().Quantity(Fraction(match[2] or 0))
        factor = _named(match[3], definitions) if match[3] else number
        power = int(match[4] or 1) * (-1 if match[1] == "/" else 1)
        if factor is None or (power < 0 and not factor.magnitude):
            return None
        product *= factor**power
        place = match.end()
    return product if unit.strip() else None


def _named(name: str, definitions: Mapping[str, str]) -> "pint.Quantity | None":
    """A unit by its name: one that a mod file defines by others, or one of the registry."""
    import pint

    if name in definitions:
        others = {known: unit for known, unit in definitions.items() if known != name}
        return _nmodl_unit(definitions[name], others)
    try:
        return _registry().Quantity(Fraction(1), name)
    except pint.UndefinedUnitError:
        return None
