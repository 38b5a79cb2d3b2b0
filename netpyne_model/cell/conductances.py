"""Conductances of receptors at places of a cell, from the rules of its placement."""

from collections.abc import Sequence

import numpy as np

from ..biophysics import RuleProfiles
from ..errors import ModelError
from ..morphology import Morphology
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
                    morphology, of_receptor, nseg, receptor.parameter
                )
                self._factors[name] = rules.factors_of_receptor(name)

    def at(self, receptor: str, sections: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The multiple at places: index of the section and relative position of each."""
        if check_receptor(receptor) not in self._profiles:
            raise ModelError(
                f"receptor '{receptor}' has a conductance of its own on each spine: see the column"
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
