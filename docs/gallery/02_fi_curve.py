"""
The f-I curve, with and without the M current
=============================================

Steps of current into the soma. Without M-type potassium current (XE991) the cell begins to fire at
less current and fires faster: the M current opens near threshold and closes slowly. It also lets the
sodium channels recover: without it, at 0.5 nA, the cell stays depolarised after a few spikes and
fires no more.
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

if __name__ == "__main__":  # each core is a process that imports this script
    cells = {"control": ca1.Cell(), "XE991": ca1.Cell().with_drugs("XE991")}
    figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
    for name, cell in cells.items():
        curve = ca1.fi_curve(cell, [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5])
        ax.plot(curve["current_nA"], curve["rate_Hz"], "o-", label=name)
    ax.set(xlabel="Current into the soma, 500 ms (nA)", ylabel="Firing rate (Hz)")
    ax.legend(frameon=False)
    plt.show()
