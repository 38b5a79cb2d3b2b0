"""Attenuation of synaptic potentials from the trunk to the soma, against distance."""

from collections.abc import Sequence

from ..cell.cell import Cell
from ..experiments.cell_task import CellTask
from ..experiments.condition import Condition
from ..experiments.outcome import Outcome, Row
from ..morphology.locations import SOMA
from ..protocols import Protocol, SynapticConductance
from ..results import Result
from .fixed_step import fixed_step
from .score import Score, ScoredTest, mean, rows_of
from .targets import targets
from .trains import recorded_places, trunk_places

NAME = "attenuation"
EVENT_MS, AFTER_MS = 300.0, 100.0
CURRENT_NA = 0.03  # of one event at rest
TAU_RISE_MS, TAU_DECAY_MS = 0.1, 3.0
AROUND_UM = 50.0  # of a distance, in which places count


def tasks(cell: Cell) -> list[CellTask]:
    """The cell at rest: the conductance of an event depends on the potential where it is."""
    protocol = _protocol(recorded_places(cell))
    return [Condition({"test": NAME, "kind": "rest"}, cell, protocol, measure_rest)]


def further(cell: Cell, outcomes: Sequence[Outcome]) -> list[CellTask]:
    """An event in every segment of the trunk that counts at some distance."""
    (rest,) = (one.row for one in outcomes if one.row.get("kind") == "rest")
    measured_um = [_distance_um(quantity) for quantity in targets(NAME)]
    chosen = []
    for one in trunk_places(cell).itertuples():
        if any(_counts(one.path_distance, at_um) for at_um in measured_um):
            event = SynapticConductance(
                times_ms=EVENT_MS,
                peak_uS=CURRENT_NA / abs(rest[f"rest_{one.name}_mV"]),
                place=one.place,
                tau_rise_ms=TAU_RISE_MS,
                tau_decay_ms=TAU_DECAY_MS,
            )
            protocol = _protocol({"soma": SOMA, "dendrite": one.place}, event)
            labels = {"test": NAME, "kind": "event", "place": one.place}
            labels["path_distance_um"] = one.path_distance
            chosen.append(Condition(labels, cell, protocol, measure_event))
    return list(chosen)


def _protocol(record: dict[str, str], *stimuli: SynapticConductance) -> Protocol:
    return fixed_step(EVENT_MS + AFTER_MS, record, stimuli)


def measure_rest(result: Result) -> Row:
    """Potential at the end at every place."""
    return {f"rest_{name}_mV": float(v_mV[-1]) for name, v_mV in result.voltage_mV.items()}


def measure_event(result: Result) -> Row:
    """Height at the soma and at the place of the event, and their ratio."""
    after = result.time_ms >= EVENT_MS
    row: Row = {}
    for place in ("soma", "dendrite"):
        v_mV = result.voltage_mV[place][after]
        row[f"psp_{place}_mV"] = float(v_mV.max() - v_mV[0])
    row["soma_over_dendrite"] = row["psp_soma_mV"] / row["psp_dendrite_mV"]
    return row


def events(outcomes: Sequence[Outcome]) -> list[Row]:
    """Rows of the events."""
    return [row for row in rows_of(NAME, outcomes) if row["kind"] == "event"]


def scores(cell: Cell, outcomes: Sequence[Outcome]) -> list[Score]:
    """Mean ratio about every measured distance."""
    rows = events(outcomes)
    scored = []
    for quantity, target in targets(NAME).items():
        at_um = _distance_um(quantity)
        ratios = [
            row["soma_over_dendrite"] for row in rows if _counts(row["path_distance_um"], at_um)
        ]
        scored.append(Score(target, mean(ratios)))
    return scored


def _distance_um(quantity: str) -> float:
    return float(quantity.rpartition("_")[2])


def _counts(path_distance_um: float, at_um: float) -> bool:
    return -AROUND_UM <= path_distance_um - at_um < AROUND_UM


TESTS = [
    ScoredTest(
        name=NAME,
        title="Attenuation of synaptic potentials, trunk to soma",
        source="Magee & Cook 2000",
        tasks=tasks,
        further=further,
        scores=scores,
    )
]
