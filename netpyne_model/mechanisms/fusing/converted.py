"""What the converted mechanism of all channels holds, and where a segment keeps a gate."""

import re
from collections.abc import Collection
from functools import cache

from ...data_folders import MOD

FUSED = "CA1_channels"
# Gates of a segment: eight that every step reads, then those of segments with more.
NEAR, NEAR_SIZE, FAR = "gate", 8, "further_gate"


@cache
def fused_gates() -> dict[str, tuple[str, ...]]:
    """The channels in the converted mechanism, in its order, and the gates of each."""
    text = (MOD / "generated" / f"{FUSED}.mod").read_text()
    found = re.findall(r"^    (\w+),  // gates (.+)$", text, re.MULTILINE)
    return {channel: tuple(gates.split(", ")) for channel, gates in found}


@cache
def fused_channels() -> frozenset[str]:
    """The channels in the converted mechanism."""
    return frozenset(fused_gates())


def gate_place(channel: str, gate: str, present: Collection[str]) -> tuple[str, int]:
    """The RANGE array and the index in it of a gate, where these channels are `present`.

    Present are, until the next INITIAL, the channels whose density was above 0 at the last.
    """
    place = 0
    for one, gates in fused_gates().items():
        if one == channel:
            place += gates.index(gate)
            break
        if one in present:
            place += len(gates)
    return (NEAR, place) if place < NEAR_SIZE else (FAR, place - NEAR_SIZE)
