"""Figures of the tables that are worked out of the files of a study's trials."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from ..figures.lap_tuning import lap_tuning as draw_lap_tuning
from ..figures.paired_gains import paired_gains as draw_paired_gains
from ..results.tables import read_table
from . import lap_tuning, paired_gain
from .results import StudyResults


class DerivedFigure(NamedTuple):
    """A figure: its name, the file of its table, the columns that it draws, and how.

    There is none where the table is not there, or has nothing in the first of the columns.
    """

    name: str
    file: str
    columns: Sequence[str]
    draw: Callable[[pd.DataFrame], Figure]


DERIVED_FIGURES = (
    DerivedFigure("lap_tuning", lap_tuning.FILE, ("spread", "by_chance", "p"), draw_lap_tuning),
    DerivedFigure(
        "paired_gains",
        paired_gain.FILE,
        ("gain", "lower", "upper", "n", "correlation", *paired_gain.DIFFERENCE),
        draw_paired_gains,
    ),
)


def derived_figures(results: StudyResults) -> dict[str, Figure]:
    """The figures that the study has, by name."""
    drawn = {}
    for one in DERIVED_FIGURES:
        file = results.folder / one.file
        if file.is_file():
            table = read_table(
                file, "run the study again", columns=one.columns, numbers=one.columns
            )
            if table[one.columns[0]].notna().any():
                drawn[one.name] = one.draw(table)
    return drawn
