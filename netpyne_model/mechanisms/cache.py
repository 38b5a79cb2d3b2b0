"""The user's folder of what is compiled: what lies there is run, so it is whole and one's own.

A library stands in a folder of its own beside its SHA-256, which is looked at before it is loaded: of
a file that was cut short the system says nothing until it kills the process. The folder is written
under another name and renamed, under a lock.
"""

import hashlib
import os
import shlex
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ModelError

CACHE_VARIABLE = "CA1_PLACE_CELL_CACHE"
"""Environment variable: the folder of compiled mechanisms."""
_CHECKSUM = "sha256"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Where compiled mechanisms are kept: CA1_PLACE_CELL_CACHE, or else the user's cache folder.

    Raises
    ------
    ModelError
        If the user has no home folder.
    """
    from platformdirs import user_cache_path

    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(os.path.abspath(named))
    try:
        return user_cache_path("ca1-place-cell")
    except RuntimeError as error:  # as in a container that runs as a user whom it does not know
        raise ModelError(
            "there is no home folder to keep compiled mechanisms in (HOME is not set); set"
            f" {CACHE_VARIABLE} to a folder that can be written."
        ) from error


@contextmanager
def kept_in_cache(path: Path) -> Iterator[None]:
    """Lock a path of the cache, in a folder that exists, while one process writes it.

    What processes that were killed left of it is removed. Raises ModelError if the cache cannot be
    written, or others can write it.
    """
    from ..file_locks import file_lock

    try:
        _make_private(path.parent)
        with file_lock(f"{path}.lock"):
            for half in path.parent.glob(f"{path.name}.*"):
                if half.is_dir():
                    shutil.rmtree(half, ignore_errors=True)
            yield
    except OSError as error:
        raise ModelError(
            f"compiled mechanisms cannot be kept in {path.parent} ({error}); set {CACHE_VARIABLE}"
            " to a folder that can be written."
        ) from error


def whole_library(home: Path) -> Path | None:
    """The library in a folder of the cache; None if there is none, or it is not what was written.

    Raises
    ------
    ModelError
        If others can write it, or it is another user's.
    """
    try:
        digest, name = (home / _CHECKSUM).read_text("utf-8").split()
        library = home / name
        for path in (cache_folder(), home, library):
            check_private(path)
        return library if _sha256(library) == digest else None
    except (OSError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        return None


def keep_library(built: Path, home: Path) -> Path:
    """Put a library that was built into a folder of the cache, whole or not at all; return it there.

    The caller holds the lock of `kept_in_cache`.
    """
    half = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        library = half / built.name
        shutil.copyfile(built, library)
        library.chmod(stat.S_IRUSR | stat.S_IWUSR)
        (half / _CHECKSUM).write_text(f"{_sha256(library)} {library.name}\n", "utf-8")
        shutil.rmtree(home, ignore_errors=True)  # one that is not whole
        os.replace(half, home)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return home / built.name


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _make_private(folder: Path) -> None:
    """Make a folder of the cache, and the cache, for the user alone; those that exist are looked at."""
    cache = cache_folder()
    cache.parent.mkdir(parents=True, exist_ok=True)
    for one in (cache, folder):
        one.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        check_private(one)


def check_private(path: Path) -> None:
    """Refuse what another user has made or can change: it would be run here, with one's own rights.

    Raises
    ------
    ModelError
        With what to do; OSError if there is no such path.
    """
    about = path.stat()
    if os.name != "posix":
        return
    own = f"set {CACHE_VARIABLE} to a folder of your own"
    if about.st_uid not in (os.geteuid(), 0):
        raise ModelError(
            f"{path} belongs to another user, and what is compiled there is run; {own}."
        )
    # In a sticky folder, such as /tmp, nobody replaces what is another's.
    if about.st_mode & _OTHERS_WRITE and not about.st_mode & stat.S_ISVTX:
        raise ModelError(
            f"other users may write {path}, and what is compiled there is run; chmod go-w"
            f" {shlex.quote(str(path))}, or {own}."
        )
