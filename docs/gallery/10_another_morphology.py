"""
The same channels on another tree
=================================

One spine at a time, along the apical tree of the published cell and of a synthetic SWC file with
the published rules: what a synapse does to its branch, and what of it arrives at the soma.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import netpyne_model as ca1
from netpyne_model.data_folders import MORPHOLOGIES

cells = {"published": ca1.Cell(), "example.swc": ca1.Cell(Path(MORPHOLOGIES) / "example.swc")}
distances_um = (100, 150, 200, 250)

figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharex=True, layout="constrained")
for name, cell in cells.items():
    heights_mV = {"soma": [], "branch": []}
    for distance_um in distances_um:
        place = f"apical@{distance_um}"
        event = ca1.SpineInput(place=place, times_ms=[50])
        run = ca1.Protocol(
            duration_ms=100, stimuli=[event], record={"soma": "soma", "branch": place}
        ).run(cell)
        for site, values in heights_mV.items():
            values.append(ca1.analysis.epsp_amplitude(run.time_ms, run.voltage_mV[site], 50))
    for ax, (site, values) in zip(axes, heights_mV.items(), strict=True):
        ax.plot(distances_um, values, "o-", label=name)
        ax.set(title=f"at the {site}", xlabel="Path distance of the spine (µm)", ylim=(0, None))
axes[0].set_ylabel("EPSP (mV)")
axes[0].legend(frameon=False)
plt.show()
