"""A folder of results: written beside its place, whole or not at all, and never lost at the end."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from .errors import ModelError, NotWritten
from .files import CONFIGURATION_FILE, PARTIAL, WRITABLE, name_beside


class OutputFolder:
    """Where a run writes, and where its results will stand.

    Attributes
    ----------
    given : Path
        As the user named it.
    path : Path
        Where the results will stand, in full; once they do, the next number if something else had
        come there in the meantime.
    written : Path
        The folder to write into, beside `path`.
    """

    def __init__(self, given: Path):
        self.given = given
        self.path = path = _resolved(given)
        self._wanted = path
        self.written = name_beside(path, PARTIAL.format(secrets.token_hex(4)))

    @property
    def place(self) -> Path:
        """Where the results stand, as the user would say it."""
        if not self.moved:
            return self.given
        beside = self.given.parent / self.path.name
        return beside if beside.resolve() == self.path else self.path

    @property
    def moved(self) -> bool:
        """Whether the results have another place than was asked for."""
        return self.path != self._wanted

    def make(self) -> None:
        """Make the folder to write into; anew, with its parents, if it was removed since."""
        try:
            self.written.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(
                f"output folder {self.path} cannot be made ({error.strerror}); {WRITABLE}."
            ) from error

    def check_room(self, n_bytes: int) -> None:
        """Refuse a disk, or a quota, without room for `n_bytes`, with what the system says."""
        check_room(self.written, n_bytes, f"output folder {self.path}")

    def move_in(self, overwrite: bool) -> None:
        """Rename what was written to `path`, or to the next number where that was taken."""
        while True:
            if _in_the_way(self.path, overwrite, ""):
                self.path = next_folder(self.path)
            try:
                _swap_in(self.written, self.path)
                return
            except OSError:
                # Another run may have been quicker by a moment.
                if not _in_the_way(self.path, overwrite, ""):
                    raise


def check_room(folder: Path, n_bytes: int, what: str) -> None:
    """Refuse, before a simulation, a folder without room for `n_bytes` of results.

    Raises
    ------
    ModelError
        With `what` has no room, and what the system says of it: a full disk, a quota.
    """
    reserved = folder / f".results.{secrets.token_hex(4)}.room"
    try:
        with reserved.open("wb") as file:
            _reserve(file.fileno(), n_bytes)
    except OSError as error:
        raise ModelError(
            f"{what}: {error.strerror} for about {n_bytes / 1e6:.1f} MB of results; nothing was"
            " simulated and nothing was kept; choose a folder on another disk, or free some."
        ) from error
    finally:
        reserved.unlink(missing_ok=True)


def _reserve(descriptor: int, n_bytes: int) -> None:
    """Take room on the disk for a file, where the system can say whether there is any."""
    if not hasattr(os, "posix_fallocate"):  # macOS
        return
    try:
        os.posix_fallocate(descriptor, 0, n_bytes)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise


@contextmanager
def output_folder(
    path: str | Path, overwrite: bool = False, *, to_replace: str = "give --overwrite"
) -> Iterator[OutputFolder]:
    """Write a results folder whole or not at all: in a folder beside it, renamed on success.

    What can be refused is refused on entry, before any work is done: a ModelError if `path` is a
    file, holds results without `overwrite` (`to_replace` says how to give it), holds anything that
    is not a result of this package (no ``configuration.json``), or its parent cannot be written
    to. Missing parents are made. Nothing is lost at the end: results stand under the next number if
    another run has taken the name since. When the block raises (also on Ctrl-C) all that was made
    is removed and an older result stays untouched.
    """
    folder = OutputFolder(Path(path))
    problem = _in_the_way(folder.path, overwrite, to_replace)
    if problem:
        raise ModelError(f"output folder {folder.path} {problem}.")
    missing_parents = [parent for parent in folder.path.parents if not parent.exists()]
    try:
        folder.make()
        yield folder
        folder.move_in(overwrite)
    except BaseException as error:
        shutil.rmtree(folder.written, ignore_errors=True)
        for parent in missing_parents:
            with suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise _of_results(error, folder) from error
        raise


def next_folder(folder: Path) -> Path:
    """The folder itself, or with a number behind it where earlier results are in the way."""
    numbered = (_with_number(folder, number) for number in count(2))
    return next(path for path in chain([folder], numbered) if not path.exists())


def _with_number(folder: Path, number: int) -> Path:
    mark = f"_{number}"
    # As for a hidden name: cut where the file system takes no longer one.
    return folder.parent / name_beside(folder, mark).name[1:]


def _resolved(path: Path) -> Path:
    """The absolute path without links, where one leads nowhere the place it names."""
    try:
        return path.resolve()
    except RuntimeError as error:  # of pathlib, until Python 3.12
        raise ModelError(
            f"output folder {path} cannot be found (its links go in a circle); choose another folder."
        ) from error
    except OSError as error:
        raise ModelError(
            f"output folder {path} cannot be found ({error.strerror}); give an absolute path."
        ) from error


def _in_the_way(path: Path, overwrite: bool, to_replace: str) -> str:
    """Why a folder cannot be made or replaced at a path, with a next step; empty if it can."""
    try:
        content = [entry.name for entry in path.iterdir()] if path.is_dir() else []
        is_file = path.exists() and not path.is_dir()
    except OSError as error:
        return f"cannot be read ({error.strerror}); choose another folder"
    if is_file:
        return "is a file; choose another folder"
    if _working_folder().is_relative_to(path) or os.path.ismount(path):
        return "cannot be replaced as a whole; name a new folder inside it"
    if content and CONFIGURATION_FILE not in content:
        return f"holds other files (no {CONFIGURATION_FILE}) and is left alone; choose another"
    if content and not overwrite:
        return f"already holds results; choose another folder or {to_replace}"
    return ""


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:  # removed: it stands in nobody's way
        return Path("/")


def _of_results(error: OSError, folder: OutputFolder) -> NotWritten:
    """The error of a write, naming the file where it would have stood."""
    named = error.filename or str(folder.path)
    if isinstance(named, (str, Path)) and Path(named).is_relative_to(folder.written):
        named = str(folder.path / Path(named).relative_to(folder.written))
    return NotWritten(error.errno, error.strerror or str(error), named)


def _swap_in(temporary: Path, path: Path) -> None:
    """Rename `temporary` to `path`; what was there goes only after that, or comes back."""
    if not path.exists():
        temporary.rename(path)
        return
    old = temporary.with_suffix(".old")
    path.rename(old)
    try:
        temporary.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
