"""Runs the model of this folder and prints its spikes: ``python init.py``.

NetPyNE compiles ``mod/`` at the first run. On several processes, compile it once before
(``cd mod && nrnivmodl``): ``mpiexec -n 2 nrniv -python -mpi init.py``.
"""

import os

from netpyne import sim

folder = os.path.dirname(os.path.abspath(__file__))
simConfig, netParams = sim.loadModel(folder)
sim.createSimulate(netParams=netParams, simConfig=simConfig)
if sim.rank == 0:
    times_ms = sorted(sim.allSimData["spkt"])
    print("SPIKES (ms): " + " ".join(f"{time_ms:.3f}" for time_ms in times_ms))
