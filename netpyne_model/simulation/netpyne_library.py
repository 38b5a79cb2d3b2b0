"""NetPyNE without its analysis, which a trial does not use, until someone uses it.

``import netpyne`` also reads its plots and statistics and so bokeh, scipy, networkx and pyNeuroML:
a second and 100 MB more.
"""

from typing import Any

from ..imported_when_used import imported_when_used

# `netpyne.batch` is not among them: NetPyNE's rooms import each other in a circle, which it opens.
_SELDOM_USED = ("netpyne.analysis", "netpyne.plotting", "pyneuroml.pynml")


def netpyne() -> tuple[Any, Any]:
    """NetPyNE's ``sim`` and ``specs``; ``sim.analysis`` and the rest are there when asked for."""
    with imported_when_used(*_SELDOM_USED):
        from netpyne import sim, specs
    return sim, specs


def drop_network() -> None:
    """Let go of the network that NetPyNE has built, and of all that was recorded of it.

    NetPyNE's ``sim.clearAll`` takes a tenth of a second more, for rxd and a search of all of
    Python's memory, and closes every figure of pyplot, the user's too.
    """
    sim, _ = netpyne()
    network = getattr(sim, "net", None)
    if network is None:
        return
    sim.pc.gid_clear()
    for cell in network.cells:
        sim.clearObj(cell.__dict__)
    sim.fih = []  # what is to be done at every start, to cells that are gone
    for name in ("net", "simData", "allSimData"):
        vars(sim).pop(name, None)
