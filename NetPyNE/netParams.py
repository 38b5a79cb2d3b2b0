"""NetPyNE's specification of the network, from the file beside this one: ``netParams``."""

import json
import os

from netpyne import specs

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "netParams.json")) as file:
    netParams = specs.NetParams(json.load(file)["net"]["params"])
