"""The currents of a built cell's mechanisms by type: how each follows from a step as it was solved.

Most are what their mechanism says. The package's mechanisms that hold several currents are taken
apart: the channels in one mechanism by their gates, spines solved within their segment by what they
say of themselves.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..biophysics import NON_SPECIFIC
from ..errors import ModelError, quoted
from ..mechanisms.fusing import FUSED
from ..mechanisms.known import POINT_PROCESS, known_mechanisms
from ..morphology import segment_centre
from ..neuroml2.clamps import clamps
from ..neuroml2.components import gate_powers
from .assembly import SILENT_SPINES, channels_together, mechanism_name
from .fused_segments import gate_reference, present_channels
from .sections import BuiltCell
from .synapses import SOLVED, SPINES
from .vectors import copy_of

LEAK, CAPACITIVE, INJECTED = "leak", "capacitive", "injected"
OF_SPINES = "spine "
"""Before the name of leak and charging where they are those of spines."""
NA_OF_DENSITY = 1e-2
"""nA of 1 mA/cm2 on 1 um2."""
NET, INWARD, OUTWARD = 0, -1, 1
"""Side of a column: a current as it flows, or what is inward, or outward, of several together."""

_LEAK = "pas"
_CLAMP = "voltage clamp"
_ELECTRODES = {"IClamp": INJECTED, "SEClamp": _CLAMP, "VClamp": _CLAMP}
_ELECTRODES |= dict.fromkeys(clamps(), "dynamic clamp")
_DIVIDED = (OF_SPINES + LEAK, OF_SPINES + CAPACITIVE, *SOLVED)  # as spine_parts.inc has them


class SolvedStep(NamedTuple):
    """Steps as they were solved, a row each.

    Attributes
    ----------
    taken : ndarray
        As ``MembraneCurrents.mod`` fills it.
    before, after : ndarray
        What was gathered before and after the step.
    moved_mV, potential_mV : ndarray, shape (n, n_nodes)
        Of each node of NEURON's thread: how far the solution moved it, and to where.
    """

    taken: np.ndarray
    before: np.ndarray
    after: np.ndarray
    moved_mV: np.ndarray
    potential_mV: np.ndarray


class Gathered:
    """Variables of NEURON that are read together."""

    def __init__(self) -> None:
        self._references: list[Any] = []
        self._pointers: Any = None

    def __len__(self) -> int:
        return len(self._references)

    def add(self, references: Sequence[Any]) -> np.ndarray:
        """Take references along; return where each stands."""
        first = len(self._references)
        self._references += references
        return np.arange(first, len(self._references))

    def now(self) -> np.ndarray:
        """Their values, in an array of its own."""
        from neuron import h

        if not self._references:
            return np.empty(0)
        if self._pointers is None:
            self._pointers = h.PtrVector(len(self._references))
            for number, reference in enumerate(self._references):
                self._pointers.pset(number, reference)
            self._values = h.Vector(len(self._references))
        self._pointers.gather(self._values)
        return copy_of(self._values)


class CurrentSource(ABC):
    """Currents that follow from a step in one way, a column each."""

    @abstractmethod
    def current_nA(self, step: SolvedStep) -> np.ndarray:
        """The currents, outward positive, shape (n_samples, n_columns)."""


class _Measured(CurrentSource):
    """What a mechanism puts into its nodes, as NEURON solved the step with it."""

    def __init__(self, places: np.ndarray, nodes: np.ndarray, area_um2: np.ndarray):
        self._places, self._nodes, self._area_um2 = places, nodes, area_um2

    def current_nA(self, step: SolvedStep) -> np.ndarray:
        density, slope = step.taken[:, self._places], step.taken[:, self._places + 1]
        density = density + slope * step.moved_mV[:, self._nodes]
        return NA_OF_DENSITY * self._area_um2 * density


class _OfInstances(CurrentSource):
    """What point processes say of themselves: current at the step's start, and conductance."""

    def __init__(self, current: np.ndarray, conductance: np.ndarray, nodes: np.ndarray):
        self._current, self._conductance, self._nodes = current, conductance, nodes

    def current_nA(self, step: SolvedStep) -> np.ndarray:
        slope = step.after[:, self._conductance]
        return step.after[:, self._current] + slope * step.moved_mV[:, self._nodes]


class _OfGates(CurrentSource):
    """A channel in the mechanism of all, by its gates as they stand when the step begins.

    `gates` has the place of each gate as often as its power, shape (n_powers, n_segments).
    """

    def __init__(
        self, g_uS: np.ndarray, reversal_mV: np.ndarray, gates: np.ndarray, nodes: np.ndarray
    ):
        self._g_uS, self._reversal_mV, self._gates, self._nodes = g_uS, reversal_mV, gates, nodes

    def current_nA(self, step: SolvedStep) -> np.ndarray:
        conductance = self._g_uS
        for places in self._gates:
            conductance = conductance * step.before[:, places]
        return conductance * (step.potential_mV[:, self._nodes] - self._reversal_mV)


class _Divided(CurrentSource):
    """What spines solved within their segment say of themselves."""

    def __init__(self, places: np.ndarray):
        self._places = places

    def current_nA(self, step: SolvedStep) -> np.ndarray:
        return step.after[:, self._places]


class FoundNodes:
    """The nodes of a built cell in NEURON: the tree, and who is where.

    Parameters
    ----------
    built : BuiltCell
    parents, area_um2 : ndarray
        Of every node of NEURON's thread.

    Attributes
    ----------
    table : DataFrame
        See `StepCurrents.nodes`.
    in_thread : ndarray of int
        Number in NEURON's thread of each node of the table.
    number : ndarray of int
        Number in the table of each node of the thread; -1 of other cells'.
    area_um2 : ndarray
        Of each node of the thread.
    """

    def __init__(self, built: BuiltCell, parents: np.ndarray, area_um2: np.ndarray):
        self.built, self.area_um2 = built, area_um2
        rows = {}
        for name, section in built.sections.items():
            region, on_spine = _region(built, name)
            places = [(segment_centre(k, section.nseg), True) for k in range(section.nseg)]
            ends = (
                [(1.0, False)]
                if built.description.sections[name].parent
                else [(0.0, False), (1.0, False)]
            )
            for x, is_segment in [*places, *ends]:
                rows[section(x).node_index()] = (name, x, region, on_spine, is_segment)
        self.in_thread = np.array(sorted(rows))  # a parent's number is below its children's
        self.number = np.full(len(parents), -1)
        self.number[self.in_thread] = np.arange(len(rows))
        columns = ["section", "x", "region", "on_spine", "is_segment"]
        self.table = pd.DataFrame([rows[one] for one in self.in_thread], columns=columns)
        here_um2 = np.where(self.table["is_segment"], area_um2[self.in_thread], 0.0)
        self.table.insert(4, "area_um2", here_um2)
        up = parents[self.in_thread]
        self.table["parent_node"] = np.where(up >= 0, self.number[up], -1)


def _region(built: BuiltCell, name: str) -> tuple[str, bool]:
    """Region of a section, and whether it is part of a spine, whose region is its branch's."""
    regions = {one.name: one.region for one in built.morphology.sections}
    on_spine = name not in regions
    while name not in regions:
        name = built.description.sections[name].parent or next(iter(regions))
    return regions[name], on_spine


class Finder:
    """Finds how each mechanism's currents follow from a step.

    Attributes
    ----------
    sources : list of CurrentSource
    columns : DataFrame
        Of their currents: columns ``current, node, side, component``, that of the package's channel
        whose current it is, otherwise empty. The other three: see `StepCurrents.columns`.
    """

    def __init__(
        self,
        found: FoundNodes,
        channels: Mapping[str, str],
        labels: Mapping[str, str],
        before: Gathered,
        after: Gathered,
    ):
        self._found, self._labels = found, labels
        self._before, self._after = before, after
        description = found.built.description
        self._channels = channels
        self._of_package = description.channel_ions.keys() - description.user_channels.keys()
        self._of_mechanism = {_LEAK: LEAK} | {
            mechanism_name(description, component): channels.get(component, component)
            for component in description.channel_ions
        }
        self.sources: list[CurrentSource] = []
        self._tables: list[pd.DataFrame] = []

    @property
    def columns(self) -> pd.DataFrame:
        return pd.concat(self._tables, ignore_index=True)

    def find(self, name: str, nodes: np.ndarray, first: int) -> None:
        """Find a mechanism's: `nodes` of its instances, and where its values begin in a row."""
        if name == FUSED:
            self._find_fused()
        elif name in (SILENT_SPINES, SPINES):
            self._find_divided(name)
        else:
            self._find_measured(name, nodes, first)

    def _add(
        self,
        source: CurrentSource,
        currents: Sequence[str],
        nodes: np.ndarray,
        *,
        side: int = NET,
        component: str = "",
    ) -> None:
        """Take a source along; `nodes` are those of NEURON's thread."""
        numbers = self._found.number[nodes]
        on_spine = self._found.table["on_spine"].to_numpy()[numbers]
        names = [
            OF_SPINES + one if of_spine and one == LEAK else one
            for one, of_spine in zip(currents, on_spine, strict=True)
        ]
        self.sources.append(source)
        columns = {"current": names, "node": numbers, "side": side, "component": component}
        self._tables.append(pd.DataFrame(columns))

    def _find_measured(self, name: str, nodes: np.ndarray, first: int) -> None:
        nodes, rows = np.unique(nodes, return_index=True)
        mine = self._found.number[nodes] >= 0
        nodes, rows = nodes[mine], rows[mine]
        if not len(nodes):
            return
        labels = self._labels_by_node(name)
        if any(len(labels.get(node, ())) > 1 for node in nodes.tolist()):
            self._find_instances(name)
            return
        usual = self._of_mechanism.get(name, name)
        currents = [next(iter(labels.get(node, {usual}))) for node in nodes.tolist()]
        source = _Measured(first + 2 * rows, nodes, self._found.area_um2[nodes])
        self._add(source, currents, nodes, component=name if name in self._of_package else "")

    def _labels_by_node(self, name: str) -> dict[int, set[str]]:
        """What point processes of a mechanism call their currents, by node."""
        labels: dict[int, set[str]] = {}
        for process in _processes(name):
            node = int(process.get_segment().node_index())
            labels.setdefault(node, set()).add(self._label(name, process))
        return labels

    def _label(self, name: str, process: Any) -> str:
        return self._labels.get(process.hname()) or _ELECTRODES.get(name, name)

    def _find_instances(self, name: str) -> None:
        """One mechanism under several names on a node: each instance by itself."""
        mine = [
            (process, int(process.get_segment().node_index()))
            for process in _processes(name)
            if self._found.number[int(process.get_segment().node_index())] >= 0
        ]
        lacking = [one for one in ("i", "g") if not hasattr(mine[0][0], one)]
        if lacking:
            raise ModelError(
                f"record_membrane_currents_ms: {name} has different names on one segment, and no"
                f" variable {quoted(lacking[0])} to tell them apart; put them on two segments."
            )
        current = self._after.add([process._ref_i for process, _ in mine])
        conductance = self._after.add([process._ref_g for process, _ in mine])
        nodes = np.array([node for _, node in mine])
        currents = [self._label(name, process) for process, _ in mine]
        self._add(_OfInstances(current, conductance, nodes), currents, nodes)

    def _find_divided(self, name: str) -> None:
        holders = []
        if name == SILENT_SPINES:
            holders = [
                (getattr(segment, name), segment)
                for section in self._found.built.sections.values()
                for segment in section
                if hasattr(segment, name)
            ]
        else:
            of_thread = [(one, one.get_segment()) for one in _processes(name)]
            holders = [
                (one, at) for one, at in of_thread if self._found.number[int(at.node_index())] >= 0
            ]
        if not holders:  # all belong to another cell in this process
            return
        nodes = np.array([int(segment.node_index()) for _, segment in holders])
        currents = _DIVIDED[:2] if name == SILENT_SPINES else _DIVIDED
        for number, current in enumerate(currents):
            for side in (INWARD, OUTWARD):
                at = 2 * number + (side == OUTWARD)
                places = self._after.add([holder._ref_divided[at] for holder, _ in holders])
                self._add(_Divided(places), [current] * len(nodes), nodes, side=side)

    def _find_fused(self) -> None:
        built = self._found.built
        segments = [
            (segment, getattr(segment, FUSED), int(segment.node_index()))
            for section in built.sections.values()
            for segment in section
            if hasattr(segment, FUSED)
        ]
        nodes = np.array([node for *_, node in segments])
        leak = np.array([[one.g_leak, one.e_leak] for _, one, _ in segments])
        self._add_gated(LEAK, leak, np.empty((0, len(nodes)), int), nodes)
        present = [present_channels(one) for _, one, _ in segments]
        for component in sorted(channels_together(built.description, built.fused)):
            here = [
                (*one, there)
                for one, there in zip(segments, present, strict=True)
                if component in there
            ]
            if here:
                self._find_channel(component, here)

    def _find_channel(self, component: str, here: Sequence[tuple[Any, Any, int, set[str]]]) -> None:
        ion = self._found.built.description.channel_ions[component]
        values, references = [], []
        powers = gate_powers(component)
        for segment, mechanism, _, present in here:
            holder, name = (segment, f"e{ion}")
            if ion == NON_SPECIFIC:
                holder, name = (mechanism, f"e_{component}")
            values.append([getattr(mechanism, f"gmax_{component}"), getattr(holder, name)])
            gates = [gate for gate, power in powers.items() for _ in range(power)]
            references += [gate_reference(mechanism, component, one, present) for one in gates]
        places = self._before.add(references).reshape(len(here), -1).T
        nodes = np.array([node for _, _, node, _ in here])
        current = self._channels.get(component, component)
        self._add_gated(current, np.array(values), places, nodes, component)

    def _add_gated(
        self,
        current: str,
        values: np.ndarray,
        gates: np.ndarray,
        nodes: np.ndarray,
        component: str = "",
    ) -> None:
        """A current of density and reversal potential, the columns of `values`."""
        g_uS = NA_OF_DENSITY * values[:, 0] * self._found.area_um2[nodes]
        source = _OfGates(g_uS, values[:, 1], gates, nodes)
        self._add(source, [current] * len(nodes), nodes, component=component)


def _processes(name: str) -> list[Any]:
    """The point processes of a mechanism; none of a mechanism that is no point process."""
    from neuron import h

    known = ((one.name, one.kind) for one in known_mechanisms())
    return list(h.List(name)) if (name, POINT_PROCESS) in known else []
