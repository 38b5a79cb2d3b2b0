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
# # Bring your own morphology
#
# An SWC file in, a cell with the published channels out. The example is a synthetic reconstruction that
# comes with the package; put the path of yours in its place.

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import matplotlib.pyplot as plt

import netpyne_model as ca1

published = ca1.Cell()
mine = ca1.Cell("../morphologies/example.swc")
print(mine, "with", len(mine.placement.spines), "spines")
ca1.draw(mine)

# %% [markdown]
# ## Are the regions right?
#
# Types 1 to 6 of the file are soma, axon, basal, oblique, trunk and tuft. Of a file that knows 1 to 4
# only, trunk and tuft are found by rule: look at the picture. Where it errs, `trunk_end` names the point
# at which the trunk ends, and `regions` points from which on another region begins:

# %%
corrected = ca1.Cell("../morphologies/example.swc", regions={42: "tuft"})
ca1.draw(corrected)

# %%
table = mine.table()
summary = table.groupby("region", sort=False).agg(
    segments=("section", "size"), furthest_um=("path_distance", "max")
)
summary["spines"] = mine.placement.spines["region"].value_counts()
summary.fillna(0).astype(int)

# %% [markdown]
# ## What the rules make of it
#
# Densities follow the path distance from the soma, so they fit any tree. Where yours is longer than the
# published one, the rules go on; `with_rule(..., maximum=...)` bounds them.

# %%
ca1.plot_parameter({"published": published, "mine": mine}, ["kad.gbar", "h.gbar"])

# %% [markdown]
# ## Rest, input resistance, spikes
#
# The first thing to look at: another tree has another input resistance, so the same current does
# something else. Hyperpolarising steps measure it; a depolarising one shows the firing.

# %%
cells = {"published": published, "mine": mine}
amplitudes_nA = (-0.05, 0.3)
runs = {}
for name, cell in cells.items():
    for amplitude_nA in amplitudes_nA:
        pulse = ca1.CurrentClamp(amplitude_nA=amplitude_nA, start_ms=150, stop_ms=350)
        runs[name, amplitude_nA] = ca1.Protocol(duration_ms=400, stimuli=[pulse]).run(cell)


def at(run, time_ms):
    return run.voltage_mV["soma"][run.time_ms.searchsorted(time_ms)]


for name in cells:
    down, up = (runs[name, amplitude_nA] for amplitude_nA in amplitudes_nA)
    rest_mV = at(down, 149)
    resistance_MOhm = (at(down, 349) - rest_mV) / amplitudes_nA[0]
    print(
        f"{name}: rest {rest_mV:.1f} mV, {resistance_MOhm:.0f} MOhm, {len(up.spike_times_ms)} spikes"
    )

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 3), sharex=True, layout="constrained")
for axis, amplitude_nA in zip(axes, amplitudes_nA, strict=True):
    for name in cells:
        run = runs[name, amplitude_nA]
        axis.plot(run.time_ms, run.voltage_mV["soma"], label=name, linewidth=1)
    axis.set(title=f"{amplitude_nA:+g} nA", xlabel="Time (ms)", xlim=(100, 400))
axes[0].set_ylabel("Somatic voltage (mV)")
axes[0].legend(frameon=False)
plt.show()

# %% [markdown]
# ## Does it amplify?
#
# The paper's test on the new cell: an EPSP from two held potentials, with and without half of its
# sodium. One spine and -58 mV are enough here: with four from -56 mV, as on the published cell, it
# fires.

# %%
events = ca1.SpineInput(place="trunk@150", times_ms=[250, 260, 270, 280, 290])


def amplitude_mV(cell, held_mV):
    holding = ca1.Holding(target_mV=held_mV)
    run = ca1.Protocol(duration_ms=450, stimuli=[events], holding=holding).run(cell)
    return ca1.analysis.epsp_amplitude(run.time_ms, run.voltage_mV["soma"], first_event_ms=250)


for name, cell in {"mine": mine, "mine, half the sodium": mine.with_drugs("TTX")}.items():
    small, large = amplitude_mV(cell, -62), amplitude_mV(cell, -58)
    print(f"{name}: {small:.2f} mV at -62 mV, {large:.2f} mV at -58 mV, {large / small:.2f} times")

# %% [markdown]
# ## A lap through the place field
#
# The inputs are drawn anew for the spines of this tree. The set-up's numbers belong to the published
# one: all of its 1,600 inputs drive this small cell into depolarisation block. So as many as it has
# spines for. On the command line: `ca1 run --cell morphologies/example.swc --set n_excitatory=345`.

# %%
share = len(mine.placement.spines) / len(published.placement.spines)
lap = ca1.Trial(
    cell=mine,
    setup="silent_cell",
    n_excitatory=round(1600 * share),
    n_inhibitory=round(600 * share),
    dc_nA=0.05,
    integration="second_order",
    dt_ms=0.05,
)
result = lap.run()
print(f"{len(result.synapses)} inputs, {len(result.spike_times_ms)} spikes")
ca1.plot(result, recordings=["soma"])

# %% [markdown]
# `mine.save("mine.yaml")` keeps cell and morphology in a file, `mine.write_neuroml("exported")` writes
# NeuroML, `mine.cell_params()` NetPyNE's `cellParams`.
