"""One trial as one file: its key, its run on a worker, and what is left of a run that was cut off."""

import hashlib
import json
import os
import platform
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from ..cell.cell import Cell
from ..configuration import TrialConfig
from ..errors import ModelError
from ..results import Result
from ..results.nwb import write_nwb
from ..results.provenance import code_hash
from .study import FILES

# What decides the outcome of a trial, beside its own content: these modules of the package.
_CODE = (
    "biophysics",
    "cell",
    "inputs",
    "mechanisms",
    "morphology",
    "neuroml2",
    "placement",
    "simulation",
    "specification",
)


def trial_key(config: TrialConfig, *, keep_inputs: bool) -> str:
    """A hash of all that decides a trial's file: equal keys need no second run.

    Parameters
    ----------
    config : TrialConfig
    keep_inputs : bool
        Whether the file holds the input trains.

    Raises
    ------
    ModelError
        If a file that the configuration names cannot be read.
    """
    content = {
        "configuration": config.as_dict() | dict.fromkeys(FILES),
        "keep_inputs": keep_inputs,
        "cell": _cell_content(config.cell_file, json.dumps(config.cell, sort_keys=True)),
        "events": _events_content(config.events_file),
        "code": code_hash(*_CODE),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[
        :16
    ]


def forget_cells() -> None:
    """Read the files of cells anew: they may have changed since."""
    _cell_content.cache_clear()


def _events_content(events_file: Path | None) -> str | None:
    if events_file is None:
        return None
    try:
        return hashlib.sha256(events_file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(
            f"events_file {events_file} cannot be read ({error.strerror}); give a CSV of events."
        ) from error


@cache
def _cell_content(cell_file: Path | None, in_place: str) -> dict[str, Any]:
    content = json.loads(in_place)
    cell = Cell.from_file(cell_file) if content is None else Cell.from_dict(content)
    return {"specification": cell.specification.as_dict(), "files": cell.provenance["files"]}


def run_to_file(config: TrialConfig, file: Path, *, keep_inputs: bool) -> None:
    """Run a trial and write its file, unless it is there; of several processes that want it one runs it.

    Parameters
    ----------
    config : TrialConfig
    file : path
        NWB file, in a folder that exists; appears whole or not at all.
    keep_inputs : bool
        Whether all input trains are written too.

    Raises
    ------
    ModelError
        If the trial does not hold.
    """
    from ..simulation import run_trial

    if not file.parent.is_dir():
        raise ModelError(
            f"this worker does not see {file.parent}; give --out a folder that all workers share."
        )
    lock = FileLock(_lock_of(file))
    # A worker of an earlier sweep that was killed may still be at it: wait for it, and take what it leaves.
    with lock:
        try:
            if not file.is_file():
                start = time.monotonic()
                result = run_trial(config)
                write_nwb(_described(result, time.monotonic() - start, keep_inputs), file)
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)


def _described(result: Result, wall_s: float, keep_inputs: bool) -> Result:
    """The result with the process that made it; without input trains unless they are wanted."""
    process = {
        "host": platform.node(),
        "process": os.getpid(),
        "wall_s": round(wall_s, 3),
        "memory_MB": round(psutil.Process().memory_info().rss / 2**20, 1),
    }
    result = replace(result, provenance=result.provenance | {"run_by": process})
    if keep_inputs:
        return result
    return replace(result, synapses=result.synapses.iloc[:0], presynaptic_ms=[], released_ms=[])


def _lock_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.lock")


def clear_remains(folder: Path) -> None:
    """Remove what killed runs left half-written in a folder; what another process is at stays."""
    for path in folder.glob(".*.lock"):
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        name = Path(path.name[1:]).with_suffix("")
        for remains in folder.glob(f".{name.stem}.*{name.suffix}"):
            remains.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        lock.release()
