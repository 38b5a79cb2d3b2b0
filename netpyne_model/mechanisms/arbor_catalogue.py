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
from ..machine import usable_cores
from .cache import cache_folder, keep_library, kept_in_cache, whole_library
from .compilation import LOGGER

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
    home = cache_folder() / f"arbor-{digest.hexdigest()[:16]}"
    library = whole_library(home)
    if library is None:
        with kept_in_cache(home):
            library = whole_library(home)
            if library is None:
                LOGGER.info("compiling mechanisms for Arbor, which is done once (%d)", len(texts))
                library = _compile(texts, home)
    return library


def _compile(texts: Mapping[str, str], home: Path) -> Path:
    """Compile by Arbor's own script, and put the library into the cache."""
    script = _script()
    scripts = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([*scripts, environment.get("PATH", "")])
    if shutil.which("cmake", path=environment["PATH"]) is None:
        raise ModelError("'cmake' was not found; Arbor compiles with it: pip install cmake.")
    with tempfile.TemporaryDirectory(prefix="ca1-mechanisms-") as folder:
        source = Path(folder) / "mod"
        source.mkdir()
        for name, text in texts.items():
            (source / f"{name}.mod").write_text(text)
        environment.setdefault("MAKEFLAGS", f"-j{usable_cores()}")
        command = [sys.executable, str(script), _NAME, str(source)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode != 0:
            log = home.parent / f"{home.name}.log"
            log.write_text(done.stdout + done.stderr, "utf-8")
            raise ModelError(
                f"arbor-build-catalogue failed (code {done.returncode}); its output is in {log}."
            )
        return keep_library(Path(folder) / _LIBRARY, home)


def _script() -> Path:
    import arbor

    return Path(arbor.__file__).parent / "bin" / "arbor-build-catalogue"
