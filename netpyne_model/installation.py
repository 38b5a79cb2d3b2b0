"""What the package needs of a machine: what is there, what is missing, and what to do."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from . import __version__
from .errors import ModelError
from .file_locks import file_lock, needs_deleting
from .machine import available_memory_GB, usable_cores
from .mechanisms.cache import cache_folder, kept_in_cache
from .mechanisms.compilation import check_neuron, nrnivmodl
from .neuroml2.validation import require_java

State = Literal["ok", "note", "missing"]
PACKAGES = ("neuron", "netpyne", "numpy", "pandas", "matplotlib", "pynwb", "pyneuroml", "dask")
"""Libraries whose versions are told."""
LEAST_FREE_GB = 0.5
"""Free space that ten trials with their pages take, with some to spare."""
LEAST_MEMORY_GB = 1.0
_TOOL_TIME_S = 20


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    state : {'ok', 'note', 'missing'}
        ``note``: runs work, something else does not, or not so well; ``missing``: runs do not work.
    found : str
        What is there.
    advice : str
        What to do; empty where all is well.
    """

    name: str
    state: State
    found: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """The attributes by name."""
        return asdict(self)


def findings(folder: Path) -> list[Finding]:
    """Look at the machine, in the order in which a run needs things.

    Parameters
    ----------
    folder : path
        Where results go; its nearest parent that exists is looked at.
    """
    place = _existing(folder)
    looks: list[Callable[[], Finding]] = [
        _python,
        _neuron,
        *(lambda name=name: _library(name) for name in PACKAGES if name != "neuron"),
        _compiler,
        _cache,
        _java,
        lambda: _written(place),
        lambda: _locks(place),
        lambda: _disk(place),
        _cores,
        _memory,
        _display,
    ]
    return [look() for look in looks]


def summary(found: list[Finding]) -> dict[str, Any]:
    """The findings as JSON holds them, with the package's version and whether runs work."""
    works = all(one.state != "missing" for one in found)
    return {
        "version": __version__,
        "works": works,
        "platform": platform.platform(),
        "findings": [one.as_dict() for one in found],
    }


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def _neuron() -> Finding:
    try:
        version = metadata.version("neuron")
        check_neuron(version)
    except metadata.PackageNotFoundError:
        return Finding("neuron", "missing", "not installed", "pip install neuron")
    except ModelError as error:
        return Finding("neuron", "missing", version, str(error))
    return Finding("neuron", "ok", version)


def _library(name: str) -> Finding:
    try:
        return Finding(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "missing", "not installed", f"pip install {name}")


def _compiler() -> Finding:
    try:
        script = nrnivmodl()
    except ModelError as error:
        return Finding("compiler", "missing", "none that works", str(error))
    named = os.environ.get("CXX")
    which = f"CXX={named}" if named else "C++ compiler and make"
    return Finding("compiler", "ok", f"{which}, {script}")


def _cache() -> Finding:
    try:
        cache = cache_folder()
        looked_at = cache / "looked_at"
        with kept_in_cache(looked_at):
            n = sum(1 for one in cache.iterdir() if one.is_dir())
        Path(f"{looked_at}.lock").unlink(missing_ok=True)
    except ModelError as error:
        return Finding("cache", "missing", "cannot be used", str(error))
    kept = (
        f"{n} compiled librar{'y' if n == 1 else 'ies'}" if n else "empty: the first run compiles"
    )
    return Finding("cache", "ok", f"{cache} ({kept})")


def _java() -> Finding:
    try:
        require_java()
    except ModelError as error:
        use = "runs need none; for ca1 validate, channels and convert"
        return Finding("Java", "note", f"none ({use})", str(error))
    try:
        said = subprocess.run(
            ["java", "-version"], capture_output=True, text=True, timeout=_TOOL_TIME_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(
            "Java", "note", f"does not start ({error})", "install a Java runtime from 11"
        )
    told = (said.stderr or said.stdout).strip().splitlines()
    return Finding("Java", "ok", told[0] if told else "there")


def _existing(folder: Path) -> Path:
    folder = Path(os.path.abspath(folder))
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def _written(place: Path) -> Finding:
    if os.access(place, os.W_OK | os.X_OK):
        return Finding("results", "ok", f"{place} can be written")
    advice = "go to a folder you can write to, or give --out"
    return Finding("results", "missing", f"{place} cannot be written", advice)


def _locks(place: Path) -> Finding:
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding("locks", "note", f"not tried: {place} cannot be written", "as for results")
    if needs_deleting(file_lock(place / "looked_at.lock")):
        return Finding(
            "locks",
            "note",
            f"the file system of {place} has none; lock files are used",
            "after a killed sweep on another machine delete FOLDER/.lock",
        )
    return Finding("locks", "ok", f"the file system of {place} has them")


def _disk(place: Path) -> Finding:
    free_GB = shutil.disk_usage(place).free / 1e9
    found = f"{free_GB:.1f} GB free in {place}"
    if free_GB >= LEAST_FREE_GB:
        return Finding("disk", "ok", found)
    return Finding("disk", "note", found, "free some, or give --out on another disk")


def _cores() -> Finding:
    allowed, there = usable_cores(), os.cpu_count() or 1
    limit = "" if allowed == there else " (a limit of a batch system, container or taskset)"
    return Finding("cores", "ok", f"{allowed} of {there} may be used{limit}")


def _memory() -> Finding:
    free_GB = available_memory_GB()
    found = f"{free_GB:.1f} GB available"
    if free_GB >= LEAST_MEMORY_GB:
        return Finding("memory", "ok", found)
    return Finding("memory", "note", found, "close other programs, or give --processes 1")


def _display() -> Finding:
    screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    screen |= sys.platform in ("darwin", "win32")
    found = "figures are files, drawn by agg"
    found += "; a display is there" if screen else "; there is no display, none is needed"
    return Finding("display", "ok", found)
