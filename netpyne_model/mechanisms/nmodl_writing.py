"""Pieces of NMODL text: blocks, declarations, and what all written mechanisms share."""

import textwrap
from collections.abc import Iterable, Sequence

from .jneuroml_export import Parameter

UNITS = (
    "(nA) = (nanoamp)",
    "(mA) = (milliamp)",
    "(mV) = (millivolt)",
    "(uS) = (microsiemens)",
    "(S) = (siemens)",
    "(kHz) = (kilohertz)",
    "(mM) = (milli/liter)",
)
# Tables of the rates (mV). Linear between steps of 0.01 mV: relative error below 1e-5 where a rate
# is steepest.
TABLE = {"start_mV": -150, "per_mV": 100, "steps": 25000}
TABLE_RANGE = "FROM {start_mV} TO {end_mV} WITH {steps}".format(
    **TABLE, end_mV=TABLE["start_mV"] + TABLE["steps"] // TABLE["per_mV"]
)


def header(title: str, *comment: str) -> str:
    """The first lines of a mod file."""
    lines = "".join(f"    {line}\n" for line in comment)
    return f"TITLE {title}\n\nCOMMENT\n{lines}ENDCOMMENT"


def block(head: str, lines: Iterable[str]) -> str:
    """A block of NMODL; empty where there are no lines."""
    lines = list(lines)
    return f"{head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}" if lines else ""


def declaration(keyword: str, declared: Sequence[str]) -> list[str]:
    """Lines of a declaration such as RANGE, of bearable length."""
    text = f"{keyword} {', '.join(declared)}" if declared else ""
    return textwrap.wrap(text, 110, subsequent_indent=" " * 4, break_long_words=False)


def parameter_line(parameter: Parameter) -> str:
    """Name, value in full precision and unit of a parameter."""
    unit = f" ({parameter.unit})" if parameter.unit else ""
    return f"{parameter.name} = {parameter.value!r}{unit}"
