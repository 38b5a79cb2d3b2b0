"""
A channel changed: how far a spike travels into the tree
========================================================

A brief pulse makes one spike. A-type potassium channels, whose density grows with distance, hold
back what of it invades the trunk; with a fifth of them it arrives nearly whole.
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

control = ca1.Cell()
less_A = control.with_rule("all", "kad.gbar", factor=0.2).with_rule("all", "kap.gbar", factor=0.2)
distances_um = (50, 100, 150, 200, 250)
places = {"soma": "soma"} | {f"trunk_{one}": f"trunk@{one}" for one in distances_um}
pulse = ca1.CurrentClamp(amplitude_nA=1.5, start_ms=100, stop_ms=102)
protocol = ca1.Protocol(
    duration_ms=120, stimuli=[pulse], record=places, dt_ms=0.025, channels="fused"
)

figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
for name, cell in {"control": control, "a fifth of the A-type": less_A}.items():
    run = protocol.run(cell)
    before = run.time_ms < 100
    heights_mV = [run.voltage_mV[one].max() - run.voltage_mV[one][before][-1] for one in places]
    ax.plot([0, *distances_um], heights_mV, "o-", label=name)
ax.set(xlabel="Path distance from the soma (µm)", ylabel="Height of the spike (mV)", ylim=(0, None))
ax.legend(frameon=False)
plt.show()
