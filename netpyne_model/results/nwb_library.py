"""Imports the library of NWB files, without what others may have written for it to read.

It keeps its schema as a pickle in the user's cache, and a pickle is run when it is read. So it reads
one only where nobody else can write; else it gets another cache for as long as it is imported: it is
read more slowly then, and is the same.
"""

import importlib
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from ..errors import ModelError
from ..mechanisms.cache import check_private

_CACHE_HOME, _NO_CACHE = "XDG_CACHE_HOME", "PYNWB_NO_CACHE_DIR"


def import_pynwb() -> None:
    """Import ``pynwb``, with its cache if that is the user's own, whole, and can be written."""
    if "pynwb" in sys.modules:
        return
    folder = _cache_of_the_library()
    if folder is not None:
        try:
            importlib.import_module("pynwb")
            return
        except Exception:  # there is no writing it, or what lies there was cut short
            for name in [one for one in sys.modules if one.partition(".")[0] == "pynwb"]:
                del sys.modules[name]
            _remove(folder)
    _import_without_cache()


def _cache_of_the_library() -> Path | None:
    """Where the library keeps its schema; None if others can write there."""
    from platformdirs import user_cache_path

    try:
        release = f"{version('pynwb')}-{version('hdmf')}"  # as the library names it
        folder = user_cache_path("pynwb-hdmf", version=release)
        for path in (folder.parent.parent, folder.parent, folder, *folder.glob("*")):
            if path.exists():
                check_private(path)
    except (OSError, RuntimeError, ModelError):  # also where there is no home folder
        return None
    return folder


def _remove(folder: Path) -> None:
    try:
        for file in folder.glob("*.pkl"):
            file.unlink()
    except OSError:
        pass  # it cannot be written


def _import_without_cache() -> None:
    before = {name: os.environ.get(name) for name in (_CACHE_HOME, _NO_CACHE)}
    with tempfile.TemporaryDirectory(prefix="ca1-pynwb-") as folder:
        os.environ |= {_CACHE_HOME: folder, _NO_CACHE: "1"}
        try:
            importlib.import_module("pynwb")
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
