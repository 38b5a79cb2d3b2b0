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
# # A sweep
#
# Many runs of one thing with something changed: protocols in a loop, trials as a study, which runs them
# on all cores, keeps what is finished, and writes tables and figures.

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image

import netpyne_model as ca1

# %% [markdown]
# ## A loop over protocols
#
# Spikes a second against current, of two cells. A protocol takes a fraction of a second, so a loop will
# do.

# %%
cells = {"control": ca1.Cell(), "80 % kdr": ca1.Cell().with_rule("all", "kdr.gbar", factor=0.8)}
currents_nA = np.array([0.1, 0.2, 0.3, 0.5])
figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
for name, cell in cells.items():
    rates_hz = []
    for current_nA in currents_nA:
        step = ca1.CurrentClamp(amplitude_nA=current_nA, start_ms=50)
        run = ca1.Protocol(duration_ms=250, stimuli=[step], dt_ms=0.05).run(cell)
        rates_hz.append(len(run.spike_times_ms) / 0.2)
    ax.plot(currents_nA, rates_hz, "o-", label=name)
ax.set(xlabel="Current (nA)", ylabel="Spikes per second", ylim=(0, None))
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## A study of trials
#
# DC by drug, all with the same seeds. Any field of a trial can be swept, a parameter of the cell too
# (`"kdr.gbar*": [0.8, 1]`). Here the laps end in the place field and have one seed, so that it takes
# half a minute; in earnest give `trials=10` and no `duration_ms`.

# %%
study = ca1.Study(
    title="A current and half the sodium",
    base={
        "setup": "silent_cell",
        "integration": "second_order",
        "dt_ms": 0.05,
        "duration_ms": 4300,
    },
    grid={"dc_nA": [0.0, 0.1], "drugs": [[], ["TTX"]]},
    trials=1,
    axis="dc_nA",
    panels="drugs",
)
len(study.trial_list())

# %% [markdown]
# `run` goes on where the same study was stopped in the same folder; a finished trial is never run twice.
# In a script this stands under `if __name__ == "__main__":`, since the workers read the script too.

# %%
temporary = tempfile.TemporaryDirectory()  # put the path of a folder of yours in its place
folder = Path(temporary.name) / "study"
results = study.run(folder, processes=2)
results.table[["condition", "seed", "n_spikes", "mean_v_out_of_field_mV", "mean_rate_in_field_hz"]]

# %% [markdown]
# Every column is described in [the list of measures](../docs/measures.md). The folder has the tables as
# CSV, each trial as NWB, and figures:

# %%
names = ca1.Study.write_report(results)
print(*sorted(path.name for path in folder.iterdir()))
Image(folder / "figures" / "track_profiles.png", width=800)

# %% [markdown]
# A single trial, when it is asked for:

# %%
ca1.plot(
    {row.condition: results.trial(row.trial) for row in results.table.itertuples()},
    recordings=["soma"],
    t_from_ms=2000,
)

# %% [markdown]
# On the command line the same is `ca1 study --sweep 'dc_nA=[0, 0.1]' --sweep 'drugs=[[], [TTX]]'`;
# [studies](../docs/studies.md) says more, [cluster](../docs/cluster.md) how it runs on one.
