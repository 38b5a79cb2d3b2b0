"""What produced a result: versions, platform, commit and the content of the model's files."""

import hashlib
import os
import platform
import subprocess
from datetime import datetime, timezone
from functools import cache
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..data_folders import MOD, MORPHOLOGIES, NEUROML2, PACKAGE
from ..mechanisms.compilation import mechanisms_key, mod_files

# Who ran it does not decide what comes out: no field of a configuration.
EXPERIMENTER, INSTITUTION = "CA1_EXPERIMENTER", "CA1_INSTITUTION"
"""Environment variables: who runs the simulation (``Doe, Jane``), and where; for NWB files."""

PACKAGES = ["numpy", "scipy", "pandas", "neuron", "netpyne", "pyneuroml", "libneuroml", "pynwb"]

MODEL_CODE = (
    "biophysics",
    "cell",
    "description",
    "inputs",
    "mechanisms",
    "morphology",
    "neuroml2",
    "placement",
    "protocols",
    "receptors",
    "simulation",
    "specification",
)
"""Rooms of the package that decide what a simulation gives."""


def provenance() -> dict:
    """Say what a result is made with.

    Returns
    -------
    dict
        ``created_utc``, ``experimenter`` and ``institution`` (of the environment variables
        `EXPERIMENTER` and `INSTITUTION`; None without), ``versions`` (name to version, None where
        not installed), ``platform``,
        ``git_commit`` and ``git_changed`` (None outside a checkout), ``files`` (path to SHA-256 of
        every file in NeuroML2/, mod/ and morphologies/ and of the package's YAML tables),
        ``files_sha256`` (one hash over all of these).
    """
    files = file_hashes()
    listed = "".join(f"{path} {digest}\n" for path, digest in files.items())
    commit, changed = _git(NEUROML2.parent)
    versions = {"python": platform.python_version(), "netpyne_model": __version__}
    return {
        "created_utc": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "experimenter": os.environ.get(EXPERIMENTER),
        "institution": os.environ.get(INSTITUTION),
        "versions": versions | {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "git_commit": commit,
        "git_changed": changed,
        "files_sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "files": files,
    }


def file_hashes() -> dict[str, str]:
    """SHA-256 of every file that states the model, by its path, in alphabetical order."""
    hashes = _folder_hashes(NEUROML2) | _folder_hashes(MOD) | _folder_hashes(MORPHOLOGIES)
    return dict(sorted((hashes | _folder_hashes(PACKAGE, "*.yaml")).items()))


@cache
def code_hash(*modules: str) -> str:
    """A hash of all that decides an outcome: these modules, mechanisms, NeuroML, morphologies."""
    digest = hashlib.sha256(mechanisms_key(mod_files()).encode())
    for module in modules:
        if not (PACKAGE / module).is_dir():
            raise ValueError(f"no room {module!r} in the package")
        for path in sorted((PACKAGE / module).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                name = path.relative_to(PACKAGE).as_posix().encode()
                digest.update(name + b"\0" + path.read_bytes() + b"\0")
    for folder in (NEUROML2, MORPHOLOGIES):
        for file, content in sorted(_folder_hashes(folder).items()):
            digest.update(f"{file}\0{content}\0".encode())
    return digest.hexdigest()


def _folder_hashes(folder: Path, pattern: str = "*") -> dict[str, str]:
    """SHA-256 of the files in a folder, by path from the folder's name on."""
    # Hidden files, caches and compiled mechanisms come and go; they are no part of the model.
    passing = (".", "__pycache__", platform.machine())
    hashes = {}
    for path in folder.rglob(pattern):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(passing) for part in relative.parts):
            name = f"{folder.name}/{relative.as_posix()}"
            hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


@cache
def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _git(root: Path) -> tuple[str | None, bool | None]:
    """Commit of the checkout at `root`, and whether files differ from it; None without one."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.check_output(
            command, stderr=subprocess.DEVNULL, text=True, timeout=10
        ).strip()

    # An installed package may lie in another project's checkout: only a .git beside it counts.
    if not (root / ".git").exists():
        return None, None
    try:
        return git("rev-parse", "--verify", "HEAD"), bool(git("status", "--porcelain"))
    except (OSError, subprocess.SubprocessError):
        return None, None
