"""Spikes, rates, place field, precession, voltage and currents of a trial, from arrays."""

from .comparison import configuration_differences, measure_differences
from .current_shares import (
    BEFORE_SPIKE_MS,
    away_from_spikes,
    before_spikes,
    mean_parts,
    ramp_parts,
    what_changes,
    with_shares,
)
from .currentscapes import currentscape
from .efel_features import efel_features
from .in_words import in_lines, named_line, reaches_field, spikes_in_words, title
from .input_arrangement import ArrangementStatistics, arrangement_of, arrangement_statistics
from .intrinsic import spike_thresholds
from .measures import MEASURES, Measure, add_measure, measure
from .on_track import STEEPEST_DEG_PER_FIELD, TrialOnTrack
from .paired_potentials import PairedGain, paired_gain
from .place_field import (
    FIELD_FRACTION,
    FieldRates,
    PlaceField,
    distance_from,
    field_rates,
    find_place_field,
    in_field,
    spatial_information,
)
from .precession import FEWEST_SPIKES, CircularLinearFit, circular_linear_fit, theta_phase_deg
from .rates import RATE_SIGMA_MS, smoothed_rate
from .recordings import baseline, epsp_amplitude, summarise_recordings
from .spikes import cut_spikes, spike_times
from .subthreshold import RAMP_CUTOFF_HZ, THETA_BAND_HZ, ramp, theta_band
from .summary import format_summary, summarise
from .synaptic_currents import FieldMeans, charge_pC, excitation_to_inhibition, mean_currents
from .track_profiles import PROFILES, V_EDGES_MV, Profile, profiles
from .trials import (
    MeanBand,
    ThresholdCrossings,
    VoltageVariance,
    bin_along,
    mean_and_band,
    pair_correlations,
    ramp_asymmetry,
    ramp_width,
    reliability,
    slope,
    threshold_crossings,
    voltage_histogram,
    voltage_variance,
)
from .tuning_of_laps import CommonTuning, common_tuning

__all__ = [
    "BEFORE_SPIKE_MS",
    "FEWEST_SPIKES",
    "FIELD_FRACTION",
    "MEASURES",
    "PROFILES",
    "RAMP_CUTOFF_HZ",
    "RATE_SIGMA_MS",
    "STEEPEST_DEG_PER_FIELD",
    "THETA_BAND_HZ",
    "V_EDGES_MV",
    "ArrangementStatistics",
    "CircularLinearFit",
    "CommonTuning",
    "FieldMeans",
    "FieldRates",
    "MeanBand",
    "Measure",
    "PairedGain",
    "PlaceField",
    "Profile",
    "ThresholdCrossings",
    "TrialOnTrack",
    "VoltageVariance",
    "add_measure",
    "arrangement_of",
    "arrangement_statistics",
    "away_from_spikes",
    "baseline",
    "before_spikes",
    "bin_along",
    "charge_pC",
    "circular_linear_fit",
    "common_tuning",
    "configuration_differences",
    "currentscape",
    "cut_spikes",
    "distance_from",
    "efel_features",
    "epsp_amplitude",
    "excitation_to_inhibition",
    "field_rates",
    "find_place_field",
    "format_summary",
    "in_field",
    "in_lines",
    "mean_and_band",
    "mean_currents",
    "mean_parts",
    "measure",
    "measure_differences",
    "named_line",
    "pair_correlations",
    "paired_gain",
    "profiles",
    "ramp",
    "ramp_asymmetry",
    "ramp_parts",
    "ramp_width",
    "reaches_field",
    "reliability",
    "slope",
    "smoothed_rate",
    "spatial_information",
    "spike_thresholds",
    "spike_times",
    "spikes_in_words",
    "summarise",
    "summarise_recordings",
    "theta_band",
    "theta_phase_deg",
    "threshold_crossings",
    "title",
    "voltage_histogram",
    "voltage_variance",
    "what_changes",
    "with_shares",
]


def __dir__() -> list[str]:
    return __all__
