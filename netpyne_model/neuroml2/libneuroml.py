"""The library libNeuroML without networkx, which it needs for the distances of `Cell` only."""

from ..imported_when_used import imported_when_used

with imported_when_used("networkx"):
    import neuroml
    from neuroml.nml.nml import parse

__all__ = ["neuroml", "parse"]
