"""The smooth cell in other simulators, from this package's own description and channels.

What is compared is a step of the same cell: 119 sections in 453 segments, the channels that each
segment has and no others, no spines, 0.3 nA into the soma. ``arbor_cell`` runs the `ArborCell` of
it, ``jaxley_cell`` writes the equations of the generated mod files as classes, ``neuron_cells`` run
NEURON's own ways; ``condition`` says what is run, ``cases`` compares.
"""
