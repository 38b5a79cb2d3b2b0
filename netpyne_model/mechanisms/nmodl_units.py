"""Units of conductance per area as mod files write them: how many of them make up 1 S/cm2."""

import re
from collections.abc import Mapping
from fractions import Fraction

_PREFIXES = {
    "mega": 6,
    "kilo": 3,
    "deci": -1,
    "centi": -2,
    "milli": -3,
    "micro": -6,
    "nano": -9,
    "pico": -12,
}
_PREFIXES |= {"M": 6, "k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12}
_Unit = tuple[
    Fraction, int, int, int
]  # a number, and the powers of ampere, volt and metre that it counts
_BASES: dict[str, _Unit] = {
    **dict.fromkeys(("S", "siemens", "mho"), (Fraction(1), 1, -1, 0)),
    "ohm": (Fraction(1), -1, 1, 0),
    **dict.fromkeys(("A", "amp", "ampere"), (Fraction(1), 1, 0, 0)),
    **dict.fromkeys(("V", "volt"), (Fraction(1), 0, 1, 0)),
    **dict.fromkeys(("m", "meter"), (Fraction(1), 0, 0, 1)),
    "micron": (Fraction(1, 10**6), 0, 0, 1),
}
_ONE: _Unit = (Fraction(1), 0, 0, 0)
_S_PER_CM2: _Unit = (Fraction(10**4), 1, -1, -2)
# NEURON writes powers as cm2; people also write cm^2, which its translator lets pass.
_FACTOR = re.compile(
    r"\s*([-*/]?)\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z]+)\s*\^?\s*(\d*))\s*"
)


def per_siemens_per_cm2(unit: str, definitions: Mapping[str, str]) -> float | None:
    """Return how many of a unit make up 1 S/cm2.

    Parameters
    ----------
    unit : str
        The unit as in the mod file, without parentheses: ``S/cm2``, ``mho/cm2``, ``pS/um2``.
    definitions : mapping of str to str
        The units that the file's UNITS block defines.

    Returns
    -------
    float or None
        None if the unit is not known or not one of conductance per area.
    """
    found = _product(unit, definitions)
    if found is None or found[0] == 0 or found[1:] != _S_PER_CM2[1:]:
        return None
    return float(_S_PER_CM2[0] / found[0])


def _product(unit: str, definitions: Mapping[str, str]) -> _Unit | None:
    """A product of factors; a ``/`` divides by the factor after it only, as in NEURON."""
    number, *powers = _ONE
    place = 0
    while place < len(unit):
        match = _FACTOR.match(unit, place)
        factor = match and (
            _named(match[3], definitions) if match[3] else (Fraction(match[2]), 0, 0, 0)
        )
        if factor is None:
            return None
        power = int(match[4] or 1) * (-1 if match[1] == "/" else 1)
        if power < 0 and factor[0] == 0:
            return None
        number *= factor[0] ** power
        powers = [total + power * own for total, own in zip(powers, factor[1:], strict=True)]
        place = match.end()
    return (number, *powers) if unit.strip() else None


def _named(name: str, definitions: Mapping[str, str]) -> _Unit | None:
    """A name: one the file defines (by others than itself), a unit, a unit with a prefix, or the plural of one."""
    if name in definitions:
        others = {known: unit for known, unit in definitions.items() if known != name}
        return _product(definitions[name], others)
    if name in _BASES:
        return _BASES[name]
    for prefix, power in _PREFIXES.items():
        base = _BASES.get(name.removeprefix(prefix))
        if base is not None and name.startswith(prefix):
            return (base[0] * Fraction(10) ** power, *base[1:])
    return _named(name.removesuffix("s"), definitions) if name.endswith("s") else None
