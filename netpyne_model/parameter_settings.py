"""How a cell's parameters are named where fields are: on the command line, in files, in sweeps.

``kdr.gbar*`` is a factor on the values of a parameter, ``trunk:kdr.gbar*`` one in a region (or in
``dendrites``, ``axonal``), and ``trunk:kdr.gbar`` a value of its own there.
"""

import re
from typing import Any, NamedTuple

from .errors import ModelError, quoted, shortened

EXAMPLES = "kdr.gbar*=0.8, trunk:kdr.gbar*=0.8 or trunk:kdr.gbar=0.02"
_FORM = re.compile(r"(?:(\w+):)?(\w+\.\w+)(\*?)")


class ParameterSetting(NamedTuple):
    """A parameter of the cell, where it changes, and whether by a factor or to a value."""

    region: str
    parameter: str
    is_factor: bool

    @property
    def description(self) -> str:
        """What it is, in one line."""
        where = "all regions" if self.region == "all" else self.region
        return f"{'factor on ' if self.is_factor else ''}{self.parameter} in {where}"


def names_parameter(name: str) -> bool:
    """Whether a name is meant for a parameter of the cell: fields have none of these signs."""
    return any(sign in name for sign in ".:*")


def parse_name(name: str) -> ParameterSetting:
    """Read the name of a parameter's setting.

    Raises
    ------
    ModelError
        If it has another form.
    """
    match = _FORM.fullmatch("".join(name.split()))
    if match is None:
        raise ModelError(f"setting {quoted(name)}: expected a parameter as in {EXAMPLES}.")
    region, parameter, star = match.groups()
    return ParameterSetting(region or "all", parameter, star == "*")


def check_value(name: str, value: Any, source: str = "") -> None:
    """Refuse a parameter's setting that is no number.

    Raises
    ------
    ModelError
        With what was expected.
    """
    is_factor = parse_name(name).is_factor
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (is_factor and not value >= 0):
        kind = "a factor of 0 or more" if is_factor else "a number in the parameter's unit"
        raise ModelError(
            f"{shortened(name)} = {quoted(value)}{source}: expected {kind}, as in {EXAMPLES}."
        )
