"""EPSC amplification (Fig. S5): a synaptic current into the soma, in six drug groups.

The current has no driving force; it comes at six held potentials.
"""

from pathlib import Path

import pandas as pd

from ..analysis import epsp_amplitude
from ..figures.experiments import epsc_amplification
from ..protocols import Protocol, SynapticCurrent
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .experiment import EVENTS_MS, Experiment, cell_with_drugs, one_row, reference_table
from .held import DURATION_MS, SITES, TARGETS_MV, Held, epsp_comparison, published, solved
from .outcome import Row

# Peak currents (nA), chosen by the paper to give about 2 mV at -63 mV in each group (model.md 6).
GROUPS = {
    "control": ((), 0.0523),
    "TTX": (("TTX_everywhere",), 0.0555),
    "Ba": (("Ba",), 0.0462),
    "Ba+TTX": (("Ba", "TTX_everywhere"), 0.0493),
    "ZD7288": (("ZD7288",), 0.0513),
    "ZD7288+TTX": (("ZD7288", "TTX_everywhere"), 0.0545),
}
"""Drugs and peak current of each group."""
SITE = "soma_0(0.5)"
HELD_AT = SITES["soma"]
REFERENCE = ("epsc", "amplification_control.csv")


def conditions(reference: Path | None) -> list[Condition]:
    """Every group and potential; and the published holding currents, for comparison."""
    chosen = [_condition(group, held) for group in GROUPS for held in solved(HELD_AT)]
    if reference is not None:
        for group, held in published(reference, REFERENCE, "v_rest_attained", HELD_AT):
            chosen.append(_condition(group, held))
    return chosen


def _condition(group: str, held: Held) -> Condition:
    drugs, peak_nA = GROUPS[group]
    events = SynapticCurrent(times_ms=EVENTS_MS, peak_nA=peak_nA, place=SITE)
    protocol = Protocol(
        duration_ms=DURATION_MS,
        stimuli=[events, *held.stimuli],
        record={"soma": HELD_AT},
        **held.settings,
    )
    labels = {"drugs": group, "peak_nA": peak_nA} | held.labels
    return Condition(labels, cell_with_drugs(*drugs), protocol, measure, keep=("soma",))


def measure(result: Result) -> Row:
    """Amplitude of the summed response at the soma."""
    amplitude_mV = epsp_amplitude(result.time_ms, result.voltage_mV["soma"], EVENTS_MS[0])
    return {"amplitude_mV": amplitude_mV, "n_spikes": len(result.spike_times_ms)}


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """Add to each row the amplitude relative to that at -66 mV in its group."""
    solved_for = table[table["holding"] == "solved"]
    at_first = solved_for[solved_for["target_mV"] == TARGETS_MV[0]]
    first_mV = at_first.set_index("drugs")["amplitude_mV"]
    return table.assign(amplitude_over_first=table["amplitude_mV"] / table["drugs"].map(first_mV))


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """Amplitudes of the control group at the published holding currents."""
    here = table[table["holding"] == "published"]
    comparisons = []
    for row in reference_table(reference, *REFERENCE).itertuples():
        amplitude_mV = one_row(here, target_mV=row.target_vrest)["amplitude_mV"]
        quantity = f"response at the soma, control, {row.target_vrest} mV"
        comparisons.append(epsp_comparison(quantity, row.epsp_amp_mV, amplitude_mV))
    return comparisons


EXPERIMENT = Experiment(
    name="epsc_amplification",
    title="EPSC amplification: control, barium, ZD7288, each with and without TTX",
    source="Fig. S5",
    conditions=conditions,
    figure=lambda table, outcomes: epsc_amplification(
        table[table["holding"] == "solved"], outcomes
    ),
    compare=compare,
    derive=derive,
)
