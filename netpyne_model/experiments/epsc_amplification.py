"""EPSC amplification (Fig. S5): a synaptic current without driving force into the soma, at six potentials, in six drug groups."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ..analysis import epsp_amplitude
from ..figures.experiments import epsc_amplification as draw
from ..protocols import CurrentClamp, Holding, Protocol, SynapticCurrent
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .epsp_amplification import DURATION_MS, SITES, TARGETS_MV, epsp_comparison
from .experiment import EVENTS_MS, Experiment, cell_with_drugs, one_row, reference_table
from .outcome import Outcome, Row

GROUPS = {
    "control": (),
    "TTX": ("TTX_everywhere",),
    "Ba": ("Ba",),
    "Ba+TTX": ("Ba", "TTX_everywhere"),
    "ZD7288": ("ZD7288",),
    "ZD7288+TTX": ("ZD7288", "TTX_everywhere"),
}
# Chosen by the paper to give about 2 mV at -63 mV in each group (model.md 6).
PEAK_NA = {
    "control": 0.0523,
    "TTX": 0.0555,
    "Ba": 0.0462,
    "Ba+TTX": 0.0493,
    "ZD7288": 0.0513,
    "ZD7288+TTX": 0.0545,
}
SITE = "soma_0(0.5)"
HELD_AT = SITES["soma"]
REFERENCE = ("epsc", "amplification_control.csv")


def conditions(reference: Path | None) -> list[Condition]:
    """Every group and potential; and the published holding currents, for comparison."""
    chosen = [
        _condition(
            group,
            {"holding": "solved", "target_mV": target_mV},
            Holding(target_mV=target_mV, place=HELD_AT),
        )
        for group in GROUPS
        for target_mV in TARGETS_MV
    ]
    if reference is not None:
        for row in reference_table(reference, *REFERENCE).itertuples():
            labels = {"holding": "published", "target_mV": row.target_vrest}
            current = CurrentClamp(amplitude_nA=row.i_holding_nA, place=HELD_AT)
            chosen.append(_condition("control", labels, current, row.v_rest_attained))
    return chosen


def _condition(
    group: str, labels: dict, held: Holding | CurrentClamp, v_init_mV: float | None = None
) -> Condition:
    events = SynapticCurrent(times_ms=EVENTS_MS, peak_nA=PEAK_NA[group], place=SITE)
    protocol = Protocol(
        duration_ms=DURATION_MS,
        stimuli=[events] if isinstance(held, Holding) else [events, held],
        record={"soma": HELD_AT},
        holding=held if isinstance(held, Holding) else None,
        v_init_mV=v_init_mV,
    )
    labels = {"drugs": group, "peak_nA": PEAK_NA[group], **labels}
    return Condition(labels, cell_with_drugs(*GROUPS[group]), protocol, measure, keep=("soma",))


def measure(result: Result) -> Row:
    """Amplitude of the summed response at the soma."""
    amplitude_mV = epsp_amplitude(result.time_ms, result.voltage_mV["soma"], EVENTS_MS[0])
    return {"amplitude_mV": amplitude_mV, "n_spikes": len(result.spike_times_ms)}


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """Add to each row the amplitude relative to that at -66 mV in its group."""
    solved = table[table["holding"] == "solved"]
    first = solved[solved["target_mV"] == TARGETS_MV[0]].set_index("drugs")["amplitude_mV"]
    return table.assign(amplitude_over_first=table["amplitude_mV"] / table["drugs"].map(first))


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """Amplitudes of the control group at the published holding currents."""
    here = table[table["holding"] == "published"]
    comparisons = []
    for row in reference_table(reference, *REFERENCE).itertuples():
        amplitude_mV = one_row(here, target_mV=row.target_vrest)["amplitude_mV"]
        quantity = f"response at the soma, control, {row.target_vrest} mV"
        comparisons.append(epsp_comparison(quantity, row.epsp_amp_mV, amplitude_mV))
    return comparisons


def figure(table: pd.DataFrame, outcomes: Sequence[Outcome]) -> Figure:
    """Amplitude against the held potential, group by group, with and without sodium current."""
    return draw(table[table["holding"] == "solved"], outcomes)


EXPERIMENT = Experiment(
    name="epsc_amplification",
    title="EPSC amplification: control, barium, ZD7288, each with and without TTX",
    source="Fig. S5",
    conditions=conditions,
    figure=figure,
    compare=compare,
    derive=derive,
)
