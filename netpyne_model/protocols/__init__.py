"""Protocols: what is done to a cell and recorded from it, as small declarative objects, and the one runner they share."""

from .protocol import (
    CurrentClamp,
    Holding,
    Protocol,
    ShaftInput,
    SpineInput,
    SynapticCurrent,
    VoltageClamp,
)
from .runner import run_protocol

__all__ = [
    "CurrentClamp",
    "Holding",
    "Protocol",
    "ShaftInput",
    "SpineInput",
    "SynapticCurrent",
    "VoltageClamp",
    "run_protocol",
]
