"""A trial in the simulator Arbor: the same prepared trial as NEURON's, the same kind of result."""

import re
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..cell.arbor_cell import ArborCell
from ..cell.guard import LIMIT_MV
from ..configuration import TrialConfig, load_configuration
from ..errors import ModelError, quoted
from ..mechanisms.arbor_catalogue import require_arbor
from ..morphology import Location
from ..protocols.electrodes import CurrentClamp, Electrode
from ..protocols.recording import site_of
from ..protocols.stimuli import track_of
from ..results import CurrentStep, Result
from ..results.provenance import provenance
from .prepared import PreparedTrial, further_recordings, prepare_trial, recording_sites
from .run import Progress
from .synapses import input_connections, one_receptor_a_connection

_REPORT_EVERY_MS = 25.0
_GENERAL = {"channels": "separate", "receptors": "generated"}
_DETECTOR = "spikes"
_BEYOND = re.compile(r"out of bounds .*at t = (\S+) with value (\S+)")


def run_trial_in_arbor(config: TrialConfig, *, progress: Progress | None = None) -> Result:
    """Run one trial in Arbor, on one core.

    It has what the general mode has: a mechanism for each channel and receptor, spines folded with
    the driven ones as sections, or all as sections. The result's configuration says so.

    Raises
    ------
    ModelError
        If Arbor is missing, the configuration does not hold together or asks for what is NEURON's
        alone (a variable or second-order step, recordings beside voltages, other stimuli than
        currents and inputs), or the mechanisms cannot be compiled.
    """
    require_arbor()
    _check(config)
    spines = "folded" if config.spines in ("solved", "silent") else config.spines
    changes = {**_GENERAL, "spines": spines}
    trial = prepare_trial(load_configuration(None, config.as_dict(), changes))
    _check_prepared(trial)
    simulation = _simulation(trial)
    time_ms = _sample_times_ms(trial)
    handles = {
        name: simulation.sample((0, name), _schedule(time_ms + config.dt_ms / 2))
        for name in recording_sites(trial)
    }
    wall_s = _integrate(simulation, trial, progress)
    return Result(
        configuration=trial.configuration,
        time_ms=time_ms,
        voltage_mV={
            name: simulation.samples(handle)[0][0][:, 1] for name, handle in handles.items()
        },
        sites={
            name: site_of(name, trial.cell, trial.description, place)
            for name, place in recording_sites(trial).items()
        },
        spike_times_ms=_spike_times_ms(simulation, trial),
        stimulus=trial.currents,
        synapses=trial.driven.synapses,
        presynaptic_ms=trial.driven.presynaptic_ms,
        released_ms=trial.driven.released_ms,
        track=track_of(trial.stimuli, trial.driven),
        provenance=_provenance(trial),
        simulation_wall_s=wall_s,
    )


def _simulation(trial: PreparedTrial) -> Any:
    """The cell with its receptors, currents and detector of spikes, ready to run on one core."""
    import arbor

    synapses, generators = _inputs(trial)
    cell = ArborCell(
        trial.description,
        trial.morphology,
        trial.conditions,
        synapses=synapses,
        injected=[Location(current.site, current.x) for current in trial.currents],
    )
    _inject(cell, trial.currents, trial.config.dt_ms)
    _detect_spikes(cell, trial)
    recipe = cell.recipe(recording_sites(trial), generators)
    simulation = arbor.simulation(recipe, arbor.context(threads=1))
    # Of one process; what all processes record stays empty where cells send each other nothing.
    simulation.record(arbor.spike_recording.local)
    return simulation


def _check(config: TrialConfig) -> None:
    if config.integration != "fixed_step":
        raise ModelError(
            f"integration = {quoted(config.integration)}: Arbor takes fixed steps of first order; set"
            " integration=fixed_step."
        )
    if config.record_segments_ms:
        raise ModelError(
            "record_segments_ms: Arbor records the voltages of places here; set"
            " record_segments_ms=0."
        )
    if config.record_membrane_currents_ms:
        raise ModelError(
            "record_membrane_currents_ms: Arbor records voltages here; set"
            " record_membrane_currents_ms=0."
        )
    if config.record_currents:
        raise ModelError("record_currents: Arbor records voltages here; set record_currents=false.")


def _check_prepared(trial: PreparedTrial) -> None:
    for name in further_recordings(trial):
        raise ModelError(
            f"recording {quoted(trial.config.record[name])}: Arbor records voltages here; leave it out."
        )
    for one in trial.stimuli:
        if isinstance(one, Electrode) and not isinstance(one, CurrentClamp):
            raise ModelError(
                f"{type(one).__name__}: of electrodes Arbor gets CurrentClamp alone; leave it out."
            )


def _schedule(times_ms: Iterable[float]) -> Any:
    import arbor

    return arbor.explicit_schedule([time_ms * arbor.units.ms for time_ms in times_ms])


def _sample_times_ms(trial: PreparedTrial) -> np.ndarray:
    step_ms = trial.config.record_step_ms
    return np.arange(round(trial.duration_ms / step_ms) + 1) * step_ms


def _inject(cell: ArborCell, currents: Iterable[CurrentStep], dt_ms: float) -> None:
    """Place the currents, each on from the step that begins at its start."""
    import arbor

    ms, nA = arbor.units.ms, arbor.units.nA
    for current in currents:
        # Half a step earlier, so that rounding of the clock does not matter; as NEURON's clamp.
        start_ms = max(current.start_ms - dt_ms / 2, 0.0)
        lasting_ms = current.stop_ms - dt_ms / 2 - start_ms
        clamp = arbor.i_clamp(start_ms * ms, lasting_ms * ms, current=current.amplitude_nA * nA)
        cell.decor.place(cell.location((current.site, current.x)), clamp)


def _inputs(trial: PreparedTrial) -> tuple[dict[str, tuple[str, Location]], list[Any]]:
    """The receptors of the driven synapses, by label, and what brings them their events.

    NEURON takes an event at the step nearest to its time, Arbor at the one before: half a step
    later is the nearest.
    """
    import arbor

    alone, half_step_ms = one_receptor_a_connection(trial), trial.config.dt_ms / 2
    labels: dict[Any, str] = {}
    receptors: dict[str, tuple[str, Location]] = {}
    generators = []
    for connection in input_connections(trial):
        for row, place, weight in connection.synapses:
            key = (connection.label, row if alone else place)
            if key not in labels:
                labels[key] = f"{connection.label} {len(labels)}"
                receptors[labels[key]] = connection.label, Location(*place)
            events_ms = trial.driven.released_ms[row]
            events = _schedule(events_ms[events_ms <= trial.duration_ms] + half_step_ms)
            target = arbor.cell_local_label(labels[key])
            generators.append(arbor.event_generator(target, weight, events))
    return receptors, generators


def _detect_spikes(cell: ArborCell, trial: PreparedTrial) -> None:
    import arbor

    threshold = trial.conditions.spike_threshold_mV * arbor.units.mV
    site = cell.location(trial.cell.spike_site)
    cell.decor.place(site, arbor.threshold_detector(threshold), _DETECTOR)


def _integrate(simulation: Any, trial: PreparedTrial, progress: Progress | None) -> float:
    """Run to the end, and one step on, which takes the last sample; return the wall time in s."""
    begin_s, dt_ms, duration_ms = time.perf_counter(), trial.config.dt_ms, trial.duration_ms
    reached_ms = 0.0
    while reached_ms < duration_ms:
        reached_ms = min(reached_ms + _REPORT_EVERY_MS, duration_ms)
        _run_until(simulation, reached_ms, dt_ms)
        if progress is not None:
            progress(reached_ms, duration_ms)
    _run_until(simulation, duration_ms + dt_ms, dt_ms)
    return time.perf_counter() - begin_s


def _run_until(simulation: Any, until_ms: float, dt_ms: float) -> None:
    """Let Arbor run; of a potential gone astray it says how far and when, not where."""
    import arbor

    try:
        simulation.run(until_ms * arbor.units.ms, dt_ms * arbor.units.ms)
    except RuntimeError as error:
        found = _BEYOND.search(str(error))
        if found is None:
            raise
        time_ms, voltage_mV = float(found[1]), float(found[2])
        how_far = f"{voltage_mV:.4g} mV, beyond {LIMIT_MV:g} mV"
        if not np.isfinite(voltage_mV):
            how_far = "no finite number"
        raise ModelError(
            f"a potential is {how_far} at {time_ms:.6g} ms; run the same trial in NEURON, which"
            " tells the place."
        ) from error


def _spike_times_ms(simulation: Any, trial: PreparedTrial) -> np.ndarray:
    """The ends of the steps in which the threshold is crossed, as NEURON has them."""
    dt_ms = trial.config.dt_ms
    crossed_ms = np.sort(np.array([time_ms for _, time_ms in simulation.spikes()], float))
    ends_ms = np.ceil(crossed_ms / dt_ms - 1e-6) * dt_ms
    return ends_ms[ends_ms <= trial.duration_ms + dt_ms / 2]


def _provenance(trial: PreparedTrial) -> dict[str, Any]:
    import arbor

    made = provenance()
    made["versions"] = made["versions"] | {"arbor": arbor.__version__}
    return made | trial.provenance | {"simulator": "arbor"}
