"""What produced a result: versions, platform, commit and the content of the model's files."""

import hashlib
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..data_folders import MOD, MORPHOLOGIES, NEUROML2, PACKAGE
from ..mechanisms.compilation import mechanisms_key, mod_files

DISTRIBUTIONS = (
    "numpy",
    "scipy",
    "pandas",
    "neuron",
    "netpyne",
    "pyneuroml",
    "libneuroml",
    "pynwb",
)

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
        ``created_utc``, ``versions`` (name to version, None where not installed), ``platform``,
        ``git_commit`` and
        ``git_changed`` (None outside a checkout), ``files`` (path to SHA-256 of every file in
        NeuroML2/, mod/ and
        morphologies/ and of the package's YAML tables), ``files_sha256`` (one hash over all of
        these).
    """
    files = file_hashes()
    commit, changed = _git(NEUROML2.parent)
    return {
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "netpyne_model": __version__}
        | {name: _version(name) for name in DISTRIBUTIONS},
        "platform": platform.platform(),
        "git_commit": commit,
        "git_changed": changed,
        "files_sha256": hashlib.sha256(
            "".join(f"{p} {h}\n" for p, h in files.items()).encode()
        ).hexdigest(),
        "files": files,
    }


def file_hashes() -> dict[str, str]:
    """SHA-256 of every file that states the model, by its path (``NeuroML2/...``), in alphabetical
    order.
    """
    hashes: dict[str, str] = {}
    for folder in (NEUROML2, MOD, MORPHOLOGIES):
        hashes |= {
            f"{folder.name}/{path}": digest for path, digest in _folder_hashes(folder, "*").items()
        }
    hashes |= {
        f"{PACKAGE.name}/{path}": digest
        for path, digest in _folder_hashes(PACKAGE, "*.yaml").items()
    }
    return dict(sorted(hashes.items()))


@cache
def code_hash(*modules: str) -> str:
    """A hash of what decides an outcome: code and tables of these modules, the mechanisms, NeuroML
    and morphologies.
    """
    digest = hashlib.sha256(mechanisms_key(mod_files()).encode())
    for module in modules:
        if not (PACKAGE / module).is_dir():
            raise ValueError(f"no room {module!r} in the package")
        for path in sorted((PACKAGE / module).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(
                    path.relative_to(PACKAGE).as_posix().encode()
                    + b"\0"
                    + path.read_bytes()
                    + b"\0"
                )
    for folder in (NEUROML2, MORPHOLOGIES):
        for name, content in sorted(_folder_hashes(folder, "*").items()):
            digest.update(f"{folder.name}/{name}\0{content}\0".encode())
    return digest.hexdigest()


def _folder_hashes(folder: Path, pattern: str) -> dict[str, str]:
    hashes = {}
    for path in folder.rglob(pattern):
        relative = path.relative_to(folder)
        # Hidden files, caches and compiled mechanisms come and go; they are no part of the model.
        if path.is_file() and not any(
            part.startswith((".", "__pycache__", platform.machine())) for part in relative.parts
        ):
            hashes[relative.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _git(root: Path) -> tuple[str | None, bool | None]:
    """Commit of the checkout at `root` and whether files differ from it; None, None where there is
    no such commit.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    # An installed package may lie inside another project's checkout: only a .git beside the package
    # counts.
    if not (root / ".git").exists():
        return None, None
    try:
        return git("rev-parse", "--verify", "HEAD"), bool(git("status", "--porcelain"))
    except (OSError, subprocess.SubprocessError):
        return None, None
