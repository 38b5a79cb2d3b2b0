"""How a trial runs along the track, and how its somatic voltage is distributed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..results import Result
from .measures import SLOW, THETA
from .on_track import TrialOnTrack
from .rates import RATE_SIGMA_MS
from .trials import bin_along, voltage_histogram

BIN_MS = 50.0  # of track time: a third of a theta cycle
V_EDGES_MV = np.arange(-80.0, -29.5, 0.5)


@dataclass(frozen=True)
class Profile:
    """A curve that is measured of a trial.

    Attributes
    ----------
    along : {'position', 'v_mV'}
        What it is a function of: bins of track time, or of `V_EDGES_MV`.
    label, unit, description : str
        As of `Measure`.
    function : callable
        Takes a `TrialOnTrack` and the edges of the bins of track time, gives the curve.
    """

    along: str
    label: str
    unit: str
    description: str
    function: Callable[[TrialOnTrack, np.ndarray], np.ndarray]


def _rate_hz(trial: TrialOnTrack, edges_ms: np.ndarray) -> np.ndarray:
    middles_ms = 0.5 * (edges_ms[1:] + edges_ms[:-1])
    return np.interp(
        middles_ms, *trial.rate_map, period=trial.track.lap_ms if trial.whole_lap else None
    )


def _density(trial: TrialOnTrack, part: str) -> np.ndarray:
    return voltage_histogram(trial.voltage_mV[trial.parts[part]], V_EDGES_MV)


PROFILES = {
    "rate_hz": Profile(
        "position",
        "Firing rate",
        "Hz",
        f"firing rate, Gaussian of SD {RATE_SIGMA_MS:g} ms",
        _rate_hz,
    ),
    "ramp_mV": Profile(
        "position",
        "Ramp",
        "mV",
        f"somatic voltage {SLOW}, spikes cut out",
        lambda trial, edges_ms: bin_along(trial.time_ms, trial.ramp_mV, edges_ms),
    ),
    "theta_amplitude_mV": Profile(
        "position",
        "Theta amplitude",
        "mV",
        f"amplitude of the somatic voltage {THETA}",
        lambda trial, edges_ms: bin_along(trial.time_ms, trial.theta_amplitude_mV, edges_ms),
    ),
    "v_density_in_field": Profile(
        "v_mV",
        "In the field",
        "1/mV",
        "density of the somatic voltage in the field, spikes cut out",
        lambda trial, edges_ms: _density(trial, "in_field"),
    ),
    "v_density_out_of_field": Profile(
        "v_mV",
        "Out of the field",
        "1/mV",
        "density of the somatic voltage out of the field, spikes cut out",
        lambda trial, edges_ms: _density(trial, "out_of_field"),
    ),
}
"""All profiles by name."""


def profiles(trial: TrialOnTrack | Result) -> dict[str, np.ndarray]:
    """Profiles of a trial.

    Parameters
    ----------
    trial : TrialOnTrack or Result
        With a field and the soma's voltage.

    Returns
    -------
    dict of str to ndarray
        ``track_time_ms`` (middles of the bins) and the names of `PROFILES`; empty when less than
        two bins were run.
    """
    if not isinstance(trial, TrialOnTrack):
        trial = TrialOnTrack(trial)
    if trial.samples.sum() * trial.result.step_ms < 2 * BIN_MS:
        return {}
    first_ms, step_ms = trial.time_ms[0], trial.time_ms[1] - trial.time_ms[0]
    length_ms = trial.time_ms[-1] + step_ms - first_ms
    edges_ms = first_ms + np.linspace(0, length_ms, max(round(length_ms / BIN_MS), 2) + 1)
    curves = {"track_time_ms": 0.5 * (edges_ms[1:] + edges_ms[:-1])}
    return curves | {name: one.function(trial, edges_ms) for name, one in PROFILES.items()}
