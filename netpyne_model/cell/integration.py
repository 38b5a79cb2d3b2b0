"""How NEURON integrates a built cell: the ways by name, of trials and protocols alike."""

import math
from collections.abc import Iterable
from typing import Any, Literal, get_args

from ..errors import ModelError
from ..receptors import receptors

Integration = Literal["fixed_step", "second_order", "variable_step"]
"""Fixed steps of implicit Euler, as published; of Crank-Nicolson with exact receptors; CVode."""
INTEGRATIONS: tuple[str, ...] = get_args(Integration)
_SMALLEST_SHARE = 40  # of a recording's step that is looked at for a dt_ms in its place


def neuron_order(integration: str, *, reads_ions: bool) -> int:
    """NEURON's ``secondorder``: 1 for Crank-Nicolson steps, or 2 where an ion's current is read.

    With 2 NEURON corrects the currents of the ions to the middle of the step, segment by segment,
    which takes longer than all channels do; potentials are the same. Recordings read them, and
    channels of a user's own may.
    """
    if integration != "second_order":
        return 0
    return 2 if reads_ions else 1


def require_exact_receptors(names: Iterable[str]) -> None:
    """Refuse receptors that have no mechanism whose steps are of second order."""
    for name in names:
        if receptors()[name].fast is None:
            raise ModelError(
                f"integration = 'second_order': the generated {name} receptor takes steps of first"
                " order; set integration=fixed_step."
            )


def check_multiple_of_dt(name: str, step_ms: float, dt_ms: float) -> None:
    """Refuse a step of recordings that is no whole number of integration steps.

    Raises
    ------
    ModelError
        With the nearest step that is, and a dt_ms of which the step is a multiple.
    """
    steps = step_ms / dt_ms
    if round(steps) >= 1 and math.isclose(steps, round(steps), rel_tol=1e-9):
        return
    near_ms = max(1, round(steps)) * dt_ms
    shares = range(math.ceil(steps), math.ceil(steps) + _SMALLEST_SHARE)
    # A share that no short number states, such as 0.1/3, would be off by its rounding.
    exact = (step_ms / n for n in shares if math.isclose(float(f"{step_ms / n:.4g}") * n, step_ms))
    fitting_ms = next(exact, None)
    other = "" if fitting_ms is None else f", or dt_ms={fitting_ms:.4g}"
    raise ModelError(
        f"{name} = {step_ms:g}: expected a multiple of dt_ms ({dt_ms:g} ms); set"
        f" {name}={near_ms:.10g}{other}."
    )


def start_joint(clamp: Any) -> None:
    """Give the joint that a current clamp sits on the potential that its current makes there.

    A joint has no membrane, so its potential is at once what its neighbours and the current make of
    it. Crank-Nicolson steps go on as they begin: started off it by some uV (the current times the
    resistance), a joint alternates about it to the end of the run. After NEURON's initialisation, of
    a clamp whose current flows from the start.
    """
    section, x = (segment := clamp.get_segment()).sec, segment.x
    while x == 0 and (parent := section.parentseg()) is not None:
        section, x = parent.sec, parent.x
    if x not in (0, 1) or clamp.delay > 0:
        return
    first = 0.5 / section.nseg
    own_uS = 1 / section(1 if x == 1 else first).ri()
    others = [one for one in section.children() if one.parentseg().x == x]
    section(x).v += clamp.amp / (own_uS + sum(1 / one(0.5 / one.nseg).ri() for one in others))
