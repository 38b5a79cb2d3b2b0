"""
A silent cell becomes a place cell, and TTX makes it silent again
=================================================================

A lap through the place field with the same inputs three times. Without current the cell is silent;
a current of 0.1 nA, some 4 mV, makes it fire in the field; with half the sodium the same current
does not.
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

lap = ca1.Trial(setup="silent_cell", seed=0, integration="second_order", dt_ms=0.05)
conditions = {
    "no current": lap.changed(dc_nA=0.0),
    "0.1 nA": lap.changed(dc_nA=0.1),
    "0.1 nA and TTX": lap.changed(dc_nA=0.1, drugs=["TTX"]),
}

# %%
# The track begins after settling and lead-in; the field is that of the input, shaded.

figure, axes = plt.subplots(3, 1, figsize=(8, 5), sharex=True, sharey=True, layout="constrained")
for ax, (name, trial) in zip(axes, conditions.items(), strict=True):
    result = trial.run()
    track = result.track
    for start_ms, stop_ms in track.field_spans_ms():
        ax.axvspan(start_ms / 1e3, stop_ms / 1e3, color="0.9")
    track_s = track.track_time_ms(result.time_ms) / 1e3
    ax.plot(track_s, result.voltage_mV["soma"], lw=0.6, color="k")
    ax.set_title(f"{name}: {len(result.spike_times_ms)} spikes", loc="left", fontsize=10)
axes[1].set_ylabel("Potential of the soma (mV)")
axes[-1].set_xlabel("Time on the track (s)")
plt.show()
