"""A specification and its geometry as a described cell, and as NeuroML2."""

import re
import shutil
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

from ..biophysics import NON_SPECIFIC, ChannelRules, DensityRules, RuleProfiles
from ..biophysics.density_rules import Component
from ..data_folders import CHANNEL_FOLDER, channel_file
from ..errors import ModelError
from ..files import WRITABLE, writing
from ..mechanisms.mod_ions import concentrations_at_rest_mM
from ..mechanisms.user_channels import UserChannel, read_user_channel
from ..neuroml2.cell_reader import CellDescription, describe_cell
from ..neuroml2.cell_writer import LEAKS, cell_document, write_document
from ..neuroml2.cells import standard_smooth_cell
from ..neuroml2.validation import included_files
from ..specification import CellSpecification, default_specification
from .geometry import Geometry

if TYPE_CHECKING:
    import neuroml


def bare_description(specification: CellSpecification, geometry: Geometry) -> CellDescription:
    """Describe the cell without spines, through NeuroML; channels of mod files from their rules.

    Raises ModelError if a rule gives a value that is not finite or out of bounds.
    """
    user_channels = _user_channels(specification)
    published = default_specification()
    same_rules = specification.biophysics == published.biophysics
    if same_rules and specification.morphology == published.morphology:
        cell = deepcopy(standard_smooth_cell())
    else:
        _check_values(specification.biophysics, geometry)
        cell = describe_cell(_document(specification, geometry, user_channels).cells[0])
    cell.cell_id = specification.name
    cell.user_channels = {mechanism.channel: mechanism for mechanism in user_channels.values()}
    for name, mechanism in user_channels.items():
        if _is_mod(mechanism):
            _add_mod(cell, specification.biophysics, geometry, name, mechanism)
    return cell


def neuroml_document(
    specification: CellSpecification, geometry: Geometry
) -> "neuroml.NeuroMLDocument":
    """The cell without spines as a NeuroML2 document.

    Raises ModelError if a channel comes from a mod file.
    """
    refuse_mod_files(specification)
    bare_description(specification, geometry)  # its checks
    return _document(specification, geometry, _user_channels(specification))


def refuse_mod_files(specification: CellSpecification) -> None:
    """Refuse a channel from a mod file, by its name, where NeuroML is to hold it."""
    for name, mechanism in _user_channels(specification).items():
        if _is_mod(mechanism):
            raise ModelError(
                f"channel {name} comes from {mechanism.file.name}, which NeuroML cannot hold; give"
                " it as a NeuroML file, or export the cell without it."
            )


def write_neuroml(specification: CellSpecification, geometry: Geometry, folder: Path) -> Path:
    """Write ``cells/<name>.cell.nml`` and its channels below a folder; return the cell's path.

    Raises ModelError if a channel comes from a mod file, or a file cannot be written.
    """
    document = neuroml_document(specification, geometry)
    user_channels = {one.channel: one.file for one in _user_channels(specification).values()}
    channels = folder / "channels"
    path = folder / "cells" / f"{specification.name}.cell.nml"
    with writing(folder, WRITABLE):
        for include in document.includes:
            channel = Path(include.href).name.removesuffix(".channel.nml")
            if channel in user_channels:
                include.href = f"../channels/{channel}/{channel}.channel.nml"
                _copy_user_channel(user_channels[channel], channels, channel)
            else:
                _copy_standard(channel_file(channel), channels)
        path.parent.mkdir(exist_ok=True)
    write_document(document, path)
    return path


def _copy_standard(source: Path, folder: Path) -> None:
    """Copy a file of the package and all it includes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in [source, *included_files(source)]:
        shutil.copyfile(file, folder / file.name)


def _copy_user_channel(source: Path, channels: Path, channel: str) -> None:
    """Copy a channel of one's own and what it includes into a folder of its own.

    What it includes may bear the name of a file of the package; where the content is the same too,
    it is that file, since LEMS takes no type twice.
    """
    folder = channels / channel
    folder.mkdir(parents=True, exist_ok=True)
    included = included_files(source)
    shared = {file.name for file in included if _is_standard(file)}
    for name in sorted(shared):
        _copy_standard(CHANNEL_FOLDER / name, channels)

    def beside(include: re.Match) -> str:
        name = Path(include[2]).name
        return f"{include[1]}{'../' if name in shared else ''}{name}{include[3]}"

    include = re.compile(r"""(<include\s+href=["'])([^"']*)(["'])""")
    for file in [source, *(file for file in included if file.name not in shared)]:
        copied = folder / (f"{channel}.channel.nml" if file is source else file.name)
        text = include.sub(beside, file.read_text(encoding="utf-8"))
        copied.write_text(text, encoding="utf-8")


def _is_standard(file: Path) -> bool:
    standard = CHANNEL_FOLDER / file.name
    return standard.is_file() and standard.read_bytes() == file.read_bytes()


def channel_notes(specification: CellSpecification) -> tuple[str, ...]:
    """What a user should know of the channels from files, a line each."""
    user_channels = _user_channels(specification)
    moved = {one for channel in user_channels.values() for one in channel.writes}
    notes = []
    for name, channel in user_channels.items():
        notes += [f"channel {name}: {note}" for note in channel.notes]
        for concentration in sorted(channel.reads - moved):
            at_rest_mM = concentrations_at_rest_mM(concentration[:-1])[
                "io".index(concentration[-1])
            ]
            notes.append(
                f"channel {name}: {concentration} stays at {at_rest_mM:g} mM, NEURON's value at"
                " rest; nothing in this cell moves it"
            )
    return tuple(notes)


def channel_of_component(specification: CellSpecification) -> dict[str, str]:
    """Name in the rules by the id of a NeuroML component: ``nas_dend`` -> ``nas``."""
    channels = _components(specification)
    user_channels = _user_channels(specification)
    return channels | {mechanism.channel: name for name, mechanism in user_channels.items()}


def _components(specification: CellSpecification) -> dict[str, str]:
    """Name in the rules by component, of the package's channels."""
    return {
        component.channel: name
        for name, rules in specification.biophysics.channels.items()
        for component in rules.components
    }


def _user_channels(specification: CellSpecification) -> dict[str, UserChannel]:
    """The channels of one's own by their name in the rules."""
    files = {name: rules.file for name, rules in specification.biophysics.channels.items()}
    user_channels = {name: read_user_channel(file) for name, file in files.items() if file}
    taken = _components(specification)
    for name, mechanism in user_channels.items():
        id, file = mechanism.channel, mechanism.file.name
        another = "another SUFFIX" if _is_mod(mechanism) else "another id"
        if id in LEAKS:
            raise ModelError(
                f"channel {name}: {file} calls it {id}, as the leak is; give it {another}."
            )
        if (other := taken.setdefault(id, name)) != name:
            raise ModelError(
                f"channels {other} and {name} are both called {id} in their files; give the one in"
                f" {file} {another}, or call the channel {other}, to put it in that one's place."
            )
    return user_channels


def _is_mod(mechanism: UserChannel) -> bool:
    return mechanism.file.suffix.lower() == ".mod"


def _document(
    specification: CellSpecification, geometry: Geometry, user_channels: dict[str, UserChannel]
) -> "neuroml.NeuroMLDocument":
    rules = specification.biophysics
    channels: dict[str, ChannelRules] = {}
    for name, channel in rules.channels.items():
        if name not in user_channels:
            channels[name] = channel
        elif not _is_mod(user_channels[name]):
            component = Component(channel=user_channels[name].channel)
            channels[name] = channel.model_copy(
                update={"components": (component,), "ion": user_channels[name].ion}
            )
    file = specification.morphology.file
    source = "the published morphology" if file is None else Path(file).name
    places = "The 3D layout is schematic."
    if any(section.points_um for section in geometry.morphology.sections):
        places = (
            "Dendrites lie where the reconstruction has them; soma and axon are the standard ones."
        )
    notes = (
        f"CA1 pyramidal cell without spines, to be run at {rules.run.celsius:g} degC. Made by"
        f" netpyne_model from {source} and the rules of the specification"
        f" {specification.name}. {places} Lengths in um, potentials in mV, densities in"
        " S/cm2."
    )
    return cell_document(
        geometry.morphology,
        rules.model_copy(update={"channels": channels}),
        cell_id=specification.name,
        notes=notes,
        paths_um=geometry.paths_um,
    )


def _add_mod(
    cell: CellDescription,
    rules: DensityRules,
    geometry: Geometry,
    name: str,
    mechanism: UserChannel,
) -> None:
    """Add a channel from a mod file: its values straight from the rules, at segment centres."""
    channel, morphology = mechanism.channel, geometry.morphology
    nseg = rules.nseg(morphology)

    def profiles(parameter: str) -> RuleProfiles:
        return rules.profiles(morphology, parameter, nseg)

    cell.channel_ions[channel] = mechanism.ion
    densities = profiles(f"{name}.gbar")
    further = {key: profiles(f"{name}.{key}") for key in rules.channels[name].parameters}
    reversal = None
    if mechanism.ion != NON_SPECIFIC:
        reversal = (mechanism.ion, profiles(f"{mechanism.ion}.e"))
    elif mechanism.reversal is not None:
        reversal = (channel, profiles(f"{name}.e"))
    for section in morphology.sections:
        gbar_S_per_cm2 = densities.at_centres(section)
        if gbar_S_per_cm2 is None:
            continue
        here = cell.sections[section.name]
        here.gbar_S_per_cm2[channel] = gbar_S_per_cm2
        if reversal is not None:
            here.reversal_mV[reversal[0]] = reversal[1].on_section(section)
        values = {key: parameter.at_centres(section) for key, parameter in further.items()}
        here.parameters[channel] = {k: value for k, value in values.items() if value is not None}


def _check_values(rules: DensityRules, geometry: Geometry) -> None:
    """Refuse densities and leaks out of bounds, by the parameter's name."""
    nseg = rules.nseg(geometry.morphology)
    for name in ("pas.g", "pas.e", *(f"{channel}.gbar" for channel in rules.channels)):
        profiles = rules.profiles(geometry.morphology, name, nseg)
        for section in geometry.morphology.sections:
            profiles.at_centres(section)
