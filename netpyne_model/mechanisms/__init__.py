"""Mechanisms: NeuroML2 converted to NEURON mod files, compiled once and loaded."""
