"""Compiles the mod files once per content, NEURON version and platform, and loads them.

Two libraries: what the default way of running needs, and the general mechanisms, one for each
channel and receptor, which take three times as long to compile and wait until they are asked for.

The compiled library lies in the user's cache folder under a name made of everything it depends on.
It is built in a folder of its own that is renamed into place, under a lock, so that two processes
that start at once build it once and no process ever sees half a library.
"""

import hashlib
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .conversion import GENERATED, HANDWRITTEN
from .fusing import FUSED

CACHE_VARIABLE = "CA1_PLACE_CELL_CACHE"
# Half of a run is exp(). NEURON translates exp to hoc_Exp, which guards against overflow through
# two more calls; the arguments of these channels stay below 100, and exp() itself returns 0 or inf
# beyond. Runs take a fifth less time. Nobody reads the processor's floating-point exceptions, which
# keep GCC from choosing by comparison in vectors. Without contraction to fused multiply-adds, every
# processor rounds alike.
_COMPILER_FLAGS = "-Dhoc_Exp=exp -O3 -fno-math-errno -fno-trapping-math -ffp-contract=off"
if platform.machine() in ("x86_64", "AMD64"):
    # Of AVX-512 GCC takes half vectors without this; it means nothing to a processor without them.
    _COMPILER_FLAGS += " -mprefer-vector-width=512"
OLDEST_NEURON = 9
"""Major version: what is written by hand uses the tables that NEURON 9 has of its mechanisms."""

LOGGER = logging.getLogger(__name__)
"""Tells (info) when something is compiled, which takes a while."""
_OPTIONS = "NEURON_MODULE_OPTIONS"
_LIBRARY_NAMES = ("libnrnmech.so", "libnrnmech.dylib", "nrnmech.dll")


def mod_files() -> list[Path]:
    """The mod files of the package, generated and written by hand, sorted by name."""
    return _by_name([*fast_files(), *general_files()])


def fast_files() -> list[Path]:
    """The mod files that the default way of running needs: fused channels, and those by hand."""
    return _by_name([GENERATED / f"{FUSED}.mod", *HANDWRITTEN.glob("*.mod")])


def general_files() -> list[Path]:
    """The other mod files, as generated: a mechanism for each channel, receptor and current."""
    return _by_name(path for path in GENERATED.glob("*.mod") if path.stem != FUSED)


def _by_name(files: Iterable[Path]) -> list[Path]:
    return sorted(files, key=lambda path: path.name)


def included_files(files: Iterable[Path]) -> list[Path]:
    """What the mod files INCLUDE: the ``.inc`` files of their folders."""
    folders = {file.parent for file in files}
    return sorted(path for folder in folders for path in folder.glob("*.inc"))


def cache_folder() -> Path:
    """Where compiled mechanisms are kept: CA1_PLACE_CELL_CACHE, or else the user's cache folder."""
    from platformdirs import user_cache_path

    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else user_cache_path("ca1-place-cell")


def mechanisms_key(files: Iterable[Path]) -> str:
    """Name of the library of these mod files: a hash of all that it depends on."""
    files = list(files)
    build = f"{version('neuron')} {platform.system()} {platform.machine()} {_COMPILER_FLAGS}"
    digest = hashlib.sha256(build.encode())
    for path in [*files, *included_files(files)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def compiled_library(files: Iterable[Path]) -> Path:
    """Return the compiled library of the mod files, compiling it if it is not in the cache.

    The files have different names. Raises ModelError if NEURON is too old, there is no compiler,
    the cache cannot be written, or a mod file does not compile.
    """
    check_neuron(version("neuron"))
    files = _by_name(files)
    home = cache_folder() / mechanisms_key(files)
    library = _find_library(home)
    if library is None:
        with kept_in_cache(home):
            library = _find_library(home) or _compile(files, home)
    return library


def check_neuron(found: str) -> None:
    """Refuse a version of NEURON that the mechanisms are too new for.

    Raises
    ------
    ModelError
        With what the older ones run.
    """
    if int(found.split(".")[0]) < OLDEST_NEURON:
        raise ModelError(
            f"NEURON {found}: expected {OLDEST_NEURON}.0 or newer; pip install"
            f" 'neuron>={OLDEST_NEURON}', or run what `ca1 export netpyne FOLDER` writes, which is"
            " for older ones too."
        )


def compile_all() -> None:
    """Compile all of the package that is not in the cache; ModelError as `compiled_library`."""
    for files in (fast_files(), general_files()):
        compiled_library(files)


@contextmanager
def kept_in_cache(path: Path) -> Iterator[None]:
    """Lock a path of the cache, in a folder that exists, while one process writes it.

    Raises ModelError if the cache cannot be written.
    """
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            yield
    except OSError as error:
        raise ModelError(
            f"compiled mechanisms cannot be kept in {path.parent} ({error}); set {CACHE_VARIABLE}"
            " to a folder that can be written."
        ) from error


def load(mechanisms: Iterable[str] | None = None) -> None:
    """Make the mechanisms known to NEURON in this process; compile them first if need be.

    A process that already knows them (from an earlier call, or a folder NEURON loaded at its start)
    is left as it is. Raises ModelError as `compiled_library`.

    Parameters
    ----------
    mechanisms : iterable of str, optional
        Names of what is needed; those of the default way of running are always loaded, and by
        default all.
    """
    h = neuron()
    for files in _of(mechanisms):
        known = [path.stem for path in files if hasattr(h, path.stem)]
        if len(known) == len(files):
            continue
        if known:
            raise ModelError(
                f"NEURON loaded other mechanisms of the same names ({', '.join(known)}) from"
                f" {Path.cwd()}; start in a folder without compiled mod files (such as x86_64), or"
                " remove them."
            )
        load_library(compiled_library(files))


def load_library(library: Path) -> None:
    """Make the mechanisms of a compiled library known to NEURON, whose paths are ASCII alone."""
    h, started_in = neuron(), Path.cwd()
    if str(library).isascii():
        h.nrn_load_dll(str(library))
        return
    os.chdir(library.parent)
    try:
        h.nrn_load_dll(f"./{library.name}")
    finally:
        os.chdir(started_in)


def _of(mechanisms: Iterable[str] | None) -> list[list[Path]]:
    """The mod files of the libraries that hold the mechanisms, in the order of loading."""
    general = general_files()
    if mechanisms is None or not {path.stem for path in general}.isdisjoint(mechanisms):
        return [fast_files(), general]
    return [fast_files()]


def neuron() -> Any:
    """NEURON's ``h``, imported without a window system, whose absence NEURON would report."""
    wanted = os.environ.get(_OPTIONS)
    options = (wanted or "").split()
    if "-nogui" not in options:
        os.environ[_OPTIONS] = " ".join([*options, "-nogui"])
    try:
        from neuron import h
    finally:
        os.environ.pop(_OPTIONS, None)  # the environment is the user's
        if wanted is not None:
            os.environ[_OPTIONS] = wanted
    return h


def environment_without_neuron() -> dict[str, str]:
    """The environment without what this process and its NEURON set, for tools of NEURON's.

    It would lead the translator of mod files to folders without its units.
    """
    of_others = ("NEURON", "NRN", "NMODL", "CORENRN", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(of_others)}


def _find_library(home: Path) -> Path | None:
    return next((path for name in _LIBRARY_NAMES for path in home.glob(f"**/{name}")), None)


def _compile(files: list[Path], home: Path) -> Path:
    compiler = _nrnivmodl()
    LOGGER.info("compiling mechanisms, which is done once (mod files: %d)", len(files))
    work = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        for path in [*files, *included_files(files)]:
            shutil.copy(path, work / path.name)
        command = [compiler, "-incflags", _COMPILER_FLAGS]
        ran = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        library = _find_library(work)
        if ran.returncode != 0 or library is None:
            log = home.parent / f"{home.name}.log"
            log.write_text(ran.stdout + ran.stderr)
            raise ModelError(f"nrnivmodl failed (code {ran.returncode}); its output is in {log}.")
        shutil.rmtree(home, ignore_errors=True)  # left where someone deleted the library only
        os.replace(work, home)
        return home / library.relative_to(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _nrnivmodl() -> str:
    """Path of nrnivmodl, after a look whether what it calls is there."""
    # nrnivmodl takes the compiler of the environment, else the one Python was built with.
    compiler = shlex.split(os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "g++")[0]
    for tool in ("make", compiler):
        if shutil.which(tool) is None:
            raise ModelError(
                f"'{tool}' was not found; NEURON compiles mechanisms with it: install make and a"
                " C++ compiler (Debian, Ubuntu: apt install build-essential; macOS: xcode-select"
                " --install)."
            )
    beside_python = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    folders = os.pathsep.join([*beside_python, os.environ.get("PATH", "")])
    script = shutil.which("nrnivmodl", path=folders)
    if script is None:
        raise ModelError("'nrnivmodl' was not found; it comes with NEURON: pip install neuron.")
    return script
