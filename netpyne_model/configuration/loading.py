"""Configurations from files, mappings and ``key=value`` texts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import ModelError, quoted, shortened
from ..files import parse_value, read_mapping, sha256_of
from ..parameter_settings import check_value, names_parameter, parse_name
from ..plain_values import plain
from ..validation import one_line
from .fields import CONTENTS, FILES, TrialConfig
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
        layers.append((f" in {file}", count_from(Path(file).absolute().parent, content)))
    layers += [("", as_mapping(override)) for override in overrides]
    for where, layer in layers:
        for name, value in layer.items():
            if names_parameter(name):
                values["parameters"] = _with_parameter(
                    values.get("parameters", {}), name, value, where
                )
                continue
            check_field(name, where)
            said_of = CONTENTS.get(name)
            if said_of is not None and said_of not in layer:
                values.pop(said_of, None)  # what was said of the content of another is no more
            if name in ("cell", "cell_file") and value is not None:
                name, value = _name_cell(name, value, values, layer)
            values[name] = value
            origin[name] = where
    try:
        config = TrialConfig(**values)
    except ValidationError as error:
        raise one_line(error, TrialConfig, values, expected=expected, source=origin) from error
    _check_cell(config)
    _check_contents(config)
    return config


def count_from(folder: Path, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that stand in a file: paths in them count from its folder, and become absolute."""
    counted = dict(fields)
    for name in FILES:
        if isinstance(counted.get(name), str | Path) and str(counted[name]).strip():
            counted[name] = str(folder / Path(counted[name]).expanduser())
    if isinstance(cell := counted.get("cell"), str | Path):
        counted["cell"] = str(folder / Path(cell).expanduser())
    elif isinstance(cell, Mapping):
        counted["cell"] = _cell_counted_from(folder, cell)
    return counted


def _cell_counted_from(folder: Path, content: Any) -> Any:
    """A cell in place whose files, entries ``file``, count from a folder."""
    if not isinstance(content, Mapping):
        return content
    return {
        name: str(folder / Path(value).expanduser())
        if name == "file" and isinstance(value, str)
        else _cell_counted_from(folder, value)
        for name, value in content.items()
    }


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
    if not isinstance(parameters, Mapping):
        raise ModelError(f"parameters = {quoted(parameters)}: expected {expected('parameters')}.")
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
                f"setting {quoted(text)}: expected key=value, for example dc_nA=0.05 or dc_nA=null."
            )
        if names_parameter(name) and value.strip().startswith("*"):
            raise ModelError(
                f"setting {quoted(text)}: a factor has its sign before the equals sign:"
                f" {shortened(name.strip())}*={shortened(value.strip()[1:])}."
            )
        values[name.strip()] = parse_value(value)
    return values


def _check_contents(config: TrialConfig) -> None:
    """Refuse a file of events or weights that has changed since a run of it was written down."""
    for name, content in CONTENTS.items():
        file, written = getattr(config, name), getattr(config, content)
        if file is not None and written is not None and sha256_of(name, file) != written:
            raise ModelError(
                f"{name} {file} has another content than when this was run (SHA-256"
                f" {written[:12]}...); restore the file, or set {content}=null to take it as it is."
            )


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
