"""What is measured of a trial: a row of numbers, profiles along the track, and its spikes' places and theta phases."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import analysis
from ..analysis.place_field import FIELD_FRACTION
from ..results import Result, Track
from ..results.nwb_outputs import read_outputs

BIN_MS = 50.0  # of track time: a third of a theta cycle
LEVEL_MV = -55.0  # within the range in which persistent sodium current makes the response steep
V_EDGES_MV = np.arange(-80.0, -29.5, 0.5)
FIELD_HZ = 1.0  # peak rate below which a cell has no place field
STEEPEST_DEG_PER_FIELD = (-720.0, 720.0)  # any phases are fitted by a line that is steep enough
_SOMA = "soma"

# How the descriptions of columns name the filters; their numbers stand in `analysis`.
SLOW = f"below {analysis.RAMP_CUTOFF_HZ:g} Hz"
THETA = "at {:g} to {:g} Hz".format(*analysis.THETA_BAND_HZ)

COLUMNS = {
    "n_spikes": ("output spikes on the track", ""),
    "peak_rate_hz": ("peak of the smoothed firing rate", "Hz"),
    "mean_rate_in_field_hz": (
        "mean firing rate within half a field width of the input's field centre",
        "Hz",
    ),
    "mean_rate_out_of_field_hz": ("mean firing rate elsewhere on the track", "Hz"),
    "mean_v_in_field_mV": ("mean somatic voltage in the field, spikes cut out", "mV"),
    "mean_v_out_of_field_mV": ("mean somatic voltage out of the field, spikes cut out", "mV"),
    "peak_ramp_mV": (f"highest value of the somatic voltage {SLOW} in the field", "mV"),
    "ramp_amplitude_mV": ("peak_ramp_mV less the mean of that voltage out of the field", "mV"),
    "ramp_asymmetry": ("(late - early)/(late + early) half of the ramp in the field", ""),
    "theta_amplitude_in_field_mV": (
        f"mean amplitude of the somatic voltage {THETA} in the field",
        "mV",
    ),
    "theta_amplitude_out_of_field_mV": ("the same out of the field", "mV"),
    "v_variance_in_field_mV2": (
        "variance of the somatic voltage less its ramp in the field, spikes cut out",
        "mV2",
    ),
    "v_variance_out_of_field_mV2": ("the same out of the field", "mV2"),
    "n_crossings_in_field": (
        f"upward crossings of {LEVEL_MV:g} mV by the spike-free voltage in the field",
        "",
    ),
    "fraction_above_in_field": (
        f"share of the time in the field at which that voltage is above {LEVEL_MV:g} mV",
        "",
    ),
    "place_field_shift_ms": (
        "centre of mass of the place field found in the rate, less the centre of the input's",
        "ms",
    ),
    "place_field_width_ms": (
        f"width of the place field found in the rate, at {FIELD_FRACTION:g} of its peak",
        "ms",
    ),
    "spatial_information_bits": ("spatial information of the smoothed rate", "bits/spike"),
    "precession_deg_per_field": (
        "change of the spikes' theta phase over one width of the input's field",
        "deg",
    ),
    "precession_rho": ("circular-linear correlation of theta phase and position in the field", ""),
    "precession_p": ("its p value", ""),
    "i_AMPA_in_field_nA": (
        "mean AMPA current in the field, sum over the cell, inward negative",
        "nA",
    ),
    "i_AMPA_out_of_field_nA": ("the same out of the field", "nA"),
    "i_NMDA_in_field_nA": ("mean NMDA current in the field", "nA"),
    "i_NMDA_out_of_field_nA": ("the same out of the field", "nA"),
    "i_GABA_A_in_field_nA": ("mean GABA_A current in the field", "nA"),
    "i_GABA_A_out_of_field_nA": ("the same out of the field", "nA"),
}
"""Columns of a study's table that are measured: what they are, and the unit."""


PROFILES = {
    "rate_hz": ("position", f"firing rate, Gaussian of SD {analysis.RATE_SIGMA_MS:g} ms", "Hz"),
    "ramp_mV": ("position", f"somatic voltage {SLOW}, spikes cut out", "mV"),
    "theta_amplitude_mV": ("position", f"amplitude of the somatic voltage {THETA}", "mV"),
    "v_density_in_field": (
        "v_mV",
        "density of the somatic voltage in the field, spikes cut out",
        "1/mV",
    ),
    "v_density_out_of_field": (
        "v_mV",
        "density of the somatic voltage out of the field, spikes cut out",
        "1/mV",
    ),
}
"""Profiles: along what, what they are, and the unit."""


@dataclass(frozen=True)
class TrialMeasures:
    """What is measured of a trial.

    Attributes
    ----------
    row : dict
        The keys of `COLUMNS`; NaN where the run does not hold it.
    profiles : dict of str to ndarray
        ``position_ms`` (bins of track time), ``rate_hz``, ``ramp_mV``, ``theta_amplitude_mV`` by bin; ``v_density_in_field``
        and ``v_density_out_of_field`` per mV by bin of `V_EDGES_MV`.
    spike_position_ms, spike_phase_deg : ndarray
        Track time of every spike on the track, and the phase of the input's theta (NaN for replayed inputs).
    track : Track
    process : dict
        Host, process, wall time and memory of the run.
    """

    row: dict[str, float]
    profiles: dict[str, np.ndarray]
    spike_position_ms: np.ndarray
    spike_phase_deg: np.ndarray
    track: Track
    process: dict[str, Any]


def measure_file(file: Path) -> TrialMeasures:
    """Measure the trial of a file: see `measure_trial`."""
    return measure_trial(read_outputs(file))


def measure_trial(result: Result) -> TrialMeasures:
    """Measure a trial.

    The field is that of the input: half its width to either side of its centre. What the run does not hold, since it ends
    before the track does, is NaN.

    Parameters
    ----------
    result : Result
    """
    track, on_track = result.track, analysis.on_track(result)
    row, profiles = dict.fromkeys(COLUMNS, float("nan")), {}
    spikes_ms = track.track_time_ms(result.spike_times_ms)
    spikes_ms = spikes_ms[track.on_track(spikes_ms)]
    phase_deg = _phases(track, spikes_ms)
    if on_track.sum() * result.step_ms >= 2 * BIN_MS:
        time_ms = result.track_time_ms[on_track]
        rates, along = _rates(result, spikes_ms, time_ms)
        voltages, v_along = _voltages(result, on_track, time_ms)
        row |= (
            rates
            | voltages
            | _currents(result, on_track, time_ms)
            | _precession(spikes_ms, phase_deg, track)
        )
        profiles = along | v_along
    return TrialMeasures(
        row=row,
        profiles=profiles,
        spike_position_ms=spikes_ms,
        spike_phase_deg=phase_deg,
        track=track,
        process=result.provenance.get("run_by", {}),
    )


def _phases(track: Track, spikes_ms: np.ndarray) -> np.ndarray:
    if track.theta_phase_rad is None:
        return np.full(len(spikes_ms), np.nan)
    return analysis.theta_phase_deg(
        spikes_ms, period_ms=track.theta_period_ms, phase_rad=track.theta_phase_rad
    )


def _bin_edges_ms(time_ms: np.ndarray) -> np.ndarray:
    """Bins of about `BIN_MS` over the track time that was run."""
    step_ms = time_ms[1] - time_ms[0]
    length_ms = time_ms[-1] + step_ms - time_ms[0]
    return time_ms[0] + np.linspace(0, length_ms, max(round(length_ms / BIN_MS), 2) + 1)


def _rates(result: Result, spikes_ms: np.ndarray, time_ms: np.ndarray) -> tuple[dict, dict]:
    track = result.track
    grid_ms, rate_hz = analysis.rate_map(result)
    means = analysis.field_rates(spikes_ms, time_ms, seconds_per_unit=1e-3, **track.field)
    lap_ms = track.lap_ms if analysis.runs_whole_lap(result) else None
    found = analysis.find_place_field(grid_ms, rate_hz, track_length=lap_ms, at_least_hz=FIELD_HZ)
    row = {
        "n_spikes": len(spikes_ms),
        "peak_rate_hz": float(rate_hz.max()),
        "mean_rate_in_field_hz": means.in_field_hz,
        "mean_rate_out_of_field_hz": means.out_of_field_hz,
        "spatial_information_bits": analysis.spatial_information(rate_hz),
    }
    if found is not None:
        row |= {
            "place_field_shift_ms": float(track.distance_ms(found.centre)),
            "place_field_width_ms": found.width,
        }
    edges_ms = _bin_edges_ms(time_ms)
    bins_ms = 0.5 * (edges_ms[1:] + edges_ms[:-1])
    along_hz = np.interp(bins_ms, grid_ms, rate_hz, period=lap_ms)
    return row, {"position_ms": bins_ms, "rate_hz": along_hz}


def _voltages(result: Result, on_track: np.ndarray, time_ms: np.ndarray) -> tuple[dict, dict]:
    track, whole_lap = result.track, analysis.runs_whole_lap(result)
    soma_mV = result.voltage_mV[_SOMA]
    v = analysis.cut_spikes(result.time_ms, soma_mV, result.spike_times_ms)[on_track]
    slow = analysis.ramp(time_ms, v, circular=whole_lap)
    _, theta, _ = analysis.theta_band(time_ms, v, circular=whole_lap)
    inside = track.inside(time_ms)
    variance = analysis.voltage_variance(v, inside, ramp_mV=slow)
    crossings = analysis.threshold_crossings(time_ms, v, level_mV=LEVEL_MV)
    row = {
        "v_variance_in_field_mV2": variance.in_field_mV2,
        "v_variance_out_of_field_mV2": variance.out_of_field_mV2,
    }
    for where, samples in (("in_field", inside), ("out_of_field", ~inside)):
        if samples.any():
            row |= {f"mean_v_{where}_mV": float(v[samples].mean())}
            row |= {f"theta_amplitude_{where}_mV": float(theta[samples].mean())}
    if inside.any():
        row["peak_ramp_mV"] = float(slow[inside].max())
        row["n_crossings_in_field"] = int(track.inside(crossings.times_ms).sum())
        row["fraction_above_in_field"] = float((v[inside] >= LEVEL_MV).mean())
        if not inside.all():
            row["ramp_amplitude_mV"] = row["peak_ramp_mV"] - float(slow[~inside].mean())
            row["ramp_asymmetry"] = analysis.ramp_asymmetry(time_ms, slow, **track.field)
    edges_ms = _bin_edges_ms(time_ms)
    return row, {
        "ramp_mV": analysis.bin_along(time_ms, slow, edges_ms),
        "theta_amplitude_mV": analysis.bin_along(time_ms, theta, edges_ms),
        "v_density_in_field": analysis.voltage_histogram(v[inside], V_EDGES_MV),
        "v_density_out_of_field": analysis.voltage_histogram(v[~inside], V_EDGES_MV),
    }


def _currents(result: Result, on_track: np.ndarray, time_ms: np.ndarray) -> dict[str, float]:
    sums = {
        name: one.values[on_track]
        for name, one in result.recordings.items()
        if one.site is None and f"{name}_in_field_nA" in COLUMNS
    }
    means = analysis.mean_currents(sums, result.track.inside(time_ms))
    return {
        f"{name}_{where}_nA": getattr(mean, where)
        for name, mean in means.items()
        for where in ("in_field", "out_of_field")
    }


def _precession(spikes_ms: np.ndarray, phase_deg: np.ndarray, track: Track) -> dict[str, float]:
    inside = track.inside(spikes_ms) & np.isfinite(phase_deg)
    distance_ms = track.distance_ms(spikes_ms[inside])
    fit = analysis.circular_linear_fit(
        distance_ms / track.width_ms,
        phase_deg[inside],
        slope_range_deg_per_unit=STEEPEST_DEG_PER_FIELD,
    )
    return {
        "precession_deg_per_field": fit.slope_deg_per_unit,
        "precession_rho": fit.rho,
        "precession_p": fit.p_value,
    }
