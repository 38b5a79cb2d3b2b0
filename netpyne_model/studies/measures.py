"""What a study keeps of a trial: a row of numbers, curves along the track, times of its spikes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..analysis import TrialOnTrack, measure, profiles
from ..results import Result, Track


@dataclass(frozen=True)
class TrialMeasures:
    """What is measured of a trial.

    Attributes
    ----------
    row : dict
        See `analysis.MEASURES`; NaN where the run does not hold it.
    profiles : dict of str to ndarray
        See `analysis.profiles`.
    spikes : dict of str to ndarray
        Of every output spike on the track: ``simulation_time_ms``, ``track_time_ms``, and
        ``theta_phase_deg`` of the input's theta (NaN for replayed inputs).
    track : Track
    process : dict
        Host, process, wall time and memory of the run.
    """

    row: dict[str, float]
    profiles: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    track: Track
    process: dict[str, Any]


def measure_trial(result: Result) -> TrialMeasures:
    """Measure a trial."""
    trial = TrialOnTrack(result)
    spikes = {
        "simulation_time_ms": trial.spike_times_ms,
        "track_time_ms": trial.spikes_ms,
        "theta_phase_deg": trial.spike_phase_deg,
    }
    process = result.provenance.get("run_by", {})
    return TrialMeasures(measure(trial), profiles(trial), spikes, trial.track, process)
