"""What stays open of a channel late in a step: its steady state against the step's peak.

Of a Hodgkin-Huxley channel without a late component that is the window current, and all of its
persistent current (docs/model.md 8).
"""

from typing import NamedTuple

import numpy as np

from ..mechanisms.channel_equations import Channel, value_of

FROM_MV = -100.0
"""Where a step begins that finds nothing inactivated."""
_STEP_MS, _UNTIL_MS = 1e-3, 20.0


class LateOpening(NamedTuple):
    """Open fraction of a channel at its steady state, and at the peak of a step there."""

    steady: float
    peak: float

    @property
    def share(self) -> float:
        """The steady state as a share of the peak."""
        return self.steady / self.peak


def late_opening(channel: Channel, step_mV: float, *, from_mV: float = FROM_MV) -> LateOpening:
    """Open fractions of a channel at a step of potential.

    Parameters
    ----------
    channel : Channel
        From `read_channel`, of gates alone.
    step_mV, from_mV : float
        Potential of the step, and where the gates have settled before.

    Returns
    -------
    LateOpening
        Gates by their exact solution, sampled each microsecond for 20 ms.
    """
    before, after = _gates_at(channel, from_mV), _gates_at(channel, step_mV)
    time_ms = np.arange(0.0, _UNTIL_MS, _STEP_MS)
    course = {
        gate: inf + (before[gate][0] - inf) * np.exp(-time_ms / tau_ms)
        for gate, (inf, tau_ms) in after.items()
    }
    steady = value_of(channel.opening, {gate: inf for gate, (inf, _) in after.items()})
    return LateOpening(float(steady), float(value_of(channel.opening, course).max()))


def _gates_at(channel: Channel, v_mV: float) -> dict[str, tuple[float, float]]:
    """Steady state and time constant (ms) of each gate at a potential."""
    known = {"v": v_mV}
    for rate in channel.rates:
        chosen = rate.value
        if rate.test is not None and rate.otherwise is not None and not value_of(rate.test, known):
            chosen = rate.otherwise
        known[rate.target] = value_of(chosen, known)
    return {
        one.state: (value_of(one.inf, known), value_of(one.tau, known)) for one in channel.gates
    }
