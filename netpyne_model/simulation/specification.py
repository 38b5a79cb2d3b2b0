"""A trial as a NetPyNE specification: ``netParams`` and ``simConfig``. Its numbers come from the trial."""

from typing import Any

import numpy as np

from ..cell.assembly import CELL_TYPE, cell_params
from ..configuration import TrialConfig, load_configuration
from ..neuroml2.components import component
from .trial import Trial, recording_sites

POPULATION = "CA1"
OUTPUT_SITE = ("soma_0", 0.0)
# Receptors written by hand take their parameters from the component of this name; generated ones bring them along.
FAST_RECEPTORS = {"AMPA": "KineticReceptor", "GABA_A": "KineticReceptor", "NMDA": "KineticNMDAReceptor"}
RECEPTORS_OF_KIND = {"exc": ("AMPA", "NMDA"), "inh": ("GABA_A",)}
# Weight of every NMDA receptor (MODEL section 7); the AMPA weight is the input's own.
NMDA_WEIGHT = 1.0


def net_params(trial: Trial) -> Any:
    """Return NetPyNE's ``NetParams``: the cell, a spike source a synapse, their connections and the DC.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    netpyne.specs.NetParams
    """
    from netpyne import specs

    params = specs.NetParams()
    params.defaultDelay = 0.0
    params.cellParams[CELL_TYPE] = cell_params(
        trial.cell, spike_site=OUTPUT_SITE, spike_threshold_mV=trial.config.spike_threshold_mV
    )
    params.popParams[POPULATION] = {"cellType": CELL_TYPE, "cellsList": [{"x": 0.0, "y": 0.0, "z": 0.0}]}
    for receptor, mechanism in FAST_RECEPTORS.items():
        fast = {"mod": mechanism, **component(receptor)}
        params.synMechParams[receptor] = fast if trial.config.receptors == "fast" else {"mod": receptor}
    _add_inputs(params, trial)
    _add_dc(params, trial)
    return params


def _add_inputs(params: Any, trial: Trial) -> None:
    """One population of spike sources a group, and one connection a receptor. Inputs that never fire are left out."""
    synapses, released_ms = trial.inputs.synapses, trial.inputs.released_ms
    for (group, kind), rows in synapses.groupby(["group", "kind"], sort=False).indices.items():
        rows = [row for row in rows if len(released_ms[row])]
        if not rows:
            continue
        sources = [{"spkTimes": released_ms[row].tolist()} for row in rows]
        params.popParams[group] = {"cellModel": "VecStim", "cellsList": sources}
        for receptor in RECEPTORS_OF_KIND[kind]:
            if receptor == "NMDA" and not trial.config.nmda:
                continue
            params.connParams[f"{group}->{receptor}"] = {
                "preConds": {"pop": group},
                "postConds": {"pop": POPULATION},
                "connList": [[i, 0] for i in range(len(rows))],
                "sec": [trial.targets[row][0] for row in rows],
                "loc": [trial.targets[row][1] for row in rows],
                "synMech": receptor,
                "weight": _weights(trial, receptor, rows),
                "delay": 0.0,
            }


def _weights(trial: Trial, receptor: str, rows: list[int]) -> list[float]:
    """Weights in units of the component's gbase."""
    if receptor == "NMDA":
        return [NMDA_WEIGHT] * len(rows)
    synapses = trial.inputs.synapses.iloc[rows]
    gbase_uS = component(receptor)["gbase"]
    return (synapses["ampa_weight"] * synapses["gmax_uS"] / gbase_uS).tolist()


def _add_dc(params: Any, trial: Trial) -> None:
    section, x, start_ms, amplitude_nA = trial.dc
    if amplitude_nA == 0:
        return
    params.stimSourceParams["DC"] = {
        "type": "IClamp",
        "del": start_ms,
        "dur": max(trial.duration_ms - start_ms, 0.0),
        "amp": amplitude_nA,
    }
    params.stimTargetParams["DC"] = {"source": "DC", "conds": {"pop": POPULATION}, "sec": section, "loc": x}


def configure(cfg: Any, trial: Trial) -> None:
    """Set the fields of a NetPyNE ``SimConfig`` that follow from the trial.

    Parameters
    ----------
    cfg : netpyne.specs.SimConfig
        Changed in place.
    trial : Trial
    """
    config = trial.config
    cfg.duration = trial.duration_ms
    cfg.dt = config.dt_ms
    cfg.cvode_active = config.integration == "variable_step"
    cfg.cvode_atol = config.variable_step_atol
    cfg.hParams = {
        "celsius": config.celsius_or_default,
        "v_init": config.v_init_or_default_mV,
    }
    cfg.recordStep = config.record_step_ms
    cfg.recordCells = [POPULATION]
    cfg.recordCellsSpikes = [POPULATION]
    cfg.recordTraces = {
        name: {"sec": section, "loc": x, "var": "v"} for name, (section, x) in recording_sites(trial).items()
    }
    cfg.pt3dRelativeToCellLocation = False
    cfg.createPyStruct = True
    cfg.verbose = False
    cfg.progressBar = 0
    cfg.savePickle = cfg.saveJson = False


def configuration_of(cfg: Any) -> TrialConfig:
    """Read the configuration of a trial from a NetPyNE ``SimConfig`` that bears its fields (see ``cfg.py``).

    Raises
    ------
    ModelError
        If a field has an impossible value.
    """
    return load_configuration(
        None, {name: getattr(cfg, name) for name in TrialConfig.model_fields if hasattr(cfg, name)}
    )


def path_distance_um(trial: Trial, section: str, x: float) -> float:
    """Path distance in um of a place on the cell."""
    return trial.morphology.path_distance(trial.morphology.section(section).index, x)


def position_um(trial: Trial, section: str, x: float) -> tuple[float, float, float]:
    """Place of a point of the cell in the 3D layout."""
    ends = trial.cell.sections[section].points_um[:, :3]
    return tuple(np.asarray(ends[0] + x * (ends[1] - ends[0])).tolist())
