"""The channels in CoreNEURON: the smooth cell's voltage there against NEURON's own.

CoreNEURON takes the mechanisms generated from NeuroML as they are. (The fused channels and the synapses written by hand keep
to NEURON's own solver, in which they are faster: docs/performance.md.)
"""

from functools import partial

import numpy as np
import pytest

from netpyne_model.benchmarks.measure import in_a_process_of_its_own
from netpyne_model.benchmarks.peers import neuron_cells
from netpyne_model.benchmarks.peers.condition import SmoothCell


@pytest.mark.slow
def test_coreneuron_gives_the_same_spikes():
    cell = SmoothCell(amplitude_nA=0.4, onset_ms=5.0, until_ms=60.0)
    own = in_a_process_of_its_own(partial(neuron_cells.run, fused=False), cell)
    core = in_a_process_of_its_own(neuron_cells.run_in_coreneuron, cell)
    assert core["version"].startswith("CoreNEURON")
    assert len(own["soma_mV"]) == len(core["soma_mV"]) > 2000
    assert own["soma_mV"].max() > -20  # it spikes
    # The same arithmetic, compiled with other flags: a rounding of 1e-15 grows by the spike's steepness.
    np.testing.assert_allclose(core["soma_mV"], own["soma_mV"], rtol=0, atol=1e-5)
