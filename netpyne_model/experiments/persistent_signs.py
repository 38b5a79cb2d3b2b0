"""Six signs of the persistent sodium current in CA1 cells, with it and without.

Reported of pyramidal cells of CA1 in slices, mostly by dynamic clamp (Vervaeke et al. 2006, Neuron
49:257; Ceballos et al. 2017, Biophys J 113:2207): with the current the rheobase is lower, the gain of
the f-I curve is lower, the after-hyperpolarisation is larger, spikes that EPSPs evoke are less
precise, input resistance and time constant are larger near threshold, and what a block takes comes
back with an artificial current, or with a negative conductance alone.

Every number is measured twice, the second time finer (half the step, half the current, a tenth of
the tolerance): the finer one counts, and its band is how far apart the two are. Jitter has a
confidence band over EPSPs in its place. `judge` compares control with each preparation by one rule
(`verdict.verdict`).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..analysis.excitability import after_hyperpolarisation, lasting_rate
from ..analysis.intrinsic import ON_FIT_MS, exponential_fit, spike_shape, step_response
from ..cell.cell import Cell
from ..figures.persistent_signs import persistent_signs
from ..plain_values import plain
from ..protocols import CurrentClamp, DynamicClamp, Holding, Protocol, Stimulus
from ..results import Result
from .condition import Condition
from .epsp_amplification import epsp_protocol, somatic_epsp
from .experiment import Experiment, cell_with_drugs, trunk_spines
from .held import Held
from .outcome import Outcome, Row
from .search import Search
from .sign_verdicts import (
    ADDED,
    AT,
    CONTROL,
    FULL_BLOCK,
    GAIN_STEPS_NA,
    GIVEN,
    HALF_BLOCK,
    NEAR_MV,
    RATIO_FROM_MV,
    RHEOBASE_RESOLUTION_NA,
    SPIKE_HELD_MV,
    STRENGTHS,
    TTX,
    judge,
)
from .spike_precision import search_precision


class Preparation(NamedTuple):
    """A cell under drugs, with conductances added by dynamic clamp; `name` tells it apart."""

    name: str
    drugs: tuple[str, ...] = ()
    clamps: tuple[DynamicClamp, ...] = ()

    @property
    def cell(self) -> Cell:
        """The cell under its drugs."""
        return cell_with_drugs(*self.drugs)


def _back(region: str, factor: float = 1.0) -> tuple[DynamicClamp]:
    """The persistent current of the cell's own density, put into a region."""
    return (DynamicClamp(region=region, factor=factor),)


PREPARATIONS = (
    Preparation(CONTROL),
    Preparation(HALF_BLOCK, ("INaP:0.5",)),
    Preparation(FULL_BLOCK, ("INaP",)),
    Preparation(TTX, ("TTX",)),
    Preparation(ADDED, (), _back("all", 0.5)),
)
"""Preparations of every sign. What is added, half as much again, is never an outward current."""
PLACES = ("soma", "ais", "axonal", "dendrites")
BLOCKED_AT = tuple(Preparation(f"{FULL_BLOCK}{AT}{place}", (f"INaP@{place}",)) for place in PLACES)
"""The current taken away at one place at a time."""
NEGATIVE_G_US = -0.0100
"""Input conductance of the soma at `NEAR_MV`, control less ``INaP 1``: 1/59.2 - 1/37.1 MOhm, which the
rows of this experiment say."""
NEGATIVE = DynamicClamp(current="leak", g_uS=NEGATIVE_G_US, reversal_mV=NEAR_MV)
BACK_AT = tuple(
    Preparation(f"{FULL_BLOCK}{GIVEN}{place}", ("INaP",), _back(place))
    for place in (*PLACES, "all")
)
"""An artificial current after the block, at one place at a time."""
GIVEN_BACK = (
    *BACK_AT,
    Preparation(f"{FULL_BLOCK}{GIVEN}negative g", ("INaP",), (NEGATIVE,)),
    Preparation(f"{TTX}{GIVEN}all", ("TTX",), _back("all")),
)
"""That, a negative conductance alone in its place, and the current after TTX."""
RUNS = {"coarse": 0.05, "fine": 0.025}
"""The two runs of every number but the jitter, and the fixed steps (ms) of signs 1 to 3."""
SETTLED_MS, V_INIT_MV = 500.0, -68.5  # as in intrinsic_features
STEP_MS = 500.0
RHEOBASE_NA, AROUND_NA = (0.15, 0.47), 0.008  # between which it is looked for, and then again
PULSE_NA, PULSE_MS, PULSE_AT_MS, AFTER_PULSE_MS = 2.0, 2.0, 300.0, 200.0
PRECISION_HELD_MV, SEEDS = -62.0, tuple(range(10))  # 20 EPSPs each
STEP_AT_MS = 300.0
STEP_HELD_MV = (-70.0, -65.0, -60.0, NEAR_MV)
SMALL_STEPS_NA = {"coarse": -0.010, "fine": -0.005}
SMALL_STEP_MS, SMALL_STEADY_MS = 300.0, (280.0, 299.9)
EPSP_HELD_MV = (RATIO_FROM_MV, NEAR_MV)
EPSP_RUNS = {"coarse": (0.01, 1e-4), "fine": (0.002, 1e-5)}
"""Tolerance of the held potential (mV), absolute tolerance of the adapted step."""


def conditions(reference: Path | None) -> list[Condition | Search]:
    """Every sign with every preparation; the block, and what is given back, place by place."""
    chosen: list[Condition | Search] = []
    for one in PREPARATIONS:
        chosen.append(_rheobase(one))
        for run in RUNS:
            chosen += [_firing(one, run, step_nA) for step_nA in GAIN_STEPS_NA]
            chosen += [_spike(one, run, held_mV) for held_mV in SPIKE_HELD_MV]
        chosen += [_precision(one, strength) for strength in STRENGTHS]
        chosen += [_small_step(one, run, at_mV) for run in RUNS for at_mV in STEP_HELD_MV]
    chosen += [_rheobase(one) for one in (*BLOCKED_AT, *BACK_AT)]
    chosen += [_precision(one, strength) for one in BLOCKED_AT for strength in STRENGTHS]
    placed = (*BLOCKED_AT, *GIVEN_BACK)
    chosen += [_small_step(one, run, NEAR_MV) for one in placed for run in RUNS]
    for one in (*PREPARATIONS, *placed):
        chosen += [_epsp(one, run, held_mV) for run in RUNS for held_mV in EPSP_HELD_MV]
    return chosen


# -- signs 1 and 2: rheobase and gain


def current_step(amplitude_nA: float, dt_ms: float, clamps: Sequence[Stimulus] = ()) -> Protocol:
    """A step at the soma from rest, 500 ms of it, beside dynamic clamps."""
    step = CurrentClamp(
        amplitude_nA=amplitude_nA, start_ms=SETTLED_MS, stop_ms=SETTLED_MS + STEP_MS
    )
    return Protocol(
        duration_ms=SETTLED_MS + STEP_MS,
        stimuli=[step, *clamps],
        v_init_mV=V_INIT_MV,
        dt_ms=dt_ms,
        channels="fused",
    )


def _rheobase(one: Preparation) -> Search:
    labels = {"kind": "rheobase", "preparation": one.name, "clamps": plain(one.clamps)}
    return Search(labels, one.cell, search_rheobase)


def search_rheobase(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """The smallest step that fires, to 1 pA, by bisection: with the coarse step, then the fine one.

    The second search begins 8 pA to either side of what the first one found. NaN where the range has
    no rheobase.
    """
    found = {}
    low, high = RHEOBASE_NA
    for run, dt_ms in RUNS.items():
        found[run] = _smallest_that_fires(cell, (low, high), dt_ms, labels["clamps"])
        low, high = found[run] - AROUND_NA, found[run] + AROUND_NA
        if math.isnan(low):
            found = dict.fromkeys(RUNS, math.nan)
            break
    row = {name: value for name, value in labels.items() if name != "clamps"}
    return Outcome(row | {f"rheobase_{run}_nA": value for run, value in found.items()})


def _smallest_that_fires(
    cell: Cell, between_nA: tuple[float, float], dt_ms: float, clamps: Sequence[Stimulus]
) -> float:
    """By bisection; NaN unless the upper current fires and the lower one does not."""

    def fires(amplitude_nA: float) -> bool:
        result = current_step(amplitude_nA, dt_ms, clamps).run(cell)
        return bool((result.spike_times_ms >= SETTLED_MS).any())

    low, high = between_nA
    if fires(low) or not fires(high):
        return math.nan
    while high - low > 1.001 * RHEOBASE_RESOLUTION_NA:
        middle = (low + high) / 2
        low, high = (low, middle) if fires(middle) else (middle, high)
    return high


def _firing(one: Preparation, run: str, amplitude_nA: float) -> Condition:
    protocol = current_step(amplitude_nA, RUNS[run], one.clamps)
    labels = _labels("firing", one, run) | {"current_nA": amplitude_nA}
    return Condition(labels, one.cell, protocol, measure_firing, _kept(run))


def measure_firing(result: Result) -> Row:
    """Spikes during the step, their rate if they last as long as it does."""
    step = result.stimulus[0]
    spikes = result.spike_times_ms[result.spike_times_ms >= step.start_ms]
    return {
        "n_spikes": len(spikes),
        "rate_Hz": lasting_rate(spikes, step.start_ms, step.stop_ms),
        "last_spike_ms": float(spikes[-1] - step.start_ms) if len(spikes) else float("nan"),
    }


def _held_before(
    current: CurrentClamp, one: Preparation, held_mV: float, **settings: Any
) -> Protocol:
    """A current into the soma of a cell that is held until it comes."""
    return Protocol(
        stimuli=[current, *one.clamps],
        holding=Holding(target_mV=held_mV, until_ms=current.start_ms),
        channels="fused",
        **settings,
    )


# -- sign 3: after-hyperpolarisation


def _spike(one: Preparation, run: str, held_mV: float) -> Condition:
    pulse = CurrentClamp(
        amplitude_nA=PULSE_NA, start_ms=PULSE_AT_MS, stop_ms=PULSE_AT_MS + PULSE_MS
    )
    until_ms = PULSE_AT_MS + AFTER_PULSE_MS
    steps = {"dt_ms": RUNS[run], "record_step_ms": RUNS[run]}
    protocol = _held_before(pulse, one, held_mV, duration_ms=until_ms, **steps)
    labels = _labels("spike", one, run) | {"target_mV": held_mV}
    return Condition(labels, one.cell, protocol, measure_spike, _kept(run))


def measure_spike(result: Result) -> Row:
    """After-hyperpolarisation of the spike that a pulse evokes, and the shape of this spike."""
    time_ms, v_mV = result.time_ms, result.voltage_mV["soma"]
    depth_mV, at_ms = after_hyperpolarisation(time_ms, v_mV, PULSE_AT_MS)
    shape = spike_shape(time_ms, v_mV, PULSE_AT_MS)
    one = len(result.spike_times_ms) == 1
    return {
        "n_spikes": len(result.spike_times_ms),
        "ahp_mV": depth_mV if one else float("nan"),
        "ahp_at_ms": at_ms,
        "spike_height_mV": shape.amplitude_mV,
        "spike_half_width_ms": shape.half_width_ms,
    }


# -- sign 4: precision


def _precision(one: Preparation, strength: float) -> Search:
    labels = {
        "kind": "precision",
        "preparation": one.name,
        "target_mV": PRECISION_HELD_MV,
        "strength": strength,
        "seeds": list(SEEDS),
        "clamps": plain(one.clamps),
    }
    return Search(labels, one.cell, search_precision)


# -- sign 5: input resistance and time constant


def _small_step(one: Preparation, run: str, held_mV: float) -> Condition:
    amplitude_nA = SMALL_STEPS_NA[run]
    step = CurrentClamp(
        amplitude_nA=amplitude_nA, start_ms=STEP_AT_MS, stop_ms=STEP_AT_MS + SMALL_STEP_MS
    )
    until_ms = STEP_AT_MS + SMALL_STEP_MS
    protocol = _held_before(step, one, held_mV, duration_ms=until_ms, dt_ms=RUNS["fine"])
    labels = _labels("step", one, run) | {"target_mV": held_mV, "current_nA": amplitude_nA}
    return Condition(labels, one.cell, protocol, measure_step)


def measure_step(result: Result) -> Row:
    """Input resistance at the end of a small step, and the time constant of its onset."""
    step = result.stimulus[0]
    time_ms, v_mV = result.time_ms, result.voltage_mV["soma"]
    window = (step.start_ms, step.stop_ms, step.amplitude_nA)
    response = step_response(time_ms, v_mV, *window, steady_ms=SMALL_STEADY_MS)
    onset = exponential_fit(time_ms, v_mV, step.start_ms, ON_FIT_MS, v_start_mV=response.v_rest_mV)
    return {
        "n_spikes": len(result.spike_times_ms),
        "input_resistance_MOhm": response.input_resistance_steady_MOhm,
        "time_constant_ms": onset.tau_ms,
    }


# -- sign 6: amplification of EPSPs


def _epsp(one: Preparation, run: str, held_mV: float) -> Condition:
    tolerance_mV, atol = EPSP_RUNS[run]
    holding = Holding(target_mV=held_mV, tolerance_mV=tolerance_mV)
    held = Held({}, [*one.clamps], {"holding": holding, "atol": atol})
    spines = trunk_spines(one.cell, "epsp_amplification", "soma")
    protocol = epsp_protocol(spines, held, {"soma": "soma_0(0)"})
    labels = _labels("epsp", one, run) | {"target_mV": held_mV}
    return Condition(labels, one.cell, protocol, somatic_epsp, _kept(run))


def _labels(kind: str, one: Preparation, run: str) -> dict[str, Any]:
    return {"kind": kind, "preparation": one.name, "run": run}


def _kept(run: str) -> tuple[str, ...]:
    """Traces of one of the two runs are enough."""
    return ("soma",) if run == "coarse" else ()


EXPERIMENT = Experiment(
    name="persistent_signs",
    title="Six signs of the persistent sodium current: with it, blocked, under TTX, with more of it",
    source="Vervaeke et al. 2006, Ceballos et al. 2017",
    conditions=conditions,
    figure=lambda table, outcomes: persistent_signs(
        table, outcomes, judge(table), pulse_ms=PULSE_AT_MS, step_ms=STEP_MS, near_mV=NEAR_MV
    ),
    judge=judge,
)
