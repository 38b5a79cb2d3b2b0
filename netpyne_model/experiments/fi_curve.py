"""The f-I curve of any cell: spikes during steps of current, all cores at work."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from typing_extensions import Unpack

from ..cell.cell import Cell
from ..errors import ModelError
from ..protocols import CurrentClamp, Protocol
from ..sweeps import Workers
from .condition import Condition
from .intrinsic_features import DT_MS, FI_NA, SETTLED_MS, STEP_MS, V_INIT_MV, measure_firing
from .runner import run_conditions


def fi_curve(
    cell: Cell,
    currents_nA: Sequence[float] = FI_NA,
    *,
    place: str | None = None,
    step_ms: float = STEP_MS,
    folder: str | Path | None = None,
    **workers: Unpack[Workers],
) -> pd.DataFrame:
    """How a cell fires at each of several currents, one core each.

    The cell settles for 500 ms; then a step of the current begins. Channels are fused and spines
    solved with their segments, at a fixed step of 0.025 ms, as in the experiment
    ``intrinsic_features``. In a script, call it under ``if __name__ == "__main__":``, since each
    core is a process that imports the script.

    Parameters
    ----------
    cell : Cell
    currents_nA : sequence of float, optional
        Amplitudes of the steps (nA); those of the experiment, 0.05 to 0.6, by default.
    place : str, optional
        Where the current goes in; half way along the cell's first section (``soma_0(0.5)``), as in
        the experiment, by default. The potential is taken there in any case.
    step_ms : float, optional
        How long each step lasts.
    folder : path, optional
        Where finished steps are kept, so that the same curve is there at once the next time, and
        one with more currents runs those that are missing. Without it nothing is kept but what the
        error of a step names.
    **workers
        ``processes``, ``scheduler`` or ``cluster``: see `sweeps.Workers`. All cores by default.

    Returns
    -------
    DataFrame
        A row a current: ``current_nA``, ``n_spikes``, and rates and latencies as
        `analysis.intrinsic.firing` has them.

    Raises
    ------
    ModelError
        If there are no currents, a place does not exist, or steps failed.
    """
    currents = [float(current_nA) for current_nA in currents_nA]
    if not currents:
        raise ModelError("currents_nA = []: expected currents in nA, such as [0.1, 0.2, 0.3].")
    soma = f"{cell.morphology.sections[0].name}(0.5)"
    place = soma if place is None else place
    cell.locate(place)
    conditions = [
        Condition(
            {"current_nA": current_nA},
            cell,
            _step(current_nA, place, step_ms, soma),
            measure_firing,
        )
        for current_nA in currents
    ]
    with _folder_of_the_steps(folder) as kept:
        outcomes = run_conditions(conditions, kept, **workers)
    return pd.DataFrame([outcome.row for outcome in outcomes])


@contextmanager
def _folder_of_the_steps(folder: str | Path | None) -> Iterator[Path]:
    """The folder that was given, or one for this call, which stays only where an error names it."""
    if folder is not None:
        yield Path(folder)
        return
    temporary = Path(tempfile.mkdtemp(prefix="fi-curve-"))
    try:
        yield temporary
    except ModelError:  # of steps that failed, it tells where to read why
        raise
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    shutil.rmtree(temporary, ignore_errors=True)


def _step(current_nA: float, place: str, step_ms: float, soma: str) -> Protocol:
    stop_ms = SETTLED_MS + step_ms
    current = CurrentClamp(
        amplitude_nA=current_nA, place=place, start_ms=SETTLED_MS, stop_ms=stop_ms
    )
    return Protocol(
        duration_ms=stop_ms,
        stimuli=[current],
        record={"soma": soma},
        dt_ms=DT_MS,
        v_init_mV=V_INIT_MV,
        channels="fused",
    )
