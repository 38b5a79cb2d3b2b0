"""NetPyNE without its analysis, which a trial does not use, until someone uses it.

``import netpyne`` also reads its plots and statistics and so bokeh, scipy, networkx and pyNeuroML:
a second and 100 MB more.
"""

from types import ModuleType

from ..imported_when_used import imported_when_used

# `netpyne.batch` is not among them: NetPyNE's rooms import each other in a circle, which it opens.
_SELDOM_USED = ("netpyne.analysis", "netpyne.plotting", "pyneuroml.pynml")


def netpyne() -> tuple[ModuleType, ModuleType]:
    """NetPyNE's ``sim`` and ``specs``; ``sim.analysis`` and the rest are there when asked for."""
    with imported_when_used(*_SELDOM_USED):
        from netpyne import sim, specs
    return sim, specs


def clear_all() -> None:
    """NetPyNE's ``sim.clearAll``, which would also close every figure of pyplot, the user's too."""
    from netpyne import sim

    rank = sim.rank
    sim.rank = -1  # closing figures and dropping what was gathered is the work of rank 0
    try:
        sim.clearAll()
    finally:
        sim.rank = rank
    vars(sim).pop("allSimData", None)
