"""Reads mappings from JSON and YAML; writes files whole or not at all."""

import errno
import glob
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .errors import ModelError, NotWritten, quoted, shown_path
from .yaml_values import NotPlain, from_yaml, require_plain

MOST_BYTES = 64_000_000  # of a file that is read whole
MOST_YAML_BYTES = 80_000  # up to 1 s; JSON is read a hundred times as fast
_PIECE_BYTES = 1_000_000  # of a file that is read piece by piece
CONFIGURATION_FILE = "configuration.json"
"""Every results folder holds this file; only a folder that holds it is ever replaced."""
WRITABLE = "choose a folder you can write to"
LONGEST_NAME = 255
"""Bytes of a file's name, on nearly every file system."""
PARTIAL = ".{}.partial"
"""What the name of a folder that is being written ends in."""


@contextmanager
def reading(what: object, expected: str) -> Iterator[None]:
    """Refuse a file that cannot be read, by what it is, why, and what is expected in its place."""
    try:
        yield
    except ModelError:
        raise
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, a path with a null character
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{what} cannot be read ({reason}); {expected}.") from error


@contextmanager
def writing(what: object, expected: str) -> Iterator[None]:
    """Refuse what cannot be written, by what it is, why, and what is expected in its place."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise ModelError(f"{what} cannot be written ({reason}); {expected}.") from error


def read_bytes(
    path: str | Path, what: object, expected: str, *, most_bytes: int = MOST_BYTES
) -> bytes:
    """What a file holds; of a file of somebody else's, in place of `Path.read_bytes`.

    Raises ModelError if it cannot be read, is no file that ends (a device, a pipe, a folder: it
    is not waited for) or is larger than `most_bytes`.
    """
    with reading(what, expected), _opened(path, what, expected) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ModelError(f"{what} is larger than {most_bytes / 1e6:g} MB; {expected} below that.")
    return content


def why_no_file(path: str | Path) -> str:
    """What stands at a path where a file should, as the end of a sentence."""
    if os.path.isdir(path):
        return "is a folder"
    return "is a device or a pipe, no file" if os.path.exists(path) else "does not exist"


def _opened(path: str | Path, what: object, expected: str) -> BinaryIO:
    # Without waiting: a pipe would do so until somebody writes to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return open(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise ModelError(f"{what} is a device or a pipe, no file; {expected}.")


def sha256_of(what: str, path: str | Path) -> str:
    """SHA-256 of a file's content; `what` names it where it cannot be read (ModelError)."""
    what, expected = f"{what} {path}", "give the path of a file"
    digest = hashlib.sha256()
    with reading(what, expected), _opened(path, what, expected) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def parse_value(text: str) -> Any:
    """Read one value as YAML: number, true/false, null, list, mapping, or else the text itself.

    Raises ModelError if the text is not YAML, is too long, or its lists and mappings are too deep.
    """
    try:
        if len(text) > MOST_YAML_BYTES:
            raise NotPlain(f"longer than {MOST_YAML_BYTES} characters; write it into a JSON file")
        return from_yaml(text)
    except NotPlain as error:
        mend = "put a text with such signs in quotes"
        raise ModelError(f"value {quoted(text)}: {error}; {mend}.") from error


_KINDS = {list: "a list", str: "a text", bool: "true or false"}  # of what is no mapping


def read_mapping(path: str | Path) -> dict[str, Any]:
    """Read a mapping from a JSON or YAML file, in which a key may stand only once.

    Raises ModelError if the file cannot be read, is malformed (file, line and what was expected),
    does not hold a mapping, or one of too many values or levels.
    """
    path = Path(path)
    if path.suffix not in (".json", ".yaml", ".yml"):
        raise ModelError(f"{path}: expected a file that ends in .json, .yaml or .yml.")
    is_json = path.suffix == ".json"
    expected = "give the path of a JSON file" if is_json else "give the path of a JSON or YAML file"
    most_bytes = MOST_BYTES if is_json else MOST_YAML_BYTES
    content_bytes = read_bytes(path, shown_path(path), expected, most_bytes=most_bytes)
    try:
        text = content_bytes.decode("utf-8-sig")
        content = _from_json(text) if is_json else from_yaml(text)
    except UnicodeDecodeError as error:
        raise ModelError(
            f"{path}: byte {error.start} is not UTF-8 text; expected a JSON or YAML file."
        ) from error
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}, line {error.lineno}: malformed JSON, {error.msg}.") from error
    except NotPlain as error:
        kind = "JSON" if is_json else "YAML"
        line, colon, problem = str(error).partition(": ")
        if colon and line.startswith("line "):
            raise ModelError(f"{path}, {line}: malformed {kind}, {problem}.") from error
        raise ModelError(f"{path}: malformed {kind}, {error}.") from error
    except _RepeatedKey as error:
        raise ModelError(
            f"{path}: {quoted(str(error))} stands twice; expected every key once."
        ) from error
    if not isinstance(content, dict):
        found = "nothing" if content is None else _KINDS.get(type(content), "a number")
        form = '{"name": value}' if is_json else "lines of name: value"
        raise ModelError(
            f"{path}: expected a mapping of names to values, found {found}; write {form}."
        )
    return content


class _RepeatedKey(Exception): ...


def _from_json(text: str) -> Any:
    try:
        content = json.loads(text, object_pairs_hook=_each_key_once)
    except RecursionError as error:
        raise NotPlain("lists and mappings in hundreds of others; expected few levels") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise NotPlain("a number of thousands of digits; write it plainly") from error
    require_plain(content)
    return content


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = {}
    for key, value in pairs:
        if key in mapping:
            raise _RepeatedKey(key)
        mapping[key] = value
    return mapping


def name_beside(path: Path, mark: str) -> Path:
    """A hidden name beside a path, for what becomes that path: its own, cut if too long, and a mark."""
    room = LONGEST_NAME - len(os.fsencode(mark)) - 1
    name = os.fsencode(path.name)[:room].decode(errors="ignore")  # may end within a letter
    return path.parent / f".{name}{mark}"


@contextmanager
def write_beside(path: str | Path) -> Iterator[Path]:
    """Write one file whole or not at all.

    Yields an empty temporary file beside `path`, of the same suffix, which replaces it when the
    block succeeds and is removed when it raises. Raises ModelError if the folder does not exist or
    cannot be written to, and `NotWritten`, which is one too, if the disk is full or a write fails
    otherwise.
    """
    path = Path(path)
    if path.is_dir():
        raise ModelError(f"{path} is a folder; give the name of a file in it.")
    temporary = name_beside(path.with_suffix(""), f".{secrets.token_hex(4)}{path.suffix}")
    with writing(path, WRITABLE):
        temporary.touch(exist_ok=False)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.filename not in (None, temporary, str(temporary)):
            raise
        raise NotWritten(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)


def clear_half_written(path: str | Path) -> None:
    """Remove what killed processes left that wrote `path`: what `name_beside` names."""
    path = Path(path)
    stem = name_beside(path.with_suffix(""), f".????????{path.suffix}")
    for left in path.parent.glob(_as_pattern(stem)):
        if left.suffix == path.suffix and left.is_file():
            left.unlink(missing_ok=True)
    for left in path.parent.glob(_as_pattern(name_beside(path, PARTIAL.format("????????")))):
        shutil.rmtree(left, ignore_errors=True)


def _as_pattern(path: Path) -> str:
    """A glob of a name in which only the marks are wild."""
    return glob.escape(path.name).replace("[?]" * 8, "?" * 8)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, whole or not at all: see `write_beside`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file, whole or not at all: see `write_beside`.

    For libraries that crash or leave half a file when a disk is full: they write into memory, and
    the bytes are written here.
    """
    with write_beside(path) as temporary:
        temporary.write_bytes(content)
