"""The synapses of a trial as NetPyNE's ``synMechParams`` and ``connParams``."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..cell.synapses import ENTRIES, SOLVED, SPINES, fast_mechanism
from ..description import CellDescription
from ..morphology import DENDRITES, segment_centre, segment_index
from ..neuroml2.components import component
from ..protocols.driven import ON_BRANCH
from ..receptors import receptors
from .prepared import PreparedTrial


def synaptic_mechanisms(trial: PreparedTrial) -> dict[str, dict[str, Any]]:
    """NetPyNE's ``synMechParams``: the mechanism of each receptor with its parameters."""
    if trial.config.receptors == "generated":
        # Their parameters are the mechanism's own; NetPyNE's validator wants some.
        return {name: {"mod": name, **component(name)} for name in receptors()}
    params = {name: fast_mechanism(receptor) for name, receptor in receptors().items()}
    # Where rules differ between regions, `BuiltTrial` sets the weight of each segment.
    placement = trial.cell.specification.placement
    factors = {f"w_{name}": _common(placement.factors_of_receptor(name)) for name in SOLVED[1:]}
    params[SPINES] = {"mod": SPINES, **factors}
    return params


def _common(factors: Mapping[str, float]) -> float:
    """The factor that all dendrites have; 1 if they differ."""
    different = {factors.get(region, 1.0) for region in DENDRITES}
    return different.pop() if len(different) == 1 else 1.0


def input_groups(trial: PreparedTrial) -> list[tuple[str, tuple[str, ...], list[int]]]:
    """Populations of spike sources: name, labels of the mechanisms they reach, rows of synapses.

    Synapses of one group that reach the same mechanisms are one population. Inputs that never fire
    are left out.
    """
    driven = trial.driven
    by_population: dict[tuple[str, str, tuple[str, ...]], list[int]] = {}
    groups_of_rows = driven.synapses.groupby(["group", "kind"], sort=False)
    for (group, kind), rows in groups_of_rows.indices.items():
        for row in rows.tolist():
            if len(driven.released_ms[row]):
                labels = _labels(trial, row)
                by_population.setdefault((group, kind, labels), []).append(row)
    groups: list[tuple[str, tuple[str, ...], list[int]]] = []
    for (group, _, labels), rows in by_population.items():
        number = sum(name == group or name.startswith(f"{group}__") for name, _, _ in groups)
        groups.append((f"{group}__{number + 1}" if number else group, labels, rows))
    return groups


class InputConnections(NamedTuple):
    """Connections from one population of spike sources to one mechanism.

    `synapses` has row, place of the receptor and weight of each.
    """

    population: str
    label: str
    synapses: list[tuple[int, tuple[str, float], float]]

    @property
    def rule(self) -> str:
        """Name of their entry in NetPyNE's ``connParams``."""
        return f"{self.population}->{self.label}"


def input_connections(trial: PreparedTrial) -> Iterator[InputConnections]:
    """All connections of the driven synapses, by population and mechanism."""
    driven = trial.driven
    mechanisms = synaptic_mechanisms(trial)
    for group, labels, rows in input_groups(trial):
        for label in labels:
            places: list[tuple[str, float]] = [
                trial.description.place(*trial.targets[row]) for row in rows
            ]
            # Of these a segment has one for all its connections.
            if mechanisms[label]["mod"] in ENTRIES:
                places = [_segment_centre(trial.description, *place) for place in places]
            # A solved spine's weight is that of its first receptor.
            receptor = SOLVED[0] if label == SPINES else label
            weights = [driven.weights[row][receptor] for row in rows]
            synapses = list(zip(rows, places, weights, strict=True))
            yield InputConnections(group, label, synapses)


def add_inputs(params: Any, trial: PreparedTrial, population: str) -> None:
    """Add the populations of spike sources and their connections to NetPyNE's ``NetParams``."""
    params.synMechParams.update(synaptic_mechanisms(trial))
    for group, _, rows in input_groups(trial):
        sources = [{"spkTimes": trial.driven.released_ms[row].tolist()} for row in rows]
        params.popParams[group] = {"cellModel": "VecStim", "cellsList": sources}
    for connections in input_connections(trial):
        group, label, synapses = connections
        params.connParams[connections.rule] = {
            "preConds": {"pop": group},
            "postConds": {"pop": population},
            "connList": [[i, 0] for i in range(len(synapses))],
            "sec": [section for _, (section, _), _ in synapses],
            "loc": [x for _, (_, x), _ in synapses],
            "synMech": label,
            "weight": [weight for _, _, weight in synapses],
            "delay": 0.0,
        }


def one_receptor_a_connection(trial: PreparedTrial) -> bool:
    """Whether no two connections share a mechanism.

    Spines and receptors of a segment, and inputs to the same receptor, share one, which is known by
    its place.
    """
    return trial.config.spines != "solved" and not shared_receptors(trial)


def shared_receptors(trial: PreparedTrial) -> dict[int, int]:
    """Row -> number of the place whose receptors it shares with other rows, if it does."""
    rows_at: dict[Any, list[int]] = {}
    for row, events in enumerate(trial.driven.released_ms):
        if len(events):
            number = int(trial.driven.spines[row])
            place = trial.targets[row] if number == ON_BRANCH else number
            rows_at.setdefault(place, []).append(row)
    shared = [rows for rows in rows_at.values() if len(rows) > 1]
    return {row: number for number, rows in enumerate(shared, start=1) for row in rows}


def solved_weights(trial: PreparedTrial, section: str, x: float) -> dict[str, float]:
    """Weights of a segment's solved spines' other receptors, at its centre: ``w_NMDA``."""
    return {f"w_{name}": trial.cell.relative_gmax(name, (section, x)) for name in SOLVED[1:]}


def _labels(trial: PreparedTrial, row: int) -> tuple[str, ...]:
    if trial.config.spines == "solved" and trial.driven.spines[row] != ON_BRANCH:
        return (SPINES,)
    return tuple(trial.driven.weights[row])


def _segment_centre(cell: CellDescription, section: str, x: float) -> tuple[str, float]:
    """Where NetPyNE finds the one mechanism of a segment; to NEURON every x is the centre."""
    nseg = cell.sections[section].nseg
    return section, segment_centre(segment_index(x, nseg), nseg)
