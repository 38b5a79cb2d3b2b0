"""Builds a trial with NetPyNE, runs it and collects the result."""

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..cell.assembly import finish_cell
from ..configuration import TrialConfig
from ..errors import ModelError
from ..mechanisms import compilation
from ..mechanisms.user_channels import load_user_channels
from ..results import CurrentStep, Recording, Result, Site, Track, provenance
from .currents import SynapticCurrents
from .hoc_objects import be_frugal
from .specification import POPULATION, configure, net_params, path_distance_um, position_um
from .synapses import SPINES, nmda_weight
from .trial import Trial, prepare_trial, recording_sites

Progress = Callable[[float, float], None]
_REPORT_EVERY_MS = 25.0


@contextlib.contextmanager
def quiet_netpyne() -> Iterator[None]:
    """Keep NetPyNE's own output off the terminal; an error that it only prints becomes an exception."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        yield
    lines = [line.strip() for line in said.getvalue().splitlines() if "error" in line.lower()]
    if lines:
        raise RuntimeError(f"NetPyNE could not build the model: {lines[0]}")


def run_trial(config: TrialConfig, progress: Progress | None = None) -> Result:
    """Run one trial of the full model.

    Parameters
    ----------
    config : TrialConfig
    progress : callable, optional
        Called with simulated time and end, both in ms.

    Returns
    -------
    Result

    Raises
    ------
    ModelError
        If the configuration does not hold together, or the mechanisms cannot be compiled.
    """
    trial = prepare_trial(config)
    build(trial)
    currents = SynapticCurrents(_built_cell().secs.values()) if config.record_currents else None
    wall_s = integrate(trial.duration_ms, progress, currents)
    result = _collect(trial, wall_s, {} if currents is None else currents.traces_nA())
    clear()  # what else runs in this process shall not integrate this cell along
    return result


def build(trial: Trial) -> None:
    """Instantiate a trial in NetPyNE (``netpyne.sim``), ready to run; what an earlier run left there is dropped."""
    compilation.load()
    load_user_channels(trial.cell.user_channels.values())
    with quiet_netpyne():
        from netpyne import sim, specs

        clear()
        be_frugal()
        cfg = specs.SimConfig()
        configure(cfg, trial)
        sim.create(simConfig=cfg, netParams=net_params(trial))
    finish(trial)


def finish(trial: Trial) -> None:
    """Set on the built cell what NetPyNE's specification cannot hold: see `finish_cell`; and the leak of its spines."""
    finish_cell(built_sections(), trial.cell)
    for name, section in _built_cell().secs.items():
        for synapse in section.get("synMechs", ()):
            if synapse["label"] == SPINES:
                synapse["hObj"].g_pas = trial.spine_leak_S_per_cm2[name]
                synapse["hObj"].w_NMDA = nmda_weight(trial, name, synapse["loc"])


def built_sections() -> dict:
    """The NEURON sections of the built cell by name."""
    return {name: section["hObj"] for name, section in _built_cell().secs.items()}


def _built_cell() -> Any:
    from netpyne import sim

    return next(cell for cell in sim.net.cells if cell.tags["pop"] == POPULATION)


def clear() -> None:
    """Drop the network that an earlier run built, so that its cells are not integrated along."""
    from netpyne import sim

    if getattr(sim, "net", None) is not None and getattr(sim.net, "cells", None):
        sim.pc.gid_clear()
        sim.clearAll()
        sim.fih = []  # what NetPyNE wants done at every start, to cells that are gone


def integrate(
    duration_ms: float, progress: Progress | None = None, currents: SynapticCurrents | None = None
) -> float:
    """Run what is built for `duration_ms` as its configuration says; return the wall time in s.

    Parameters
    ----------
    duration_ms : float
    progress : callable, optional
        Called with simulated time and end, both in ms.
    currents : SynapticCurrents, optional
        Sampled at every recording step, from 0 to the end.
    """
    from netpyne import sim
    from netpyne.sim.run import postRun, prepareSimWithIntervalFunc
    from neuron import h

    with quiet_netpyne():
        prepareSimWithIntervalFunc()
    start = time.perf_counter()
    half_step = sim.cfg.dt / 2
    # NEURON's clock is a sum of steps and drifts; asked for a time that it reaches but for 1e-8 ms, psolve leaves the last step
    # out, and would do so forever. Half a step more is the nearest step. CVode has no steps to round to.
    margin_ms = 0.0 if sim.cfg.cvode_active else half_step
    sampled_ms = 0.0  # a current is that of its time one step later
    while h.t < duration_ms - half_step:
        stop_ms = min(h.t + _REPORT_EVERY_MS, duration_ms)
        while currents is not None and sampled_ms + sim.cfg.dt < stop_ms + half_step:
            sim.pc.psolve(sampled_ms + sim.cfg.dt + margin_ms)
            currents.sample()
            sampled_ms = len(currents) * sim.cfg.recordStep
        sim.pc.psolve(stop_ms + margin_ms)
        if progress is not None:
            progress(min(h.t, duration_ms), duration_ms)
    if currents is not None:
        currents.sample()  # of the last step: the run ends here
    wall_s = time.perf_counter() - start
    with quiet_netpyne():
        postRun(duration_ms)
    return wall_s


def _collect(trial: Trial, wall_s: float, currents_nA: dict[str, np.ndarray]) -> Result:
    from netpyne import sim

    sites, voltage_mV = {}, {}
    for name, (section, x) in recording_sites(trial).items():
        (trace,) = sim.simData[name].values()
        voltage_mV[name] = np.array(trace)
        distance = path_distance_um(trial, section, x)
        sites[name] = Site(name, section, x, distance, position_um(trial, section, x))
        if not np.isfinite(voltage_mV[name]).all():
            first_ms = (
                np.flatnonzero(~np.isfinite(voltage_mV[name]))[0] * trial.config.record_step_ms
            )
            raise ModelError(
                f"the potential at {name} is no finite number from {first_ms:g} ms on; look for a 0/0 in a channel of your"
                " own, or a value far out of range."
            )
    n_samples = min(len(trace) for trace in voltage_mV.values())
    section, x, start_ms, amplitude_nA = trial.dc
    dc = CurrentStep(section, x, min(start_ms, trial.duration_ms), trial.duration_ms, amplitude_nA)
    return Result(
        configuration=trial.config.as_dict(),
        time_ms=np.arange(n_samples) * trial.config.record_step_ms,
        voltage_mV={name: trace[:n_samples] for name, trace in voltage_mV.items()},
        sites=sites,
        spike_times_ms=np.array(sim.simData["spkt"], dtype=float),
        stimulus=(dc,) if amplitude_nA else (),
        synapses=trial.inputs.synapses,
        presynaptic_ms=trial.inputs.presynaptic_ms,
        released_ms=trial.inputs.released_ms,
        recordings={
            f"i_{receptor}": Recording(f"{receptor}.i", "nA", None, trace[:n_samples])
            for receptor, trace in currents_nA.items()
        },
        track=_track(trial),
        provenance=provenance() | {"cell": trial.model.provenance},
        simulation_wall_s=wall_s,
    )


def _track(trial: Trial) -> Track:
    setup = trial.setup
    of_setup = setup.track
    return Track(
        kind=of_setup.kind,
        lap_ms=setup.track_ms,
        settling_ms=setup.settling_ms,
        lead_in_ms=setup.lead_in_ms,
        length_cm=of_setup.length if of_setup.kind == "circular" else None,
        centre_ms=float(of_setup.track_time_ms(setup.field_centre)),
        width_ms=float(of_setup.track_time_ms(of_setup.field_width)),
        theta_period_ms=setup.theta_period_ms,
        theta_phase_rad=trial.inputs.theta_phase_rad,
    )
