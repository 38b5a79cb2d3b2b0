"""What a study shows: its figures, and how far it is from the published model."""

import numpy as np

from ..analysis import MEASURES
from ..sweeps import Comparison
from ..sweeps.report import Section, save_figures, write_report
from .declaration import PublishedValue
from .figure_data import study_figures
from .results import CONDITIONS, TABLE, StudyResults

FIGURES = "figures"


def report_study(results: StudyResults, *, figures: bool = True, command: str = "") -> list[str]:
    """Draw a study's figures into its folder, write its report, and return the figures' names.

    The report names the `command` that makes it.
    """
    study = results.study
    drawn = save_figures(study_figures(results), results.folder / FIGURES) if figures else []
    n_conditions = f"{len(study.conditions)} conditions of {study.trials} trials"
    section = Section(
        study.title or study.name,
        f"{study.source}; {n_conditions}" if study.source else n_conditions,
        {"trials": TABLE, "means and confidence bands": CONDITIONS},
        [f"{FIGURES}/{name}.png" for name in drawn],
        comparisons(results),
    )
    write_report(results.folder, study.title or study.name, [section], command)
    return drawn


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
