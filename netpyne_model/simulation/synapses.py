"""The synapses of a trial as NetPyNE's ``synMechParams`` and ``connParams``: which mechanisms, where, with what weights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..cell.cell import Cell
from ..description import CellDescription, spine_cable
from ..errors import ModelError
from ..morphology import DENDRITES, segment_index
from ..neuroml2.components import component, component_type
from ..protocols.synaptic_inputs import receptor_weight
from ..receptors import FAST_TYPES, TABLE, Kind, Receptor, receptors, receptors_of
from .trial import Trial

Place = tuple[str, float]
# Spines with their receptors in one synapse (spines=solved), and what these are called there.
SPINES = "DrivenSpines"
SOLVED = tuple(receptor.name for receptor in receptors().values() if receptor.solved)
# Of these a segment has one for all its connections.
OF_A_SEGMENT = {"KineticReceptors", SPINES}


def synaptic_mechanisms(trial: Trial) -> dict[str, dict[str, Any]]:
    """NetPyNE's ``synMechParams``: the mechanism of each receptor with its parameters."""
    if trial.config.receptors == "generated":
        return {name: {"mod": name} for name in receptors()}
    params = {name: _mechanism(receptor) for name, receptor in receptors().items()}
    # Where rules differ between regions, `run.finish` sets the weight of each segment.
    placement = trial.model.specification.placement
    factors = {f"w_{name}": _common(placement.factors_of_receptor(name)) for name in SOLVED[1:]}
    params[SPINES] = {"mod": SPINES, **factors}
    return params


def _common(factors: Mapping[str, float]) -> float:
    """The factor that all dendrites have; 1 if they differ."""
    different = {factors.get(region, 1.0) for region in DENDRITES}
    return different.pop() if len(different) == 1 else 1.0


def _mechanism(receptor: Receptor) -> dict[str, Any]:
    """The mechanism for fixed steps; one written by hand takes its parameters from the component.

    A generated one brings them along.
    """
    if receptor.fast is None:
        return {"mod": receptor.name}
    of_type = component_type(receptor.name)
    if of_type != FAST_TYPES[receptor.fast]:
        raise ModelError(
            f"receptor {receptor.name}: {receptor.fast} takes a {FAST_TYPES[receptor.fast]}, and its"
            f" component is a {of_type}; leave out fast in {TABLE}."
        )
    return {"mod": receptor.fast, **component(receptor.name)}


def spine_globals(model: Cell | None = None) -> dict[str, float]:
    """Parameters that all spines solved in their synapse share, as NEURON's global variables.

    Parameters
    ----------
    model : Cell, optional
        The published cell by default.

    Raises
    ------
    ModelError
        If sections that bear spines differ in capacitance or resistivity, which such spines cannot.
    """
    model = Cell() if model is None else model
    values = {
        f"{receptor}_{name}": value
        for receptor in SOLVED
        for name, value in component(receptor).items()
    }
    values |= spine_cable(model.specification.placement.spine_geometry, **_cable_of_spines(model))
    return {f"{name}_{SPINES}": value for name, value in values.items()}


def _cable_of_spines(model: Cell) -> dict[str, float]:
    bare = model.describe("none").sections
    indices = model.placement.spines["section"].unique()
    bearers = [bare[model.morphology.section(int(index)).name] for index in indices] or list(
        bare.values()
    )
    cables = {(float(section.cm_uF_per_cm2[-1]), section.Ra_ohm_cm) for section in bearers}
    if len(cables) > 1:
        raise ModelError(
            "spines = 'solved': spines solved within their synapse share one capacitance and one resistivity, but the"
            " sections that bear them differ in cable.cm or cable.Ra; set spines=folded."
        )
    ((cm_uF_per_cm2, Ra_ohm_cm),) = cables
    return {"cm_uF_per_cm2": cm_uF_per_cm2, "Ra_ohm_cm": Ra_ohm_cm}


def add_inputs(params: Any, trial: Trial, population: str) -> None:
    """Add one population of spike sources a group of inputs, and its connections. Inputs that never fire are left out.

    Parameters
    ----------
    params : netpyne.specs.NetParams
        Changed in place.
    trial : Trial
    population : str
        Name of the cell's population.
    """
    synapses, released_ms = trial.inputs.synapses, trial.inputs.released_ms
    mechanisms = synaptic_mechanisms(trial)
    params.synMechParams.update(mechanisms)
    for (group, kind), rows in synapses.groupby(["group", "kind"], sort=False).indices.items():
        rows = [row for row in rows if len(released_ms[row])]
        if not rows:
            continue
        sources = [{"spkTimes": released_ms[row].tolist()} for row in rows]
        params.popParams[group] = {"cellModel": "VecStim", "cellsList": sources}
        for receptor in _receptors(trial, kind):
            places = [trial.targets[row] for row in rows]
            if mechanisms[receptor]["mod"] in OF_A_SEGMENT:
                places = [_segment_centre(trial.cell, *place) for place in places]
            elif trial.config.spines == "solved":
                places = _apart(trial.cell, places)
            params.connParams[f"{group}->{receptor}"] = {
                "preConds": {"pop": group},
                "postConds": {"pop": population},
                "connList": [[i, 0] for i in range(len(rows))],
                "sec": [section for section, _ in places],
                "loc": [x for _, x in places],
                "synMech": receptor,
                "weight": _weights(trial, receptor, rows),
                "delay": 0.0,
            }


def solved_weights(trial: Trial, section: str, x: float) -> dict[str, float]:
    """Weights of the other receptors of the solved spines on a segment, taken at its centre: ``w_NMDA``."""
    return {f"w_{name}": trial.model.relative_gmax(name, (section, x)) for name in SOLVED[1:]}


def _place(trial: Trial, section: int, x: float) -> tuple[str, float]:
    return trial.morphology.section(int(section)).name, float(x)


def _receptors(trial: Trial, kind: Kind) -> Sequence[str]:
    if kind == "exc" and trial.config.spines == "solved":
        return (SPINES,)
    return [receptor.name for receptor in receptors_of(kind)]


def _segment_centre(cell: CellDescription, section: str, x: float) -> tuple[str, float]:
    """Where NetPyNE finds the one mechanism of a segment; to NEURON every x of a segment is its centre."""
    nseg = cell.sections[section].nseg
    return section, (segment_index(x, nseg) + 0.5) / nseg


def _apart(cell: CellDescription, places: Sequence[Place]) -> list[Place]:
    """Places of their own within the segments that they are in.

    Where synapses share mechanisms, NetPyNE takes those of one kind at one place for one; to NEURON
    every x of a segment is its centre.
    """
    segments = [(section, segment_index(x, cell.sections[section].nseg)) for section, x in places]
    total, before = Counter(segments), Counter[tuple[str, int]]()
    apart = []
    for section, index in segments:
        within = (before[section, index] + 0.5) / total[section, index]
        before[section, index] += 1
        apart.append((section, (index + within) / cell.sections[section].nseg))
    return apart


def _weights(trial: Trial, name: str, rows: Sequence[int]) -> list[float]:
    """Weights in units of the component's gbase; a solved spine's is that of its first receptor."""
    name = SOLVED[0] if name == SPINES else name
    synapses = trial.inputs.synapses.iloc[list(rows)]
    columns = (synapses[column].tolist() for column in ("section", "x", "ampa_weight", "gmax_uS"))
    return [
        receptor_weight(trial.model, name, _place(trial, section, x), weight=weight, gmax_uS=gmax)
        for section, x, weight, gmax in zip(*columns, strict=True)
    ]
