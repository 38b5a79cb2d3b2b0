"""EPSP amplification (Fig. 5C, S4): summed EPSPs of trunk spines at six potentials, with drugs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..analysis import baseline, epsp_amplitude
from ..figures.experiments import amplification
from ..protocols import Protocol, SpineInput
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .experiment import (
    EVENTS_MS,
    Experiment,
    cell_with_drugs,
    one_row,
    reference_table,
    trunk_spines,
)
from .held import DURATION_MS, SITES, Held, drugs_of, epsp_comparison, published, solved
from .outcome import Row

DRUGS = {"control": (), "TTX": ("TTX",), "AP5": ("AP5",), "TTX+AP5": ("TTX", "AP5")}
SODIUM_CURRENTS = {
    "ina_soma": "nas.i soma_0(0)",
    "ina_ais": "nax.i ais_3(0.5)",
    "ina_dend": "nas.i trunk_50(0)",
}
REFERENCE = ("epsp", "amplification_dc_soma.csv")
RATIO_MV = (-62, -56)
"""Held potentials whose EPSPs make the amplification ratio."""


def conditions(reference: Path | None) -> list[Condition]:
    """Every place of the DC, drug and potential; and the published holding currents to compare."""
    chosen = [
        _condition(site, drugs, held)
        for site, place in SITES.items()
        for drugs in DRUGS
        for held in solved(place)
    ]
    if reference is not None:
        for drugs, held in published(reference, REFERENCE, "v_rest_attained_DCsection"):
            chosen.append(_condition("soma", drugs, held))
    return chosen


def _condition(site: str, drugs: str, held: Held) -> Condition:
    cell = cell_with_drugs(*DRUGS[drugs])
    spines = trunk_spines(cell, "epsp_amplification", site if "AP5" not in drugs else f"{site}_AP5")
    receptors = ("AMPA",) if "AP5" in drugs else ("AMPA", "NMDA")
    record = SITES | {f"head_{number}": f"spine_{number}" for number in spines} | SODIUM_CURRENTS
    if "NMDA" in receptors:
        record |= {f"inmda_{number}": f"NMDA.i spine_{number}" for number in spines}
    protocol = epsp_protocol(spines, held, record, receptors)
    labels = {"dc_site": site, "drugs": drugs, "n_spines": len(spines)} | held.labels
    return Condition(labels, cell, protocol, measure, keep=("soma", "dend", "ina_soma"))


def epsp_protocol(
    spines: Sequence[int],
    held: Held,
    record: Mapping[str, str],
    receptors: Sequence[str] = ("AMPA", "NMDA"),
) -> Protocol:
    """Five events at 100 Hz on trunk spines, by number, of a cell that is held."""
    events = SpineInput(spines=spines, times_ms=EVENTS_MS, receptors=receptors)
    return Protocol(
        duration_ms=DURATION_MS, stimuli=[events, *held.stimuli], record=record, **held.settings
    )


def somatic_epsp(result: Result) -> Row:
    """Potential of the soma before the first event, and how far it rises above it."""
    row = epsp_of(result.time_ms, result.voltage_mV["soma"])
    return row | {"n_spikes": len(result.spike_times_ms)}


def epsp_of(time_ms: np.ndarray, v_soma_mV: np.ndarray) -> Row:
    """As `somatic_epsp`, of a trace that begins 3 ms before the first event or earlier."""
    return {
        "v_base_soma_mV": baseline(time_ms, v_soma_mV, EVENTS_MS[0]),
        "epsp_soma_mV": epsp_amplitude(time_ms, v_soma_mV, EVENTS_MS[0]),
    }


def measure(result: Result) -> Row:
    """Amplitudes at soma, trunk and heads; the sodium current; mean peak of the NMDA currents."""
    time_ms, first_ms = result.time_ms, EVENTS_MS[0]
    row: Row = {}
    for site in SITES:
        v_mV = result.voltage_mV[site]
        row[f"v_base_{site}_mV"] = baseline(time_ms, v_mV, first_ms)
        row[f"epsp_{site}_mV"] = epsp_amplitude(time_ms, v_mV, first_ms)
    heads_mV = [
        epsp_amplitude(time_ms, v_mV, first_ms)
        for name, v_mV in result.voltage_mV.items()
        if name.startswith("head_")
    ]
    row["epsp_head_mean_mV"] = float(np.mean(heads_mV))
    nmda_nA = []
    for name, recording in result.recordings.items():
        if name.startswith("ina_"):
            row[f"base_{name}_mA_per_cm2"] = baseline(time_ms, recording.values, first_ms)
            row[f"peak_{name}_mA_per_cm2"] = float(recording.values[time_ms >= first_ms].min())
        elif name.startswith("inmda_"):
            nmda_nA.append(recording.values.min())
    row["peak_inmda_mean_nA"] = float(np.mean(nmda_nA)) if nmda_nA else 0.0
    row["n_spikes"] = len(result.spike_times_ms)
    return row


def ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Amplification ratio by place of the DC and drug, and over that of control."""
    rows = []
    solved_for = table[table["holding"] == "solved"]
    for (site, drugs), group in solved_for.groupby(["dc_site", "drugs"], sort=False):
        ratio = _ratio(group, "target_mV", f"epsp_{site}_mV")
        rows.append({"dc_site": site, "drugs": drugs, "ratio": ratio})
    by_drug = pd.DataFrame(rows)
    control = by_drug[by_drug["drugs"] == "control"].set_index("dc_site")["ratio"]
    by_drug["over_control"] = by_drug["ratio"] / by_drug["dc_site"].map(control).to_numpy()
    return by_drug


def _ratio(table: pd.DataFrame, target: str, epsp: str) -> float:
    """The EPSP at -56 mV over that at -62, of these columns."""
    by_target = table.set_index(target)[epsp]
    return by_target[RATIO_MV[1]] / by_target[RATIO_MV[0]]


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """Add each condition's amplification ratio to its row."""
    names = {"ratio": "amplification_ratio", "over_control": "ratio_over_control"}
    return table.merge(ratios(table).rename(columns=names), on=["dc_site", "drugs"], how="left")


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """Amplitudes at the published holding currents, and the ratios, against the published model."""
    theirs = reference_table(reference, *REFERENCE)
    comparisons = []
    here = table[table["holding"] == "published"]
    for row in theirs.itertuples():
        drugs = drugs_of(row.group)
        result = one_row(here, drugs=drugs, target_mV=row.target_vrest)
        for site in SITES:
            column = f"epsp_{site}_mV"
            quantity = f"EPSP at the {site}, {drugs}, DC at the soma, {row.target_vrest} mV"
            comparisons.append(epsp_comparison(quantity, getattr(row, column), result[column]))
    for group, rows in theirs.groupby("group", sort=False):
        drugs = drugs_of(group)
        quantity = f"amplification ratio, {drugs}, DC at the soma"
        their_ratio = _ratio(rows, "target_vrest", "epsp_soma_mV")
        our_ratio = _ratio(here[here["drugs"] == drugs], "target_mV", "epsp_soma_mV")
        comparisons.append(Comparison.within(quantity, "", their_ratio, our_ratio, relative=0.02))
    return comparisons


EXPERIMENT = Experiment(
    name="epsp_amplification",
    title="EPSP amplification: DC at soma and trunk, control, TTX, AP5, both",
    source="Fig. 5C, S4",
    conditions=conditions,
    figure=lambda table, outcomes: amplification(table[table["holding"] == "solved"], outcomes),
    compare=compare,
    derive=derive,
)
