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
# # Change a channel and see the amplification go
#
# An EPSP at the soma is larger from -56 mV than from -62 mV, although its driving force is smaller. Which
# channel does that? Take some of each and look.

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import matplotlib.pyplot as plt

import netpyne_model as ca1

cell = ca1.Cell()
events = ca1.SpineInput(place="trunk@220", n=4, times_ms=[250, 260, 270, 280, 290])


def epsp(cell, held_mV):
    """The cell's response to the events while a current holds it at a potential."""
    holding = ca1.Holding(target_mV=held_mV)
    return ca1.Protocol(duration_ms=450, stimuli=[events], holding=holding).run(cell)


def amplitude_mV(run):
    return ca1.analysis.epsp_amplitude(run.time_ms, run.voltage_mV["soma"], first_event_ms=250)


# %% [markdown]
# ## Less sodium
#
# `with_rule(region, parameter, factor=...)` gives another cell; the first one stays as it is. `nas` are
# the sodium channels of soma and dendrites, `nax` those of the axon.


# %%
def with_sodium(cell, factor, region="all"):
    for channel in ("nas", "nax"):
        cell = cell.with_rule(region, f"{channel}.gbar", factor=factor)
    return cell


factors = (1.0, 0.75, 0.5, 0.25)
runs = {}
for factor in factors:
    less = with_sodium(cell, factor)
    runs[factor] = epsp(less, -62), epsp(less, -56)
ca1.plot(
    {f"{factor:.0%} of the sodium": at_56 for factor, (_, at_56) in runs.items()},
    recordings=["soma"],
    t_from_ms=240,
    relative_to_baseline_at_ms=250,
)

# %%
at_62, at_56 = ([amplitude_mV(run) for run in pair] for pair in zip(*runs.values(), strict=True))
ratios = [large / small for small, large in zip(at_62, at_56, strict=True)]
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
axes[0].plot(factors, at_62, "o-", label="held at -62 mV")
axes[0].plot(factors, at_56, "o-", label="held at -56 mV")
axes[0].set(xlabel="Sodium conductance, relative", ylabel="EPSP (mV)", ylim=(0, None))
axes[0].legend(frameon=False)
axes[1].plot(factors, ratios, "ko-")
axes[1].axhline(1, color="0.7", zorder=0)
axes[1].set(xlabel="Sodium conductance, relative", ylabel="EPSP, -56 mV over -62 mV")
plt.show()

# %% [markdown]
# The EPSP from -62 mV hardly cares; the one from -56 mV shrinks with the sodium, and so does their ratio.
#
# ## Where does the sodium sit that does it?
#
# Half of it taken in one part of the cell only.

# %%
for name, changed in {
    "soma": cell.with_rule("soma", "nas.gbar", factor=0.5),
    "axon": cell.with_rule("axonal", "nax.gbar", factor=0.5),
    "dendrites": cell.with_rule("dendrites", "nas.gbar", factor=0.5),
}.items():
    ratio = amplitude_mV(epsp(changed, -56)) / amplitude_mV(epsp(changed, -62))
    print(f"half the sodium, {name}: {ratio:.2f} times, control {ratios[0]:.2f} times")

# %% [markdown]
# Half of the axon's sodium gone, and the amplification is gone.
#
# ## Drugs, and a channel that no drug makes
#
# `with_drugs` knows the paper's. `TTX` halves sodium at its origin: the dendritic gradients start from
# half and fall with the same slope, so distal branches lose more. `AP5` takes NMDA receptors away.
# `persistent_only` replaces the sodium channel by one without its transient current, at the same
# density.

# %%
bars = {"control": ratios[0]}
for drug in ("TTX", "AP5", "persistent_only"):
    treated = cell.with_drugs(drug)
    bars[drug] = amplitude_mV(epsp(treated, -56)) / amplitude_mV(epsp(treated, -62))
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.bar(list(bars), list(bars.values()), color="0.6")
ax.axhline(1, color="0.3", linewidth=0.8)
ax.set_ylabel("EPSP, -56 mV over -62 mV")
plt.show()

# %% [markdown]
# The amplification goes with half the sodium, and stays with the persistent current alone: the paper's
# claim. NMDA receptors have a part in it too.
#
# What a change is, in words, and as a file that `ca1 run --cell` and `ca1.Cell` read:

# %%
import tempfile
from pathlib import Path

reduced = with_sodium(cell, 0.5).named("half_sodium")
print(*reduced.diff(), sep="\n")
with tempfile.TemporaryDirectory() as folder:
    reduced.save(Path(folder) / "half_sodium.yaml", changes_only=True)
    print((Path(folder) / "half_sodium.yaml").read_text())

# %% [markdown]
# To change a channel's kinetics, not its density, edit its NeuroML file:
# [the guide](../docs/guide.md#a-channel-of-your-own) shows how (it takes Java).
