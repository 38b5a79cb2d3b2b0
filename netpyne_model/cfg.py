"""NetPyNE's file of the configuration: ``cfg``, with every field of `TrialConfig` as an attribute.

A batch changes fields of `cfg`; ``netParams.py`` then builds the trial that they describe.
"""

import sys
from pathlib import Path

from netpyne import specs

# NetPyNE executes this file from its folder and does not say where it is; a clone need not be
# installed.
sys.path.append(str(Path.cwd().parent))

from netpyne_model.configuration import load_configuration

cfg = specs.SimConfig()
for name, value in load_configuration().as_dict().items():
    setattr(cfg, name, value)
cfg.simLabel = "CA1_place_cell"
cfg.filename = "output/CA1_place_cell"
# A batch sets its own, and then init.py saves.
cfg.saveFolder = ""
