"""What a study shows: its figures, and how far it is from the published model."""

from typing import NamedTuple

import numpy as np

from ..analysis import MEASURES
from ..analysis.sensitivity import scaled_label
from ..figures.contrasts import contrasts
from ..figures.sensitivity import sensitivity
from ..quantities import counted
from ..reports.sweep_page import ExperimentShown, StudyShown
from ..sweeps import Comparison
from ..sweeps.report import Section, save_figures, write_report
from .contrasts import in_cells, numbers
from .declaration import PublishedValue
from .derived_figures import derived_figures
from .derived_tables import derived_files
from .figure_data import drawn_and_left_out, study_data
from .results import CONDITIONS, CONTRASTS, SENSITIVITY, TABLE, StudyResults
from .sensitivity import answers

FIGURES = "figures"


class StudyReport(NamedTuple):
    """The figures of a study: names of those that were drawn, and why others were not, by name."""

    figures: list[str]
    left_out: dict[str, str]


def report_study(results: StudyResults, *, figures: bool = True, command: str = "") -> StudyReport:
    """Draw a study's figures into its folder, write its report, and say which figures there are.

    The report names the `command` that makes it. Without `figures` it has neither these nor what is
    drawn in the page.
    """
    study = results.study
    if study.sensitivity is not None:
        return _report_sensitivity(results, figures=figures, command=command)
    data = study_data(results) if figures else None
    all_drawn, left_out = drawn_and_left_out(data) if figures else ({}, {})
    if study.contrasts and data is not None:
        all_drawn["contrasts"] = contrasts(results.contrasts, numbers(results.contrasts))
    drawn = (
        save_figures(all_drawn | derived_figures(results), results.folder / FIGURES)
        if figures
        else []
    )
    n_conditions = (
        f"{counted(len(study.conditions), 'condition')} of {counted(study.trials, 'trial')}"
    )
    files = {"trials": TABLE, "means and confidence bands": CONDITIONS}
    files |= derived_files(results)
    section = Section(
        study.title or study.name,
        f"{study.source}; {n_conditions}" if study.source else n_conditions,
        files | ({"contrasts": CONTRASTS} if study.contrasts else {}),
        [f"{FIGURES}/{name}.png" for name in drawn],
        comparisons(results),
        left_out,
        None if data is None else StudyShown(data, results.trials()),
        contrasted=in_cells(results.contrasts) if study.contrasts else (),
    )
    write_report(results.folder, study.title or study.name, [section], command)
    return StudyReport(drawn, left_out)


def _report_sensitivity(results: StudyResults, *, figures: bool, command: str) -> StudyReport:
    """As `report_study`, of indices in place of conditions, which are too many to be shown."""
    study, table = results.study, results.sensitivity
    drawing = {"sensitivity": sensitivity(table)} if figures else {}
    drawn = save_figures(drawing, results.folder / FIGURES) if figures else []
    n_samples = counted(len(study.conditions), "sample")
    about = f"{n_samples} of {counted(study.trials, 'trial')}"
    section = Section(
        study.title or study.name,
        f"{study.source}; {about}" if study.source else about,
        {"trials": TABLE, "indices with bands": SENSITIVITY} | derived_files(results),
        [f"{FIGURES}/{name}.png" for name in drawn],
        shown=ExperimentShown(
            table, [()] * len(table), results.folder / FIGURES / f"{drawn[0]}.png"
        )
        if drawn
        else None,
        answered=[
            (scaled_label(MEASURES[measure].label, scale), text)
            for (measure, scale), text in answers(table).items()
        ],
    )
    write_report(results.folder, study.title or study.name, [section], command)
    return StudyReport(drawn, {})


def comparisons(results: StudyResults) -> list[Comparison]:
    """What the study's ``compare`` names, here and in the published model."""
    return [_comparison(one, results) for one in results.study.compare]


def _comparison(published: PublishedValue, results: StudyResults) -> Comparison:
    name = published.measure
    if name in MEASURES:
        means = results.conditions
        chosen = means[(means["condition"] == published.condition) & (means["measure"] == name)]
        here = float(chosen["mean"].iloc[0]) if len(chosen) else np.nan
        what, unit = MEASURES[name].description, MEASURES[name].unit
    else:
        here, what, unit = _highest_of_profile(published, results)
    quantity = f"{published.condition}: {what}"
    return Comparison(quantity, unit, published.value, here, published.tolerance)


def _highest_of_profile(published: PublishedValue, results: StudyResults) -> tuple[float, str, str]:
    """The highest value along the track of a profile's mean over trials."""
    profile = results.profiles[published.measure]
    here = profile[(profile["condition"] == published.condition).to_numpy()]
    highest = float(here.mean("trial").max()) if here.sizes["trial"] else np.nan
    return highest, f"highest mean of {profile.attrs['long_name']}", profile.attrs["units"]
