"""Spikes, rates, place field, precession, voltage and currents of a trial, from arrays."""

from .efel_features import efel_features
from .intrinsic import spike_thresholds
from .measures import MEASURES, Measure, add_measure, measure
from .on_track import STEEPEST_DEG_PER_FIELD, TrialOnTrack
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
    ramp_asymmetry,
    reliability,
    threshold_crossings,
    voltage_histogram,
    voltage_variance,
)

__all__ = [
    "FEWEST_SPIKES",
    "FIELD_FRACTION",
    "MEASURES",
    "PROFILES",
    "RAMP_CUTOFF_HZ",
    "RATE_SIGMA_MS",
    "STEEPEST_DEG_PER_FIELD",
    "THETA_BAND_HZ",
    "V_EDGES_MV",
    "CircularLinearFit",
    "FieldMeans",
    "FieldRates",
    "MeanBand",
    "Measure",
    "PlaceField",
    "Profile",
    "ThresholdCrossings",
    "TrialOnTrack",
    "VoltageVariance",
    "add_measure",
    "baseline",
    "bin_along",
    "charge_pC",
    "circular_linear_fit",
    "cut_spikes",
    "distance_from",
    "efel_features",
    "epsp_amplitude",
    "excitation_to_inhibition",
    "field_rates",
    "find_place_field",
    "format_summary",
    "in_field",
    "mean_and_band",
    "mean_currents",
    "measure",
    "profiles",
    "ramp",
    "ramp_asymmetry",
    "reliability",
    "smoothed_rate",
    "spatial_information",
    "spike_thresholds",
    "spike_times",
    "summarise",
    "summarise_recordings",
    "theta_band",
    "theta_phase_deg",
    "threshold_crossings",
    "voltage_histogram",
    "voltage_variance",
]


def __dir__() -> list[str]:
    return __all__
