"""A sweep's folder: a file for every run, whole or not at all, and one sweep at work in it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..file_locks import file_lock, needs_deleting, take_if_free
from ..files import write_text
from .workers import Failure

FAILURES = "failures.txt"
_HALF_WRITTEN = re.compile(r"\..+\.[0-9a-f]{8}\.\w+")  # as `files.write_beside` names them
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Store:
    """The folder of a sweep.

    Attributes
    ----------
    folder : Path
    declaration : str
        File that says what the folder holds (``study.json``): a folder without it is left alone.
    entries : str
        Folder in it with a file a run, and what these are called in errors (``trials``).
    suffix : str
        Of these files.
    """

    folder: Path
    declaration: str
    entries: str
    suffix: str

    @contextmanager
    def owned(self, content: Mapping[str, Any]) -> Iterator[None]:
        """Make the folder, hold it against other sweeps, and clear what killed ones left.

        `content` is that of the declaration. `ModelError` if the folder holds something else,
        cannot be created, or another sweep is at work in it.
        """
        self._check()
        try:
            (self.folder / self.entries).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(
                f"folder {self.folder} cannot be made ({error.strerror}); choose another."
            ) from error
        lock = file_lock(self.folder / ".lock")
        if not take_if_free(lock):
            at_work = f"another sweep is at work in {self.folder}; wait for it"
            if needs_deleting(lock):
                at_work += f", delete {lock.lock_file} if there is none"
            raise ModelError(f"{at_work}, or choose another folder.")
        try:
            for path in self.folder.iterdir():
                if _HALF_WRITTEN.fullmatch(path.name):
                    path.unlink(missing_ok=True)
            self.declare(content)
            clear_remains(self.folder / self.entries)
            yield
        finally:
            lock.release()

    def declare(self, content: Mapping[str, Any]) -> None:
        """Write the declaration."""
        text = json.dumps(content, indent=2, default=str) + "\n"
        write_text(self.folder / self.declaration, text)

    def files(self, names: Sequence[tuple[str, str]]) -> list[Path]:
        """The file of every run, by its name in words and its key.

        One that has the key, whatever it is called, or a new name; equal runs share one.
        """
        folder = self.folder / self.entries
        paths = sorted(folder.glob(f"[!.]*{self.suffix}"))
        there = {path.stem.rsplit("_", 1)[-1]: path for path in paths}
        files = []
        for name, key in names:
            words = re.sub(r"[^A-Za-z0-9.=+-]+", "_", name).strip("_.")[:_LONGEST_NAME]
            files.append(there.setdefault(key, folder / f"{words}_{key}{self.suffix}"))
        return files

    def write_failures(self, failures: Sequence[Failure]) -> None:
        """Write why runs failed to ``failures.txt``; without any, there is no such file."""
        path = self.folder / FAILURES
        if not failures:
            path.unlink(missing_ok=True)
            return
        write_text(path, "\n".join(f"{one.name}: {one.reason}\n{one.detail}" for one in failures))

    def raise_failures(self, failures: Sequence[Failure], total: int) -> None:
        """Say of the first failure, if there is any, and where the others stand."""
        if failures:
            first = f"first {failures[0].name}: {failures[0].reason}"
            raise ModelError(
                f"{len(failures)} of {total} {self.entries} failed, {first} All others are kept;"
                f" {self.folder / FAILURES} lists them, and the same command tries them again."
            )

    def _check(self) -> None:
        content = list(self.folder.iterdir()) if self.folder.is_dir() else []
        if (self.folder / self.declaration).is_file() or all(map(self._of_a_start, content)):
            return
        raise ModelError(
            f"folder {self.folder} holds other files (no {self.declaration}) and is left alone;"
            " choose another."
        )

    def _of_a_start(self, path: Path) -> bool:
        """Whether a path is what a sweep that was killed at its very start leaves behind."""
        if path.name == self.entries and path.is_dir():
            return not any(path.iterdir())
        return path.name == ".lock" or path.match(f".{Path(self.declaration).stem}.*.json")


def write_once(file: Path, write: Callable[[Path], None]) -> None:
    """Have a file written unless it is there; of several processes that want it one writes it.

    `write` takes the path; the file must appear whole or not at all.
    """
    if not file.parent.is_dir():
        raise ModelError(
            f"this worker does not see {file.parent}; give --out a folder that all workers share."
        )
    lock = file_lock(file.with_name(f".{file.name}.lock"))
    # A worker of an earlier sweep that was killed may still be at it: take what it leaves.
    with lock:
        try:
            if not file.is_file():
                write(file)
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)


def clear_remains(folder: Path) -> None:
    """Remove what killed runs left half-written; what another process is at stays."""
    for path in folder.glob(".*.lock"):
        lock = file_lock(path)
        if not take_if_free(lock):
            continue
        name = Path(path.name[1:]).with_suffix("")
        for remains in folder.glob(f".{name.stem}.*{name.suffix}"):
            remains.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        lock.release()
