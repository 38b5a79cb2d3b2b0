"""The input of one trial: drawn from a set-up, or replayed from a file."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import ModelError, did_you_mean, quoted
from ..morphology import Morphology
from .assignment import assign
from .events_file import EventsTable
from .rates import rates
from .release import ReleaseParameters, release
from .seeding import Stream
from .setups import Setup
from .trains import draw_trains

EVENTS_ARE = ("released", "presynaptic")
KINDS = ("exc", "inh")


@dataclass(frozen=True)
class InputTrains:
    """Synapses and spikes of one trial.

    Attributes
    ----------
    synapses : DataFrame
        One row a synapse: ``synapse, group, section, x, kind``, ``ampa_weight`` and ``gmax_uS`` (of
        the first receptor of its kind), ``region``, ``path_distance`` (um), ``peak`` (track
        position of the input's peak: ms on the time track, cm on the circular track; NaN for
        inhibitory and for replayed synapses).
    presynaptic_ms, released_ms : list of float64 arrays
        Sorted times in simulation time, one array per row of `synapses`; for inhibitory synapses
        both are the same.
    theta_phase_rad : float or None
        Theta phase phi of a drawn trial.
    """

    synapses: pd.DataFrame
    presynaptic_ms: list[np.ndarray]
    released_ms: list[np.ndarray]
    theta_phase_rad: float | None = None


def draw_trial(
    setup: Setup,
    *,
    seed: int,
    morphology: Morphology,
    spines: pd.DataFrame,
    inhibitory: pd.DataFrame,
    release_parameters: ReleaseParameters,
    end_ms: float = np.inf,
    assignment_seed: int | None = None,
) -> InputTrains:
    """Draw the input of one trial (model.md 7; Grienberger et al. 2017, Hsu et al. 2018).

    Parameters
    ----------
    setup : Setup
        See `load_setup`; checked here once more.
    seed : int
        The one number that every random choice follows from (see `seeding`).
    morphology : Morphology
    spines, inhibitory : DataFrame
        All spines and all inhibitory synapses: ``section, region, x, path_distance, gmax_uS``.
    release_parameters : ReleaseParameters
        Of the excitatory synapses.
    end_ms : float
        Simulation time from which on no spikes are wanted; those before do not depend on it.
    assignment_seed : int, optional
        In place of `seed` for the assignment alone: which spines and inhibitory synapses are
        driven, with which fields. Trials that share it are laps of one cell.

    Returns
    -------
    InputTrains
        Spikes run from the end of the settling to the end of the track, or to `end_ms`.
    """
    setup = setup.changed()
    places = {"morphology": morphology, "spines": spines, "inhibitory": inhibitory}
    synapses = assign(setup, seed=seed if assignment_seed is None else assignment_seed, **places)
    phase_rad = Stream(seed, "theta_phase").generator().uniform(0, 2 * np.pi)
    families = synapses["kind"].map(KINDS.index).to_numpy()
    items = synapses.groupby("kind").cumcount().to_numpy()
    each_rate = rates(setup, synapses, phase_rad)
    until_ms = end_ms - setup.track_start_ms
    trains = draw_trains(each_rate, families, items, seed=seed, end_ms=until_ms)
    presynaptic_ms = [train + setup.track_start_ms for train in trains]
    drawn = InputTrains(synapses, presynaptic_ms, presynaptic_ms, phase_rad)
    return _with_release(drawn, seed, release_parameters)


def replay(
    events: EventsTable,
    *,
    events_are: str = "released",
    seed: int | None = None,
    release_parameters: ReleaseParameters | None = None,
) -> InputTrains:
    """Take the input of a trial from a table of events.

    Parameters
    ----------
    events : EventsTable
        All are kept, whatever the length of the run.
    events_are : {'released', 'presynaptic'}
        ``released``: every event reaches its receptors, and stands for the presynaptic spikes too,
        which the table does not tell. ``presynaptic``: the release model filters the excitatory
        trains; inhibitory ones pass.
    seed : int, optional
        Seed of the release; needed for ``presynaptic``. The seed of a drawn trial gives that
        trial's release.
    release_parameters : ReleaseParameters, optional
        Needed for ``presynaptic``.
    """
    if events_are not in EVENTS_ARE:
        raise ModelError(
            f"events_are {quoted(events_are)} does not exist.{did_you_mean(events_are, EVENTS_ARE)}"
        )
    inputs = InputTrains(events.synapses, list(events.times_ms), list(events.times_ms))
    if events_are == "released":
        return inputs
    if release_parameters is None:
        raise ModelError("presynaptic events need the release model; give release_parameters.")
    return _with_release(inputs, seed, release_parameters)


def _with_release(
    inputs: InputTrains, seed: int | None, parameters: ReleaseParameters
) -> InputTrains:
    """Filter the excitatory trains by the release model; each synapse draws by its own number."""
    excitatory = np.flatnonzero((inputs.synapses["kind"] == "exc").to_numpy())
    numbers = inputs.synapses["synapse"].to_numpy()[excitatory].tolist()
    trains = [inputs.presynaptic_ms[row] for row in excitatory]
    stream = Stream(seed, "release")
    uniforms = [
        stream.generator(0, number).random(len(train))
        for number, train in zip(numbers, trains, strict=True)
    ]
    released_ms = list(inputs.presynaptic_ms)
    for row, events in zip(excitatory.tolist(), release(trains, uniforms, parameters), strict=True):
        released_ms[row] = events
    return replace(inputs, released_ms=released_ms)
