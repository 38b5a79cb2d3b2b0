"""Configurations from files, mappings and ``key=value`` texts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import ModelError
from ..files import parse_value, read_mapping
from ..parameter_settings import check_value, names_parameter, parse_name
from ..plain_values import plain
from ..validation import one_line
from .fields import TrialConfig
from .wording import check_field, expected

_CELL_ENTRIES = {"base", "morphology", "biophysics", "placement"}


def load_configuration(
    file: str | Path | None = None, *overrides: Mapping[str, Any] | Sequence[str]
) -> TrialConfig:
    """Build a configuration: defaults, the file, then each of `overrides`; later ones win.

    Parameters
    ----------
    file : path, optional
        JSON or YAML file with a mapping of field names to values (what a run writes as
        ``configuration.json``).
    *overrides : mapping or sequence of str
        Fields as a mapping, or as ``key=value`` texts whose values are read as YAML
        (``dc_nA=0.05``, ``dc_nA=null``).

    Raises
    ------
    ModelError
        One line: file unreadable or malformed (with its line), unknown field (with the nearest
        name), or the field, its value and what was expected.
    """
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if file is not None:
        content = read_mapping(file)
        if _CELL_ENTRIES & set(content):
            raise ModelError(
                f"{file} is a cell, no configuration: give it with --cell, or as cell_file."
            )
        layers.append((f" in {file}", content))
    layers += [("", as_mapping(override)) for override in overrides]
    for where, layer in layers:
        for name, value in layer.items():
            if names_parameter(name):
                values["parameters"] = _with_parameter(
                    values.get("parameters", {}), name, value, where
                )
                continue
            check_field(name, where)
            if name in ("cell", "cell_file") and value is not None:
                name, value = _name_cell(name, value, values, layer)
            values[name] = value
            origin[name] = where
    try:
        config = TrialConfig(**values)
    except ValidationError as error:
        raise one_line(error, TrialConfig, values, expected=expected, source=origin) from error
    _check_cell(config)
    return config


def _name_cell(
    name: str, value: Any, values: dict[str, Any], layer: Mapping[str, Any]
) -> tuple[str, Any]:
    """Field and value of a cell, which may be a file's name; the later of the two fields wins."""
    n_cells = sum(layer.get(field) is not None for field in ("cell", "cell_file"))
    if n_cells == 1:
        values |= {"cell": None, "cell_file": None}
    if isinstance(value, str | Path):
        name = "cell_file"
    return name, value


def _with_parameter(
    parameters: Mapping[str, float], name: str, value: Any, where: str
) -> dict[str, float]:
    """The cell's changed parameters with one more; null takes one back."""
    name = "".join(name.split())
    others = {key: factor for key, factor in parameters.items() if key != name}
    if value is None:
        return others
    check_value(name, value, where)
    return others | {name: value}


def field_value(config: TrialConfig, name: str) -> Any:
    """The value of a field, or of a parameter of the cell by its setting (``kdr.gbar*``).

    A factor that is not set is 1, a value that is not set None.
    """
    if not names_parameter(name):
        return getattr(config, name)
    return config.parameters.get(name, 1.0 if parse_name(name).is_factor else None)


def plain_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with a cell and stimuli as what describes them, so that files can hold them."""
    return {
        name: plain(value) if name in ("cell", "stimuli") else value
        for name, value in fields.items()
    }


def as_mapping(override: Mapping[str, Any] | Sequence[str]) -> Mapping[str, Any]:
    """Fields given as a mapping, or as ``key=value`` texts whose values are read as YAML.

    Raises
    ------
    ModelError
        If a text is no ``key=value``, or its value is not YAML.
    """
    if isinstance(override, Mapping):
        return override
    values = {}
    for text in override:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise ModelError(
                f"setting '{text}': expected key=value, for example dc_nA=0.05 or dc_nA=null."
            )
        if names_parameter(name) and value.strip().startswith("*"):
            raise ModelError(
                f"setting '{text}': a factor has its sign before the equals sign:"
                f" {name.strip()}*={value.strip()[1:]}."
            )
        values[name.strip()] = parse_value(value)
    return values


def _check_cell(config: TrialConfig) -> None:
    """Refuse parameters, drugs and places that the cell does not have."""
    # Imported here because --help, which loads no configuration, should not wait for numpy.
    from ..morphology import locate
    from ..specification import find_drug

    for drug in config.drugs:
        find_drug(drug)
    morphology = config.make_cell().morphology
    if config.dc_section is not None:
        morphology.section(config.dc_section)
    for text in config.record.values():
        place = text.split()[-1] if text.split() else text
        if not place.startswith("spine_"):
            locate(morphology, place)
