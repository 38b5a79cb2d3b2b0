"""The smooth cell in other simulators, from this package's own description and channels.

What is compared is a step of the same cell: 119 sections in 453 segments, the channels that each
segment has and no others, no spines, 0.3 nA into the soma. ``equations`` reads the channels out of
the generated mod files; ``arbor_cell`` and ``jaxley_cell`` write them as their simulator wants
them, ``neuron_cells`` run NEURON's own ways; ``condition`` says what is run, ``cases`` compares.
"""
