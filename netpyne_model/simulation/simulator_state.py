"""All that NEURON, and what the package does beside it, knows of a running trial."""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..cell.neuron_output import without_lines
from ..cell.synapses import ENTRIES
from ..cell.vectors import copy_of
from ..errors import ModelError
from ..mechanisms.known import DENSITY, known_mechanisms
from ..protocols.current_recording import CurrentRecording
from .currents import SynapticCurrents
from .segment_recording import SegmentRecording

_OF_SAVESTATE = ("Assertion failed", "NEURON: fwrite", "near line", "tstop=", "SaveState", "^")
_OTHERS = (
    "it cannot be gone on from in a process that holds other cells or mechanisms than the one that"
    " wrote it; start a new process for it."
)


class SimulatorState:
    """Takes the state of a running trial between two fixed steps, and puts it back.

    NEURON's SaveState holds potentials, the queue of events, connections and artificial cells; of
    other mechanisms every number is taken beside it, since it leaves out all but their STATEs.
    Mechanisms that keep states of their own give and take them as a Vector.

    Parameters
    ----------
    vectors : mapping of str to ``h.Vector``
        What the run fills, by names of its own.
    currents : SynapticCurrents, optional
    segments : SegmentRecording, optional
    membrane : CurrentRecording, optional
    """

    def __init__(
        self,
        vectors: Mapping[str, Any],
        currents: SynapticCurrents | None = None,
        segments: SegmentRecording | None = None,
        membrane: CurrentRecording | None = None,
    ):
        self._vectors = vectors
        self._currents = currents
        self._segments = segments
        self._membrane = membrane

    def save(self) -> dict[str, np.ndarray]:
        """The state, by names."""
        from neuron import h

        state = {f"vector/{name}": copy_of(vector) for name, vector in self._vectors.items()}
        if self._currents is not None:
            traces = self._currents.traces_nA()
            state |= {f"current/{name}": trace for name, trace in traces.items()}
            state["n_currents"] = np.array(len(self._currents))
        if self._segments is not None:
            state["segments"] = self._segments.taken().copy()
        if self._membrane is not None:
            taken = self._membrane.taken().items()
            state |= {f"membrane/{name}": array.copy() for name, array in taken}
        columns = h.Vector()
        h.save_columns_MechanismColumns(columns)
        state["columns"] = copy_of(columns)
        for name, processes in _pooled().items():
            pool = h.Vector()
            for process in processes:
                process.save_state(pool)
            state[f"pool/{name}"] = copy_of(pool)
        state["numbering"] = _numbering()
        state["neuron"] = _saved_by_neuron()
        return state

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Put back a state; the same network is built and initialised.

        Raises
        ------
        ModelError
            If NEURON numbers the network's parts otherwise, for what was built before it, or has
            others; what holds the state is ``it``.
        """
        from neuron import h

        if not np.array_equal(state["numbering"], _numbering()):
            raise ModelError(_OTHERS)
        try:
            _restored_by_neuron(state["neuron"])
        except RuntimeError as error:
            raise ModelError(_OTHERS) from error
        fits = h.restore_columns_MechanismColumns(h.Vector(state["columns"]))
        for name, processes in _pooled().items():
            pool, start = h.Vector(state[f"pool/{name}"]), 0
            for process in processes:
                start = int(process.restore_state(pool, start)) if start >= 0 else start
            fits = fits and start == len(pool)
        if not fits:
            raise ModelError("it holds other mechanisms than the cell; delete it.")
        if self._currents is not None:
            traces = {name: state[f"current/{name}"] for name in self._currents.samples_nA}
            self._currents.go_on_from(traces, int(state["n_currents"]))
        if self._segments is not None:
            self._segments.go_on_from(state["segments"])
        if self._membrane is not None:
            taken = {name: one for name, one in state.items() if name.startswith("membrane/")}
            self._membrane.go_on_from({name.partition("/")[2]: one for name, one in taken.items()})
        for name, vector in self._vectors.items():
            vector.from_python(state[f"vector/{name}"])


def _pooled() -> dict[str, list[Any]]:
    """The point processes that keep states outside NEURON's columns, and give and take them."""
    from neuron import h

    return {name: list(h.List(name)) for name in sorted(ENTRIES)}


def _numbering() -> np.ndarray:
    """A hash of NEURON's numbers of what is built, by which SaveState knows it."""
    from neuron import h

    sections = list(h.allsec())
    named = [str(h.ParallelContext().nthread())]
    for one in known_mechanisms():
        if one.kind == DENSITY:
            if any(section.has_membrane(one.name) for section in sections):
                named.append(f"{one.place} {one.name}")
            continue
        instances = h.List(one.name)
        if instances.count():
            named += [instances.o(0).hname(), instances.o(int(instances.count()) - 1).hname()]
        # Of artificial cells SaveState asks for every kind.
        if instances.count() or one.artificial:
            named.append(f"{one.place} {one.name}")
    named += [str(one) for one in h.List("NetCon")]
    return np.array(hashlib.sha256("\n".join(named).encode()).hexdigest())


def _saved_by_neuron() -> np.ndarray:
    from neuron import h

    state = h.SaveState()
    state.save()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        try:
            with without_lines(*_OF_SAVESTATE):
                state.fwrite(h.File(str(path)))
        except RuntimeError as error:
            raise ModelError(
                f"NEURON cannot write its state to {folder}; make room there, or set TMPDIR to a"
                " folder that has some."
            ) from error
        return np.frombuffer(_with_whole_numbers(path.read_bytes()), np.uint8)


def _with_whole_numbers(content: bytes) -> bytes:
    """NEURON's file with the numbers of events whole: of a flag it writes six digits."""
    from neuron import h

    for source in h.List("InputTrains"):
        index = re.escape(source.hname().partition("[")[2].rstrip("]").encode())
        event = rb"\n(InputTrains %s( -?\d+){3}) [^\n]+\n" % index
        number = int(source.next_number)
        content = re.sub(event, rb"\n\g<1> %d\n" % number, content)
    return content


def _restored_by_neuron(content: np.ndarray) -> None:
    from neuron import h

    state = h.SaveState()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        path.write_bytes(content.tobytes())
        h.forget_point_processes_MechanismColumns()  # of the cells of an earlier run
        state.fread(h.File(str(path)))
    state.restore()
