"""Runs a study: trials that are missing, as a sweep, then its tables."""

from pathlib import Path
from typing import Any

from typing_extensions import Unpack

from ..mechanisms.compilation import compiled_library, fast_files
from ..results.provenance import provenance
from ..sweeps import Store, Workers, check_workers, run_sweep
from .declaration import STUDY_FILE, Declaration
from .derived_tables import write_derived_tables
from .results import TRIALS, StudyResults, write_tables
from .trial import forget_cells


def run_study(study: Declaration, folder: str | Path, **workers: Unpack[Workers]) -> StudyResults:
    """Run the trials of a study that are missing in its folder, and write its tables.

    Stopped in whatever way, it goes on from there: a finished trial is a file, and is not run again
    unless its configuration, its cell or the package's code changed. The results do not depend on
    how many workers there are, nor where.

    Parameters
    ----------
    study : Declaration
    folder : path
        Made if it is missing; on a cluster, one that all workers see.
    **workers
        See `sweeps.Workers`.

    Raises
    ------
    ModelError
        If a condition does not hold, the folder holds something else or another sweep is at work in
        it, or trials failed: then all others are finished, the tables are those of the trials that
        are there, and ``failures.txt`` says why.
    """
    workers.setdefault("time_limit_s", study.trial_time_limit_s)
    check_workers(**workers)
    trials = study.trial_list()
    folder = Path(folder).resolve()
    forget_cells()
    store = study_store(folder)
    with store.owned(declaration(study)):
        swept = run_sweep(
            trials, store, before_local=lambda: compiled_library(fast_files()), **workers
        )
        write_tables(
            [(trials[at], swept.files[at], one) for at, one in swept.finished.items()],
            study,
            folder,
        )
    store.raise_failures(swept.failures, len(trials))
    results = StudyResults(folder)
    write_derived_tables(results)
    return results


def study_store(folder: Path) -> Store:
    """The folder of a study."""
    return Store(folder, STUDY_FILE, TRIALS, ".nwb")


def declaration(study: Declaration) -> dict[str, Any]:
    """The study, complete, and what it is run with."""
    return {"study": study.as_dict(), "provenance": provenance()}
