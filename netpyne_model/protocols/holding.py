"""The current that holds a potential: that of a voltage clamp, then corrected by secants."""

import math
from typing import NamedTuple

from ..errors import ModelError
from .declaration import Declaration, Holding
from .dynamic_clamp import DynamicClamp
from .electrodes import CurrentClamp
from .rig import Rig

_RUNS = 12
_FIRST_STEP_NA = 0.01
_STEPS_BELOW = 4  # where the search in steps begins
_SETTLE_MS = 250.0
_LARGEST_STEP_NA = 0.5


class CannotHold(ModelError):
    """The potential cannot be held: the cell fires on the way."""


class Held(NamedTuple):
    """A holding current (nA), the potential it attains (mV), and the runs that it took."""

    current_nA: float
    attained_mV: float
    n_runs: int


def settling_ms(protocol: Declaration, holding: Holding) -> float:
    """Time at which the held potential is read: before the first event or step of a stimulus."""
    if holding.until_ms is not None:
        return holding.until_ms
    # What is there from the start belongs to what is held: its end is its first change.
    times = [
        one.stop_ms
        if isinstance(one, CurrentClamp | DynamicClamp) and one.start_ms == 0
        else one.begins_ms
        for one in protocol.all_stimuli
    ]
    first_ms = min(times, default=math.inf)
    return float(
        first_ms if first_ms < protocol.duration_ms else min(_SETTLE_MS, protocol.duration_ms)
    )


def hold(rig: Rig, holding: Holding) -> Held:
    """Solve for the holding current of a protocol.

    Every run starts at the target and lasts until the first event, as the paper's did; the measured
    run starts at the potential attained (model.md 6).

    Raises
    ------
    CannotHold
        If the cell fires on the way.
    ModelError
        If there is too little time to settle, or no current attains the potential.
    """
    until_ms = settling_ms(rig.protocol, holding)
    if until_ms < 4:
        raise ModelError(
            f"holding: {until_ms:g} ms to settle are too few; expected at least 4 ms before the"
            " first event."
        )
    current_nA = rig.clamped_current_nA(holding, until_ms)
    if holding.step_nA is not None:
        return _hold_in_steps(rig, holding, holding.step_nA, until_ms, current_nA)
    before: tuple[float, float] | None = None
    for n_runs in range(1, _RUNS + 1):
        attained_mV = _attained_mV(rig, holding, until_ms, current_nA)
        error_mV = attained_mV - holding.target_mV
        if abs(error_mV) <= holding.largest_error_mV:
            return Held(current_nA, attained_mV, n_runs)
        slope = _FIRST_STEP_NA if before is None else _secant(before, (current_nA, error_mV))
        before = (current_nA, error_mV)
        step_nA = -error_mV * slope
        current_nA += max(-_LARGEST_STEP_NA, min(_LARGEST_STEP_NA, step_nA))
    raise ModelError(
        f"{_where(holding)}: {attained_mV:.3f} mV after {_RUNS} runs, not within"
        f" {holding.largest_error_mV:g} mV; give a wider tolerance_mV."
    )


def _hold_in_steps(
    rig: Rig, holding: Holding, step_nA: float, until_ms: float, clamped_nA: float
) -> Held:
    """The smallest multiple of the step that holds the potential, searched from below."""
    first = math.floor(clamped_nA / step_nA) - _STEPS_BELOW
    for number in range(first, first + _RUNS):
        current_nA = number * step_nA
        attained_mV = _attained_mV(rig, holding, until_ms, current_nA)
        error_mV = attained_mV - holding.target_mV
        if abs(error_mV) <= holding.largest_error_mV:
            return Held(current_nA, attained_mV, number - first + 1)
        if error_mV > 0:
            break
    # Between two multiples lies the current that is wanted, or further off than the search goes.
    between = error_mV > 0 and number > first
    raise ModelError(
        f"{_where(holding)}: no multiple of {step_nA:g} nA from {first * step_nA:g} to"
        f" {current_nA:g} nA is within {holding.largest_error_mV:g} mV; give a"
        f" {'smaller' if between else 'larger'} step_nA."
    )


def _attained_mV(rig: Rig, holding: Holding, until_ms: float, current_nA: float) -> float:
    """The potential with a current; refused if the cell fires on the way."""
    attained_mV, fired = rig.held_potential(holding, holding.target_mV, until_ms, current_nA)
    if fired:
        finer = "" if holding.step_nA is None else ", or give a smaller step_nA"
        raise CannotHold(
            f"{_where(holding)}: the cell fires at {current_nA:.4f} nA; hold it at a more negative"
            f" potential{finer}."
        )
    return attained_mV


def _where(holding: Holding) -> str:
    return f"holding {holding.place} at {holding.target_mV:g} mV"


def _secant(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Slope between two runs (nA/mV); the first step's where it is not positive."""
    rise_mV = other[1] - one[1]
    slope = (other[0] - one[0]) / rise_mV if rise_mV else 0.0
    return slope if 0 < slope < 1 else _FIRST_STEP_NA
