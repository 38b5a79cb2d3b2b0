"""The synapses of a trial as NetPyNE's ``synMechParams`` and ``connParams``: which mechanisms, where, with what weights."""

from collections.abc import Sequence
from typing import Any

from ..cell.cell import Cell
from ..description import CellDescription, spine_cable
from ..errors import ModelError
from ..morphology import segment_index
from ..neuroml2.components import component
from .trial import Trial

RECEPTORS_OF_KIND = {"exc": ("AMPA", "NMDA"), "inh": ("GABA_A",)}
# Receptors written by hand take their parameters from the component of this name; generated ones bring them along.
FAST_RECEPTORS = {
    "AMPA": "KineticReceptors",
    "GABA_A": "KineticReceptors",
    "NMDA": "KineticNMDAReceptor",
}
# Spines with both receptors in one synapse (spines=solved).
SPINES = "DrivenSpines"
# Of these a segment has one for all its connections.
OF_A_SEGMENT = {"KineticReceptors", SPINES}
# Weight of every NMDA receptor (model.md 7); the AMPA weight is the input's own.
NMDA_WEIGHT = 1.0


def synaptic_mechanisms(trial: Trial) -> dict[str, dict[str, Any]]:
    """NetPyNE's ``synMechParams``: the mechanism of each receptor with its parameters."""
    if trial.config.receptors == "generated":
        return {
            receptor: {"mod": receptor}
            for receptors in RECEPTORS_OF_KIND.values()
            for receptor in receptors
        }
    params = {
        receptor: {"mod": mod, **component(receptor)} for receptor, mod in FAST_RECEPTORS.items()
    }
    # Where rules differ between regions, `run.finish` sets the weight of each segment.
    nmda_factor = trial.model.specification.placement.receptors.factor.get("NMDA", 1.0)
    params[SPINES] = {"mod": SPINES, "w_NMDA": NMDA_WEIGHT * nmda_factor}
    return params


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
    receptors = RECEPTORS_OF_KIND["exc"]
    values = {
        f"{receptor}_{name}": value
        for receptor in receptors
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


def nmda_weight(trial: Trial, section: str, x: float) -> float:
    """Weight of the NMDA receptors of the solved spines on a segment, taken at its centre."""
    return NMDA_WEIGHT * trial.model.relative_nmda((section, x))


def _place(trial: Trial, section: int, x: float) -> tuple[str, float]:
    return trial.morphology.section(int(section)).name, float(x)


def _receptors(trial: Trial, kind: str) -> Sequence[str]:
    if kind == "exc" and trial.config.spines == "solved":
        return (SPINES,)
    return RECEPTORS_OF_KIND[kind]


def _segment_centre(cell: CellDescription, section: str, x: float) -> tuple[str, float]:
    """Where NetPyNE finds the one mechanism of a segment; to NEURON every x of a segment is its centre."""
    nseg = cell.sections[section].nseg
    return section, (segment_index(x, nseg) + 0.5) / nseg


def _weights(trial: Trial, receptor: str, rows: Sequence[int]) -> list[float]:
    """Weights in units of the component's gbase; a spine's is its AMPA receptor's."""
    synapses = trial.inputs.synapses.iloc[list(rows)]
    if receptor == "NMDA":
        places = zip(synapses["section"], synapses["x"], strict=True)
        return [NMDA_WEIGHT * trial.model.relative_nmda(_place(trial, *place)) for place in places]
    gbase_uS = component("AMPA" if receptor == SPINES else receptor)["gbase"]
    return (synapses["ampa_weight"] * synapses["gmax_uS"] / gbase_uS).tolist()
