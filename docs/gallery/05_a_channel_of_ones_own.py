"""
A channel of one's own
======================

A slow potassium channel, written here as a mod file of NMODL and put on soma and dendrites. It opens
with each spike and closes slowly, so that the firing adapts.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import netpyne_model as ca1

KSLOW = """
NEURON { SUFFIX kslow USEION k READ ek WRITE ik RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { n }
INITIAL { n = open(v) }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar * n * (v - ek) }
DERIVATIVE states { n' = (open(v) - n) / 100 }
FUNCTION open(v (mV)) { open = 1 / (1 + exp(-(v + 20) / 6)) }
"""

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "kslow.mod"
    file.write_text(KSLOW)
    adapting = ca1.Cell().with_channel("kslow", file, {"soma": 0.01, "dendrites": 0.002})
    step = ca1.CurrentClamp(amplitude_nA=0.4, start_ms=100)
    protocol = ca1.Protocol(duration_ms=600, stimuli=[step], dt_ms=0.025)
    runs = {"control": protocol.run(ca1.Cell()), "with kslow": protocol.run(adapting)}

figure, axes = plt.subplots(2, 1, figsize=(7, 4), sharex=True, layout="constrained")
for ax, (name, run) in zip(axes, runs.items(), strict=True):
    ax.plot(run.time_ms, run.voltage_mV["soma"], lw=0.8, color="k")
    ax.set_title(f"{name}: {len(run.spike_times_ms)} spikes", loc="left", fontsize=10)
    ax.set_ylabel("Soma (mV)")
axes[-1].set_xlabel("Time (ms)")
plt.show()
