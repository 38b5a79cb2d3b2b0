"""A study: trials of several conditions, declared once and run on all cores or on a cluster."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress
from ..sweeps import Workers
from .declaration import Declaration
from .results import StudyResults, load_results
from .runner import run_study

if TYPE_CHECKING:
    from .report import StudyReport


class Study(Declaration):
    __doc__ = Declaration.__doc__

    def run(
        self,
        folder: str | Path,
        *,
        processes: int | None = None,
        scheduler: str | None = None,
        cluster: Any = None,
        report: Callable[[Progress], None] | None = None,
    ) -> StudyResults:
        """Run the trials that are missing in a folder, and write its tables.

        Parameters
        ----------
        folder : path
            See `run_study`.
        processes, scheduler, cluster, report
            See `sweeps.Workers`.
        """
        workers = Workers(processes=processes, scheduler=scheduler, cluster=cluster, report=report)
        return run_study(self, folder, **workers)

    @staticmethod
    def results(folder: str | Path) -> StudyResults:
        """What a study has left in its folder: tables, profiles and single trials."""
        return load_results(folder)

    @staticmethod
    def write_report(
        results: StudyResults, *, figures: bool = True, command: str = ""
    ) -> "StudyReport":
        """Draw figures into the folder of results, write its report, say which there are.

        A report without `figures` takes no time; it names the `command` that makes it.
        """
        from .report import report_study  # which draws: what runs studies need not wait for it

        return report_study(results, figures=figures, command=command)
