"""
Twenty cells in a network
=========================

NetPyNE's own description of a network, with a population of the full cell. Every connection from
CA3 is a spine of its own.
"""

import contextlib
import io

import matplotlib.pyplot as plt
from netpyne import sim, specs

import netpyne_model as ca1

net, config = specs.NetParams(), specs.SimConfig({"duration": 150, "verbose": False})
ca1.add_cells(net, config, ca1.Cell(), n=20)
net.popParams["CA3"] = {"cellModel": "NetStim", "numCells": 150, "rate": 25, "noise": 1}
net.connParams["CA3->CA1"] = {
    "preConds": {"pop": "CA3"},
    "postConds": {"pop": "CA1"},
    "probability": 0.6,
    "delay": 1,
    "sec": "apical",
    "synMech": "DrivenSpines",
    "weight": 1,
}
with contextlib.redirect_stdout(io.StringIO()):
    sim.createSimulate(net, config)

figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = {"CA1": "tab:red", "CA3": "0.6"}
of_cell = [cell.tags["pop"] for cell in sim.net.cells]
cells = [int(gid) for gid in sim.simData["spkid"]]
ax.scatter(list(sim.simData["spkt"]), cells, s=3, c=[colours[of_cell[gid]] for gid in cells])
ax.set(xlabel="Time (ms)", ylabel="Cell", title="CA3 (grey) drives 20 CA1 cells (red)")
plt.show()
