"""NetPyNE's configuration of the run, from the file beside this one: ``cfg``."""

import json
import os

from netpyne import specs

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "simConfig.json")) as file:
    cfg = specs.SimConfig(json.load(file)["simConfig"])
