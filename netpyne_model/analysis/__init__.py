"""Spikes, firing rate, subthreshold ramp and theta band of a voltage trace: pure functions over arrays."""

from .rates import RATE_SIGMA_MS, smoothed_rate
from .recordings import baseline, epsp_amplitude, summarise_recordings
from .spikes import cut_spikes, spike_times
from .subthreshold import RAMP_CUTOFF_HZ, THETA_BAND_HZ, ramp, theta_band
from .summary import format_summary, rate_map, summarise

__all__ = [
    "RAMP_CUTOFF_HZ",
    "RATE_SIGMA_MS",
    "THETA_BAND_HZ",
    "baseline",
    "cut_spikes",
    "epsp_amplitude",
    "format_summary",
    "ramp",
    "rate_map",
    "smoothed_rate",
    "spike_times",
    "summarise",
    "summarise_recordings",
    "theta_band",
]
