"""Writes the page of a sweep: of a study, or of experiments with their figures, tables and traces.

Scripts read it through ``window.ca1report``: ``await ready``, then ``sections`` (of a study its
``content``, ``choose(condition)`` and ``open(trial)``; of an experiment ``open(row)``), ``trace(name)``
of the run that is open, ``range`` of its time axis, ``plots`` and ``timings``.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..figures.studies import StudyData
from ..results import Result
from .packing import PackedArrays
from .recordings import TRACE_CHARACTERS, Recording, pack_recordings
from .rendering import write_rendered
from .study_content import study_content

COMPARED = ("Quantity", "Published model", "This package", "Difference", "Tolerance", "Verdict")
JUDGED = ("Sign", "Quantity", "Reported", "With it", "Without it", "Verdict", "Source")
CONTRASTED = (
    "Claim", "Verdict", "Measure", "Compared", "n", "Value (95 % band)", "Expected",
    "Effect size (95 % band)", "p (Holm)",
)  # fmt: skip
ANSWERED = ("Measure", "What moves it (total Sobol index, 95 % band)")
_FIGURES = 5  # of a number in a table


@dataclass(frozen=True)
class StudyShown:
    """What the page of a study is made of.

    Attributes
    ----------
    data : StudyData
        See `study_content`.
    trials : iterable of Result
        In the order of the table; read one after the other. None at all leaves out the traces.
    """

    data: StudyData
    trials: Iterable[Result] = ()


@dataclass(frozen=True)
class ExperimentShown:
    """What the page of an experiment is made of.

    Attributes
    ----------
    table : DataFrame
        One row a condition.
    recordings : sequence of sequence of Recording
        Of each row; empty where it has none.
    figure : Path
        The picture (PNG), which the page holds.
    """

    table: pd.DataFrame
    recordings: Sequence[Sequence[Recording]]
    figure: Path


@dataclass(frozen=True)
class PageSection:
    """One study or experiment on a page.

    Attributes
    ----------
    title, about : str
    agreement : str
        How many quantities agree, in words.
    files : mapping of str to str
        Paths beside the page that are linked, by what they are called.
    notes : sequence of str
        What is not shown, and why.
    compared : sequence of sequence of str
        Rows of the comparison with the published model, in the order of `COMPARED`.
    judged : sequence of sequence of str
        Rows of the verdicts on what is reported elsewhere, in the order of `JUDGED`.
    contrasted : sequence of sequence of str
        Rows of the claims about a study's conditions, in the order of `CONTRASTED`.
    answered : sequence of sequence of str
        What moves each measure of a study of sensitivity, in the order of `ANSWERED`.
    shown : StudyShown or ExperimentShown, optional
    """

    title: str
    about: str
    agreement: str
    files: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    compared: Sequence[Sequence[str]] = ()
    judged: Sequence[Sequence[str]] = ()
    contrasted: Sequence[Sequence[str]] = ()
    answered: Sequence[Sequence[str]] = ()
    shown: StudyShown | ExperimentShown | None = None

    @property
    def n_runs(self) -> int:
        """How many runs have traces to show."""
        if isinstance(self.shown, StudyShown):
            return len(self.shown.data.table)
        return 0 if self.shown is None else sum(map(bool, self.shown.recordings))


def write_sweep_page(
    path: Path, title: str, verdict: str, command: str, sections: Sequence[PageSection]
) -> None:
    """Write the page of a sweep; its runs share the room for traces (`TRACE_CHARACTERS`).

    Parameters
    ----------
    path : Path
        The file; it appears whole or not at all.
    title, verdict : str
    command : str
        What makes it; empty where there is none.
    sections : sequence of PageSection
    """
    arrays = PackedArrays()
    room = TRACE_CHARACTERS // max(sum(section.n_runs for section in sections), 1)
    words = {
        "title": title,
        "verdict": verdict,
        "command": command,
        "columns": COMPARED,
        "sections": [_words(section) for section in sections],
    }
    content = {"sections": [_content(section, arrays, room) for section in sections]}
    write_rendered(
        path, "sweep.html", words, content, arrays.texts, script="sweep.js", libraries=("uplot",)
    )


def _words(section: PageSection) -> dict[str, Any]:
    shown = section.shown
    words: dict[str, Any] = {
        "title": section.title,
        "about": section.about,
        "agreement": section.agreement,
        "files": dict(section.files),
        "notes": list(section.notes),
        "compared": [list(row) for row in section.compared],
        "verdicts": [
            {"about": about, "columns": columns, "rows": [list(row) for row in rows]}
            for about, columns, rows in (
                ("Verdicts on what is reported elsewhere", JUDGED, section.judged),
                (
                    "Claims about the conditions, trials paired by seed",
                    CONTRASTED,
                    section.contrasted,
                ),
                ("Which parameters move the measures", ANSWERED, section.answered),
            )
            if rows
        ],
        "kind": "none",
    }
    if isinstance(shown, StudyShown):
        several = bool(shown.data.table["condition"].duplicated().any())
        words |= {"kind": "study", "several": several}
    elif shown is not None:
        picture = base64.b64encode(shown.figure.read_bytes()).decode("ascii")
        words |= {
            "kind": "experiment",
            "figure": f"data:image/png;base64,{picture}",
            "table_columns": [str(name) for name in shown.table.columns],
            "table_rows": [
                {"cells": list(map(_cell, row)), "traces": bool(traces)}
                for row, traces in zip(
                    shown.table.itertuples(index=False), shown.recordings, strict=True
                )
            ],
        }
    return words


def _cell(value: Any) -> str:
    """A value of a table as text; nothing where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        return f"{value:.{_FIGURES}g}".replace("-", "\N{MINUS SIGN}")
    return str(value)


def _content(section: PageSection, arrays: PackedArrays, room: int) -> dict[str, Any]:
    shown = section.shown
    if isinstance(shown, StudyShown):
        study = study_content(shown.data, shown.trials, arrays, room)
        return {"kind": "study", "study": study}
    if shown is None:
        return {"kind": "none"}
    runs = [_run(recordings, arrays, room) for recordings in shown.recordings]
    return {"kind": "experiment", "runs": runs}


def _run(recordings: Sequence[Recording], arrays: PackedArrays, room: int) -> dict[str, Any] | None:
    if not recordings:
        return None
    ends_ms = [one.first_ms + (len(one.values) - 1) * one.step_ms for one in recordings]
    return {
        "end_ms": max(ends_ms),
        "track": None,
        "spikes_ms": None,
        "recorded": len(recordings),
        "traces": pack_recordings(recordings, arrays, room),
        "command": "",
    }
