"""The checkpoint of a trial: one file that another process goes on from, bit for bit."""

import hashlib
import json
import math
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..array_files import read_arrays
from ..errors import ModelError, quoted
from ..files import write_beside
from ..protocols.checks import check_number
from ..results.provenance import MODEL_CODE, code_hash
from .prepared import PreparedTrial
from .simulator_state import SimulatorState

EVERY_MS = 500.0
"""Simulated time between two checkpoints, without another wish."""

_ABOUT = "about"  # the entry of the file that says what it is a checkpoint of
_NEAR_MS = 0.5  # a write so long before the next is that one: it falls on the nearest step
_MOST_FIELDS = 3  # of another configuration, that an error names
_DAMAGED = "it is damaged, or no checkpoint"
_NOT_THE_SAME = {
    "version": "version {there} of the package, this is {here}; finish the run with that one, or",
    "neuron": "a run with NEURON {there}, this is {here}; finish the run with that one, or",
    "code": "a run with other code, mechanisms or NeuroML files of this package;",
    "cell": "a run of another cell: what its file holds has changed;",
    "inputs": "a run with other inputs: what the file of events holds has changed;",
}


@dataclass(frozen=True)
class Checkpoint:
    """Where a trial keeps its state while it runs, and how often.

    A file that is there when the run starts is gone on from.

    Attributes
    ----------
    file : path
        Appears whole or not at all, whatever ends the process.
    every_ms : float, optional
        Simulated time between two writes; without it none is written.
    renew : bool
        Start anew where the file cannot be gone on from, in place of an error.
    going_on : callable, optional
        Called with the time (ms) that the run goes on from, if it does.
    not_written : callable, optional
        Called with a line, once, if the file cannot be written: results count, and the run goes on.
        A warning without it.
    """

    file: Path
    every_ms: float | None = None
    renew: bool = False
    going_on: Callable[[float], None] | None = None
    not_written: Callable[[str], None] | None = None

    def __post_init__(self):
        object.__setattr__(self, "file", Path(self.file))
        if self.every_ms is not None:
            check_number("checkpoint_every_ms", self.every_ms, 1.0, 1e6)

    def next_ms(self, t_ms: float) -> float:
        """Time of the next write after `t_ms`."""
        if self.every_ms is None:
            return math.inf
        return (math.floor((t_ms + _NEAR_MS) / self.every_ms) + 1) * self.every_ms


@dataclass(frozen=True)
class Kept:
    """What a checkpoint holds: the state at a time, by names, and the wall time until then."""

    t_ms: float
    wall_s: float
    state: dict[str, np.ndarray]


class Keeper:
    """Keeps the checkpoint of one trial: finds what there is to go on from, then writes.

    Raises
    ------
    ModelError
        If what is there cannot be gone on from (see `read_checkpoint`), or the trial is none that
        can be kept.
    """

    def __init__(self, checkpoint: Checkpoint, trial: PreparedTrial):
        self._checkpoint = checkpoint
        self._state: SimulatorState | None = None
        self._failed = False
        found = checkpoint.file.exists()
        if trial.config.integration == "variable_step" and checkpoint.every_ms is not None:
            raise ModelError(
                f"checkpoint {checkpoint.file}: CVode chooses its steps by what went before, which"
                " no checkpoint holds; leave it out, or set integration=fixed_step."
            )
        if not checkpoint.file.parent.is_dir():
            raise ModelError(
                f"checkpoint {checkpoint.file}: its folder does not exist; make it, or name another."
            )
        self._found: Kept | None = None
        # Of the code and the files as they are when the run starts.
        wanted = found or checkpoint.every_ms is not None
        self._identity = identity(trial) if wanted else {}
        if found:
            try:
                self._found = read_checkpoint(checkpoint.file, self._identity)
            except ModelError:
                if not checkpoint.renew:
                    raise
        self.next_ms = checkpoint.next_ms(0.0 if self._found is None else self._found.t_ms)

    def of(self, state: SimulatorState | None) -> None:
        """Say whose state is kept: that of what was built; None when that is over."""
        self._state = state

    def begin(self) -> float:
        """Go on from what was found, after NEURON's initialisation; return its wall time in s."""
        if self._found is None:
            return 0.0
        assert self._state is not None
        try:
            self._state.restore(self._found.state)
        except ModelError as error:
            raise ModelError(f"checkpoint {self._checkpoint.file}: {error}") from error
        if self._checkpoint.going_on is not None:
            self._checkpoint.going_on(self._found.t_ms)
        wall_s, self._found = self._found.wall_s, None
        return wall_s

    def keep(self, t_ms: float, wall_s: float) -> None:
        """Write the checkpoint of a time; where that fails the last one stays, and the run goes on."""
        assert self._state is not None
        try:
            kept = Kept(t_ms, wall_s, self._state.save())
            write_checkpoint(self._checkpoint.file, self._identity, kept)
        except (OSError, ModelError) as error:
            self._say_not_written(t_ms, error)
        self.next_ms = self._checkpoint.next_ms(t_ms)

    def _say_not_written(self, t_ms: float, error: Exception) -> None:
        if self._failed:  # said before
            return
        self._failed = True
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        line = (
            f"checkpoint {self._checkpoint.file} could not be written at {t_ms:.0f} ms ({reason});"
        )
        line += " the run goes on without it."
        if self._checkpoint.not_written is None:
            warnings.warn(line, RuntimeWarning, stacklevel=2)
        else:
            self._checkpoint.not_written(line)


def write_checkpoint(path: Path, of_trial: Mapping[str, Any], kept: Kept) -> None:
    """Write a checkpoint, whole or not at all; also a machine that goes down leaves the last one.

    Parameters
    ----------
    of_trial : mapping
        The trial's `identity`.

    Raises
    ------
    ModelError
        If the folder does not exist, cannot be written to, or has no room.
    """
    about = {**of_trial, "t_ms": kept.t_ms, "wall_s": kept.wall_s}
    with write_beside(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{_ABOUT: np.array(json.dumps(about))}, **kept.state)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())


def read_checkpoint(path: Path, of_trial: Mapping[str, Any]) -> Kept:
    """Read the checkpoint of a trial, given by its `identity`.

    Raises
    ------
    ModelError
        If the file is damaged, or of another trial or another version of the package.
    """
    anew = f"delete {path} to start anew"
    content = read_arrays(path, f"checkpoint {path}", _DAMAGED, advice=anew)
    try:
        about = json.loads(str(content.pop(_ABOUT)))
        kept = Kept(float(about.pop("t_ms")), float(about.pop("wall_s")), content)
        if not isinstance(about["configuration"], dict):
            raise TypeError("configuration")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"checkpoint {path} cannot be read ({_DAMAGED}); {anew}.") from error
    mine = json.loads(json.dumps(of_trial))
    for part, text in _NOT_THE_SAME.items():
        if part in ("cell", "inputs"):
            _check_configuration(path, about["configuration"], mine["configuration"], anew)
        if about.get(part) != mine[part]:
            words = text.format(there=about.get(part), here=mine[part])
            raise ModelError(f"checkpoint {path} is of {words} {anew}.")
    return kept


def _check_configuration(
    path: Path, there: Mapping[str, Any], here: Mapping[str, Any], anew: str
) -> None:
    differ = [name for name in here if there.get(name) != here[name]]
    if differ:
        words = [
            f"{name} = {quoted(there.get(name))} there, {quoted(here[name])} here"
            for name in differ[:_MOST_FIELDS]
        ]
        more = "" if len(differ) <= _MOST_FIELDS else f", and {len(differ) - _MOST_FIELDS} more"
        raise ModelError(
            f"checkpoint {path} is of another configuration ({'; '.join(words)}{more}); give that"
            f" one, choose another folder, or {anew}."
        )


def identity(trial: PreparedTrial) -> dict[str, Any]:
    """All that decides what a trial gives, as JSON holds it: equal ones go on from each other."""
    return {
        "version": __version__,
        "neuron": metadata.version("neuron"),
        "code": code_hash(*MODEL_CODE),
        "configuration": trial.config.as_dict(),
        "cell": trial.cell.provenance,
        "inputs": _hash_of_inputs(trial),
    }


def _hash_of_inputs(trial: PreparedTrial) -> str:
    driven = trial.driven
    digest = hashlib.sha256(driven.synapses.to_json().encode())
    for train in (*driven.presynaptic_ms, *driven.released_ms):
        digest.update(len(train).to_bytes(8, "little") + np.asarray(train, np.float64).tobytes())
    return digest.hexdigest()
