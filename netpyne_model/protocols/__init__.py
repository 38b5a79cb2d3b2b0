"""Protocols: what is done to a cell and recorded from it, as small declarative objects that run on
any cell.
"""

from .declaration import Holding
from .electrodes import CurrentClamp, SynapticCurrent, VoltageClamp
from .protocol import Protocol
from .running import run_protocol
from .stimuli import Stimulus, stimulus_of
from .synaptic_inputs import PlaceFieldInput, ShaftInput, SpineInput

__all__ = [
    "CurrentClamp",
    "Holding",
    "PlaceFieldInput",
    "Protocol",
    "ShaftInput",
    "SpineInput",
    "Stimulus",
    "SynapticCurrent",
    "VoltageClamp",
    "run_protocol",
    "stimulus_of",
]
