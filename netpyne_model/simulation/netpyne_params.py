"""A trial as NetPyNE's ``netParams`` and ``simConfig``."""

from typing import Any

from ..cell.assembly import CELL_TYPE, cell_params
from ..configuration import TrialConfig, load_configuration
from .prepared import PreparedTrial, recording_sites
from .synapses import add_inputs, shared_receptors, spine_globals

POPULATION = "CA1"


def net_params(trial: PreparedTrial) -> Any:
    """NetPyNE's ``NetParams``: the cell, a spike source a synapse, their connections, the DC."""
    from netpyne import specs

    params = specs.NetParams()
    params.defaultDelay = 0.0
    params.cellParams[CELL_TYPE] = cell_params(
        trial.description,
        spike_site=(trial.morphology.sections[0].name, 0.0),
        spike_threshold_mV=trial.conditions.spike_threshold_mV,
        fused=trial.config.channels == "fused",
    )
    params.popParams[POPULATION] = {
        "cellType": CELL_TYPE,
        "cellsList": [{"x": 0.0, "y": 0.0, "z": 0.0}],
    }
    if trial.config.spines == "solved":
        params.cellParams[CELL_TYPE]["globals"] = spine_globals()
    add_inputs(params, trial, POPULATION)
    _add_dc(params, trial)
    return params


def _add_dc(params: Any, trial: PreparedTrial) -> None:
    section, x, start_ms, amplitude_nA = trial.dc
    if amplitude_nA == 0:
        return
    params.stimSourceParams["DC"] = {
        "type": "IClamp",
        "del": start_ms,
        "dur": max(trial.duration_ms - start_ms, 0.0),
        "amp": amplitude_nA,
    }
    params.stimTargetParams["DC"] = {
        "source": "DC",
        "conds": {"pop": POPULATION},
        "sec": section,
        "loc": x,
    }


def configure(cfg: Any, trial: PreparedTrial) -> None:
    """Set the fields of a NetPyNE ``SimConfig`` that follow from the trial, in place."""
    config = trial.config
    cfg.duration = trial.duration_ms
    cfg.dt = config.dt_ms
    cfg.cvode_active = config.integration == "variable_step"
    cfg.cvode_atol = config.variable_step_atol
    cfg.hParams = {
        "celsius": trial.conditions.celsius,
        "v_init": trial.conditions.v_init_mV,
        "secondorder": 2 if config.integration == "second_order" else 0,
    }
    cfg.recordStep = config.record_step_ms
    cfg.recordCells = [POPULATION]
    cfg.recordCellsSpikes = [POPULATION]
    cfg.recordTraces = {
        name: {"sec": section, "loc": x, "var": "v"}
        for name, (section, x) in recording_sites(trial).items()
    }
    # Spines and receptors of a segment, and inputs to the same receptor, share a mechanism, which
    # NetPyNE finds by its place.
    cfg.oneSynPerNetcon = config.spines != "solved" and not shared_receptors(trial)
    cfg.pt3dRelativeToCellLocation = False
    cfg.createPyStruct = True
    cfg.verbose = False
    cfg.progressBar = 0
    cfg.savePickle = cfg.saveJson = False


def configuration_of(cfg: Any) -> TrialConfig:
    """The configuration of a trial from a NetPyNE ``SimConfig`` with its fields (``cfg.py``)."""
    fields = [name for name in TrialConfig.model_fields if hasattr(cfg, name)]
    return load_configuration(None, {name: getattr(cfg, name) for name in fields})
