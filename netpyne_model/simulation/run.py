"""Builds a trial with NetPyNE, runs it and collects the result."""

import contextlib
import io
import time
from collections.abc import Callable, Iterator

import numpy as np

from ..cell.sections import errors_keep_nothing
from ..configuration import TrialConfig
from ..errors import ModelError
from ..mechanisms import compilation
from ..mechanisms.user_channels import load_user_channels
from ..protocols.recording import site_of
from ..protocols.stimuli import track_of
from ..results import Recording, Result
from ..results.provenance import provenance
from .built import BuiltTrial
from .checkpoint import Checkpoint, Keeper
from .currents import SynapticCurrents
from .netpyne_library import drop_network, netpyne
from .netpyne_params import configure, mechanisms_of, net_params
from .prepared import PreparedTrial, prepare_trial, recording_sites
from .simulator_state import SimulatorState

Progress = Callable[[float, float], None]
_REPORT_EVERY_MS = 25.0
_BEYOND_MS = 1e-6


@contextlib.contextmanager
def quiet_netpyne() -> Iterator[None]:
    """Keep NetPyNE's output off the terminal; an error that it only prints is raised."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield
    lines = [line.strip() for line in output.getvalue().splitlines() if "error" in line.lower()]
    if lines:
        raise RuntimeError(f"NetPyNE could not build the model: {lines[0]}")


def run_trial(
    config: TrialConfig, *, progress: Progress | None = None, checkpoint: Checkpoint | None = None
) -> Result:
    """Run one trial; `progress` is called with simulated time and end, both in ms.

    Raises
    ------
    ModelError
        If the configuration does not hold together, the mechanisms cannot be compiled, or the
        checkpoint is none of this trial.
    """
    trial = prepare_trial(config)
    keeper = None if checkpoint is None else Keeper(checkpoint, trial)
    with errors_keep_nothing():
        return _run(trial, progress, keeper)


def _run(trial: PreparedTrial, progress: Progress | None, keeper: Keeper | None) -> Result:
    built = build(trial)
    currents = None
    if trial.config.record_currents:
        currents = SynapticCurrents(built.netpyne_sections.values())
    try:
        if keeper is not None:
            keeper.of(SimulatorState(built.vectors, currents))
        wall_s = integrate(trial.duration_ms, progress, currents, keeper)
        return _collect(built, wall_s, {} if currents is None else currents.traces_nA())
    finally:
        clear()  # what else runs in this process shall not integrate this cell along
        # An error that NetPyNE's import has caught may keep this frame, and the cell in NEURON.
        del built, currents, keeper


def build(trial: PreparedTrial) -> BuiltTrial:
    """Build a trial in NetPyNE (``netpyne.sim``); what an earlier run left there is dropped."""
    compilation.load(mechanisms_of(trial))
    load_user_channels(trial.description.user_channels.values())
    try:
        with quiet_netpyne():
            sim, specs = netpyne()
            clear()
            cfg = specs.SimConfig()
            configure(cfg, trial)
            sim.create(simConfig=cfg, netParams=net_params(trial, inputs=False))
        return BuiltTrial(trial, inputs_by_netpyne=False)
    except BaseException:
        clear()
        raise


def clear() -> None:
    """Drop the network that an earlier run built, so that its cells are not integrated along."""
    drop_network()


def integrate(
    duration_ms: float,
    progress: Progress | None = None,
    currents: SynapticCurrents | None = None,
    keeper: Keeper | None = None,
) -> float:
    """Run what is built; return the wall time in s.

    Parameters
    ----------
    duration_ms : float
    progress : callable, optional
        Called with simulated time and end, both in ms.
    currents : SynapticCurrents, optional
        Sampled at every recording step, from 0 to the end.
    keeper : Keeper, optional
        Of the checkpoint that the run goes on from, and writes.
    """
    from netpyne import sim
    from netpyne.sim.run import postRun, prepareSimWithIntervalFunc
    from neuron import h

    with quiet_netpyne():
        prepareSimWithIntervalFunc()
    start = time.perf_counter() - (0.0 if keeper is None else keeper.begin())
    # At a fixed step NEURON's clock is a sum of steps and drifts: asked for a time that it reaches
    # but for 1e-8 ms, psolve leaves the last step out, and would do so for ever; half a step more
    # is the nearest step. An adapted step may stop the last digit short of a sample.
    step_ms = 0.0 if sim.cfg.cvode_active else sim.cfg.dt
    half_step_ms = sim.cfg.dt / 2
    margin_ms = 0.0 if sim.cfg.cvode_active else half_step_ms
    # A current is that of its time one step later.
    sampled_ms = 0.0 if currents is None else len(currents) * sim.cfg.recordStep
    while h.t < duration_ms - half_step_ms:
        stop_ms = min(h.t + _REPORT_EVERY_MS, duration_ms)
        if keeper is not None:
            stop_ms = min(stop_ms, keeper.next_ms)
        while currents is not None and sampled_ms + sim.cfg.dt < stop_ms + half_step_ms:
            sim.pc.psolve(sampled_ms + sim.cfg.dt + margin_ms)
            currents.sample()
            sampled_ms = len(currents) * sim.cfg.recordStep
        sim.pc.psolve(stop_ms + margin_ms)
        if keeper is not None and h.t > keeper.next_ms - step_ms:
            keeper.keep(h.t, time.perf_counter() - start)
        if progress is not None:
            progress(min(h.t, duration_ms), duration_ms)
    # The step that begins with the last sample delivers it; what stands a step behind, the next.
    sim.pc.psolve(duration_ms + step_ms + margin_ms)
    if currents is not None:
        currents.sample()
    sim.pc.psolve(duration_ms + 2 * step_ms + (margin_ms or _BEYOND_MS))
    wall_s = time.perf_counter() - start
    with quiet_netpyne():
        postRun(duration_ms)
    return wall_s


def _collect(built: BuiltTrial, wall_s: float, currents_nA: dict[str, np.ndarray]) -> Result:
    from netpyne import sim

    trial = built.trial
    step_ms = trial.config.record_step_ms
    sites, voltage_mV = {}, {}
    for name, location in recording_sites(trial).items():
        (trace,) = sim.simData[name].values()
        voltage_mV[name] = np.array(trace)
        sites[name] = site_of(name, trial.cell, trial.description, location)
        _check_finite(name, voltage_mV[name], step_ms)
    n_samples = built.n_samples
    recordings = {
        f"i_{receptor}": Recording(f"{receptor}.i", "nA", None, trace[:n_samples])
        for receptor, trace in currents_nA.items()
    }
    spike_times_ms = np.array([] if built.clamped else list(sim.simData["spkt"]), float)
    return Result(
        configuration=trial.config.as_dict(),
        time_ms=np.arange(n_samples) * step_ms,
        voltage_mV={name: trace[:n_samples] for name, trace in voltage_mV.items()},
        sites=sites,
        spike_times_ms=spike_times_ms[spike_times_ms <= trial.duration_ms + trial.config.dt_ms / 2],
        stimulus=trial.currents,
        synapses=trial.driven.synapses,
        presynaptic_ms=trial.driven.presynaptic_ms,
        released_ms=trial.driven.released_ms,
        recordings=recordings | built.recordings(n_samples),
        track=track_of(trial.stimuli, trial.driven),
        provenance=provenance() | {"cell": trial.cell.provenance},
        simulation_wall_s=wall_s,
    )


def _check_finite(name: str, voltage_mV: np.ndarray, step_ms: float) -> None:
    wrong = np.flatnonzero(~np.isfinite(voltage_mV))
    if len(wrong):
        raise ModelError(
            f"the potential at {name} is no finite number from {wrong[0] * step_ms:g} ms on; look"
            " for a 0/0 in a channel of your own, or a value far out of range."
        )
