"""
Ramp and theta of a place cell
==============================

A lap of the place cell. With its spikes cut out, the somatic potential has two parts that recordings
show too: a ramp that rises in the field (below 3 Hz), and theta (5 to 10 Hz).
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

trial = ca1.Trial(setup="place_cell", seed=1, integration="second_order", dt_ms=0.05)
result = trial.run()
track, v_mV = result.track, result.voltage_mV["soma"]
without_spikes_mV = ca1.analysis.cut_spikes(result.time_ms, v_mV, result.spike_times_ms)
on_track = result.time_ms >= track.start_ms
time_s = track.track_time_ms(result.time_ms[on_track]) / 1e3
slow_mV = ca1.analysis.ramp(result.time_ms[on_track], without_spikes_mV[on_track])
theta_mV, _, _ = ca1.analysis.theta_band(result.time_ms[on_track], without_spikes_mV[on_track])

figure, axes = plt.subplots(3, 1, figsize=(8, 5.4), sharex=True, layout="constrained")
top, middle, bottom = axes
for ax in axes:
    for start_ms, stop_ms in track.field_spans_ms():
        ax.axvspan(start_ms / 1e3, stop_ms / 1e3, color="0.9")
top.plot(time_s, v_mV[on_track], lw=0.6, color="k")
middle.plot(time_s, without_spikes_mV[on_track], lw=0.4, color="0.6")
middle.plot(time_s, slow_mV, lw=2)
bottom.plot(time_s, theta_mV, lw=0.8)
top.set_ylabel("Soma (mV)")
middle.set_ylabel("Ramp (mV)")
bottom.set(ylabel="Theta (mV)", xlabel="Time on the track (s)")
plt.show()
