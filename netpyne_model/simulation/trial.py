"""A trial: place-field input to a cell, and what else is done to it and recorded from it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..configuration import TrialConfig, load_configuration
from ..errors import ModelError, quoted
from ..protocols import Protocol
from ..results import Result
from .arbor_trial import run_trial_in_arbor
from .checkpoint import EVERY_MS, Checkpoint
from .prepared import check_trial
from .run import Progress, run_trial


@dataclass(frozen=True, init=False)
class Trial:
    """One place-field trial. Every field of `TrialConfig` is a keyword argument.

    Parameters
    ----------
    cell : Cell or path, optional
        The published cell without it.
    **fields
        ``setup``, ``seed``, ``dc_nA``, ``duration_ms``, ...: ``ca1 run --list-fields`` lists them.
        ``stimuli`` are those of a protocol, ``record`` what a protocol records, beside the voltages
        of soma, ais and trunk.

    Attributes
    ----------
    configuration : TrialConfig

    Raises
    ------
    ModelError
        If a field does not exist (with the nearest name), or the trial does not hold.

    Examples
    --------
    >>> trial = Trial(setup="place_cell", dc_nA=0.1, record={"tuft": "tuft@400"})
    >>> result = trial.run()
    """

    configuration: TrialConfig

    def __init__(self, *nameless: Any, cell: Cell | str | Path | None = None, **fields: Any):
        if nameless:
            raise ModelError(
                f"Trial({quoted(nameless[0])}): give every argument by its name, as in"
                " Trial(cell=...)."
            )
        _refuse_fields_of_protocols(fields)
        if cell is not None:
            fields["cell"] = cell
        object.__setattr__(self, "configuration", load_configuration(None, fields))
        check_trial(self.configuration)

    @classmethod
    def from_configuration(cls, configuration: TrialConfig) -> "Trial":
        """The trial of a configuration."""
        return cls(**configuration.as_dict())

    def changed(self, **fields: Any) -> "Trial":
        """The trial with other values of some fields."""
        _refuse_fields_of_protocols(fields)
        content = load_configuration(None, self.configuration.as_dict(), fields)
        return self.from_configuration(content)

    def run(
        self,
        *nameless: Any,
        progress: Progress | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_every_ms: float = EVERY_MS,
    ) -> Result:
        """Run it.

        Parameters
        ----------
        progress : callable, optional
            Called with simulated time and end, both in ms.
        checkpoint : path, optional
            File that keeps the state of the run while it lasts. A run that was stopped, also one
            whose process was killed, goes on from its file, in a new process, and gives the same
            result to the last bit.
        checkpoint_every_ms : float
            Simulated time between two writes of the file. One that fails, as on a full disk, is a
            warning: the run goes on.
        """
        if nameless:
            raise ModelError(
                f"run({quoted(nameless[0])}): a trial has its cell as a field, Trial(cell=...), and"
                " takes progress=... by name."
            )
        if checkpoint is None:
            return run_trial(self.configuration, progress=progress)
        kept = Checkpoint(Path(checkpoint), checkpoint_every_ms)
        result = run_trial(self.configuration, progress=progress, checkpoint=kept)
        kept.file.unlink(missing_ok=True)
        return result

    def run_in_arbor(self, *, progress: Progress | None = None) -> Result:
        """Run it in the simulator Arbor (extra ``arbor``): see `run_trial_in_arbor`."""
        return run_trial_in_arbor(self.configuration, progress=progress)


def _refuse_fields_of_protocols(entries: Mapping[str, Any]) -> None:
    of_protocols = {one.name for one in fields(Protocol)} - set(TrialConfig.model_fields)
    for name in entries:
        if name in of_protocols:
            step = "give variable_step_atol here" if name == "atol" else "run a Protocol for it"
            raise ModelError(
                f"unknown field {quoted(name)}: it is an argument of Protocol; {step}."
            )
