"""Objects of NEURON that give their memory back.

What Python makes by calling a class of NEURON 9.0, ``h.NetCon()`` or ``h.Vector()``, keeps 96 bytes
for ever (point processes do not, nor does what hoc makes). A trial makes one or two connections an
input: 0.3 MB, which a sweep of thousands feels.
"""

from typing import Any

_HOC = "obfunc ca1_new_NetCon_to() { localobj none  return new NetCon(none, $o1) }"


def new_netcon_to(receptor: Any) -> Any:
    """A connection without source to a point process."""
    from neuron import h

    if not hasattr(h, "ca1_new_NetCon_to"):
        h(_HOC)
    return h.ca1_new_NetCon_to(receptor)
