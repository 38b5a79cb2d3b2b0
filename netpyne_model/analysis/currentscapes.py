"""Which membrane currents, of which region, feed a place of the cell at each moment.

The extended currentscape of Fogel & Ujfalussy 2026 (eLife 108352), of a run that recorded its
membrane currents; `divided_flows` divides the axial currents (docs/currentscape.md).
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from ..errors import ModelError, did_you_mean, nearest, quoted
from ..morphology.locations import parse_site
from ..results import MembraneCurrents, Result
from .divided_flows import close_tree, paths_to, pieces, reach

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

SIDES = ("inward", "outward")
CAPACITIVE = "capacitive"
_OF_SPINES = "spine "
_AT_ONCE = 500  # samples, which the processor's cache holds


def currentscape(
    result: Result, place: str = "soma", *, from_ms: float | None = None, to_ms: float | None = None
) -> "Dataset":
    """Divide what flows into and out of a place among the membrane currents that feed it.

    Parameters
    ----------
    result : Result
        Of a run with ``record_membrane_currents_ms``.
    place : str
        A region in one piece (``soma``, ``ais``, ``trunk``), a section, one of its segments as
        ``trunk_37(0.5)``, or the name of a recorded site.
    from_ms, to_ms : float, optional
        Span of simulation time; all that was recorded without them.

    Returns
    -------
    Dataset
        ``part_nA`` (side, current, region, time_ms): what each current of each region contributes,
        0 or more; its own currents among them. Each side sums to what flows into the place along
        the tree and through its own membrane, and both sides to the same. ``own_nA`` (side,
        current, time_ms): of these, the place's own. ``axial_nA`` (side, time_ms): what comes and
        goes along the tree. ``potential_mV`` (time_ms): of the place, averaged over its membrane.

    Raises
    ------
    ModelError
        If currents were not recorded, none in the span, or the place is not there or in pieces.

    Notes
    -----
    A place of several segments counts as one: a current that is inward in one and outward in
    another of them counts by their sum.
    """
    currents = _recorded(result)
    currents = currents.between(
        -np.inf if from_ms is None else from_ms, np.inf if to_ms is None else to_ms
    )
    if not len(currents.current_nA):
        span = _recorded(result).time_ms
        raise ModelError(
            f"currents from {from_ms} to {to_ms} ms: none were recorded then; expected a span within"
            f" {span[0]:g} to {span[-1]:g} ms."
        )
    chosen = nodes_of(place, result)
    in_pieces = pieces(currents.nodes["parent_node"].to_numpy(int), chosen)
    if in_pieces > 1:
        section = currents.nodes["section"][chosen].iloc[0]
        raise ModelError(
            f"place {quoted(place)}: it is in {in_pieces} pieces, between which the cell goes on; take"
            f" one of its sections, such as {section}."
        )
    return divide(currents, chosen)


def _recorded(result: Result) -> MembraneCurrents:
    if result.membrane_currents is None:
        raise ModelError(
            "this run has no membrane currents; run it with record_membrane_currents_ms=0.5."
        )
    return result.membrane_currents


def nodes_of(place: str, result: Result) -> np.ndarray:
    """Which nodes of a run's tree a place has: ndarray of bool; see `currentscape`."""
    nodes = _recorded(result).nodes
    on_branch = ~nodes["on_spine"].to_numpy(bool)
    for column in ("region", "section"):
        chosen = (nodes[column] == place).to_numpy() & on_branch
        if chosen.any():
            return chosen
    site = result.sites.get(place)
    section, x = (site.section, site.x) if site is not None else _parsed(place, nodes, result)
    segments = nodes[(nodes["section"] == section) & nodes["is_segment"]]
    chosen = np.zeros(len(nodes), bool)
    if len(segments):
        chosen[(segments["x"] - x).abs().idxmin()] = True
        return chosen
    raise _no_place(place, nodes, result)


def _parsed(place: str, nodes: pd.DataFrame, result: Result) -> tuple[str, float]:
    try:
        return parse_site(place)
    except ModelError:
        raise _no_place(place, nodes, result) from None


def _no_place(place: str, nodes: pd.DataFrame, result: Result) -> ModelError:
    known = [*dict.fromkeys([*nodes["region"], *result.sites])]
    meant = nearest(place, [*known, *nodes["section"].unique()])
    near = did_you_mean(place, known if meant is None else [meant])
    return ModelError(
        f"place {quoted(place)}: expected a region, a section such as {nodes['section'].iloc[-1]}, a"
        f" segment as in soma_0(0.5), or a recorded site.{near}"
    )


def divide(currents: MembraneCurrents, place: np.ndarray) -> "Dataset":
    """As `currentscape`, of the nodes of a place, ndarray of bool."""
    from xarray import Dataset

    tree = _Labelled(currents, place)
    n_samples = len(currents.current_nA)
    chunks = [
        tree.divided(slice(first, first + _AT_ONCE)) for first in range(0, n_samples, _AT_ONCE)
    ]
    parts, own, axial, potential = (
        np.concatenate(one, axis=-1) for one in zip(*chunks, strict=True)
    )
    side = list(SIDES)
    time = {"time_ms": ("time_ms", currents.time_ms, {"units": "ms"})}
    return Dataset(
        {
            "part_nA": (("side", "current", "region", "time_ms"), parts, {"units": "nA"}),
            "own_nA": (("side", "current", "time_ms"), own, {"units": "nA"}),
            "axial_nA": (("side", "time_ms"), axial, {"units": "nA"}),
            "potential_mV": ("time_ms", potential, {"units": "mV"}),
        },
        coords={"side": side, "current": tree.currents, "region": tree.regions} | time,
    )


class _Labelled:
    """The nodes and columns of recorded currents, and which current of which region each is."""

    def __init__(self, currents: MembraneCurrents, place: np.ndarray):
        nodes = currents.nodes
        self._recorded, self._place = currents, place
        self._parents = nodes["parent_node"].to_numpy(int)
        self._paths = paths_to(self._parents, place)
        self._has_membrane = nodes["is_segment"].to_numpy(bool)
        self._segments = np.flatnonzero(self._has_membrane)
        self._area_um2 = nodes["area_um2"].to_numpy(float)[self._segments]
        columns = currents.columns
        self._node = np.concatenate([columns["node"].to_numpy(int), np.arange(len(nodes))])
        charging = np.where(nodes["on_spine"], _OF_SPINES + CAPACITIVE, CAPACITIVE)
        names = np.concatenate([columns["current"].to_numpy(str), charging])
        regions = nodes["region"].to_numpy(str)
        self.currents, kind = np.unique(names, return_inverse=True)
        self.regions = list(dict.fromkeys(regions.tolist()))
        cell = kind * len(self.regions) + [self.regions.index(one) for one in regions[self._node]]
        mine = place[self._node]
        self._to_nodes = _adding(self._node, len(nodes))
        self._to_cells = _adding(cell, len(self.currents) * len(self.regions))
        self._to_own = _adding(kind, len(self.currents), mine)
        net = np.concatenate([columns["side"].to_numpy(int) == 0, np.ones(len(nodes), bool)])
        members = np.flatnonzero(mine & net)
        self._together = [members[cell[members] == one] for one in np.unique(cell[members])]

    def divided(self, samples: slice) -> tuple[np.ndarray, ...]:
        """Parts, own parts, axial currents and potential of a few samples; time is last."""
        n_nodes, n_columns = len(self._parents), len(self._recorded.columns)
        kept = self._recorded.current_nA[samples]
        flows = np.empty((n_columns + n_nodes, len(kept)))
        flows[:n_columns] = kept.T
        axial = np.zeros((n_nodes, len(kept)))
        axial[self._segments] = self._recorded.axial_nA[samples].T
        membrane = self._to_nodes[:, :n_columns] @ flows[:n_columns]
        tree = close_tree(self._parents, axial, membrane, self._has_membrane)
        flows[n_columns:] = tree.charging_nA
        self._net_in_place(flows)
        outward = np.maximum(flows, 0)
        inward = np.subtract(outward, flows, out=flows)
        reached = reach(tree, self._paths, self._to_nodes @ inward, self._to_nodes @ outward)
        sides = ((inward, reached.inward), (outward, reached.outward))
        own = np.stack([self._to_own @ one for one, _ in sides])
        for one, part in sides:
            one *= part[self._node]
        parts = np.stack([self._to_cells @ one for one, _ in sides])
        shape = (2, len(self.currents), len(self.regions), len(kept))
        axial_nA = np.stack([reached.axial_inward_nA, reached.axial_outward_nA])
        return parts.reshape(shape), own, axial_nA, self._potential(samples)

    def _net_in_place(self, flows: np.ndarray) -> None:
        """Make one of the flows of one current of one region within the place."""
        for together in self._together:
            total = flows[together].sum(axis=0)
            flows[together] = 0
            flows[together[0]] = total

    def _potential(self, samples: slice) -> np.ndarray:
        mine = self._place[self._segments]
        potentials = self._recorded.potential_mV[samples][:, mine].astype(float)
        return np.average(potentials, axis=1, weights=self._area_um2[mine])


def _adding(of: np.ndarray, n: int, counted: np.ndarray | None = None) -> csr_matrix:
    """What adds up the rows that are of each of `n`, of those that are counted."""
    ones = np.ones(len(of)) if counted is None else counted.astype(float)
    return csr_matrix((ones, (of, np.arange(len(of)))), shape=(n, len(of)))
