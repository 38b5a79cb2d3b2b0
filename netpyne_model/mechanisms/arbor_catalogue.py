"""Compiles mechanisms for Arbor, once for each content, version of Arbor and platform."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .compilation import LOGGER, cache_folder, kept_in_cache

_NAME = "ca1"
_LIBRARY = f"{_NAME}-catalogue.so"


def require_arbor() -> None:
    """Raise ModelError, with the command that installs it, if Arbor is not there."""
    if find_spec("arbor") is None:
        raise ModelError(
            "Arbor is not installed; a cell for it needs the extra 'arbor': pip install arbor cmake."
        )


def load_catalogue(texts: Mapping[str, str]) -> Any:
    """The mechanisms of mod files, by name, as an ``arbor.catalogue``; compiled if need be.

    Raises ModelError if Arbor, a compiler or cmake is missing, or a text does not compile.
    """
    require_arbor()
    import arbor

    return arbor.load_catalogue(str(_compiled(texts)))


def _compiled(texts: Mapping[str, str]) -> Path:
    build = f"{version('arbor')} {platform.system()} {platform.machine()}"
    digest = hashlib.sha256(build.encode())
    for name, text in sorted(texts.items()):
        digest.update(f"{name}\0{text}\0".encode())
    library = cache_folder() / f"arbor-{digest.hexdigest()[:16]}" / _LIBRARY
    if not library.is_file():
        with kept_in_cache(library.parent):
            if not library.is_file():
                LOGGER.info("compiling mechanisms for Arbor, which is done once (%d)", len(texts))
                _compile(texts, library)
    return library


def _compile(texts: Mapping[str, str], library: Path) -> None:
    """Compile by Arbor's own script, and put the library into place whole."""
    script = _script()
    scripts = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([*scripts, environment.get("PATH", "")])
    if shutil.which("cmake", path=environment["PATH"]) is None:
        raise ModelError("'cmake' was not found; Arbor compiles with it: pip install cmake.")
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        source = Path(folder) / "mod"
        source.mkdir()
        for name, text in texts.items():
            (source / f"{name}.mod").write_text(text)
        environment.setdefault("MAKEFLAGS", f"-j{os.cpu_count() or 1}")
        command = [sys.executable, str(script), _NAME, str(source)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            log = library.with_suffix(".log")
            log.write_text(done.stdout + done.stderr)
            raise ModelError(
                f"arbor-build-catalogue failed (code {done.returncode}); its output is in {log}."
            )
        os.replace(Path(folder) / _LIBRARY, library)


def _script() -> Path:
    import arbor

    return Path(arbor.__file__).parent / "bin" / "arbor-build-catalogue"
