"""Quantities with units, as NeuroML, LEMS and mod files write them, by one table of units.

Sizes are fractions, exact to the last bit. A library of units in general takes longer to import
than a cell to build.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from .errors import quoted

_SIZES = {
    ("mega", "M"): "1e6",
    ("kilo", "k"): "1e3",
    ("deci", "d"): "1e-1",
    ("centi", "c"): "1e-2",
    ("milli", "m"): "1e-3",
    ("micro", "u"): "1e-6",
    ("nano", "n"): "1e-9",
    ("pico", "p"): "1e-12",
}
_PREFIXES = {"": "1"} | {prefix: size for prefixes, size in _SIZES.items() for prefix in prefixes}
# Name, symbol, other names: exponents of time, length, current, potential, concentration.
_UNITS = {
    ("second", "s", "sec"): (1, 0, 0, 0, 0),
    ("meter", "m", "metre"): (0, 1, 0, 0, 0),
    ("ampere", "A", "amp"): (0, 0, 1, 0, 0),
    ("volt", "V"): (0, 0, 0, 1, 0),
    ("siemens", "S", "mho"): (0, 0, 1, -1, 0),
    ("ohm",): (0, 0, -1, 1, 0),
    ("farad", "F"): (1, 0, 1, -1, 0),
    ("molar", "M"): (0, 0, 0, 0, 1),
}
_EXPONENTS = {name: exponents for names, exponents in _UNITS.items() for name in names}
_OTHER_NAMES = {"micron": "micrometer"}
ZERO_CELSIUS_K = 273.15
_LONGEST_UNIT = 100  # letters; no unit that anybody writes has half of them
_MOST_LEVELS = 2  # of units that are defined by units
_MOST_BITS = 1000  # of a size; no float holds one beyond it
_QUANTITY = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]\w*)?")
# LEMS knows no mega but the Mohm: MS is a slip for ms.
_LEMS_UNIT = re.compile(r"(per_)?((?!M[A-Z])[A-Za-z]+)(\d?)(?:_|$)")
# NEURON writes powers as cm2; people also write cm^2, which its translator lets pass.
_NMODL_FACTOR = re.compile(
    r"\s?([-*/]?)\s?(?:(\d+(?:\.\d*)?(?:[eE][-+]?\d\d?)?|\.\d+)|([A-Za-z]+)\s?\^?\s?(\d?))(?!\d)\s?"
)


def counted(n: int, thing: str) -> str:
    """So many of a thing, by its name for one: ``1 trial``, ``2 trials``."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def magnitude(text: str, *units: str) -> float:
    """Read a quantity of NeuroML or LEMS (``-70 mV``, ``0.3ms``, ``1.0 uF_per_cm2``).

    The result is in the one of the `units` that fits it; they are of different dimensions, in LEMS'
    notation (``""``: a plain number). Raises ValueError if the text is no number with a unit, or
    its unit is none of the dimensions.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{quoted(text)} is no number with a unit")
    sizes = _in_si(match[2] or "", units)
    if sizes is None:
        raise ValueError(f"{quoted(text)} is in none of the units {', '.join(units)}")
    # By way of SI units, as NeuroML's own tools go: the last bit of the float is theirs.
    return float(match[1]) * sizes[0] / sizes[1]


def per_siemens_per_cm2(unit: str, definitions: Mapping[str, str]) -> float | None:
    """How many of a mod file's unit (``S/cm2``, ``pS/um2``) make up 1 S/cm2; None if it cannot.

    `definitions` are the units that the file's UNITS block defines.
    """
    measured, wanted = _nmodl_unit(unit, definitions), _lems_unit("S_per_cm2")
    if measured is None or wanted is None or measured.exponents != wanted.exponents:
        return None
    return float(wanted.size / measured.size) if measured.size else None


def is_another_unit(unit: str, wanted: str, definitions: Mapping[str, str]) -> bool:
    """Whether a mod file's unit is a known one and not the wanted one under another name."""
    measured = _nmodl_unit(unit, definitions)
    return measured is not None and measured != _nmodl_unit(wanted, {})


def is_permeability(unit: str, definitions: Mapping[str, str]) -> bool:
    """Whether a mod file's unit is one of a permeability, a length per time (``cm/s``)."""
    measured, speed = _nmodl_unit(unit, definitions), _nmodl_unit("cm/s", {})
    return measured is not None and speed is not None and measured.exponents == speed.exponents


class _Unit(NamedTuple):
    """Size in units without a prefix, and exponents of what it measures."""

    size: Fraction
    exponents: tuple[int, ...] = (0, 0, 0, 0, 0)

    def times(self, other: "_Unit", power: int) -> "_Unit":
        exponents = zip(self.exponents, other.exponents, strict=True)
        return _Unit(self.size * other.size**power, tuple(a + b * power for a, b in exponents))

    @property
    def is_usual(self) -> bool:
        """Whether its size is one that a float holds."""
        return self.size.numerator.bit_length() + self.size.denominator.bit_length() < _MOST_BITS


_ONE = _Unit(Fraction(1))


@cache
def _in_si(unit: str, units: tuple[str, ...]) -> tuple[float, float] | None:
    """Sizes in SI units of a unit, and of the one of `units` that measures the same."""
    measured = _lems_unit(unit) if len(unit) <= _LONGEST_UNIT else None
    for wanted in filter(None, map(_lems_unit, units)):
        if measured is not None and measured.exponents == wanted.exponents:
            return float(measured.size), float(wanted.size)
    return None


def _lems_unit(unit: str) -> _Unit | None:
    """A unit such as ``uF_per_cm2``, ``per_ms`` or ``ohm_cm``."""
    product, place = _ONE, 0
    while place < len(unit):
        match = _LEMS_UNIT.match(unit, place)
        factor = _named(match[2], {}) if match else None
        if match is None or factor is None or not product.is_usual:
            return None
        product = product.times(factor, int(match[3] or 1) * (-1 if match[1] else 1))
        place = match.end()
    return product


def _nmodl_unit(unit: str, definitions: Mapping[str, str], level: int = 0) -> _Unit | None:
    """A product of factors; a ``/`` divides by the factor after it only, as in NEURON.

    A unit may be defined by others, and these, at a `level` of 2, by others still.
    """
    product, place = _ONE, 0
    unit = " ".join(unit.split())
    if not unit or len(unit) > _LONGEST_UNIT or level > _MOST_LEVELS:
        return None
    while place < len(unit):
        match = _NMODL_FACTOR.match(unit, place)
        if match is None:
            return None
        number = _Unit(Fraction(match[2] or 0))
        factor = _named(match[3], definitions, level) if match[3] else number
        power = int(match[4] or 1) * (-1 if match[1] == "/" else 1)
        if factor is None or (power < 0 and not factor.size):
            return None
        product = product.times(factor, power)
        if not product.is_usual:
            return None
        place = match.end()
    return product


def _named(name: str, definitions: Mapping[str, str], level: int = 0) -> _Unit | None:
    """A unit by its name: one that a mod file defines by others, or one of the table."""
    if name in definitions:
        others = {known: unit for known, unit in definitions.items() if known != name}
        return _nmodl_unit(definitions[name], others, level + 1)
    # No prefix goes before one, and a plural last: ms are milliseconds, not metres.
    return _prefixed(name) or (_prefixed(name[:-1], 2) if name.endswith("s") else None)


def _prefixed(name: str, shortest: int = 1) -> _Unit | None:
    """A unit of the table with or without a prefix; its own name has `shortest` letters or more."""
    name = _OTHER_NAMES.get(name, name)
    for prefix, size in _PREFIXES.items():
        unit = name.removeprefix(prefix)
        if name.startswith(prefix) and len(unit) >= shortest and unit in _EXPONENTS:
            return _Unit(Fraction(size), _EXPONENTS[unit])
    return None
