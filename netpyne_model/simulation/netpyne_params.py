"""A trial as NetPyNE's ``netParams`` and ``simConfig``."""

from typing import Any

from ..cell.assembly import CELL_TYPE, cell_params, channel_mechanisms
from ..cell.integration import neuron_order
from ..cell.synapses import spine_globals
from ..configuration import TrialConfig, load_configuration
from ..protocols.recording import reads_an_ion
from .prepared import PreparedTrial, further_recordings, recording_sites
from .synapses import add_inputs, input_connections, one_receptor_a_connection, synaptic_mechanisms

POPULATION = "CA1"


def net_params(trial: PreparedTrial, *, inputs: bool = True) -> Any:
    """NetPyNE's ``NetParams``: the cell, a spike source a synapse, their connections, the DC.

    Without `inputs` there are no sources and connections: see `Afferents`.
    """
    from netpyne import specs

    params = specs.NetParams()
    params.defaultDelay = 0.0
    params.cellParams[CELL_TYPE] = cell_params(
        trial.description,
        spike_site=trial.description.place(*trial.cell.spike_site),
        spike_threshold_mV=trial.conditions.spike_threshold_mV,
        fused=trial.config.channels == "fused",
    )
    params.popParams[POPULATION] = {
        "cellType": CELL_TYPE,
        "cellsList": [{"x": 0.0, "y": 0.0, "z": 0.0}],
    }
    if trial.config.spines == "solved":
        params.cellParams[CELL_TYPE]["globals"] = spine_globals()
    if inputs:
        add_inputs(params, trial, POPULATION)
    _add_dc(params, trial)
    return params


def remove_inputs(params: Any, trial: PreparedTrial) -> None:
    """Take the spike sources and their connections out of NetPyNE's ``NetParams`` again."""
    for connections in input_connections(trial):
        params.popParams.pop(connections.population, None)
        params.connParams.pop(connections.rule, None)


def mechanisms_of(trial: PreparedTrial) -> set[str]:
    """The NEURON mechanisms of a trial's channels and receptors."""
    receptors = {str(one["mod"]) for one in synaptic_mechanisms(trial).values()}
    return receptors | channel_mechanisms(trial.description, trial.config.channels == "fused")


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
    site = trial.description.place(section, x)
    params.stimTargetParams["DC"] = {
        "source": "DC",
        "conds": {"pop": POPULATION},
        "sec": site.section,
        "loc": site.x,
    }


def _order(trial: PreparedTrial) -> int:
    reads_ions = bool(trial.description.user_channels) or reads_an_ion(
        further_recordings(trial).values(), trial.cell
    )
    return neuron_order(trial.config.integration, reads_ions=reads_ions)


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
        "secondorder": _order(trial),
    }
    cfg.recordStep = config.record_step_ms
    cfg.recordCells = [POPULATION]
    cfg.recordCellsSpikes = [POPULATION]
    cfg.recordTraces = {
        name: {"sec": site.section, "loc": site.x, "var": "v"}
        for name, location in recording_sites(trial).items()
        for site in [trial.description.place(*location)]
    }
    cfg.oneSynPerNetcon = one_receptor_a_connection(trial)
    cfg.pt3dRelativeToCellLocation = False
    cfg.createPyStruct = True
    cfg.verbose = False
    cfg.progressBar = 0
    cfg.savePickle = cfg.saveJson = False


def configuration_of(cfg: Any) -> TrialConfig:
    """The configuration of a trial from a NetPyNE ``SimConfig`` with its fields (``cfg.py``)."""
    fields = [name for name in TrialConfig.model_fields if hasattr(cfg, name)]
    return load_configuration(None, {name: getattr(cfg, name) for name in fields})
