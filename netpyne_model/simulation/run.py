"""Builds a trial with NetPyNE, runs it and collects the result."""

import contextlib
import io
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..cell.guard import Guard
from ..cell.sections import errors_keep_nothing
from ..configuration import TrialConfig
from ..mechanisms import loading
from ..mechanisms.user_channels import load_user_channels
from ..protocols.current_recording import CurrentRecording
from ..protocols.recording import output_spikes, site_of
from ..protocols.stimuli import track_of
from ..results import Recording, Result
from ..results.provenance import provenance
from .built import BuiltTrial
from .checkpoint import Checkpoint, Keeper
from .currents import SynapticCurrents
from .netpyne_library import drop_network, netpyne
from .netpyne_params import configure, mechanisms_of, net_params
from .prepared import PreparedTrial, prepare_trial, recording_sites
from .segment_recording import SegmentRecording
from .simulator_state import SimulatorState

Progress = Callable[[float, float], None]
Sampler = SynapticCurrents | SegmentRecording | CurrentRecording
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
    currents = segments = membrane = samplers = None
    try:  # from here on: what fails, were it for want of memory, leaves no cell in NEURON
        currents, segments = _synaptic_currents(built), _segment_recording(built)
        membrane = _membrane_recording(built)
        if keeper is not None:
            keeper.of(SimulatorState(built.vectors, currents, segments, membrane))
        samplers = [one for one in (currents, segments, membrane) if one is not None]
        wall_s = integrate(trial.duration_ms, progress, samplers, keeper, built.guard)
        currents_nA = {} if currents is None else currents.traces_nA()
        return _collect(built, wall_s, currents_nA, segments, membrane)
    finally:
        if keeper is not None:
            keeper.of(None)  # it outlives this cell where an error is kept
        clear()  # what else runs in this process shall not integrate this cell along
        # An error that NetPyNE's import has caught may keep this frame, and the cell in NEURON.
        del built, currents, keeper, segments, membrane, samplers


def _synaptic_currents(built: BuiltTrial) -> SynapticCurrents | None:
    config = built.trial.config
    if not config.record_currents:
        return None
    sections, step_ms = built.netpyne_sections.values(), config.record_step_ms
    return SynapticCurrents(sections, step_ms=step_ms, late_ms=config.dt_ms)


def _segment_recording(built: BuiltTrial) -> SegmentRecording | None:
    trial, step_ms = built.trial, built.trial.config.record_segments_ms
    if not step_ms:
        return None
    own = {one.name: built.view.sections[one.name] for one in trial.morphology.sections}
    return SegmentRecording(own, step_ms, trial.duration_ms)  # spines aside


def _membrane_recording(built: BuiltTrial) -> CurrentRecording | None:
    trial, times = built.trial, built.trial.membrane_times
    if times is None:
        return None
    dt_ms = trial.config.dt_ms
    return CurrentRecording(trial.cell, built.view, times, dt_ms, built.receptor_labels)


def build(trial: PreparedTrial) -> BuiltTrial:
    """Build a trial in NetPyNE (``netpyne.sim``); what an earlier run left there is dropped."""
    loading.load(mechanisms_of(trial))
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
    samplers: Sequence[Sampler] = (),
    keeper: Keeper | None = None,
    guard: Guard | None = None,
) -> float:
    """Run what is built; return the wall time in s.

    Parameters
    ----------
    duration_ms : float
    progress : callable, optional
        Called with simulated time and end, both in ms.
    samplers : sequence of Sampler
        Each sampled at its own times, from 0 to the end.
    keeper : Keeper, optional
        Of the checkpoint that the run goes on from, and writes.
    guard : Guard, optional
        Ends the run with a ModelError where a potential goes astray.
    """
    from netpyne import sim
    from netpyne.sim.run import postRun, prepareSimWithIntervalFunc
    from neuron import h

    advance = sim.pc.psolve
    if guard is not None:
        guard.begin()
        advance = guard.advance
    with quiet_netpyne():
        prepareSimWithIntervalFunc()
    if guard is not None:
        guard.check_start()
    start = time.perf_counter() - (0.0 if keeper is None else keeper.begin())
    # At a fixed step NEURON's clock is a sum of steps and drifts: asked for a time that it reaches
    # but for 1e-8 ms, psolve leaves the last step out, and would do so for ever; half a step more
    # is the nearest step. An adapted step may stop the last digit short of a sample.
    step_ms = 0.0 if sim.cfg.cvode_active else sim.cfg.dt
    half_step_ms = sim.cfg.dt / 2
    margin_ms = 0.0 if sim.cfg.cvode_active else half_step_ms
    while h.t < duration_ms - half_step_ms:
        stop_ms = min(h.t + _REPORT_EVERY_MS, duration_ms)
        if keeper is not None:
            stop_ms = min(stop_ms, keeper.next_ms)
        for one in _due(samplers, stop_ms + half_step_ms):
            advance(one.next_ms + margin_ms)
            one.sample()
        advance(stop_ms + margin_ms)
        if keeper is not None and h.t > keeper.next_ms - step_ms:
            keeper.keep(h.t, time.perf_counter() - start)
        if progress is not None:
            progress(min(h.t, duration_ms), duration_ms)
    # The step that begins with the last sample delivers it; what stands a step behind, the next.
    advance(duration_ms + step_ms + margin_ms)
    for one in samplers:
        if isinstance(one, SynapticCurrents):
            one.sample()
    advance(duration_ms + 2 * step_ms + (margin_ms or _BEYOND_MS))
    wall_s = time.perf_counter() - start
    with quiet_netpyne():
        postRun(duration_ms)
    return wall_s


def _due(samplers: Sequence[Sampler], before_ms: float) -> Iterator[Sampler]:
    """What is to be sampled before a time, one after the other; each is sampled when it comes."""
    while samplers:
        first = min(samplers, key=lambda one: one.next_ms)
        if first.next_ms >= before_ms:
            return
        yield first


def _collect(
    built: BuiltTrial,
    wall_s: float,
    currents_nA: dict[str, np.ndarray],
    segments: SegmentRecording | None,
    membrane: CurrentRecording | None,
) -> Result:
    from netpyne import sim

    trial = built.trial
    step_ms = trial.config.record_step_ms
    sites, voltage_mV = {}, {}
    for name, location in recording_sites(trial).items():
        (trace,) = sim.simData[name].values()
        voltage_mV[name] = np.array(trace)
        sites[name] = site_of(name, trial.cell, trial.description, location)
    n_samples = built.n_samples
    recordings = {
        f"i_{receptor}": Recording(f"{receptor}.i", "nA", None, trace[:n_samples])
        for receptor, trace in currents_nA.items()
    }
    crossings_ms = [] if built.clamped else list(sim.simData["spkt"])
    return Result(
        configuration=trial.configuration,
        time_ms=np.arange(n_samples) * step_ms,
        voltage_mV={name: trace[:n_samples] for name, trace in voltage_mV.items()},
        sites=sites,
        spike_times_ms=output_spikes(crossings_ms, trial.duration_ms + trial.config.dt_ms / 2),
        stimulus=trial.currents,
        synapses=trial.driven.synapses,
        presynaptic_ms=trial.driven.presynaptic_ms,
        released_ms=trial.driven.released_ms,
        recordings=recordings | built.recordings(n_samples),
        segments=None if segments is None else segments.potentials(),
        membrane_currents=None if membrane is None else membrane.currents(),
        track=track_of(trial.stimuli, trial.driven),
        provenance=provenance() | trial.provenance,
        simulation_wall_s=wall_s,
    )
