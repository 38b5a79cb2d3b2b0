"""Loads compiled mechanisms into NEURON: the package's own, and no others of their names.

NEURON can neither unload a mechanism nor say by itself where one comes from. At its start it loads
what is compiled in the current folder, often another model with channels of the same names, or older
mod files of this package. So nothing that this module has not loaded itself counts as loaded, and
where this module is the one that starts NEURON, it does so with that folder out of sight.
"""

import ctypes
import importlib
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .cache import CACHE_VARIABLE
from .compilation import LIBRARY_NAMES, compiled_library, fast_files, general_files, mechanisms_key
from .known import known_mechanisms

_OPTIONS = "NEURON_MODULE_OPTIONS"
_LOADED_AT_ITS_START = "NRN_NMODL_PATH"  # folders whose mechanisms NEURON loads
_NAMES_TOLD = 3
# Paths that NEURON takes as they are: it knows ASCII alone, and puts variables in for $(...).
_PLAIN = re.compile(r"[A-Za-z0-9_./+@=-]{1,250}")
_loaded: dict[str, str] = {}  # what this module has loaded, and the key of its library


def load(mechanisms: Iterable[str] | None = None) -> None:
    """Make the mechanisms known to NEURON in this process; compile them first if need be.

    What an earlier call has loaded is left as it is. Raises ModelError as `compiled_library`, if
    NEURON knows other mechanisms of the same names, or if mod files have changed since an earlier
    call loaded them.

    Parameters
    ----------
    mechanisms : iterable of str, optional
        Names of what is needed; those of the default way of running are always loaded, and by
        default all.
    """
    neuron()
    for files in _of(mechanisms):
        load_files(files)


def load_files(files: Sequence[Path]) -> None:
    """Load the library of mod files, each named as its mechanism; ModelError as `load`."""
    names = [file.stem for file in files]
    key = mechanisms_key(files)
    if all(_loaded.get(name) == key for name in names):
        return
    if any(name in _loaded for name in names):
        raise ModelError(
            f"the mod files in {files[0].parent} have changed since NEURON loaded them; start"
            " Python anew."
        )
    refuse_others(names)
    library = compiled_library(files)
    load_library(library)
    absent = [name for name in names if not hasattr(neuron(), name)]
    if absent:
        raise ModelError(f"{library}: NEURON found no {absent[0]} in it; delete it and start anew.")
    _loaded.update(dict.fromkeys(names, key))


def is_loaded(name: str) -> bool:
    """Whether a mechanism is one that this module has loaded."""
    return name in _loaded


def refuse_others(names: Iterable[str]) -> None:
    """Refuse names that NEURON knows, though nothing of this package has loaded them.

    Raises
    ------
    ModelError
        With the folder that these mechanisms come from.
    """
    h = neuron()
    known = [name for name in names if name not in _loaded and hasattr(h, name)]
    if not known:
        return
    told = ", ".join(known[:_NAMES_TOLD])
    if len(known) > _NAMES_TOLD:
        told += f" and {len(known) - _NAMES_TOLD} more"
    sources = _mod_files_of_neuron()
    folders = [str(Path(sources[name]).parent) for name in known if name in sources]
    if not folders:
        raise ModelError(
            f"NEURON knows {told} already, and not as a mechanism (a variable or template of hoc"
            " code?); give that another name."
        )
    mend = "start in a folder without compiled mod files (such as x86_64), or remove them"
    if os.environ.get(_LOADED_AT_ITS_START):
        mend = f"unset {_LOADED_AT_ITS_START}, and {mend}"
    raise ModelError(
        f"NEURON loaded other mechanisms of the same names ({told}) from {folders[0]}; {mend}."
    )


def load_library(library: Path) -> None:
    """Make the mechanisms of a compiled library known to NEURON, wherever it lies.

    Raises
    ------
    ModelError
        If NEURON does not take it.
    """
    neuron()  # before the system has the library: NEURON's start would take over what is in it
    _check_loadable(library)
    if _PLAIN.fullmatch(str(library)):
        _load_dll(str(library), library)
        return
    with _within(library.parent):
        _load_dll(f"./{library.name}", library)


def neuron() -> Any:
    """NEURON's ``h``, imported without a window system, whose absence NEURON would report.

    Of the current folder, and of those that ``NRN_NMODL_PATH`` names, it loads nothing, if it was
    not imported before.
    """
    if "neuron" not in sys.modules:
        with _options_of_the_package(), _out_of_sight_of_other_models():
            importlib.import_module("neuron")
    from neuron import h

    return h


def _of(mechanisms: Iterable[str] | None) -> list[list[Path]]:
    """The mod files of the libraries that hold the mechanisms, in the order of loading."""
    general = general_files()
    if mechanisms is None or not {path.stem for path in general}.isdisjoint(mechanisms):
        return [fast_files(), general]
    return [fast_files()]


def _check_loadable(library: Path) -> None:
    """See that the system takes a library: of one that it does not, NEURON prints the reason."""
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        raise ModelError(
            f"the compiled mechanisms cannot be loaded ({error}); delete {library.parent}, or set"
            f" {CACHE_VARIABLE} to a folder whose files may be executed."
        ) from error


def _load_dll(path: str, library: Path) -> None:
    try:
        loaded = neuron().nrn_load_dll(path)
    except RuntimeError as error:
        raise ModelError(
            f"NEURON did not load {library} ({error}); delete it and start Python anew."
        ) from error
    if not loaded:
        raise ModelError(f"NEURON did not load {library}; delete it and start Python anew.")


def _mod_files_of_neuron() -> dict[str, str]:
    """Of every mechanism that NEURON knows, the mod file that it was compiled from."""
    neuron()
    return {one.name: one.file for one in known_mechanisms()}


@contextmanager
def _options_of_the_package() -> Iterator[None]:
    wanted = {name: os.environ.pop(name, None) for name in (_OPTIONS, _LOADED_AT_ITS_START)}
    options = (wanted[_OPTIONS] or "").split()
    if "-nogui" not in options:
        options.append("-nogui")
    os.environ[_OPTIONS] = " ".join(options)
    try:
        yield
    finally:
        del os.environ[_OPTIONS]  # the environment is the user's
        os.environ |= {name: value for name, value in wanted.items() if value is not None}


@contextmanager
def _out_of_sight_of_other_models() -> Iterator[None]:
    """Be elsewhere for a moment if NEURON would load something of the current folder."""
    folders = (".", platform.machine(), f"{platform.machine()}/.libs")
    found = any(os.path.exists(f"{one}/{name}") for one in folders for name in LIBRARY_NAMES)
    spec = find_spec("neuron")
    if not found or spec is None or spec.origin is None:
        yield
        return
    with _within(Path(spec.origin).absolute().parent):
        yield


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    started_in = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # it may be gone, or not readable
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(started_in)
        os.close(started_in)
