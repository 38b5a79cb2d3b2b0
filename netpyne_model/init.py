"""NetPyNE's file of a run: builds and simulates the trial of ``cfg.py`` and ``netParams.py``.

``scripts/run_netpyne.py`` does the same and writes results, figure and provenance; this file is for
NetPyNE's own tools (``nrniv -python init.py``, batches). It saves what was recorded if
``cfg.saveFolder`` names a folder, as it does in a batch.

Under MPI (``mpiexec -n 2 nrniv -python -mpi init.py``) one process has the cell and all its inputs,
which come without delay; the others wait for it. NetPyNE would spread the sources of the inputs
over all processes, so that they are made here.

NetPyNE takes a run that stops for a finished one: potentials are looked at after it, and one that
has gone astray ends all processes with one line.
"""

import os
import sys
from pathlib import Path

# See cfg.py.
sys.path.append(str(Path.cwd().parent))

from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import loading

loading.neuron()  # of NetPyNE's import it would load what is compiled in the folder where it starts
from netpyne import sim

from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.built import BuiltTrial
from netpyne_model.simulation.netpyne_params import configuration_of, remove_inputs

try:
    cfg, netParams = sim.readCmdLineArgs(simConfigDefault="cfg.py", netParamsDefault="netParams.py")
    trial = prepare_trial(configuration_of(cfg))
except ModelError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)
remove_inputs(netParams, trial)
sim.create(simConfig=cfg, netParams=netParams)
built = BuiltTrial(trial, inputs_by_netpyne=False) if sim.net.cells else None
if built is not None:
    built.guard.begin(stops=False)
sim.simulate()
if built is not None:
    try:
        built.guard.check(alone=True)
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        os._exit(2)  # without MPI's end, for which the others would be waited; mpiexec ends them
# netParams.py has turned saving off, for those who load the model to look at it.
cfg.saveJson = bool(cfg.saveFolder)
sim.analyze()
