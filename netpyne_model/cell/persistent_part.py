"""Divides sodium currents into what persists at the potential and what passes: docs/model.md 8.

The persistent part is what the channel would pass, had its gates stood still at the potential: what
the drug INaP takes away. It follows from the potential alone. The transient part is the rest of what
flows: outward where inactivation has not come back to its steady state, as after a spike.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..mechanisms.channel_equations import open_part
from ..morphology import segment_index
from ..neuroml2.steady_channels import STEADY, sodium_channel_of
from .current_sources import NA_OF_DENSITY, NET, FoundNodes

PERSISTENT, TRANSIENT = "persistent ", "transient "
"""Before the name of a sodium channel whose steady state is known."""


class _Persistent(NamedTuple):
    """The persistent currents of one channel, of some columns of whole currents."""

    columns: np.ndarray
    nodes: np.ndarray
    g_uS: np.ndarray
    reversal_mV: np.ndarray
    open_part: Callable[[np.ndarray], np.ndarray]

    def current_nA(self, potential_mV: np.ndarray) -> np.ndarray:
        here = potential_mV[:, self.nodes]
        return self.g_uS * self.open_part(here) * (here - self.reversal_mV)


class PersistentPart:
    """The persistent part of the sodium currents of a built cell, beside the transient one.

    The channel by which INaP takes away counts with the one that it takes from: what is left of the
    persistent part has the sum of their densities, which is 0 at dose 1. A sodium channel of the
    user's own, whose steady state is not known, stays whole.

    Parameters
    ----------
    found : FoundNodes
    columns : DataFrame
        Of `Finder`.
    celsius : float

    Attributes
    ----------
    columns : DataFrame
        See `StepCurrents.columns`.
    """

    def __init__(self, found: FoundNodes, columns: pd.DataFrame, celsius: float):
        self._found, self._celsius = found, celsius
        self._sections = found.built.description.sections
        channels = columns["component"].map(sodium_channel_of)
        sodium = columns.assign(channel=channels)[channels.notna()]
        sodium = sodium.assign(density=self._densities(sodium), number=sodium.index)
        steady = sodium["component"].str.endswith(STEADY)
        whole, taken = sodium[~steady], sodium[steady & (sodium["density"] < 0)]
        # Where the density is 0 nothing flows. Above 0 it is a channel of its own name.
        left_out = sodium.index[steady & (sodium["density"] <= 0)]
        self._kept = columns.index.difference(left_out).to_numpy()
        pairs = taken.merge(whole, on=["channel", "node"], suffixes=("", "_whole"))
        self._taken = pairs["number"].to_numpy()
        self._taken_from = np.searchsorted(self._kept, pairs["number_whole"])
        left = whole["density"].copy()
        left.loc[pairs["number_whole"]] += pairs["density"].to_numpy()
        self._parts = [
            self._part(str(channel), one, left[one.index].to_numpy())
            for channel, one in whole.groupby("channel")
        ]
        self.columns = self._named(columns.loc[self._kept, ["current", "node", "side"]])

    def _densities(self, sodium: pd.DataFrame) -> list[float]:
        """Density of each of some channels on its node (S/cm2)."""
        nodes = self._found.table.iloc[sodium["node"]]
        places = zip(sodium["component"], nodes["section"], nodes["x"], strict=True)
        densities = ((self._sections[at].gbar_S_per_cm2[one], x) for one, at, x in places)
        return [float(values[segment_index(x, len(values))]) for values, x in densities]

    def _part(self, channel: str, whole: pd.DataFrame, density: np.ndarray) -> _Persistent:
        ion = self._found.built.description.channel_ions[whole["component"].iloc[0]]
        nodes = self._found.in_thread[whole["node"]]
        names = self._found.table["section"].iloc[whole["node"]]
        return _Persistent(
            columns=np.searchsorted(self._kept, whole.index),
            nodes=nodes,
            g_uS=NA_OF_DENSITY * density * self._found.area_um2[nodes],
            reversal_mV=np.array([self._sections[one].reversal_mV[ion] for one in names]),
            open_part=open_part(f"{channel}{STEADY}", self._celsius),
        )

    def _named(self, kept: pd.DataFrame) -> pd.DataFrame:
        """The columns that are kept, sodium's as the transient part; then the persistent ones."""
        kept = kept.reset_index(drop=True)
        divided = [kept.iloc[one.columns] for one in self._parts]
        persistent = [one.assign(current=PERSISTENT + one["current"], side=NET) for one in divided]
        for one in divided:
            kept.loc[one.index, "current"] = TRANSIENT + one["current"]
        return pd.concat([kept, *persistent], ignore_index=True)

    def divided(self, current_nA: np.ndarray, potential_mV: np.ndarray) -> np.ndarray:
        """Divide currents by the columns of `Finder` into those of `columns`.

        Parameters
        ----------
        current_nA : ndarray, shape (n_samples, n)
        potential_mV : ndarray, shape (n_samples, n_nodes)
            Of each node of NEURON's thread.
        """
        kept = current_nA[:, self._kept]
        kept[:, self._taken_from] += current_nA[:, self._taken]
        persistent = [one.current_nA(potential_mV) for one in self._parts]
        for part, current in zip(self._parts, persistent, strict=True):
            kept[:, part.columns] -= current
        return np.concatenate([kept, *persistent], axis=1)
