"""The fields in words: what each is, its unit, and what it accepts, from its declaration."""

from collections.abc import Mapping
from typing import Any

from ..errors import ModelError, did_you_mean, quoted
from ..parameter_settings import names_parameter, parse_name
from .fields import EXAMPLE_RECORD, EXAMPLE_STIMULI, TrialConfig

_UNITS = {"nA": "nA", "ms": "ms", "mV": "mV", "celsius": "degC"}


def check_field(name: str, where: str = "") -> None:
    """Refuse what is neither a field nor a setting of a cell's parameter.

    Raises
    ------
    ModelError
        With the nearest field.
    """
    if names_parameter(name):
        parse_name(name)
    elif name not in TrialConfig.model_fields:
        meant = did_you_mean(name, TrialConfig.model_fields)
        raise ModelError(f"unknown field {quoted(name)}{where}.{meant}")


def description(field: str) -> str:
    """What a field is, in one line; also of a setting of a cell's parameter.

    Raises
    ------
    ModelError
        If there is no such field.
    """
    check_field(field)
    if names_parameter(field):
        return parse_name(field).description
    return TrialConfig.model_fields[field].description or ""


def unit(field: str) -> str:
    """Unit of a field, from its name; empty for a pure number or a word."""
    if names_parameter(field):
        from ..specification import default_specification, parameters

        setting = parse_name(field)
        known = {} if setting.is_factor else parameters(default_specification())
        return known.get(setting.parameter, "")
    return _UNITS.get(field.rsplit("_", 1)[-1], "")


def expected(field: str) -> str:
    """What a field accepts, in words: kind, unit and range, from its declaration."""
    schema = TrialConfig.model_json_schema()["properties"][field]
    options = schema.get("anyOf", [schema])
    return ", or ".join(_option(option, field) for option in options)


_LISTS_AND_MAPPINGS = {
    "cell": "a mapping, such as"
    " {base: CA1, biophysics: {cable: {Ra_ohm_cm: {soma: {value: 120}}}}}",
    "drugs": "a list of names, such as [TTX, AP5]",
    "parameters": "a mapping of parameters to factors and values, such as {kdr.gbar*: 0.8}",
    "record": "a mapping of names (letters, digits, _) to what is recorded where, such as"
    f" {EXAMPLE_RECORD}",
    "stimuli": f"a list of stimuli, such as {EXAMPLE_STIMULI}",
}


def _option(schema: Mapping[str, Any], field: str) -> str:
    """One of the kinds of value that a field accepts, in words."""
    kind = schema["type"]
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if kind in ("array", "object"):
        return _LISTS_AND_MAPPINGS[field]
    if kind not in ("number", "integer"):
        return {"boolean": "true or false", "null": "null", "string": "a text"}[kind]
    words = "a number" if kind == "number" else "a whole number"
    if unit(field):
        words += f" in {unit(field)}"
    if "minimum" in schema:
        words += f" from {schema['minimum']:.10g}"
    elif "exclusiveMinimum" in schema:
        words += f" above {schema['exclusiveMinimum']:g} and up"
    return f"{words} to {schema['maximum']:.10g}"
