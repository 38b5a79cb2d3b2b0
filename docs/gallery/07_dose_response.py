"""
How much sodium the amplification takes
=======================================

The EPSP of the first example at two potentials, against the share of the sodium conductance that is
left. At -62 mV it hardly matters; at -56 mV the EPSP falls steeply, and the ratio of the two, the
amplification, passes 1.
"""

import matplotlib.pyplot as plt

import netpyne_model as ca1

events = ca1.SpineInput(place="trunk@220", n=4, times_ms=[250, 260, 270, 280, 290])
left = [0, 0.25, 0.5, 0.75, 0.9, 1]


def epsp_mV(cell, target_mV):
    protocol = ca1.Protocol(
        duration_ms=350, stimuli=[events], holding=ca1.Holding(target_mV=target_mV)
    )
    run = protocol.run(cell)
    return ca1.analysis.epsp_amplitude(run.time_ms, run.voltage_mV["soma"], first_event_ms=250)


cells = [ca1.Cell().with_drugs(f"TTX:{share}") for share in left]
small, large = ([epsp_mV(cell, target_mV) for cell in cells] for target_mV in (-62, -56))

figure, (ax, ratio) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
ax.plot(left, small, "o-", label="at -62 mV")
ax.plot(left, large, "o-", label="at -56 mV")
ax.set(xlabel="Sodium conductance left", ylabel="EPSP at the soma (mV)", ylim=(0, None))
ax.legend(frameon=False)
ratio.plot(left, [b / a for a, b in zip(small, large, strict=True)], "ko-")
ratio.axhline(1, color="0.7", lw=1)
ratio.set(xlabel="Sodium conductance left", ylabel="Amplification")
plt.show()
