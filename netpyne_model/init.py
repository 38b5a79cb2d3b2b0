"""NetPyNE's face of a run: builds, simulates and gathers the trial of ``cfg.py`` and ``netParams.py``.

``scripts/run_netpyne.py`` does the same and writes results, figure and provenance; this file is for NetPyNE's own tools
(``nrniv -python init.py``, batches).
"""

from netpyne import sim

cfg, netParams = sim.readCmdLineArgs(simConfigDefault="cfg.py", netParamsDefault="netParams.py")

from netpyne_model.simulation.run import finish
from netpyne_model.simulation.specification import configuration_of
from netpyne_model.simulation.trial import prepare_trial

sim.create(simConfig=cfg, netParams=netParams)
finish(prepare_trial(configuration_of(cfg)))
sim.simulate()
sim.analyze()
