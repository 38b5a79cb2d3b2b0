"""One integer seed for every random choice of a trial.

A trial's seed feeds seven named streams (`STREAMS`). The key of a stream is
``numpy.random.SeedSequence(seed, spawn_key=(position of its name in STREAMS,))``; its numbers come
from the counter-based generator Philox (Salmon et al. 2011), whose 256-bit counter is split into
four words of 64 bits:

    word 3: family   (which part of the stream: region, group or kind of synapse)
    word 2: item     (which synapse)
    words 1, 0:      the generator's own count

so every item of every family has 2^128 blocks of its own. What one synapse draws therefore depends
on the seed, the stream, its family and its item alone: not on how many other synapses there are,
the order in which they are drawn, or the number of processes.

| stream | family | item | drawn |
| --- | --- | --- | --- |
| assignment | number of the region | 0; the inhibitory synapses 1 | which places are driven |
| peaks | number of the excitatory group | 0 | order of the peaks |
| inhibitory_groups | 0 | 0 | one number per inhibitory synapse |
| trains | 0 exc, 1 inh | number of the synapse within its kind | candidate spikes, thinning |
| release | 0 | ``synapse`` number | one number per presynaptic spike |
| theta_phase | 0 | 0 | the phase phi |
| arrangement | 0 | number of the region | which clusters are driven |
| arrangement | 1 branches or clusters, 2 spines | number of the excitatory group | order by field |
"""

from numbers import Integral
from typing import Any

import numpy as np

from ..errors import ModelError, quoted

STREAMS = (
    "assignment",
    "peaks",
    "inhibitory_groups",
    "trains",
    "release",
    "theta_phase",
    "arrangement",
)


class Stream:
    """The random numbers of one stream of `STREAMS`, by the trial's seed."""

    def __init__(self, seed: int | None, name: str) -> None:
        if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
            raise ModelError(f"seed {quoted(seed)}; expected an integer of 0 or above.")
        sequence = np.random.SeedSequence(int(seed), spawn_key=(STREAMS.index(name),))
        self._philox: np.random.Philox = np.random.Philox(
            key=sequence.generate_state(2, np.uint64), counter=0
        )
        self._generator: np.random.Generator = np.random.Generator(self._philox)
        self._state: Any = self._philox.state

    def generator(self, family: int = 0, item: int = 0) -> np.random.Generator:
        """The generator, set to the start of one item's numbers; it serves until the next call.

        One generator is moved about because making a new one takes ten times as long.
        """
        self._state["state"]["counter"][:] = (0, 0, item, family)
        self._philox.state = self._state
        return self._generator
