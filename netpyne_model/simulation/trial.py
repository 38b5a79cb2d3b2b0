"""A trial: place-field input to a cell, and what else is done to it and recorded from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..configuration import TrialConfig, load_configuration
from ..results import Result
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

    def __init__(self, *, cell: Cell | str | Path | None = None, **fields: Any):
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
        content = load_configuration(None, self.configuration.as_dict(), fields)
        return self.from_configuration(content)

    def run(self, progress: Progress | None = None) -> Result:
        """Run it; `progress` is called with simulated time and end, both in ms."""
        return run_trial(self.configuration, progress)
