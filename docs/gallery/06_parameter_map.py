"""
A map of the cell's parameters
==============================

Where the channels are. Every parameter of every segment has a name, and is drawn on the tree or
against path distance; several cells stand side by side.
"""

import netpyne_model as ca1

cell = ca1.Cell()
on_the_tree = ca1.draw_parameter(cell, "kad.gbar")

# %%
# The same and others against the distance from the soma:

by_distance = ca1.plot_parameter(cell, ["nas.gbar", "kap.gbar", "kad.gbar", "h.gbar"])
on_the_tree.savefig("parameter_map.png")
