"""Writes the conductances of the dynamic clamp: one with the gates of each steady channel, and a leak."""

from pathlib import Path

from ..data_folders import NEUROML2
from ..files import write_text
from .steady_channels import SODIUM, included_files_of, steady_state

CLAMPS = NEUROML2 / "LEMS_CA1_clamps.xml"
LEAK_CLAMP = "clamp_leak"

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Lems>
    <!-- Conductances that the dynamic clamp puts on a cell. Those of sodium have the steady states of a channel of
         NeuroML2/channels, at the very potential of the place. Strength, reversal potential and time are set for each
         instance. Written by scripts/build_neuroml.py from the channels' files: do not edit. -->
    <Include file="LEMS_conductanceClamp.xml"/>
{includes}
"""
_PARAMETERS = 'delay="0ms" duration="1e9ms" gbase="0uS"'
_GATE = """        <gateHHInstantaneous id="{id}" instances="{instances}">
            <steadyState {steady}/>
        </gateHHInstantaneous>
"""


def clamp_of(channel: str) -> str:
    """The clamp that has the steady states of a channel."""
    return f"clamp_{channel}"


def clamps() -> tuple[str, ...]:
    """The components of ``LEMS_CA1_clamps.xml``."""
    return (*map(clamp_of, SODIUM), LEAK_CLAMP)


def write_clamps(path: Path = CLAMPS) -> Path:
    """Write the LEMS file of all clamps; return its path."""
    files = dict.fromkeys(file for channel in SODIUM for file in included_files_of(channel))
    text = _HEAD.format(includes="\n".join(f'    <Include file="{file}"/>' for file in files))
    for channel in SODIUM:
        text += f'\n    <conductanceClamp id="{clamp_of(channel)}" {_PARAMETERS} erev="50mV">\n'
        for id, instances, attributes in steady_state(channel):
            steady = " ".join(f'{key}="{value}"' for key, value in attributes.items())
            text += _GATE.format(id=id, instances=instances, steady=steady)
        text += "    </conductanceClamp>\n"
    text += f'\n    <conductanceClamp id="{LEAK_CLAMP}" {_PARAMETERS} erev="-70mV"/>\n</Lems>\n'
    write_text(path, text)
    return path
