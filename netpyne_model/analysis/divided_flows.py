"""How much of each membrane current of a tree reaches a place: axial currents divided by what feeds them.

After the idea of the extended currentscape of Fogel & Ujfalussy 2026 (eLife 108352); derived here. In
every node the inward currents (through the membrane, its charging among them, and along the tree
from neighbours) and the outward ones have the same sum. What flows along the tree from a node towards
the place is inward there, and is fed by the node's own inward currents, each in proportion; what
flows the other way is outward there, and is divided among the node's outward ones. Of these, those
from nodes further away are divided in the same way, up to the tips. So of a node at most one side
feeds the place at a moment: by the product, along its path, of what each flow is of its node's side.
"""

from typing import NamedTuple

import numpy as np

from ..errors import ModelError


class ClosedTree(NamedTuple):
    """A tree in which the currents of every node sum to zero.

    Attributes
    ----------
    parents : ndarray of int, shape (n_nodes,)
        Parents first; -1 of the root.
    axial_nA : ndarray, shape (n_nodes, n_samples)
        From each node to its parent.
    charging_nA : ndarray, shape (n_nodes, n_samples)
        Through the membrane's capacitance, outward positive: what the other currents leave.
    """

    parents: np.ndarray
    axial_nA: np.ndarray
    charging_nA: np.ndarray


def close_tree(
    parents: np.ndarray, axial_nA: np.ndarray, membrane_nA: np.ndarray, has_membrane: np.ndarray
) -> ClosedTree:
    """Work out what charges each node, and what flows at joints.

    Parameters
    ----------
    parents : ndarray of int, shape (n_nodes,)
        Parents first; -1 of the root.
    axial_nA : ndarray, shape (n_nodes, n_samples)
        From each node to its parent; of joints anything.
    membrane_nA : ndarray, shape (n_nodes, n_samples)
        Sum of a node's membrane currents but its charging, outward positive.
    has_membrane : ndarray of bool, shape (n_nodes,)
        False of joints, which have nothing to charge: what comes from their children goes on.
    """
    axial_nA = np.where(has_membrane[:, None], axial_nA, 0.0)
    leaves_nA = np.array(membrane_nA, float)  # and along the tree
    for node in range(len(parents) - 1, -1, -1):
        parent = parents[node]
        if parent < 0:
            continue
        if not has_membrane[node]:
            axial_nA[node] = -leaves_nA[node]
        leaves_nA[node] += axial_nA[node]
        leaves_nA[parent] -= axial_nA[node]
    return ClosedTree(parents, axial_nA, -leaves_nA)


class Paths(NamedTuple):
    """The way from every node to a place.

    Attributes
    ----------
    order : ndarray of int
        The nodes outside the place, the nearest first.
    towards : ndarray of int, shape (n_nodes,)
        Neighbour on the way; the node itself within the place.
    by_child : ndarray of bool, shape (n_nodes,)
        Whether that neighbour is a child.
    """

    order: np.ndarray
    towards: np.ndarray
    by_child: np.ndarray


def pieces(parents: np.ndarray, place: np.ndarray) -> int:
    """Of how many pieces a place is that are not joined to each other."""
    joined = (parents >= 0) & place[np.maximum(parents, 0)]
    return int(np.sum(place & ~joined))


def paths_to(parents: np.ndarray, place: np.ndarray) -> Paths:
    """The way from every node to a place.

    Parameters
    ----------
    parents : ndarray of int, shape (n_nodes,)
    place : ndarray of bool, shape (n_nodes,)

    Raises
    ------
    ModelError
        If the place is not in one piece: what flows between several is not divided by one tree.
    """
    n, in_pieces = len(parents), pieces(parents, place)
    if in_pieces != 1:
        raise ModelError(
            f"a place of {in_pieces} pieces: expected segments that are joined to each other; take"
            " one section, or one of its segments."
        )
    neighbours: list[list[tuple[int, bool]]] = [[] for _ in range(n)]
    for node, parent in enumerate(parents.tolist()):
        if parent >= 0:
            neighbours[parent].append((node, False))
            neighbours[node].append((parent, True))
    towards, by_child = np.arange(n), np.zeros(n, bool)
    found = np.array(place)
    order, next_ones = [], np.flatnonzero(place).tolist()
    for node in next_ones:  # grows while it is gone over
        for other, is_parent in neighbours[node]:
            if not found[other]:
                found[other], towards[other], by_child[other] = True, node, is_parent
                order.append(other)
                next_ones.append(other)
    return Paths(np.array(order, int), towards, by_child)


class Reach(NamedTuple):
    """Which part of each node's inward and outward currents feeds the place.

    Attributes
    ----------
    inward, outward : ndarray, shape (n_nodes, n_samples)
        0 to 1; 1 of the place's own.
    axial_inward_nA, axial_outward_nA : ndarray, shape (n_samples,)
        What flows into the place along the tree, and out of it.
    """

    inward: np.ndarray
    outward: np.ndarray
    axial_inward_nA: np.ndarray
    axial_outward_nA: np.ndarray


def reach(tree: ClosedTree, paths: Paths, inward_nA: np.ndarray, outward_nA: np.ndarray) -> Reach:
    """Divide what flows along a tree, from the place up to the tips.

    Parameters
    ----------
    tree : ClosedTree
    paths : Paths
    inward_nA, outward_nA : ndarray, shape (n_nodes, n_samples)
        Sum of each node's inward, and of its outward, membrane currents, charging among them; both
        0 or more.
    """
    n_samples = tree.axial_nA.shape[1]
    sides = np.stack([inward_nA, outward_nA], axis=1)  # and what comes from further away
    flows = np.zeros_like(sides)
    axial_nA = np.zeros((2, n_samples))
    for node in paths.order[::-1]:
        nearer = paths.towards[node]
        flow = -tree.axial_nA[nearer] if paths.by_child[node] else tree.axial_nA[node]
        np.maximum(flow, 0, out=flows[node, 0])
        np.maximum(-flow, 0, out=flows[node, 1])
        if paths.towards[nearer] == nearer:
            axial_nA += flows[node]
        else:
            sides[nearer] += flows[node]
    parts = np.ones_like(sides)
    np.divide(flows, sides, out=parts, where=sides > 0)
    parts[(sides <= 0)] = 0
    parts[paths.towards == np.arange(len(paths.towards))] = 1
    for node in paths.order:
        parts[node] *= parts[paths.towards[node]]
    return Reach(parts[:, 0], parts[:, 1], *axial_nA)
