"""Channels of the user: NeuroML2 or mod files that become mechanisms beside the package's.

NEURON can neither unload a mechanism nor define one anew, so the mechanism's name ends in a hash of
the file's content: two versions of a channel, or one under the name of a channel of the package,
live side by side in one process. Each is a library of its own in the user's cache, converted and
compiled once.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from ..errors import ModelError, quoted
from .cache import cache_folder, kept_in_cache
from .channel_file import ChannelFile
from .compilation import compiled_library
from .jneuroml import export_mechanisms
from .jneuroml_export import ExportError, parse
from .loading import is_loaded, load, load_files, neuron, refuse_others
from .mod_file import ModFile
from .rewriting import Mechanism


@dataclass(frozen=True)
class UserChannel:
    """A channel of the user's own as NEURON will know it.

    Attributes
    ----------
    channel : str
        Id of the ion channel in NeuroML, or the SUFFIX of the mod file.
    name : str
        The mechanism in NEURON: the channel's name and 8 digits of the SHA-256 of the file's
        content.
    file : path
        The file, absolute.
    ion : str
        The ion whose current it is, or ``non_specific``.
    reversal : str or None
        Its parameter for the reversal potential (mV). None if there is none to set: the current
        reads that of the ion, or computes it.
    density : str
        Its parameter for the peak conductance.
    density_factor : float
        What a density in S/cm2 is multiplied with to be in the unit of that parameter.
    parameters : dict of str to str
        Its other parameters that may be set in each segment, with their units as the file writes
        them.
    recordable : dict of str to str
        Its variables that can be recorded in a segment, with their units.
    currents : tuple of str
        Those that are its currents (mA/cm2); together they are the channel's.
    notes : tuple of str
        What it is taken as and a user would not expect.
    follows_reversal : bool
        Whether a reversal potential moves its current, or there is none to be given.
    reads, writes : frozenset of str
        Concentrations (``cai``) that it reads and does not write, and that it writes.
    """

    channel: str
    name: str
    file: Path
    ion: str
    reversal: str | None
    density: str
    density_factor: float
    parameters: dict[str, str] = field(hash=False)
    recordable: dict[str, str] = field(hash=False)
    currents: tuple[str, ...] = ("i",)
    notes: tuple[str, ...] = ()
    follows_reversal: bool = True
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()


def read_user_channel(path: Path | str) -> UserChannel:
    """Read a channel file; needs neither Java nor NEURON.

    `path` is a NeuroML2 file (``.nml``) with one gated ion channel, or a mod file (``.mod``) of a
    density mechanism. Raises ModelError if the file cannot be read, holds no such channel, or
    leaves open what its peak conductance is.
    """
    file = Path(os.path.abspath(path))
    source = _source(file)
    ion = source.ion  # first: what carries no current has no density either
    density, factor = source.density
    return UserChannel(
        channel=source.channel,
        name=f"{source.channel}_{source.sha256[:8]}",
        file=file,
        ion=ion,
        reversal=source.reversal,
        density=density,
        density_factor=factor,
        parameters=source.parameters,
        recordable=source.recordable,
        currents=source.currents,
        notes=source.notes,
        follows_reversal=source.follows_reversal,
        reads=source.reads,
        writes=source.writes,
    )


def load_user_channels(mechanisms: Iterable[UserChannel]) -> None:
    """Load channels of the user into NEURON, converted and compiled first if need be.

    Those that are loaded already are left as they are. Raises ModelError if a file has changed since
    it was read, Java (for NeuroML) or a compiler is missing, or a file cannot be converted, compiled
    or loaded.
    """
    new = {one.name: one for one in mechanisms if not is_loaded(one.name)}
    if new:
        load()  # before them in every process: currents add up in the order of loading
    refuse_others(new)
    files = {name: _compiled(mechanism) for name, mechanism in new.items()}
    for name, file in files.items():
        _check_valences(new[name].file)
        load_files([file])


def converted_mod_file(mechanism: UserChannel) -> Path:
    """The mod file that a NeuroML channel of the user becomes, converted if need be.

    Raises ModelError if the channel is a mod file itself, or cannot be converted.
    """
    if isinstance(_source(mechanism.file), ModFile):
        raise ModelError(
            f"{mechanism.file}: a mod file says more than another simulator can be told; write the"
            " channel as NeuroML, or leave it out (Cell.without)."
        )
    return mod_file(mechanism)


def _source(file: Path) -> ChannelFile | ModFile:
    ending = file.suffix.lower()
    if ending not in (".nml", ".mod"):
        raise ModelError(
            f"{file}: {quoted(file.suffix)} is no ending of a channel file; expected .nml (NeuroML2) or"
            " .mod (NEURON)."
        )
    return ChannelFile(file) if ending == ".nml" else ModFile(file)


def mod_file(mechanism: UserChannel) -> Path:
    """The mod file of a channel, under the mechanism's name, in the user's cache.

    Raises ModelError if the file has changed since it was read, or cannot be converted.
    """
    if read_user_channel(mechanism.file) != mechanism:
        raise ModelError(
            f"{mechanism.file} has changed since it was read as {mechanism.name}; expected the"
            " same: start again."
        )
    try:
        return _mod_file(mechanism.name, _source(mechanism.file))
    except ModelError as error:
        raise ModelError(f"{mechanism.file}: {error}") from error
    except ExportError as error:
        raise ModelError(
            f"{mechanism.file} was not converted: {error}; expected what jNeuroML and the package"
            " can write as a mod file: mend the file, or write the channel as a mod file."
        ) from error


def _compiled(mechanism: UserChannel) -> Path:
    """The mod file of a channel, of which there is a library then."""
    file = mod_file(mechanism)
    try:
        compiled_library([file])
    except ModelError as error:
        raise ModelError(f"{mechanism.file}: {error}") from error
    return file


def _mod_file(name: str, source: ChannelFile | ModFile) -> Path:
    """The mod file under the mechanism's name in the cache, written if it is not there."""
    if isinstance(source, ModFile):
        files = source.compiled(name)
        origin = "\0".join(f"{file}\0{text}" for file, text in files.items())
        return _cached(name, origin.encode("utf-8", "surrogateescape"), lambda: files)
    origin_of_conversion = source.content + _conversion_version()
    return _cached(name, origin_of_conversion, lambda: {f"{name}.mod": _converted(name, source)})


def _cached(name: str, origin: bytes, files: Callable[[], dict[str, str]]) -> Path:
    """The mod file of that name in a folder of its own, with its headers; it is written last."""
    folder = f"{name}.{hashlib.sha256(origin).hexdigest()[:8]}"
    file = cache_folder() / "channels" / folder / f"{name}.mod"
    if file.is_file():
        return file
    with kept_in_cache(file.parent):
        if not file.is_file():
            file.parent.mkdir(exist_ok=True)
            half = file.with_suffix(".half")
            for written, text in files().items():
                half.write_bytes(text.encode("utf-8", "surrogateescape"))
                os.replace(half, file.parent / written)
    return file


def _conversion_version() -> bytes:
    """A hash of what a conversion depends on besides the channel: jNeuroML, and this code."""
    digest = hashlib.sha256(version("pyNeuroML").encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.digest()


def _converted(name: str, source: ChannelFile) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "user.channel.nml"
        file.write_bytes(source.content)
        exported = export_mechanisms([file])[source.channel]
    text = Mechanism(parse(exported), source.file.name).text()
    suffix = re.compile(rf"\bSUFFIX {source.channel}$", re.MULTILINE)
    return suffix.sub(f"SUFFIX {name}", text, count=1)


def _check_valences(file: Path) -> None:
    """Refuse an ion that NEURON knows with another valence: it would end the process."""
    h = neuron()
    for ion in _source(file).ions:
        known = h.ion_charge(f"{ion.name}_ion") if hasattr(h, f"{ion.name}_ion") else ion.valence
        if ion.valence not in (None, known):
            raise ModelError(
                f"{file}: USEION {ion.name} ... VALENCE {ion.valence:g}; expected {known:g}, as"
                " another mechanism in this process has it."
            )
