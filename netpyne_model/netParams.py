"""NetPyNE's file of the model: ``netParams`` of the trial that `cfg` describes."""

import sys
from pathlib import Path

# See cfg.py.
sys.path.append(str(Path.cwd().parent))

from netpyne_model.mechanisms import loading
from netpyne_model.mechanisms.user_channels import load_user_channels
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.netpyne_params import (
    configuration_of,
    configure,
    mechanisms_of,
    net_params,
)

try:
    from __main__ import cfg
except ImportError:
    from netpyne_model.cfg import cfg

trial = prepare_trial(configuration_of(cfg))
loading.load(mechanisms_of(trial))
load_user_channels(trial.description.user_channels.values())
configure(cfg, trial)
netParams = net_params(trial)
