"""The full cell through every door: this package, readers of its NeuroML, other simulators.

One current step of one cell: ``soma_step`` says what it is, ``neuron_doors``, ``jneuroml_doors``,
``arbor_door``, ``jaxley_door`` and ``eden_door`` are ways to run it, ``passages`` runs them and
compares, ``page`` makes the tables.
"""
