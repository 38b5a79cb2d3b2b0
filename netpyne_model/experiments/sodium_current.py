"""Na current against voltage: transient and near-steady, of the simple model's NaV2 and of the full model's nas.

An ideal clamp steps from -90 mV. The simple model's table of the published model is reproduced step by step; with an adapted
step its transients are those of the scheme itself, up to a fifth larger: a step of 0.025 ms is coarse for them. In the full
model the channels of one segment are clamped where they stand.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..cell.cell import Cell
from ..figures import simple_experiments as figures
from ..protocols import Protocol, VoltageClamp
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .experiment import Experiment, one_row, reference_table
from .outcome import Outcome, Row
from .simple_current_clamp import DT_MS, PLACE

HOLDING_MV = -90.0
STEPS_MV = tuple(range(-80, 1, 2))
FULL_STEPS_MV = tuple(range(-80, 1, 4))
BEFORE_MS = 5.0
"""At the holding potential; the run starts in its steady state."""
STEADY_MS = (50.0, 500.0)
TRANSIENT_MS = 30.0
"""Time from the step in which the transient peak is looked for, as in the published table."""
FULL_PLACES = {"nas_soma": "soma_0(0.5)", "nas_dend": "trunk_50(0.5)"}
_BEHIND_MS = DT_MS
"""The published table has the currents as NEURON leaves them at a fixed step: those of one step before their time."""
SERIES_MOHM = 5e-6  # the published potentials are off by this times the current
_FULL_DT_MS = (
    0.005  # a fifth of the shortest time constant; the gates' steps are exact at constant voltage
)
_FULL_MS = 15.0
NAV2 = ("simple", "nav2_iv.csv")
NAS = {"nas_soma": "nas_ar1_sha0_sh1.7.csv", "nas_dend": "nas_ar0.8_sha5_sh1.7.csv"}


def conditions(reference: Path | None) -> list[Condition]:
    """Steps of NaV2 as published and with an adapted step, and steps of nas at soma and trunk."""
    made = [
        nav2(integration, step_mV) for integration in ("fixed", "adapted") for step_mV in STEPS_MV
    ]
    return made + [nas(channel, step_mV) for channel in FULL_PLACES for step_mV in FULL_STEPS_MV]


def nav2(integration: str, step_mV: float) -> Condition:
    """A step of the simple model without its leak; ``fixed`` at the published step, ``adapted`` for the transient alone."""
    fixed = integration == "fixed"
    settings: dict[str, Any] = (
        {"dt_ms": DT_MS, "record_step_ms": DT_MS}
        if fixed
        else {"atol": 1e-7, "record_step_ms": 0.001}
    )
    protocol = Protocol(
        duration_ms=BEFORE_MS + (max(STEADY_MS) if fixed else 2.0),
        stimuli=_step(step_mV, PLACE),
        record={"soma": PLACE, "ina": f"NaV2.i {PLACE}"},
        v_init_mV=HOLDING_MV,
        **settings,
    )
    labels = {
        "model": "simple",
        "channel": "NaV2",
        "integration": integration,
        "step_mV": float(step_mV),
    }
    cell = Cell.simple().with_rule("soma", "pas.g", value=0)
    return Condition(
        labels, cell, protocol, measure, keep=("ina",) if fixed and step_mV % 20 == 0 else ()
    )


def nas(channel: str, step_mV: float) -> Condition:
    """A step of the full model's membrane at a place; its Na channel's current and gates are recorded."""
    place = FULL_PLACES[channel]
    names = ("m", "h", "s", "m_inf", "h_inf", "s_inf")
    protocol = Protocol(
        duration_ms=BEFORE_MS + _FULL_MS,
        stimuli=_step(step_mV, place),
        record={"soma": place, "ina": f"nas.i {place}"}
        | {name: f"nas.{name} {place}" for name in names},
        v_init_mV=HOLDING_MV,
        dt_ms=_FULL_DT_MS,
        record_step_ms=_FULL_DT_MS,
    )
    labels = {
        "model": "full",
        "channel": channel,
        "integration": "fixed",
        "step_mV": float(step_mV),
    }
    return Condition(labels, Cell(), protocol, measure, keep=("ina",) if step_mV % 20 == 0 else ())


def _step(step_mV: float, place: str) -> VoltageClamp:
    levels = [(0.0, HOLDING_MV), (BEFORE_MS, step_mV)]
    return VoltageClamp(levels=levels, place=place, series_resistance_MOhm=SERIES_MOHM)


def measure(result: Result) -> Row:
    """Transient peak of the Na current density, and its near-steady value: of NaV2 as time passes, of nas from its gates."""
    since_ms, ina = result.time_ms - BEFORE_MS, result.recordings["ina"].values
    transient = np.flatnonzero((since_ms > 1e-6) & (since_ms < TRANSIENT_MS - _BEHIND_MS - 1e-6))
    peak = transient[np.abs(ina[transient]).argmax()]
    row: Row = {
        "held_mV": float(result.voltage_mV["soma"][-1]),
        "ina_holding_mA_per_cm2": float(ina[since_ms < -1e-6][-1]),
        "ina_peak_mA_per_cm2": float(ina[peak]),
        "ina_peak_after_ms": float(since_ms[peak]),
    }
    if "m_inf" in result.recordings:
        gates = {
            name: result.recordings[name].values
            for name in ("m", "h", "s", "m_inf", "h_inf", "s_inf")
        }
        row["open_peak"] = float((gates["m"] ** 3 * gates["h"] * gates["s"])[transient].max())
        row["open_steady"] = float((gates["m_inf"] ** 3 * gates["h_inf"] * gates["s_inf"])[-1])
        row["ina_steady_mA_per_cm2"] = (
            row["ina_peak_mA_per_cm2"] * row["open_steady"] / row["open_peak"]
        )
        row["steady_over_peak"] = row["open_steady"] / row["open_peak"]
    elif since_ms[-1] > max(STEADY_MS) - 1e-6:
        after_50_ms, after_500_ms = (
            float(ina[np.abs(since_ms - time + _BEHIND_MS).argmin()]) for time in STEADY_MS
        )
        row |= {"ina_50ms_mA_per_cm2": after_50_ms, "ina_steady_mA_per_cm2": after_500_ms}
        row["steady_over_peak"] = after_500_ms / row["ina_peak_mA_per_cm2"]
    return row


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """NaV2: the largest relative differences over all steps; nas: window and transient against the published gates."""
    published = reference_table(reference, *NAV2).set_index("v_step")
    fixed, adapted = (
        table[(table["channel"] == "NaV2") & (table["integration"] == one)].set_index("step_mV")
        for one in ("fixed", "adapted")
    )
    # The published scheme and step: 1e-10 is reached, and asked is what another NEURON may give. The converged peaks of
    # both are read from samples 0.001 ms apart: 2e-5 is reached.
    pairs = [
        ("transient peak", fixed["ina_peak_mA_per_cm2"], published["ina_transient_peak"], 1e-6),
        ("after 50 ms", fixed["ina_50ms_mA_per_cm2"], published["ina_50ms"], 1e-6),
        ("after 500 ms", fixed["ina_steady_mA_per_cm2"], published["ina_end_500ms"], 1e-6),
    ]
    # Below -62 mV the current only rises to its steady value: there is no transient to compare.
    with_transient = adapted[adapted.index >= -62]
    pairs.append(
        (
            "transient peak, converged",
            with_transient["ina_peak_mA_per_cm2"],
            published["ina_peak_exact_ideal_step"],
            1e-4,
        )
    )
    comparisons = [
        _largest(f"NaV2, {what}", here, theirs, tolerance)
        for what, here, theirs, tolerance in pairs
    ]
    at_0_mV = one_row(fixed.reset_index(), step_mV=0.0)["ina_peak_mA_per_cm2"]
    published_at_0_mV = published["ina_transient_peak"][0]
    quantity = "NaV2, transient peak at 0 mV"
    comparisons.append(
        Comparison.within(quantity, "mA/cm2", published_at_0_mV, at_0_mV, relative=1e-6)
    )
    for channel, name in NAS.items():
        here = table[table["channel"] == channel].set_index("step_mV")
        gates = reference_table(reference, "channels", name).set_index("v")
        window, peak = window_open(gates), transient_open(gates)
        comparisons.append(
            _largest(f"{channel}, steady open fraction", here["open_steady"], window, 1e-4)
        )
        comparisons.append(
            _largest(f"{channel}, transient open fraction", here["open_peak"], peak, 2e-3)
        )
    return comparisons


def window_open(gates: pd.DataFrame) -> pd.Series:
    """Open fraction of nas in the steady state, from a table of its gates by voltage."""
    return gates["minf"] ** 3 * gates["hinf"] * gates["sinf"]


def transient_open(gates: pd.DataFrame) -> pd.Series:
    """Peak open fraction of nas after an ideal step from the holding potential: every gate relaxes exponentially."""
    time_ms = np.arange(0, _FULL_MS, 0.001)
    start = gates.loc[HOLDING_MV]
    peaks = []
    for row in gates.itertuples():
        m, h, s = (
            inf + (start[f"{gate}inf"] - inf) * np.exp(-time_ms / tau)
            for gate, inf, tau in (
                ("m", row.minf, row.mtau),
                ("h", row.hinf, row.htau),
                ("s", row.sinf, row.taus),
            )
        )
        peaks.append((m**3 * h * s).max())
    return pd.Series(peaks, gates.index)


def _largest(quantity: str, here: pd.Series, published: pd.Series, tolerance: float) -> Comparison:
    """The largest relative difference over the steps of `here`; 0 is agreement."""
    published = published.reindex(here.index)
    difference = float((here / published - 1).abs().max(skipna=False)) if len(here) else np.nan
    return Comparison(f"{quantity}: largest relative difference", "", 0.0, difference, tolerance)


def figure(table: pd.DataFrame, outcomes: Sequence[Outcome]) -> Figure:
    """Transient and near-steady current against voltage, and their ratio."""
    return figures.sodium_current(table, outcomes, BEFORE_MS)


EXPERIMENT = Experiment(
    name="sodium_current",
    title="Na current against voltage: transient and near-steady, NaV2 and nas",
    source="Fig. 5B, methods",
    conditions=conditions,
    figure=figure,
    compare=compare,
)
