"""What flows in one fixed step of a built cell: along its tree, and through the membrane by type.

``MembraneCurrents.mod`` gives of every mechanism what NEURON solves the step with; `current_sources`
makes currents by type of it, and `persistent_part` two of each sodium current. All of a step stands
at the potentials that its implicit solution attains, at second order half way there, so that
Kirchhoff's law holds in every node: what the currents leave is the charging of the membrane.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..mechanisms.known import known_mechanisms
from .assembly import SILENT_SPINES
from .current_sources import Finder, FoundNodes, Gathered, SolvedStep
from .persistent_part import PersistentPart
from .sections import BuiltCell
from .synapses import SPINES
from .vectors import copy_of

_FLAGS = (f"divides_{SILENT_SPINES}", f"divides_{SPINES}")


class Flows(NamedTuple):
    """What flows at some samples, a row each.

    Attributes
    ----------
    potential_mV : ndarray, shape (n_samples, n_segments)
    axial_nA : ndarray, shape (n_samples, n_segments)
        From each segment to its parent in the tree.
    current_nA : ndarray, shape (n_samples, n_columns)
        Through the membrane, outward positive.
    """

    potential_mV: np.ndarray
    axial_nA: np.ndarray
    current_nA: np.ndarray


class StepCurrents:
    """Takes all currents of single steps of a built cell.

    Make it before NEURON's initialisation; then `find` what the cell has. A step is taken by `arm`
    before it and `read` after it; `flows` works many such rows out together. Fixed steps alone.

    Parameters
    ----------
    built : BuiltCell
    channels : mapping of str to str
        Name of a channel in the rules by its component.
    labels : mapping of str to str
        What the current of a point process is called, by its name in NEURON; without an entry that
        of its mechanism.

    Attributes
    ----------
    nodes : DataFrame
        Columns ``section, x, region, on_spine, area_um2, is_segment, parent_node``: the tree, parents first. What
        is no segment is an end of a section, a joint without membrane.
    columns : DataFrame
        Columns ``current, node, side``: of `Flows.current_nA`.
    """

    def __init__(self, built: BuiltCell, channels: Mapping[str, str], labels: Mapping[str, str]):
        from neuron import h

        self._h, self._built, self._channels, self._labels = h, built, channels, labels
        self._process = h.MembraneCurrents(built.soma(0.5))
        self._taken, self._attained = h.Vector(), h.Vector()
        self.nodes = pd.DataFrame()
        self.columns = pd.DataFrame()

    def find(self) -> None:
        """Find what there is, after NEURON's initialisation."""
        h = self._h
        if h.ParallelContext().nthread() != 1:
            raise ModelError(
                "record_membrane_currents_ms: currents are taken of one thread; set"
                " ParallelContext().nthread(1), or leave it out."
            )
        # Settings of this run: steps are also worked out when it is over.
        self._part_of_step = 0.5 if h.secondorder else 1.0
        layout = h.Vector()
        self._n_taken = int(self._process.layout(layout))
        numbers = copy_of(layout)
        n = self._n_nodes = int(numbers[0])
        parents, area_um2, conductance_uS = numbers[1 : 1 + 3 * n].reshape(n, 3).T
        found = FoundNodes(self._built, parents.astype(int), area_um2)
        self.nodes = found.table
        segments = self.nodes.index[self.nodes["is_segment"]].to_numpy()
        self._segments = found.in_thread[segments]
        self._parents = parents.astype(int)[self._segments]
        self._conductance_uS = conductance_uS[self._segments]
        self._before, self._after = Gathered(), Gathered()
        finder = Finder(found, self._channels, self._labels, self._before, self._after)
        for name, nodes, first in self._mechanisms(numbers[1 + 3 * n :].astype(int)):
            finder.find(name, nodes, first)
        self._sources = finder.sources
        self._persistent = PersistentPart(found, finder.columns, h.celsius)
        self.columns = self._persistent.columns

    def _mechanisms(self, numbers: np.ndarray) -> Iterator[tuple[str, np.ndarray, int]]:
        """Name of each mechanism, nodes of its instances, and where in a row its values begin."""
        names = {one.number: one.name for one in known_mechanisms()}
        first, at = self._n_nodes, 0
        while at < len(numbers):
            number, n_instances = numbers[at : at + 2].tolist()
            yield names[number], numbers[at + 2 : at + 2 + n_instances], first
            first, at = first + 2 * n_instances, at + 2 + n_instances

    def arm(self) -> None:
        """Ask for the currents of the step that comes next."""
        self._as_it_begins = self._before.now()
        self._process.take(self._taken)
        for flag in _FLAGS:
            setattr(self._h, flag, 1)

    def read(self) -> np.ndarray:
        """What the step was solved with, after it; as `flows` takes it."""
        for flag in _FLAGS:
            setattr(self._h, flag, 0)
        if not self._process.taken():
            raise RuntimeError("no step was taken since its currents were asked for")
        self._process.now(self._attained)
        parts = (copy_of(self._taken), copy_of(self._attained))
        return np.concatenate([*parts, self._as_it_begins, self._after.now()])

    def flows(self, rows: np.ndarray) -> Flows:
        """Work out what flowed in the steps that were read, shape (n_samples, n)."""
        ends = np.cumsum([self._n_taken, self._n_nodes, len(self._before)])
        taken, attained, before, after = np.split(rows, ends, axis=1)
        moved_mV = self._part_of_step * (attained - taken[:, : self._n_nodes])
        potential_mV = taken[:, : self._n_nodes] + moved_mV
        step = SolvedStep(taken, before, after, moved_mV, potential_mV)
        current_nA = np.concatenate([one.current_nA(step) for one in self._sources], axis=1)
        here = potential_mV[:, self._segments]
        parents = np.where(self._parents >= 0, self._parents, 0)  # a root's conductance is 0
        return Flows(
            potential_mV=here,
            axial_nA=self._conductance_uS * (here - potential_mV[:, parents]),
            current_nA=self._persistent.divided(current_nA, potential_mV),
        )
