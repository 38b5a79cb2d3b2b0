"""Runs a study: trials that are missing on Dask workers, then its tables."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import ModelError
from ..mechanisms.compilation import compiled_library
from ..workers import Failure, Progress, Task, dask_client, run_on_workers
from .measures import TrialMeasures, measure_file
from .results import (
    FAILURES,
    STUDY_FILE,
    StudyResults,
    clear_half_written,
    write_failures,
    write_study,
    write_tables,
)
from .study import Study, StudyTrial
from .trial_file import clear_remains, forget_cells, run_to_file, trial_key

Report = Callable[[Progress], None]
TRIALS = "trials"
_LOOKS, _LOOK_AGAIN_S = 10, 1.0


def run_study(
    study: Study,
    folder: str | Path,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    cluster: Any = None,
    report: Report | None = None,
) -> StudyResults:
    """Run the trials of a study that are missing in its folder, and write its tables.

    Stopped in whatever way, it goes on from there: a finished trial is a file, and is not run again unless its configuration,
    its cell or the package's code changed. The results do not depend on how many workers there are, nor where.

    Parameters
    ----------
    study : Study
    folder : path
        Made if it is missing; on a cluster, one that all workers see.
    processes, scheduler, cluster
        The workers: see `netpyne_model.workers.dask_client`.
    report : callable, optional
        Called with a `Progress`.

    Returns
    -------
    StudyResults

    Raises
    ------
    ModelError
        If a condition does not hold, the folder holds something else or another sweep is at work in it, or trials failed:
        then all others are finished, the tables are those of the trials that are there, and ``failures.txt`` says why.
    """
    trials = study.trial_list()
    folder = Path(folder).resolve()
    forget_cells()
    with _sole_owner(folder):
        clear_half_written(folder)
        write_study(study, folder)
        clear_remains(folder / TRIALS)
        files = _files(trials, study, folder / TRIALS)
        if scheduler is None and cluster is None:
            compiled_library()  # once, before several processes want it
        tasks = [_task(trial, file, study) for trial, file in zip(trials, files, strict=True)]
        outcomes: dict[int, TrialMeasures | Failure] = {}
        with dask_client(
            processes=processes, scheduler=scheduler, cluster=cluster, wanted=len(tasks)
        ) as client:
            for number, outcome in run_on_workers(client, run_and_measure, tasks, report):
                outcomes[number] = _seen(outcome, files[number], tasks[number].name)
        measured = {
            number: one for number, one in sorted(outcomes.items()) if not isinstance(one, Failure)
        }
        write_tables(
            [(trials[number], files[number], one) for number, one in measured.items()],
            study,
            folder,
        )
        failures = [one for _, one in sorted(outcomes.items()) if isinstance(one, Failure)]
        write_failures(failures, folder)
    if failures:
        raise ModelError(
            f"{len(failures)} of {len(trials)} trials failed, first {failures[0].name}: {failures[0].reason} All others are"
            f" kept; {folder / FAILURES} lists them, and the same command tries them again."
        )
    return StudyResults(folder)


def run_and_measure(config: Any, file: Path, key: str, keep_inputs: bool) -> TrialMeasures:
    """What a worker does: run a trial to its file unless it is there, and measure the file.

    Raises
    ------
    ModelError
        If this worker's package is not that of the sweep, or the trial does not hold.
    """
    forget_cells()
    if trial_key(config, keep_inputs=keep_inputs) != key:
        raise ModelError(
            "this worker has another version of the package, of NEURON or of the cell's file, or another platform; install"
            " the same on all workers and restart them."
        )
    run_to_file(config, file, keep_inputs=keep_inputs)
    try:
        return measure_file(file)
    except ModelError as error:  # written whole, it was cut off later
        raise ModelError(
            f"{error} Delete it; the same command then runs the trial again."
        ) from error


def _task(trial: StudyTrial, file: Path, study: Study) -> Task:
    key = file.stem.rsplit("_", 1)[1]
    return Task(
        f"{trial.condition}, seed {trial.config.seed}",
        (trial.config, file, key, study.keep_inputs),
        quick=file.is_file(),
    )


def _files(trials: Sequence[StudyTrial], study: Study, folder: Path) -> list[Path]:
    """The file of every trial: one that has its key, whatever it is called, or a new name; equal trials share one."""
    there = {path.stem.rsplit("_", 1)[-1]: path for path in sorted(folder.glob("[!.]*.nwb"))}
    files = []
    for trial in trials:
        key = trial_key(trial.config, keep_inputs=study.keep_inputs)
        name = re.sub(r"[^A-Za-z0-9.=+-]+", "_", trial.condition).strip("_.")[:80]
        files.append(there.setdefault(key, folder / f"{name}_seed{trial.config.seed}_{key}.nwb"))
    return files


def _seen(outcome: Any, file: Path, name: str) -> Any:
    """The outcome, unless the worker wrote its file where nobody sees it."""
    if isinstance(outcome, Failure):
        return outcome
    for _ in range(_LOOKS):
        # A network file system may go on for a while to say that there is no such file, until the folder is read anew.
        if file.is_file() or file.name in {path.name for path in file.parent.iterdir()}:
            return outcome
        time.sleep(_LOOK_AGAIN_S)
    return Failure(
        name,
        f"its worker wrote {file}, which is not seen here; give --out a folder that all workers share.",
    )


class _sole_owner:
    """Makes a study's folder and holds it against other sweeps while the block runs."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self) -> None:
        content = list(self.folder.iterdir()) if self.folder.is_dir() else []
        if not (self.folder / STUDY_FILE).is_file() and not all(map(_of_a_start, content)):
            raise ModelError(
                f"folder {self.folder} holds other files (no {STUDY_FILE}) and is left alone; choose another."
            )
        try:
            (self.folder / TRIALS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(
                f"folder {self.folder} cannot be made ({error.strerror}); choose another."
            ) from error
        self.lock = FileLock(self.folder / ".lock")
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            raise ModelError(
                f"another sweep is at work in {self.folder}; wait for it, or choose another folder."
            ) from None

    def __exit__(self, *error: object) -> None:
        self.lock.release()


def _of_a_start(path: Path) -> bool:
    """Whether a path is what a sweep that was killed at its very start leaves behind."""
    if path.name == TRIALS and path.is_dir():
        return not any(path.iterdir())
    return path.name == ".lock" or path.match(f".{Path(STUDY_FILE).stem}.*.json")
