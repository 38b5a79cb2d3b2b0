"""A cell as one readable file: its morphology, its density rules and its placement of synapses.

A file either states everything, or only what differs from the package's own cell (``base: CA1``):
rules that stand in it replace the cell's, or change the part that they name where they have neither
``value`` nor ``inherit``; an entry of ``null`` takes one away.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ..biophysics import NON_SPECIFIC, DensityRules, load_rules
from ..biophysics.rules import Region, Strict, validate_table
from ..errors import ModelError, did_you_mean, quoted, shown_path
from ..files import read_mapping, why_no_file, write_beside
from ..mechanisms.user_channels import UserChannel, read_user_channel
from ..placement import PlacementRules, load_placement_rules
from ..yaml_values import as_yaml
from .arguments import as_path
from .difference import merged, overrides

BASE = "CA1"
_HEADER = """\
# Specification of a CA1 pyramidal cell by netpyne_model: Cell("{name}"), ca1 run --cell {name}.
# Units stand in the names: um, mV, S/cm2, uF/cm2, ohm cm, uS. The rules are explained in
# netpyne_model/biophysics/CA1_full.yaml and netpyne_model/placement/CA1_full.yaml.
"""


class MorphologySource(Strict):
    """Where the morphology comes from.

    Attributes
    ----------
    file : str, optional
        An SWC file (``.swc``) or a section table (``.csv``); the published cell without one.
    trunk_end : int, optional
        SWC point at which the trunk ends, of a file without types 5 and 6: see `read_swc`.
    regions : dict of int to str
        SWC point -> region of it and all beyond: see `read_swc`.
    sha256 : str, optional
        Content of the file when the specification was saved; another content is refused.
    """

    file: str | None = None
    trunk_end: int | None = None
    regions: dict[Annotated[int, Field(strict=False)], Region] = Field(default_factory=dict)
    sha256: str | None = None


class CellSpecification(Strict):
    """Everything that decides a cell; a change (`set_rule`, `remove`, ...) gives a new one."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = BASE
    morphology: MorphologySource = MorphologySource()
    biophysics: DensityRules
    placement: PlacementRules

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as they are written to a file; what has its usual value is left out."""
        return {"name": self.name} | self.model_dump(mode="json", exclude_defaults=True)


@cache
def default_specification() -> CellSpecification:
    """The package's own cell: published morphology, densities and placement (Hsu et al. 2018)."""
    return CellSpecification(biophysics=load_rules(), placement=load_placement_rules())


def make_specification(
    content: dict[str, Any], what: str, within: Sequence[str] = ()
) -> CellSpecification:
    """Make a specification of its content; `what` and `within` are for errors: `validate_table`."""
    return validate_table(CellSpecification, content, what, within)


def load_specification(path: str | Path) -> CellSpecification:
    """Read a specification from a YAML or JSON file; files that it names count from its folder.

    Raises ModelError if the file cannot be read, an entry is unknown or does not hold, or a file it
    names is not there or has another content than when it was saved.
    """
    path = as_path(path, "specification", "cell.yaml")
    content = read_mapping(path)
    return read_specification(content, f"specification {path}", folder=path.resolve().parent)


def read_specification(
    content: Mapping[str, Any], what: str, *, folder: Path | None = None
) -> CellSpecification:
    """Make a specification of a file's content: all of it, or what differs from the package's cell.

    Files that it names count from `folder`, by default the working directory; `what` names it in
    errors. Raises ModelError as `load_specification`.
    """
    entries = deepcopy(dict(content))
    base = entries.pop("base", None)
    if base is not None:
        if base != BASE:
            raise ModelError(
                f"{what}: base is {quoted(base)}; expected {BASE}, the package's own cell."
            )
        _replace_channels(entries, what)
        entries = merged(default_specification().as_dict(), entries, what)
    else:
        expected = CellSpecification.model_fields
        for unknown in entries.keys() - expected.keys():
            nearest = did_you_mean(unknown, [*expected, "base"])
            raise ModelError(f"{what}: {quoted(unknown)} is not known.{nearest}")
        for block in ("biophysics", "placement"):
            if block not in entries:
                raise ModelError(
                    f"{what}: {quoted(block)} is missing; add it, or base: {BASE} to start from that."
                )
    return _with_files(make_specification(entries, what), what, folder or Path.cwd())


def save_specification(
    specification: CellSpecification, path: str | Path, *, changes_only: bool = False
) -> None:
    """Write a specification, or only what differs from the package's own cell, to a YAML file.

    Paths of files that lie below its folder are written relative to it; `load_specification` gives
    an equal one. Raises ModelError if the file cannot be written.
    """
    path = as_path(path, "path", "cell.yaml")
    if path.suffix not in (".yaml", ".yml"):
        raise ModelError(f"{path}: a specification is a YAML file; give a name that ends in .yaml.")
    folder = path.resolve().parent
    text = specification_text(specification, path.name, changes_only=changes_only, folder=folder)
    with write_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def specification_text(
    specification: CellSpecification, name: str, *, changes_only: bool, folder: Path | None = None
) -> str:
    """What `save_specification` writes into a file of that name."""
    content = content_of(specification, changes_only=changes_only, folder=folder)
    return _HEADER.format(name=name) + as_yaml(content)


def content_of(
    specification: CellSpecification, *, changes_only: bool, folder: Path | None = None
) -> dict[str, Any]:
    """A specification, or its `changes_only`, as plain values, with the hashes of its files.

    Files below `folder` are named relative to it. `read_specification` is the inverse.
    """
    content = specification.as_dict()
    for entry in _entries_with_files(content):
        file = Path(entry["file"])
        entry["sha256"] = _sha256(file)
        real = file.resolve()
        if folder is not None and real.is_relative_to(folder):
            entry["file"] = real.relative_to(folder).as_posix()
    if changes_only:
        return {"base": BASE, **overrides(default_specification().as_dict(), content)}
    return content


def file_contents(specification: CellSpecification) -> dict[str, str]:
    """SHA-256 of every file that a specification names, by its path."""
    files = [Path(entry["file"]) for entry in _entries_with_files(specification.as_dict())]
    return {str(file): _sha256(file) for file in files}


def existing_file(path: str | Path, what: str) -> str:
    """The absolute path of a file that a specification names.

    Raises ModelError if there is no such file.
    """
    path = as_path(path, what, "cell.swc" if what == "morphology" else "kslow.mod").expanduser()
    if not os.path.isfile(path):
        raise ModelError(f"{what} {shown_path(path)} {why_no_file(path)}; give the path of a file.")
    return os.path.abspath(path)


def _entries_with_files(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a specification that name a file: morphology, channels of one's own."""
    entries = [content.get("morphology", {}), *content["biophysics"]["channels"].values()]
    return [entry for entry in entries if entry.get("file") is not None]


def _with_files(specification: CellSpecification, what: str, folder: Path) -> CellSpecification:
    """Make the paths absolute and compare the content of the files with what it was."""
    content = specification.as_dict()
    entries = _entries_with_files(content)
    for entry in entries:
        named = entry["file"]
        entry["file"] = existing_file(folder / named, f"{what}: file")
        if "gbar_S_per_cm2" in entry:
            user_channel = read_user_channel(entry["file"])
            entry["ion"] = user_channel.ion
            check_channel_parameters(Path(named).name, user_channel, entry.get("parameters", {}))
        expected = entry.pop("sha256", None)
        if expected not in (None, _sha256(Path(entry["file"]))):
            raise ModelError(
                f"{what}: {named} has another content than when this was saved; restore the file,"
                " or remove its line sha256 to take it as it is."
            )
    return make_specification(content, what) if entries else specification


def _replace_channels(changes: dict[str, Any], what: str) -> None:
    """Let a channel with a file take the place of the package's components under that name."""
    known = default_specification().biophysics.channels
    biophysics = changes.get("biophysics")
    channels = biophysics.get("channels") if isinstance(biophysics, dict) else None
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        if not isinstance(channel, dict):
            continue
        if name not in known and not channel.keys() & {"file", "components"}:
            raise ModelError(
                f"{what}: channel {quoted(name)} is not in the package's cell and has no file."
                f"{did_you_mean(name, known)}"
            )
        if name in known and "file" in channel:
            channel |= dict.fromkeys({"components", "ion"} - channel.keys())


def check_channel_parameters(
    name: str, user_channel: UserChannel, parameters: Mapping[str, Any]
) -> None:
    """Refuse parameters that a channel's file does not have, with the nearest name that it has."""
    if not isinstance(parameters, Mapping):
        raise ModelError(
            f"channel {name}: parameters = {quoted(parameters)}: expected a mapping of names to"
            " regions."
        )
    known = set(user_channel.parameters)
    if user_channel.ion != NON_SPECIFIC and user_channel.reversal:
        known.add(user_channel.reversal)
    for parameter in parameters:
        if parameter not in known:
            none = " It has none that differs between segments."
            raise ModelError(
                f"channel {name}: {user_channel.file.name} has no parameter {quoted(parameter)}."
                f"{did_you_mean(parameter, known) if known else none}"
            )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
