# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own protocol
#
# A protocol is what a cell is given (stimuli, a held potential) and what is recorded. Any number of
# stimuli, anywhere: `help(ca1.Protocol)`, and the tables of [the guide](../docs/guide.md#try-it).

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import matplotlib.pyplot as plt
import numpy as np

import netpyne_model as ca1

cell = ca1.Cell()

# %% [markdown]
# ## Theta bursts at the trunk
#
# Forty spines about the trunk 200 um from the soma, three bursts of four events at 100 Hz, a burst every
# 200 ms; a fixed step of 0.05 ms (without `dt_ms` it is adapted). A place is `soma`, `section(x)`,
# `region@path distance` or a spine's head; a recording is a place, or a variable and a place.

# %%
times_ms = [start + event for start in range(100, 700, 200) for event in (0, 10, 20, 30)]
bursts = ca1.SpineInput(place="trunk@200", n=40, times_ms=times_ms)
record = {
    "soma": "soma",
    "trunk": "trunk@200",
    "A_current": "kad.i trunk@200",
    "sodium": "nas.i trunk@200",
}
protocol = ca1.Protocol(duration_ms=700, stimuli=[bursts], record=record, dt_ms=0.05)
control = protocol.run(cell)
print(f"{len(control.spike_times_ms)} spikes")
ca1.plot(control, recordings=["soma", "trunk", "A_current"])

# %% [markdown]
# ## With inhibition, and a current
#
# A GABA_A synapse on the trunk with each burst, and a steady current into the soma beside it. Stimuli
# add up; a protocol changes by `dataclasses.replace`.

# %%
from dataclasses import replace

inhibition = ca1.ShaftInput(
    place="trunk@150", times_ms=[time_ms + 2 for time_ms in times_ms], weight=20
)
current = ca1.CurrentClamp(amplitude_nA=0.1)
runs = {"control": control}
for name, stimuli in {
    "with inhibition": [bursts, inhibition],
    "with 0.1 nA": [bursts, current],
    "with both": [bursts, inhibition, current],
}.items():
    runs[name] = replace(protocol, stimuli=stimuli).run(cell)
for name, run in runs.items():
    print(f"{name}: {len(run.spike_times_ms)} spikes")
ca1.plot(runs, recordings=["soma"], t_from_ms=50, t_to_ms=350)

# %% [markdown]
# ## A spike on its way up the trunk
#
# A short pulse into the soma, recorded at the soma and every 50 um along the trunk.

# %%
places = {"soma": "soma"} | {f"at_{um}_um": f"trunk@{um}" for um in range(50, 300, 50)}
pulse = ca1.CurrentClamp(amplitude_nA=2.0, start_ms=20, stop_ms=22)
spike = ca1.Protocol(duration_ms=40, stimuli=[pulse], record=places, dt_ms=0.025).run(cell)
distance_um = [spike.sites[name].path_distance_um for name in places]
height_mV = [np.ptp(spike.voltage_mV[name][spike.time_ms > 18]) for name in places]
figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
for name in places:
    axes[0].plot(spike.time_ms, spike.voltage_mV[name], linewidth=1, label=name.replace("_", " "))
axes[0].set(xlim=(18, 32), xlabel="Time (ms)", ylabel="Voltage (mV)")
axes[0].legend(frameon=False, fontsize="small")
axes[1].plot(distance_um, height_mV, "ko-")
axes[1].set(xlabel="Path distance (um)", ylabel="Height (mV)", ylim=(0, None))
plt.show()

# %% [markdown]
# ## A voltage clamp
#
# The soma stepped from -80 mV to several potentials. A clamp records its own current, as
# `clamp_current`, in nA.

# %%
levels_mV = (-70, -60, -50, -40)
currents_nA = {}
for level_mV in levels_mV:
    clamp = ca1.VoltageClamp(levels=[(0, -80), (50, level_mV), (100, -80)])
    run = ca1.Protocol(duration_ms=130, stimuli=[clamp], dt_ms=0.025).run(cell)
    currents_nA[level_mV] = run.recordings["clamp_current"].values
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for level_mV, current_nA in currents_nA.items():
    ax.plot(run.time_ms, current_nA, linewidth=1, label=f"{level_mV} mV")
ax.set(xlim=(45, 130), ylim=(-3, 3), xlabel="Time (ms)", ylabel="Clamp current (nA)")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# Axon and dendrites are not clamped with the soma: from -50 mV on the axon fires, once or again and
# again. The space clamp problem of any pyramidal cell.
#
# ## Keep it
#
# A folder with `results.nwb` (NWB: neo and DANDI read it), the configuration, the versions and a
# summary.

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    ca1.save(control, Path(folder) / "bursts")
    print(*sorted(path.name for path in (Path(folder) / "bursts").iterdir()))
    again = ca1.load(Path(folder) / "bursts")
np.array_equal(again.voltage_mV["soma"], control.voltage_mV["soma"])
