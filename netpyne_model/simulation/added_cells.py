"""Cells that `add_cells` has brought into a NetPyNE network, finished when a run starts.

NetPyNE's specification cannot hold everything of a cell: diameters along a tapered section, how
strong a receptor is where a connection puts it, recordings of what fused channels keep in arrays.
All of it is set at the beginning of NEURON's ``finitialize``, whoever calls it.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..cell.assembly import SILENT_SPINES, finish_cell
from ..cell.cell import Cell
from ..cell.guard import Guard, alarm_off_after_errors
from ..cell.sections import BuiltCell
from ..cell.synapses import SPINES, fast_mechanism, local_parameters, spine_weights
from ..description import CellDescription
from ..errors import ModelError, quoted
from ..morphology import segment_centre, segment_index
from ..protocols.recording import find_source
from ..protocols.sources import WorkedOutSource
from ..receptors import receptors

CELL_TAG = "ca1_cell"
"""Entry of a population's ``popParams`` that says which of the added cells it is made of."""
_BEFORE_ANYTHING = 3  # of NEURON's handlers: those that may still change the structure


class AddedCell(NamedTuple):
    """A cell that has been described to NetPyNE, by which those built of it are finished."""

    cell: Cell
    description: CellDescription
    fused: bool


_CHECK_EVERY_MS = 25.0

_added: dict[str, AddedCell] = {}
_handlers: list[Any] = []
_guards: WeakKeyDictionary[Any, list[Guard]] = WeakKeyDictionary()  # by NetPyNE's network


def finish_at_every_start(tag: str, added: AddedCell) -> None:
    """From now on, finish cells of populations with a tag at the start of every ``finitialize``."""
    from neuron import h

    _added[tag] = added
    if not _handlers:
        _handlers.append(h.FInitializeHandler(_BEFORE_ANYTHING, finish_added_cells))
        _handlers.append(h.FInitializeHandler(_begin_guards))


def finish_added_cells() -> None:
    """Finish the added cells of NetPyNE's network, those of this process; others are left alone.

    Raises
    ------
    ModelError
        If connections to spines reach a section without any, or a trace names what is not there.
    """
    sim: Any = sys.modules.get("netpyne.sim")  # NEURON may run without NetPyNE
    network = getattr(sim, "net", None)
    if network is None:
        return
    recorded = None
    for cell in network.cells:
        added = _added.get(network.pops[cell.tags["pop"]].tags.get(CELL_TAG))
        if added is None:
            continue
        sections = {name: section["hObj"] for name, section in cell.secs.items()}
        finish_cell(sections, added.description)
        _make_room(cell, added, sections)
        _set_conductances(cell, added)
        if recorded is None:
            recorded = {one.gid for one in sim.utils.getCellsList(sim.cfg.recordCells)}
        if cell.gid in recorded:
            _record(cell, added, sections)
        _guard(network, added, sections)


def _guard(network: Any, added: AddedCell, sections: dict[str, Any]) -> None:
    """Guard a cell once, with the sections that the network has of it."""
    guards = _guards.setdefault(network, [])
    if all(guard.built.sections != sections for guard in guards):
        view = BuiltCell(added.description, added.cell.morphology, sections=sections)
        guards.append(Guard(view))


def _begin_guards() -> None:
    """After NEURON's initialisation: from now on the guards look at times of their own."""
    for guard in _guards_now():
        guard.begin(stops=False)
    _look_later()


def _guards_now() -> list[Guard]:
    sim: Any = sys.modules.get("netpyne.sim")
    network = getattr(sim, "net", None)
    return [] if network is None else _guards.get(network, [])


def _look_later() -> None:
    """Look again after a while, the last time in the last step."""
    from netpyne import sim
    from neuron import h

    last_ms = sim.cfg.duration - sim.cfg.dt
    if _guards_now() and h.t < last_ms:
        h.CVode().event(min(h.t + _CHECK_EVERY_MS, last_ms), _look)


def _look() -> None:
    """Refuse potentials that have gone astray: NEURON ends the run, and shows the error's line."""
    with alarm_off_after_errors():  # NEURON is within psolve
        for guard in _guards_now():
            guard.check()
    _look_later()


def _synapses(cell: Any) -> Iterator[tuple[str, int, Any]]:
    """Section, number of the segment and NetPyNE's entry of each synaptic mechanism."""
    for name, section in cell.secs.items():
        for synapse in section.get("synMechs", ()):
            yield name, segment_index(synapse["loc"], section["hObj"].nseg), synapse


def _make_room(cell: Any, added: AddedCell, sections: dict[str, Any]) -> None:
    """Give segments with more connections to spines than spines as many as there are connections.

    NetPyNE's random places do not heed how many spines there are. Sections without any are refused.
    """
    driven: Counter[tuple[str, int]] = Counter()
    for connection in cell.conns:
        if connection["synMech"] == SPINES:
            nseg = added.description.sections[connection["sec"]].nseg
            driven[connection["sec"], segment_index(connection["loc"], nseg)] += 1
    for (name, number), n_driven in driven.items():
        section = added.description.sections[name]
        if section.silent_spines is None:
            raise ModelError(
                f"cell {cell.gid} of {cell.tags['pop']}: connections to {SPINES} on {name}, which"
                " bears no spines; take sections of the secList 'spiny'."
            )
        n_spines = section.silent_spines.counts(section.nseg)[number]
        segment = sections[name](segment_centre(number, section.nseg))
        getattr(segment, SILENT_SPINES).n_spines = max(float(n_spines), n_driven)


def _set_conductances(cell: Any, added: AddedCell) -> None:
    conductances = added.cell.local_conductances
    for name, segment, synapse in _synapses(cell):
        label = synapse["label"]
        _check_mechanism(label, synapse["hObj"])
        local = conductances.of(name, segment, added.description.sections[name].nseg)
        values = {}
        if label == SPINES:
            values = spine_weights(local)
        elif label in receptors():
            values = local_parameters(receptors()[label], local)
        for variable, value in values.items():
            setattr(synapse["hObj"], variable, value)


def _check_mechanism(label: str, point_process: Any) -> None:
    """Refuse a synapse of the network's own that has taken the name of one of these cells'."""
    mechanism = point_process.hname().partition("[")[0]
    wanted = _mechanisms_by_label().get(label, mechanism)
    if wanted != mechanism:
        raise ModelError(
            f"synMechParams has {quoted(label)} as {mechanism}, set after add_cells; expected"
            f" {wanted}, the receptor of these cells: call yours otherwise."
        )


@cache
def _mechanisms_by_label() -> dict[str, str]:
    """The mechanism of each synapse of these cells, by its label in NetPyNE."""
    of_receptors = {name: fast_mechanism(one)["mod"] for name, one in receptors().items()}
    return {SPINES: SPINES} | of_receptors


def _record(cell: Any, added: AddedCell, sections: dict[str, Any]) -> None:
    """Record what NetPyNE could not: variables of channels that are no mechanism of their own."""
    from netpyne import sim

    view = BuiltCell(added.description, added.cell.morphology, fused=added.fused, sections=sections)
    channels = {*added.cell.channel_of_component, *added.cell.channel_of_component.values(), "pas"}
    for name, trace in sim.cfg.recordTraces.items():
        key = f"cell_{cell.gid}"
        section = sections.get(trace.get("sec"))
        if trace.get("mech") not in channels or section is None:
            continue
        if name not in sim.simData or key in sim.simData[name]:
            continue  # NetPyNE does not record now, or has found a mechanism of that name
        if "conds" in trace and not cell.checkConditions(trace["conds"]):
            continue
        channel = added.cell.channel_of_component.get(trace["mech"], trace["mech"])
        place = f"{trace['sec']}({trace.get('loc', 0.5)})"
        source = find_source(f"{channel}.{trace['var']} {place}", added.cell, view, {})
        sim.simData[name][key] = _recording(source, sim.cfg.recordStep)


def _recording(source: Any, step_ms: float) -> Any:
    """What NetPyNE gathers of a source: a Vector, or what is worked out of several."""
    from neuron import h

    vector = h.Vector().record(source.pointer, step_ms)
    if not isinstance(source, WorkedOutSource):
        return vector
    return WorkedOutTrace(
        source, vector, [h.Vector().record(one, step_ms) for one in source.others]
    )


class WorkedOutTrace(Sequence[float]):
    """A channel's current or conductance, worked out of what is recorded when it is read.

    It stands in the place of one of NetPyNE's Vectors, and is sent to another process as a list.
    """

    def __init__(self, source: WorkedOutSource, first: Any, others: list[Any]):
        self._source, self._first, self._others = source, first, others

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        others = [np.array(one) for one in self._others]
        return self._source.values(np.array(self._first), others).astype(dtype or float)

    def __iter__(self) -> Iterator[float]:
        return iter(np.array(self).tolist())

    def __len__(self) -> int:
        return len(self._first)

    def __getitem__(self, index: Any) -> Any:
        return np.array(self).tolist()[index]

    def __reduce__(self) -> Any:
        return list, (list(self),)
