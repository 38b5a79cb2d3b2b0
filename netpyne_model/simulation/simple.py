"""The simple model's current-clamp runs (Fig. 5A of the paper), assembled and run by NetPyNE."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ..cell.assembly import CELL_TYPE, cell_params
from ..configuration import TrialConfig
from ..description import CellDescription
from ..mechanisms import compilation
from ..neuroml2.cell_reader import read_cell
from ..neuroml2.cells import CELLS, SIMPLE
from ..results import SimpleResult, SimpleRun, provenance
from .run import Progress, clear, integrate, quiet_netpyne

POPULATION, SOURCE, SYNAPSE, SODIUM_CHANNEL = "CA1", "burst", "EPSC_simple", "NaV2"
PROTOCOL = Path(__file__).with_name("simple_protocol.yaml")


@cache
def protocol() -> dict:
    """The published current-clamp protocol of the simple model: event times and end of the run, in ms."""
    return yaml.safe_load(PROTOCOL.read_text())


def run_simple(config: TrialConfig, progress: Progress | None = None) -> SimpleResult:
    """Run the simple model once for every DC of the configuration.

    Parameters
    ----------
    config : TrialConfig
        Of the simple model.
    progress : callable, optional
        Called with simulated time and end of each run, both in ms.

    Returns
    -------
    SimpleResult
    """
    compilation.load()
    cell = read_cell(CELLS / f"{SIMPLE}.cell.nml")
    for section in cell.sections.values():
        section.gbar_S_per_cm2[SODIUM_CHANNEL] = (
            section.gbar_S_per_cm2[SODIUM_CHANNEL] * config.simple_nav_factor
        )
    events_ms = np.array(protocol()["event_times_ms"], dtype=float)
    runs, wall_s = [], 0.0
    for dc_nA in config.simple_dc_nA:
        run, seconds = _run(config, cell, dc_nA, events_ms, progress)
        runs.append(run)
        wall_s += seconds
    return SimpleResult(config.as_dict(), tuple(runs), provenance(), wall_s)


def _run(
    config: TrialConfig,
    cell: CellDescription,
    dc_nA: float,
    events_ms: np.ndarray,
    progress: Progress | None,
) -> tuple[SimpleRun, float]:
    from netpyne import sim, specs

    duration_ms = protocol()["stop_ms"] if config.duration_ms is None else config.duration_ms
    with quiet_netpyne():
        clear()
        cfg = _sim_config(specs.SimConfig(), config, duration_ms)
        sim.create(
            simConfig=cfg,
            netParams=net_params(specs.NetParams(), config, cell, dc_nA, events_ms, duration_ms),
        )
    wall_s = integrate(duration_ms, progress)
    (trace,) = sim.simData["soma"].values()
    voltage_mV = np.array(trace)
    time_ms = np.arange(len(voltage_mV)) * config.record_step_ms
    clear()
    return SimpleRun(dc_nA, time_ms, voltage_mV, events_ms), wall_s


def net_params(
    params: Any,
    config: TrialConfig,
    cell: CellDescription,
    dc_nA: float,
    events_ms: Sequence[float],
    duration_ms: float,
) -> Any:
    """Fill a NetPyNE ``NetParams`` with the simple cell, its synapse and a DC, and return it."""
    (section,) = cell.sections
    params.defaultDelay = 0.0
    params.cellParams[CELL_TYPE] = cell_params(
        cell, spike_site=(section, 0.5), spike_threshold_mV=config.spike_threshold_or_default_mV
    )
    params.popParams[POPULATION] = {
        "cellType": CELL_TYPE,
        "cellsList": [{"x": 0.0, "y": 0.0, "z": 0.0}],
    }
    params.popParams[SOURCE] = {
        "cellModel": "VecStim",
        "cellsList": [{"spkTimes": list(events_ms)}],
    }
    params.synMechParams[SYNAPSE] = {"mod": SYNAPSE}
    params.connParams[SOURCE] = {
        "preConds": {"pop": SOURCE},
        "postConds": {"pop": POPULATION},
        "sec": section,
        "loc": 0.5,
        "synMech": SYNAPSE,
        "weight": config.simple_weight_uS,
        "delay": 0.0,
    }
    clamp = {"type": "IClamp", "del": 0.0, "dur": duration_ms, "amp": dc_nA}
    params.stimSourceParams["DC"] = clamp
    params.stimTargetParams["DC"] = {
        "source": "DC",
        "conds": {"pop": POPULATION},
        "sec": section,
        "loc": 0.5,
    }
    return params


def _sim_config(cfg: Any, config: TrialConfig, duration_ms: float) -> Any:
    cfg.duration = duration_ms
    cfg.dt = config.dt_ms
    cfg.hParams = {
        "celsius": config.celsius_or_default,
        "v_init": config.v_init_or_default_mV,
        "secondorder": 0,  # NEURON keeps what an earlier run of the full model has set
    }
    cfg.recordStep = config.record_step_ms
    cfg.recordCells = [POPULATION]
    cfg.recordTraces = {"soma": {"sec": "soma", "loc": 0.5, "var": "v"}}
    cfg.pt3dRelativeToCellLocation = False
    cfg.progressBar = 0
    return cfg
