"""All gated channels as one density mechanism for fixed time steps.

A mechanism of its own costs a channel more than its equations do: NEURON goes over the segments
three times a step for each mechanism, asks for every current twice, and ``cnexp`` takes an exp()
and four divisions a gate. Fused, the channels and the leak of a thread's segments are stepped
together (``mod/handwritten/fused_channels.inc``): steady states and the factors 1 - exp(-dt/tau)
come from tables of the same 0.01 mV steps as the separate mechanisms' rates, the conductances are
summed by ion when the gates are updated, and the current is linear in v, so that NEURON needs no
numerical derivative. The equations are the separate mechanisms' own (`rewriting.Mechanism`), and so
are the steps they take, to rounding; channels of density 0 are left out segment by segment.

`channel` holds what a channel contributes, `writing` makes the mod file of it, `converted` reads
what the converted file holds.
"""

from .converted import FUSED, fused_channels, fused_gates, gate_place

__all__ = ["FUSED", "fused_channels", "fused_gates", "gate_place"]
