"""Compiles the mod files once per content, NEURON version and platform.

Two libraries: what the default way of running needs, and the general mechanisms, one for each
channel and receptor, which take three times as long to compile and wait until they are asked for.

The compiled library lies in the user's cache (`cache.py`) under a name made of everything it depends
on. Two processes that start at once build it once, and no process ever sees half a library.
"""

import hashlib
import logging
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ..data_folders import MOD
from ..errors import ModelError, quoted
from .cache import cache_folder, keep_library, kept_in_cache, whole_library
from .conversion import GENERATED, HANDWRITTEN
from .fusing import FUSED

# Nobody reads the processor's floating-point exceptions, which
# keep GCC from choosing by comparison in vectors. Without contraction to fused multiply-adds, every
# processor rounds alike.
_COMPILER_FLAGS = "-O3 -fno-math-errno -fno-trapping-math -ffp-contract=off"
if platform.machine() in ("x86_64", "AMD64"):
    # Of AVX-512 GCC takes half vectors without this; it means nothing to a processor without them.
    _COMPILER_FLAGS += " -mprefer-vector-width=512"
# Half of a run is exp(). NEURON translates exp to hoc_Exp, which guards against overflow through
# two more calls; the arguments of the package's channels stay below 100, and exp() itself returns 0
# or inf beyond. Runs take a fifth less time. A user's channels keep NEURON's.
_PLAIN_EXP = "-Dhoc_Exp=exp"
_LONGEST_COMPLAINT = 160
OLDEST_NEURON = 9
"""Major version: what is written by hand uses the tables that NEURON 9 has of its mechanisms."""

_MISSING_HEADER = re.compile(r"fatal error: '?([^\s':]+)'?(?:: No such file| file not found)")
LOGGER = logging.getLogger(__name__)
"""Tells (info) when something is compiled, which takes a while."""
LIBRARY_NAMES = ("libnrnmech.so", "libnrnmech.dylib", "nrnmech.dll")


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
    """What the mod files include: the ``.inc`` and ``.h`` files of their folders."""
    folders = {file.parent for file in files}
    return sorted(
        path for folder in folders for kind in ("*.inc", "*.h") for path in folder.glob(kind)
    )


def mechanisms_key(files: Iterable[Path]) -> str:
    """Name of the library of these mod files: a hash of all that it depends on."""
    files = list(files)
    build = f"{_neuron_version()} {platform.system()} {platform.machine()} {_flags(files)}"
    digest = hashlib.sha256(build.encode())
    for path in [*files, *included_files(files)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _flags(files: Iterable[Path]) -> str:
    """The compiler's flags: files that are not the package's have NEURON's own exp."""
    own = all(file.is_relative_to(MOD) for file in files)
    return f"{_PLAIN_EXP} {_COMPILER_FLAGS}" if own else _COMPILER_FLAGS


@cache
def _neuron_version() -> str:
    return version("neuron")


def compiled_library(files: Iterable[Path]) -> Path:
    """Return the compiled library of the mod files, compiling it if it is not in the cache.

    The files have different names. Raises ModelError if NEURON is too old, there is no compiler,
    the cache cannot be written, or a mod file does not compile.
    """
    check_neuron(_neuron_version())
    files = _by_name(files)
    home = cache_folder() / mechanisms_key(files)
    library = whole_library(home)
    if library is None:
        with kept_in_cache(home):
            library = whole_library(home) or _compile(files, home)
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


def environment_without_neuron() -> dict[str, str]:
    """The environment without what this process and its NEURON set, for tools of NEURON's.

    It would lead the translator of mod files to folders without its units.
    """
    of_others = ("NEURON", "NRN", "NMODL", "CORENRN", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(of_others)}


def _compile(files: list[Path], home: Path) -> Path:
    compiler = nrnivmodl()
    LOGGER.info("compiling mechanisms, which is done once (mod files: %d)", len(files))
    # Not in the cache: NEURON's makefile does not take every name that a user's folder may have.
    with tempfile.TemporaryDirectory(prefix="ca1-mechanisms-") as folder:
        for path in [*files, *included_files(files)]:
            shutil.copy(path, folder)
        ran = subprocess.run(
            [compiler, "-incflags", _flags(files)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        built = [path for name in LIBRARY_NAMES for path in Path(folder).glob(f"**/{name}")]
        if ran.returncode == 0 and built:
            return keep_library(built[0], home)
        log = home.parent / f"{home.name}.log"
        log.write_text(ran.stdout, "utf-8")
        if header := _MISSING_HEADER.search(ran.stdout):
            raise ModelError(f"the header {header[1]} was not found; copy it beside the mod file.")
        raise ModelError(
            f"nrnivmodl failed (code {ran.returncode}{_complaint(ran.stdout)}): correct the mod file"
            f" and run again; its output is in {log}."
        )


def _complaint(output: str) -> str:
    """The first line of the compiler's output that tells an error, and is no mere heading of one."""
    errors = re.finditer(r"^.*(?:\berror\b|No space left|not found|Killed).*$", output, re.I | re.M)
    told = next((line for line in errors if not line[0].rstrip().endswith(":")), None)
    return "" if told is None else f", {told[0].strip()[:_LONGEST_COMPLAINT]}"


def nrnivmodl() -> str:
    """Path of nrnivmodl, after a look whether what it calls is there."""
    # nrnivmodl takes the compiler of the environment, else the one Python was built with.
    named = os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "g++"
    try:
        compiler = shlex.split(named)[:1]
    except ValueError:
        compiler = []
    if not compiler:
        raise ModelError(
            f"CXX = {quoted(named)}: expected a C++ compiler, such as g++; unset it for the default."
        )
    for tool in ("make", *compiler):
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
