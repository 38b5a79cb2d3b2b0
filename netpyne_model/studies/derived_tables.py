"""Tables of a study that are worked out of the files of its trials, where a study has what they need."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from ..files import write_text
from . import lap_tuning, paired_gain, recorded
from .results import StudyResults


class DerivedTable(NamedTuple):
    """A table: its file, what the report calls it, and the function that makes it of a study.

    A table without rows is one that the study has not.
    """

    file: str
    title: str
    rows: Callable[[StudyResults], pd.DataFrame]


DERIVED_TABLES = (
    DerivedTable(recorded.FILE, "recordings", recorded.recorded_table),
    DerivedTable(lap_tuning.FILE, "tuning of laps of one cell", lap_tuning.lap_tuning),
    DerivedTable(paired_gain.FILE, "gain of potentials", paired_gain.potential_gains),
)


def write_derived_tables(results: StudyResults) -> None:
    """Write those that the study has; what an earlier run left of the others goes."""
    for one in DERIVED_TABLES:
        table, file = one.rows(results), results.folder / one.file
        if len(table):
            write_text(file, table.to_csv(index=False, lineterminator="\n"))
        else:
            file.unlink(missing_ok=True)


def derived_files(results: StudyResults) -> dict[str, str]:
    """The files that are there, by the titles of their tables."""
    return {one.title: one.file for one in DERIVED_TABLES if (results.folder / one.file).is_file()}
