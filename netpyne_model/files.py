"""Reads mappings from JSON and YAML; writes files and folders whole or not at all."""

import glob
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

from .errors import ModelError

CONFIGURATION_FILE = "configuration.json"
"""Every results folder holds this file; only a folder that holds it is ever replaced."""
WRITABLE = "choose a folder you can write to"


class _Values(SafeConstructor):
    """Values of YAML 1.2; what looks like a date stays a text, and every key is a plain name."""

    def check_mapping_key(self, node, key_node, mapping, key, value):
        if not isinstance(key_node, ScalarNode):
            message = "expected every key to be a plain name"
            raise ConstructorError(None, None, message, key_node.start_mark)
        return super().check_mapping_key(node, key_node, mapping, key, value)


for _tag in ("timestamp", "value", "merge"):
    _Values.add_constructor(
        f"tag:yaml.org,2002:{_tag}", lambda reader, node: reader.construct_scalar(node)
    )


def _yaml() -> YAML:
    """A reader and writer of YAML 1.2 (1e-4 is a number, `no` a text) that takes no key twice."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Values
    yaml.default_flow_style = None  # innermost lists and mappings on one line
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 120
    return yaml


@contextmanager
def reading(what: object, expected: str) -> Iterator[None]:
    """Refuse a file that cannot be read, by what it is, why, and what is expected in its place."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
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


def as_yaml(content: Any) -> str:
    """The YAML text of a mapping, from which `read_mapping` gets an equal one."""
    text = io.StringIO()
    _yaml().dump(content, text)
    return text.getvalue()


def parse_value(text: str) -> Any:
    """Read one value as YAML: number, true/false, null, list, mapping, or else the text itself.

    Raises ModelError if the text is not YAML.
    """
    try:
        return _yaml().load(text)
    except YAMLError as error:
        mend = "put a text with such signs in quotes"
        raise ModelError(f"value '{text}': {_problem(error)}; {mend}.") from error


def read_mapping(path: str | Path) -> dict[str, Any]:
    """Read a mapping from a JSON or YAML file, in which a key may stand only once.

    Raises ModelError if the file cannot be read, is malformed (file, line and what was expected) or
    does not hold a mapping.
    """
    path = Path(path)
    if path.suffix not in (".json", ".yaml", ".yml"):
        raise ModelError(f"{path}: expected a file that ends in .json, .yaml or .yml.")
    with reading(path, "give the path of a JSON or YAML file"):
        content_bytes = path.read_bytes()
    try:
        text = content_bytes.decode("utf-8")
        if path.suffix == ".json":
            content = json.loads(text, object_pairs_hook=_each_key_once)
        else:
            content = _yaml().load(text)
    except UnicodeDecodeError as error:
        raise ModelError(
            f"{path}: byte {error.start} is not UTF-8 text; expected a JSON or YAML file."
        ) from error
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}, line {error.lineno}: malformed JSON, {error.msg}.") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ModelError(f"{path}{line}: malformed YAML, {_problem(error)}.") from error
    except _RepeatedKey as error:
        raise ModelError(f"{path}: '{error}' stands twice; expected every key once.") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise ModelError(f"{path}: expected a mapping of names to values, found {kind}.")
    return content


class _RepeatedKey(Exception): ...


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = {}
    for key, value in pairs:
        if key in mapping:
            raise _RepeatedKey(key)
        mapping[key] = value
    return mapping


def _problem(error: YAMLError) -> str:
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    return " ".join(filter(None, parts)) or str(error)


def next_folder(folder: Path) -> Path:
    """The folder itself, or with a number behind it where earlier results are in the way."""
    numbered = (folder.with_name(f"{folder.name}_{number}") for number in count(2))
    return next(path for path in chain([folder], numbered) if not path.exists())


@contextmanager
def write_beside(path: str | Path) -> Iterator[Path]:
    """Write one file whole or not at all.

    Yields an empty temporary file beside `path`, of the same suffix, which replaces it when the
    block succeeds and is removed when it raises. Raises ModelError if the folder does not exist or
    cannot be written to.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    with writing(path, WRITABLE):
        temporary.touch(exist_ok=False)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def clear_half_written(path: str | Path) -> None:
    """Remove what killed processes left that wrote `path`: what `write_beside` and `output_folder` name."""
    path = Path(path)
    for left in path.parent.glob(f".{glob.escape(path.stem)}.????????.*"):
        if left.suffix == path.suffix and left.is_file():
            left.unlink(missing_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????.partial"):
        shutil.rmtree(left, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, whole or not at all: see `write_beside`."""
    with write_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def output_folder(
    path: str | Path, overwrite: bool = False, *, to_replace: str = "give --overwrite"
) -> Iterator[Path]:
    """Write a results folder whole or not at all: yields a temporary folder, renamed on success.

    Everything that can be refused is refused on entry, before any work is done: a ModelError if
    `path` is a file, holds results without `overwrite` (`to_replace` says how to give it), holds
    anything that is not a result of this package (no ``configuration.json``), or its parent cannot
    be written to. Missing parents are made. When the block raises (also on Ctrl-C) all that was
    made is removed and an older result stays untouched.
    """
    path = Path(path).resolve()
    _check_replaceable(path, overwrite, to_replace)
    missing_parents = [parent for parent in path.parents if not parent.exists()]
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        try:
            temporary.mkdir(parents=True)
        except OSError as error:
            raise ModelError(
                f"output folder {path} cannot be made ({error.strerror}); choose a folder you can"
                " write to."
            ) from error
        yield temporary
        _check_replaceable(path, overwrite, to_replace)
        _swap_in(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        for parent in missing_parents:
            with suppress(OSError):
                parent.rmdir()
        raise


def _check_replaceable(path: Path, overwrite: bool, to_replace: str) -> None:
    problem = ""
    content = []
    try:
        content = [entry.name for entry in path.iterdir()] if path.is_dir() else []
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); choose another folder"
    if path.exists() and not path.is_dir():
        problem = "is a file; choose another folder"
    elif path == Path.cwd() or os.path.ismount(path):
        problem = "cannot be replaced as a whole; name a new folder inside it"
    elif content and CONFIGURATION_FILE not in content:
        problem = f"holds other files (no {CONFIGURATION_FILE}) and is left alone; choose another"
    elif content and not overwrite:
        problem = f"already holds results; choose another folder or {to_replace}"
    if problem:
        raise ModelError(f"output folder {path} {problem}.")


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
