"""Protocols that tests run, in both modes of the step, and whether two runs agree."""

import numpy as np
import pytest

from netpyne_model import CurrentClamp, Protocol, SpineInput

SOMA = "soma_0(0)"
SPINE = 3790  # near trunk@200
MODES = pytest.mark.parametrize("step", [{}, {"dt_ms": 0.025}], ids=["variable", "fixed"])
STEP = Protocol(duration_ms=20, stimuli=CurrentClamp(amplitude_nA=0.2, start_ms=5))
DRIVEN = Protocol(
    duration_ms=30,
    stimuli=SpineInput(times_ms=[5, 15], spines=SPINE),
    record={
        "soma": SOMA,
        "head": f"spine_{SPINE}",
        "ina": "na.i soma_0(0)",
        "g": f"AMPA.g spine_{SPINE}",
    },
)


def values(result) -> dict[str, np.ndarray]:
    """Every recording of a run, potentials among them."""
    return {name: trace.values for name, trace in result.traces.items()}


def same(one, other) -> bool:
    """Whether two runs agree bit for bit."""
    one, other = values(one), values(other)
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def difference(one, other, name: str = "soma") -> float:
    return float(np.abs(one.voltage_mV[name] - other.voltage_mV[name]).max())
