"""Makes the specification of a cell from a morphology's file, a saved specification, or both."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..biophysics import SIMPLE_RULES, load_rules
from ..errors import ModelError, quoted, shown_path
from ..neuroml2.cells import SIMPLE, SIMPLE_TABLE
from ..specification import (
    CellSpecification,
    MorphologySource,
    default_specification,
    load_specification,
)
from ..specification.arguments import as_path
from ..specification.cell_specification import existing_file, make_specification

MORPHOLOGY_FILES = (".swc", ".csv")
_SPECIFICATION_FILES = (".yaml", ".yml", ".json")


def is_morphology(path: str | Path) -> bool:
    """Whether a file holds a morphology (or else a specification), by its name.

    Raises ModelError if its name ends as neither does.
    """
    path = as_path(path, "cell", "cell.yaml")
    suffix = path.suffix.lower()
    if suffix not in MORPHOLOGY_FILES + _SPECIFICATION_FILES:
        raise ModelError(
            f"{shown_path(path)}: expected a cell, which is a specification (.yaml, .yml, .json) or a"
            " morphology (.swc, .csv)."
        )
    return suffix in MORPHOLOGY_FILES


def specification_of(
    morphology: str | Path | None,
    specification: str | Path | CellSpecification | None,
    *,
    trunk_end: int | None,
    regions: Mapping[int, str] | None,
    name: str | None,
) -> CellSpecification:
    """The specification that the arguments of `Cell` stand for.

    Raises ModelError if a file cannot be read, or an argument does not hold.
    """
    if morphology is not None and specification is None and not is_morphology(morphology):
        morphology, specification = None, morphology
    if specification is None:
        specification = default_specification()
    elif isinstance(specification, str | Path):
        specification = load_specification(specification)
    elif not isinstance(specification, CellSpecification):
        raise ModelError(
            f"specification = {quoted(specification)}: expected a file, such as 'cell.yaml', or the"
            " specification of another Cell."
        )
    changes: dict[str, Any] = {} if name is None else {"name": name}
    if morphology is not None:
        file = existing_file(morphology, "morphology")
        changes.setdefault("name", _name_of(file))
        points = dict(regions) if isinstance(regions, Mapping) else regions or {}
        changes["morphology"] = {"file": file, "trunk_end": trunk_end, "regions": points}
    elif trunk_end is not None or regions:
        raise ModelError(
            "trunk_end and regions say how to read an SWC file; give its path as morphology."
        )
    if not changes:
        return specification
    return make_specification(specification.as_dict() | changes, f"cell {changes['name']!r}")


def _name_of(file: str) -> str:
    """The name of a file as NeuroML can write it."""
    return re.sub(r"[^A-Za-z0-9_]", "_", re.sub(r"^(?![A-Za-z])", "cell_", Path(file).stem))


def simple_specification() -> CellSpecification:
    """The paper's simple model: one compartment with rules of its own."""
    return CellSpecification(
        name=SIMPLE,
        morphology=MorphologySource(file=str(SIMPLE_TABLE)),
        biophysics=load_rules(SIMPLE_RULES),
        placement=default_specification().placement,
    )
