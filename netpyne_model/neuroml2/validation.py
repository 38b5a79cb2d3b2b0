"""Validates NeuroML2 and LEMS files: by schema, includes, and with jNeuroML."""

import contextlib
import io
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from lxml import etree

from ..data_folders import NEUROML2
from ..errors import ModelError, quoted
from ..xml_files import NEUROML2_NAMESPACE, read_xml
from .components import STANDARD_LEMS
from .libneuroml import neuroml

_NAMESPACE = f"{{{NEUROML2_NAMESPACE}}}"


def model_files(*places: Path) -> list[Path]:
    """NeuroML2 and LEMS files, and those in folders (``*.nml``, ``LEMS*.xml``), each once.

    `places` are by default the package's NeuroML2 folder. Raises ModelError if one does not exist
    or a folder holds no such file.
    """
    files: dict[Path, None] = {}
    for place in map(Path, places or (NEUROML2,)):
        if place.is_dir():
            inside = sorted([*place.rglob("*.nml"), *place.rglob("LEMS*.xml")])
            if not inside:
                raise ModelError(
                    f"folder {place} holds no .nml or LEMS*.xml file; give the folder of a NeuroML2"
                    " model."
                )
            files.update(dict.fromkeys(inside))
        elif place.is_file():
            files[place] = None
        else:
            raise ModelError(f"{place} does not exist; give a NeuroML2 file or a folder of them.")
    return list(files)


def problems_of(files: Sequence[Path]) -> list[str]:
    """Every problem of NeuroML2 and LEMS files, a line each: schema, includes, jNeuroML.

    Raises ModelError if Java is missing.
    """
    return [*validate_schema(files), *validate_includes(files), *validate_with_jneuroml(*files)]


def validate_schema(paths: Iterable[Path]) -> list[str]:
    """Problems of files by the newest NeuroML2 schema of libNeuroML, ``<path>:<line>: <what>``.

    LEMS files, known by their root element, need only be XML.
    """
    problems = []
    for path in paths:
        try:
            root, _ = read_xml(Path(path), "NeuroML2")
        except ModelError as error:
            cause = error.__cause__
            if isinstance(cause, etree.XMLSyntaxError):
                problems.append(f"{path}:{cause.lineno}: {_one_line(cause.msg)}")
            else:
                problems.append(f"{path}:0: {str(error).removeprefix(f'{path} ')}")
            continue
        if root.tag != "Lems" and not _schema().validate(root):
            for entry in _schema().error_log:
                problems.append(f"{path}:{entry.line}: {_one_line(entry.message)}")
    return problems


def validate_includes(paths: Iterable[Path]) -> list[str]:
    """Files that NeuroML2 and LEMS files include and that do not exist, ``<path>:<line>: <what>``.

    Files that are not XML are passed over: `validate_schema` reports them.
    """
    problems = []
    for path in paths:
        for line, included in _includes(Path(path)):
            exists = os.path.isfile(Path(path).parent / included)
            if not exists and not STANDARD_LEMS.fullmatch(included):
                problems.append(
                    f"{path}:{line}: includes {quoted(included)}, which does not exist."
                )
    return problems


def included_files(path: Path) -> list[Path]:
    """The files that a NeuroML2 file includes, and those that these include."""
    files: list[Path] = []
    waiting = [Path(path)]
    while waiting:
        current = waiting.pop()
        for _, name in _includes(current):
            included = current.parent / name
            standard = STANDARD_LEMS.fullmatch(name)
            if not standard and included not in files and os.path.isfile(included):
                files.append(included)
                waiting.append(included)
    return files


def require_java() -> None:
    """Raise ModelError, with what to install, if there is no Java, in which jNeuroML runs."""
    if shutil.which("java") is None:
        raise ModelError("'java' was not found; jNeuroML needs it: install a Java runtime from 11.")


def validate_with_jneuroml(*places: Path) -> list[str]:
    """Problems that jNeuroML finds, ``<path>: <what>``; no verdict on a file is one.

    It checks the schema and what a schema cannot express, such as channels that exist, and whether
    LEMS simulations can be built, without running them. Raises ModelError if Java is missing, or as
    `model_files`.
    """
    require_java()
    files = model_files(*places)
    # Absolute, because jNeuroML names them so in its report.
    neuroml_files = {str(path.resolve()): path for path in files if path.suffix == ".nml"}
    problems: list[str] = []
    if neuroml_files:
        verdicts = dict(_verdicts(_run_jneuroml("-validate", neuroml_files, "")))
        for absolute, path in neuroml_files.items():
            lines = verdicts.get(absolute, ["jNeuroML gave no verdict."])
            problems.extend(f"{path}: {line}" for line in lines)
    for path in files:
        if path.suffix != ".nml" and _is_simulation(path):
            lines = _building(_run_jneuroml("", [str(path)], "-norun"))
            problems.extend(f"{path}: {line}" for line in lines)
    return problems


@cache
def _schema() -> etree.XMLSchema:
    versions = {}
    for path in (Path(neuroml.__file__).parent / "nml").glob("NeuroML_v*.xsd"):
        if number := re.fullmatch(r"NeuroML_v(\d+(?:\.\d+)*)\.xsd", path.name):
            versions[tuple(map(int, number[1].split(".")))] = path
    return etree.XMLSchema(etree.parse(str(versions[max(versions)])))


def _one_line(message: str) -> str:
    return " ".join(message.replace(_NAMESPACE, "").split())


def _includes(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every file that a file includes."""
    with contextlib.suppress(ModelError):
        for element in read_xml(path, "NeuroML2")[0]:
            if element.tag == f"{_NAMESPACE}include" and "href" in element.attrib:
                yield element.sourceline, element.get("href")
            elif element.tag == "Include" and "file" in element.attrib:
                yield element.sourceline, element.get("file")


def _is_simulation(path: Path) -> bool:
    """Whether a LEMS file names what to run; if not, it is a library of components."""
    with contextlib.suppress(ModelError):
        return read_xml(path, "LEMS")[0].find("Target") is not None
    return False


def _run_jneuroml(before: str, files: Iterable[str], after: str) -> str:
    from pyneuroml import runners

    # pyNeuroML prints and logs what jNeuroML says; the caller words it.
    disabled, runners.logger.disabled = runners.logger.disabled, True
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            names = " ".join(map(shlex.quote, files))
            quiet = {"verbose": False, "report_jnml_output": False, "return_string": True}
            _, output = runners.run_jneuroml(before, names, after, **quiet)
    finally:
        runners.logger.disabled = disabled
    return output


def _building(output: str) -> list[str]:
    """Problems that jNeuroML had when it built a LEMS simulation."""
    if "Finished reading and building LEMS model" in output:
        return []
    error = re.search(r"^(?:\w+\.)+\w*(?:Error|Exception): (.*)", output, flags=re.MULTILINE)
    if error is None:
        return ["jNeuroML gave no verdict."]
    return [error[1].partition(" Existing components")[0].strip()]


def _verdicts(output: str) -> Iterator[tuple[str, list[str]]]:
    """Path and problems of every file in jNeuroML's report; its exit code is not to be trusted."""
    for part in re.split(r"^Validating: ", output, flags=re.MULTILINE)[1:]:
        path, *lines = (line.strip() for line in part.splitlines())
        yield path, _problems([line for line in lines if line])


def _problems(lines: list[str]) -> list[str]:
    """Problems of one file in jNeuroML's report."""
    text = [line for line in lines if not line.startswith(("Validated ", "Note "))]
    if "Valid against schema and all tests" in text and "No warnings" in text:
        return []
    # Either numbered tests that failed, or the parser's message about the schema.
    failures = [line for line in text if re.match(r"Test: \d+|cvc-|File does not exist", line)]
    warnings = [line for line in text if "warning" in line.lower() and line != "No warnings"]
    return failures or warnings or [" ".join(text) or "jNeuroML gave no verdict."]
