"""The model beside recorded cells: every row of a table of recordings, answered or not modelled."""

from .answers import Answer, answers, chosen_rows
from .recorded import INSIDE, INSIDE_IF_SEM, NO_SPREAD, NOT_MODELLED, OUTSIDE, Recorded, recorded
from .runner import compare_rows

__all__ = [
    "INSIDE",
    "INSIDE_IF_SEM",
    "NOT_MODELLED",
    "NO_SPREAD",
    "OUTSIDE",
    "Answer",
    "Recorded",
    "answers",
    "chosen_rows",
    "compare_rows",
    "recorded",
]


def __dir__() -> list[str]:
    return __all__
