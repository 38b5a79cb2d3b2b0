"""
An EPSP grows with depolarisation
=================================

Five events on four spines of the trunk, from two held potentials. Near -56 mV the driving force is
smaller, yet the EPSP is larger: persistent sodium current opens with it. Half the sodium (TTX) takes
that away.
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

events = ca1.SpineInput(place="trunk@220", n=4, times_ms=[250, 260, 270, 280, 290])
cells = {"control": ca1.Cell(), "TTX": ca1.Cell().with_drugs("TTX")}

figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
for ax, target_mV in zip(axes, (-62, -56), strict=True):
    protocol = ca1.Protocol(
        duration_ms=450, stimuli=[events], holding=ca1.Holding(target_mV=target_mV)
    )
    for name, cell in cells.items():
        run = protocol.run(cell)
        before_mV = ca1.analysis.baseline(run.time_ms, run.voltage_mV["soma"], 250)
        ax.plot(run.time_ms - 250, run.voltage_mV["soma"] - before_mV, label=name)
    ax.set(
        title=f"held at {target_mV} mV", xlabel="Time after the first event (ms)", xlim=(-10, 150)
    )
axes[0].set_ylabel("EPSP at the soma (mV)")
axes[0].legend(frameon=False)
plt.show()
