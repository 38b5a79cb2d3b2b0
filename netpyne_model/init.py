"""NetPyNE's file of a run: builds and simulates the trial of ``cfg.py`` and ``netParams.py``.

``scripts/run_netpyne.py`` does the same and writes results, figure and provenance; this file is for
NetPyNE's own tools (``nrniv -python init.py``, batches). It saves what was recorded if
``cfg.saveFolder`` names a folder, as it does in a batch.

Under MPI (``mpiexec -n 2 nrniv -python -mpi init.py``) one process has the cell and all its inputs,
which come without delay; the others wait for it. NetPyNE would spread the sources of the inputs
over all processes, so that they are made here.
"""

from netpyne import sim

cfg, netParams = sim.readCmdLineArgs(simConfigDefault="cfg.py", netParamsDefault="netParams.py")

from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.built import BuiltTrial
from netpyne_model.simulation.netpyne_params import configuration_of, remove_inputs

trial = prepare_trial(configuration_of(cfg))
remove_inputs(netParams, trial)
sim.create(simConfig=cfg, netParams=netParams)
built = BuiltTrial(trial, inputs_by_netpyne=False) if sim.net.cells else None
sim.simulate()
# netParams.py has turned saving off, for those who load the model to look at it.
cfg.saveJson = bool(cfg.saveFolder)
sim.analyze()
