"""The integration of every test: the published fixed step, and potentials of each step."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..protocols import Protocol, Stimulus

DT_MS = 0.025


def fixed_step(
    duration_ms: float,
    record: Mapping[str, Any],
    stimuli: Stimulus | Sequence[Stimulus] = (),
    *,
    record_step_ms: float = DT_MS,
) -> Protocol:
    """A protocol under that step."""
    return Protocol(
        duration_ms=duration_ms,
        stimuli=stimuli,
        record=dict(record),
        dt_ms=DT_MS,
        channels="fused",
        record_step_ms=record_step_ms,
    )
