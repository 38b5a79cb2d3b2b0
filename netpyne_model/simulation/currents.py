"""Synaptic currents of a built cell, summed by receptor, taken at every recording step."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..cell.synapses import SOLVED, SPINES


class SynapticCurrents:
    """Sums of the synaptic currents of a built cell, of NetPyNE's `sections` with ``synMechs``.

    They are due each `step_ms` from 0 on; a current is that of its time a time step later, `late_ms`.

    Attributes
    ----------
    samples_nA : dict of str to list of float
        By receptor: its current over the whole cell, inward negative, at every call of `sample`. Of
        a receptor on a spine it is the current through the membrane of the spine's head.
    """

    def __init__(self, sections: Iterable[Mapping[str, Any]], *, step_ms: float, late_ms: float):
        from neuron import h

        pointers_of = defaultdict(list)
        for section in sections:
            for synapse in section.get("synMechs", ()):
                mechanism, label = synapse["hObj"], synapse["label"]
                if label == SPINES:
                    for receptor in SOLVED:
                        pointers_of[receptor].append(getattr(mechanism, f"_ref_i_{receptor}"))
                else:
                    pointers_of[label].append(mechanism._ref_i)
        self._sources = {}
        for receptor, pointers in pointers_of.items():
            gather = h.PtrVector(len(pointers))
            for number, pointer in enumerate(pointers):
                gather.pset(number, pointer)
            self._sources[receptor] = (gather, h.Vector(len(pointers)))
        self._step_ms, self._late_ms = step_ms, late_ms
        self._n_samples = 0
        self.samples_nA: dict[str, list[float]] = {receptor: [] for receptor in self._sources}

    def __len__(self) -> int:
        """How many samples were taken."""
        return self._n_samples

    @property
    def next_ms(self) -> float:
        """Time at which the next sample is to be taken."""
        return self._n_samples * self._step_ms + self._late_ms

    def sample(self) -> None:
        """Take the currents of the last step: NEURON computes them at the step's start."""
        for receptor, (gather, values) in self._sources.items():
            gather.gather(values)
            self.samples_nA[receptor].append(float(values.sum()))
        self._n_samples += 1

    def traces_nA(self) -> dict[str, np.ndarray]:
        """The sums by receptor, as arrays."""
        return {receptor: np.array(samples) for receptor, samples in self.samples_nA.items()}

    def go_on_from(self, traces_nA: Mapping[str, np.ndarray], n_samples: int) -> None:
        """Take these as what was sampled so far: of the same cell, in another process.

        Of a cell without receptors there are no traces, but as many samples.
        """
        self.samples_nA = {name: traces_nA[name].tolist() for name in self.samples_nA}
        self._n_samples = n_samples
