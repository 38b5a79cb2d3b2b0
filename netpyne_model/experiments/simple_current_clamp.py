"""Current clamp of the simple model (Fig. 5A): the same synaptic events at three holding currents."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..cell.cell import Cell
from ..configuration import load_configuration
from ..figures import simple_experiments as figures
from ..neuroml2.components import component
from ..protocols import CurrentClamp, Protocol, SynapticCurrent
from ..results import CellResult
from ..simulation.simple import protocol as published_protocol
from ..sweeps import Comparison
from .condition import Condition
from .experiment import Experiment, one_row, reference_table
from .outcome import Outcome, Row

PLACE = "soma"
SOURCE = "EPSC_simple"
DT_MS = 0.025
"""Fixed step of the published runs of the simple model (MODEL section 5); with it they come out to rounding."""
REFERENCE = ("simple", "current_clamp.csv")
# Step and scheme are the published ones. What is left is the start: the published initial state of NaV2 has a slip in one
# rate, of which 1e-8 mV remain at the first event. 0.1 % leaves room for another NEURON.
RELATIVE, ABSOLUTE_MV = 1e-3, 1e-3


def events_ms() -> tuple[float, ...]:
    """Times of the five published events."""
    return tuple(float(time) for time in published_protocol()["event_times_ms"])


def weight_uS() -> float:
    """Published peak conductance of one event."""
    return load_configuration(None, {"model": "simple"}).simple_weight_uS


def synapse(times_ms: Sequence[float], peak_uS: float) -> SynapticCurrent:
    """Events of the simple model's synapse: a conductance times a constant driving force."""
    return SynapticCurrent(
        times_ms=times_ms, peak_nA=peak_uS * component(SOURCE)["ibase"], place=PLACE, source=SOURCE
    )


def current_clamp(
    dc_nA: float, times_ms: Sequence[float], peak_uS: float, duration_ms: float, **options: object
) -> Protocol:
    """A DC from the start and events on top; potential and Na current are recorded.

    Parameters
    ----------
    dc_nA, peak_uS : float
    times_ms : sequence of float
    duration_ms : float
    **options
        Further fields of `Protocol`, in place of the published step and recordings.
    """
    stimuli = [CurrentClamp(amplitude_nA=dc_nA, place=PLACE), synapse(times_ms, peak_uS)]
    record = {"soma": PLACE, "ina": f"NaV2.i {PLACE}"}
    settings = {"dt_ms": DT_MS, "record_step_ms": DT_MS, "record": record} | options
    return Protocol(duration_ms=duration_ms, stimuli=stimuli, **settings)


def conditions(reference: Path | None) -> list[Condition]:
    """One a published DC."""
    configuration, stop_ms = (
        load_configuration(None, {"model": "simple"}),
        published_protocol()["stop_ms"],
    )
    return [
        Condition(
            {"dc_nA": dc_nA, "weight_uS": configuration.simple_weight_uS},
            Cell.simple(),
            current_clamp(dc_nA, events_ms(), configuration.simple_weight_uS, stop_ms),
            measure,
            keep=("soma", "ina"),
        )
        for dc_nA in configuration.simple_dc_nA
    ]


def measure(result: CellResult) -> Row:
    """Baseline (at the first event), peak and amplitude of the potential; the same of the Na current density."""
    time_ms, v_mV, ina = result.time_ms, result.voltage_mV["soma"], result.recordings["ina"].values
    first = int(np.flatnonzero(time_ms <= events_ms()[0] + 1e-6)[-1])
    peak = first + int(v_mV[first:].argmax())
    return {
        "baseline_mV": float(v_mV[first]),
        "peak_mV": float(v_mV[peak]),
        "epsp_mV": float(v_mV[peak] - v_mV[first]),
        "peak_time_ms": float(time_ms[peak]),
        "ina_baseline_mA_per_cm2": float(ina[first]),
        "ina_peak_mA_per_cm2": float(ina[first:].min()),
        "ina_peak_over_baseline_mA_per_cm2": float(ina[first:].min() - ina[first]),
    }


_COLUMNS = {
    "baseline_mV": ("baseline", "mV", "baseline_mV"),
    "epsp_mV": ("EPSP", "mV", "epsp_amp_mV"),
    "ina_baseline_mA_per_cm2": ("Na current at baseline", "mA/cm2", "ina_baseline_mA_cm2"),
    "ina_peak_over_baseline_mA_per_cm2": (
        "Na current, peak over baseline",
        "mA/cm2",
        "ina_peak_minus_baseline",
    ),
}


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """Baseline, EPSP and Na current against the published model's."""
    comparisons = []
    for row in reference_table(reference, *REFERENCE).to_dict("records"):
        found = one_row(table, dc_nA=row["dc_nA"])
        for column, (quantity, unit, published) in _COLUMNS.items():
            tolerance = ABSOLUTE_MV if column == "baseline_mV" else RELATIVE * abs(row[published])
            name = f"{quantity}, DC {row['dc_nA']:g} nA"
            comparisons.append(
                Comparison(name, unit, row[published], float(found[column]), tolerance)
            )
    return comparisons


def figure(table: pd.DataFrame, outcomes: Sequence[Outcome]) -> Figure:
    """Potentials, EPSPs from their baseline, and Na current."""
    return figures.current_clamp(table, outcomes, events_ms())


EXPERIMENT = Experiment(
    name="simple_current_clamp",
    title="Simple model, current clamp: EPSPs at three holding currents",
    source="Fig. 5A",
    conditions=conditions,
    figure=figure,
    compare=compare,
)
