"""Conductances of receptors at places of a cell, from the rules of its placement."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..biophysics import RuleProfiles
from ..errors import ModelError, quoted
from ..morphology import Morphology, segment_centre
from ..neuroml2.components import component
from ..placement.rules import PlacementRules
from ..receptors import check_receptor, receptors


class ReceptorConductances:
    """The conductance of each receptor that rules make a multiple of its component's gbase."""

    def __init__(self, morphology: Morphology, rules: PlacementRules, nseg: Sequence[int]):
        self._morphology = morphology
        self._profiles: dict[str, RuleProfiles] = {}
        self._factors = {}
        for name, receptor in receptors().items():
            if receptor.conductance == "relative_gmax":
                of_receptor = rules.of_receptor(name).relative_gmax
                self._profiles[name] = RuleProfiles(
                    morphology, of_receptor, nseg, receptor.parameter, read_anywhere=True
                )
                self._factors[name] = rules.factors_of_receptor(name)

    def at(self, receptor: str, sections: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The multiple at places: index of the section and relative position of each."""
        if check_receptor(receptor) not in self._profiles:
            raise ModelError(
                f"receptor {quoted(receptor)} has a conductance of its own on each spine: see the column"
                f" {receptors()[receptor].column} of placement.spines."
            )
        relative = np.ones(len(x))
        for index in np.unique(sections):
            section, here = self._morphology.section(int(index)), sections == index
            profile = self._profiles[receptor].of(section)
            if profile is not None:
                relative[here] = profile.at(self._morphology.path_distance(section.index, x[here]))
            relative[here] *= self._factors[receptor].get(section.region, 1.0)
        return relative


class LocalConductances:
    """What the receptors of a cell have on each segment: what a connection of weight 1 opens there.

    Parameters
    ----------
    morphology : Morphology
    conductances : ReceptorConductances
    spines : DataFrame
        All of the cell, with the columns ``section``, ``x`` and one a receptor of theirs.
    """

    def __init__(
        self, morphology: Morphology, conductances: ReceptorConductances, spines: pd.DataFrame
    ):
        self._morphology = morphology
        self._conductances = conductances
        self._spines = dict(iter(spines.groupby("section")))
        self._known: dict[tuple[str, int, int], dict[str, float]] = {}

    def of(self, section: str, segment: int, nseg: int) -> dict[str, float]:
        """By receptor, in its component's gbase, on one of the `nseg` segments of a section.

        Of a receptor with a conductance of its own on each spine it is the mean over those of the
        segment, or over its section's where it has none; 0 on a section without spines.
        """
        key = (section, segment, nseg)
        if key not in self._known:
            index = self._morphology.section(section).index
            self._known[key] = {name: self._at(name, index, segment, nseg) for name in receptors()}
        return self._known[key]

    def _at(self, name: str, section: int, segment: int, nseg: int) -> float:
        receptor = receptors()[name]
        if receptor.conductance == "relative_gmax":
            centre = np.array([segment_centre(segment, nseg)])
            return float(self._conductances.at(name, np.array([section]), centre)[0])
        if section not in self._spines:
            return 0.0
        spines = self._spines[section]
        here = np.minimum((spines["x"].to_numpy() * nseg).astype(int), nseg - 1) == segment
        gmax_uS = spines[receptor.column].to_numpy()
        mean_uS = gmax_uS[here].mean() if here.any() else gmax_uS.mean()
        return float(mean_uS) / component(name)["gbase"]
