"""What a segment with the mechanism of all channels keeps of each of them."""

from collections.abc import Collection
from typing import Any

from ..mechanisms.fusing import fused_gates, gate_place


def present_channels(mechanism: Any) -> set[str]:
    """The channels of which a segment's mechanism keeps gates: those of a density above 0."""
    return {one for one in fused_gates() if getattr(mechanism, f"gmax_{one}") > 0}


def gate_reference(mechanism: Any, channel: str, gate: str, present: Collection[str]) -> Any:
    """NEURON's reference to a gate, which stands where the channels of its segment let it."""
    array, index = gate_place(channel, gate, present)
    return getattr(mechanism, f"_ref_{array}")[index]
