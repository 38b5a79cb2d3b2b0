"""Runs the model of this folder and prints its spikes: ``python init.py``.

The first run compiles ``mod/``. On several processes compile it before (``cd mod && nrnivmodl``):
``mpiexec -n 2 nrniv -python -mpi init.py``.
"""

import os
import platform
import subprocess
import sys

import neuron

folder = os.path.dirname(os.path.abspath(__file__))
mod = os.path.join(folder, "mod")
if not os.path.isdir(os.path.join(mod, platform.machine())):
    # The nrnivmodl of this Python, also of an environment that is not active.
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    subprocess.check_call(["nrnivmodl"], cwd=mod, env=dict(os.environ, PATH=path))
started_in = os.getcwd()
os.chdir(folder)  # NEURON loads no library by a path with letters that are not ASCII
neuron.load_mechanisms("mod")
os.chdir(started_in)
sys.path.insert(0, folder)

from cfg import cfg
from netParams import netParams
from netpyne import sim

sim.createSimulate(netParams=netParams, simConfig=cfg)
if sim.rank == 0:
    times_ms = sorted(sim.allSimData["spkt"])
    print("SPIKES (ms): " + " ".join(f"{time_ms:.3f}" for time_ms in times_ms))
