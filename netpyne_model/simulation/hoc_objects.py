"""Objects of NEURON that give their memory back.

What Python makes by calling a class of NEURON 9.0, ``h.Vector()`` or ``h.NetCon()``, keeps 96 bytes
for ever (point processes do not, nor does what hoc makes). NetPyNE makes three such objects an
input: 0.9 MB a trial, which a sweep of thousands feels.
"""

from typing import Any

_HOC = """
obfunc ca1_new_Vector() { return new Vector($1) }
obfunc ca1_new_output_NetCon() { return new NetCon($o1, $o2) }
obfunc ca1_new_NetCon_to() { localobj none  return new NetCon(none, $o1) }
obfunc ca1_new_FInitializeHandler() { return new FInitializeHandler($1, $o2) }
"""


def new_netcon_to(receptor: Any) -> Any:
    """A connection without source to a point process."""
    from neuron import h

    if not hasattr(h, "ca1_new_NetCon_to"):
        h(_HOC)
    return h.ca1_new_NetCon_to(receptor)


def be_frugal() -> None:
    """Let NetPyNE make the objects of its inputs by hoc; once a process."""
    from netpyne.cell import pointCell
    from netpyne.sim import run
    from neuron import h

    if pointCell.h is not h:
        return
    h(_HOC)

    class _Frugal:
        """NEURON's ``h`` for NetPyNE, which lets hoc make what Python would make with a leak."""

        def __getattr__(self, name: str) -> Any:
            return getattr(h, name)

        def __setattr__(self, name: str, value: Any) -> None:
            setattr(h, name, value)

        def Vector(self, *arguments: Any) -> Any:
            if len(arguments) == 1 and isinstance(arguments[0], int):
                return h.ca1_new_Vector(arguments[0])
            return h.Vector(*arguments)

        def NetCon(self, *arguments: Any, **named: Any) -> Any:
            output = len(arguments) == 2 and arguments[1] is None and not named
            if output and hasattr(arguments[0], "get_segment"):
                return h.ca1_new_output_NetCon(*arguments)
            return h.NetCon(*arguments, **named)

        def FInitializeHandler(self, *arguments: Any) -> Any:
            if len(arguments) == 2 and callable(arguments[1]):
                return h.ca1_new_FInitializeHandler(*arguments)
            return h.FInitializeHandler(*arguments)

    pointCell.h = run.h = _Frugal()
