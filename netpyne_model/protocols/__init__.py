"""Protocols: what is done to a cell and recorded from it, as small declarative objects."""

from .declaration import Holding
from .dynamic_clamp import DynamicClamp
from .electrodes import CurrentClamp, SynapticConductance, SynapticCurrent, VoltageClamp
from .protocol import Protocol
from .stimuli import Stimulus, stimulus_of
from .synaptic_inputs import PlaceFieldInput, ShaftInput, SpineInput

__all__ = [
    "CurrentClamp",
    "DynamicClamp",
    "Holding",
    "PlaceFieldInput",
    "Protocol",
    "ShaftInput",
    "SpineInput",
    "Stimulus",
    "SynapticConductance",
    "SynapticCurrent",
    "VoltageClamp",
    "stimulus_of",
]
