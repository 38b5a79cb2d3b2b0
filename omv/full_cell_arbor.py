"""The current step of LEMS_CA1_full.xml by Arbor: time (ms), voltage of the soma (mV)."""

from pathlib import Path

import arbor
import numpy as np
from arbor import units as U

from netpyne_model import Cell

SOMA = "soma_0(0.5)"

built = Cell().to_arbor(injected=[SOMA])
step = arbor.i_clamp(100 * U.ms, 500 * U.ms, current=0.3 * U.nA)
built.decor.place(built.location(SOMA), step)
simulation = arbor.simulation(built.recipe({"soma": SOMA}))
handle = simulation.sample((0, "soma"), arbor.regular_schedule(0.025 * U.ms))
simulation.run(250 * U.ms, 0.025 * U.ms)
((samples, _),) = simulation.samples(handle)
np.savetxt(Path(__file__).with_suffix(".dat"), samples)
