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
# # A five-minute tour
#
# The cell, a current step, an EPSP, and the same lap through a place field twice: without and with a
# current of 0.1 nA into the soma. The first run compiles the mechanisms, which takes ten to twenty
# seconds more, once.

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import netpyne_model as ca1

cell = ca1.Cell()
cell

# %% [markdown]
# ## The cell
#
# The published reconstruction, its regions in colour. `ca1.Cell("reconstruction.swc")` would put the
# same channels on a morphology of yours ([notebook 3](3_your_morphology.ipynb)).

# %%
ca1.draw(cell)

# %% [markdown]
# Every parameter of every segment is in a table. Sodium (`nas`) is the same along the trunk, the
# A-type potassium conductance changes from its proximal form (`kap`) to the distal one (`kad`), which
# grows with distance.

# %%
table = cell.table()
columns = ["section", "path_distance", "nas.gbar", "kap.gbar", "kad.gbar", "h.gbar"]
table.loc[table["region"] == "trunk", columns].iloc[::10].round(4)

# %%
ca1.plot_parameter(cell, ["nas.gbar", "kad.gbar"])

# %% [markdown]
# ## A current step
#
# Into the soma, recorded at the soma and on the trunk 200 um away, where the spikes arrive late and
# smaller.

# %%
step = ca1.Protocol(
    duration_ms=250,
    stimuli=[ca1.CurrentClamp(amplitude_nA=0.3, start_ms=50)],
    record={"soma": "soma", "trunk": "trunk@200"},
)
run = step.run(cell)
print(f"{len(run.spike_times_ms)} spikes at {run.spike_times_ms.round(1)} ms")
ca1.plot(run, together=True)

# %% [markdown]
# ## An EPSP
#
# Four spines on the trunk, five events each at 100 Hz, from two held potentials. The depolarised one is
# larger although its driving force is smaller: persistent sodium current amplifies it
# ([notebook 2](2_change_a_channel.ipynb) takes that away).

# %%
events = ca1.SpineInput(place="trunk@220", n=4, times_ms=[250, 260, 270, 280, 290])
epsps = {}
for held_mV in (-62, -56):
    protocol = ca1.Protocol(
        duration_ms=450, stimuli=[events], holding=ca1.Holding(target_mV=held_mV)
    )
    epsps[f"held at {held_mV} mV"] = protocol.run(cell)
ca1.plot(epsps, recordings=["soma"], t_from_ms=240, relative_to_baseline_at_ms=250)

# %% [markdown]
# ## From silent cell to place cell
#
# One lap: 2,200 inputs, more and stronger about the centre of the place field. Twice the same events,
# without and with 0.1 nA into the soma. Second-order integration at 0.05 ms takes half the time of the
# default.

# %%
lap = ca1.Trial(setup="silent_cell", seed=0, integration="second_order", dt_ms=0.05)
laps = {f"{dc_nA:g} nA": lap.changed(dc_nA=dc_nA).run() for dc_nA in (0.0, 0.1)}
for name, result in laps.items():
    print(f"{name}: {len(result.spike_times_ms)} spikes")
ca1.plot(laps, recordings=["soma"])

# %% [markdown]
# What `ca1 run` draws of a trial: the driven synapses on the cell, every release, the voltages, the
# rate and the ramp below the spikes.

# %%
ca1.figures.overview(laps["0.1 nA"], cell.paths_um, cell.morphology)
