"""Spikes, firing rate, subthreshold ramp and theta band of a voltage trace: pure functions over arrays."""

from .rates import RATE_SIGMA_MS, smoothed_rate
from .spikes import SPIKE_THRESHOLD_MV, cut_spikes, spike_times
from .subthreshold import RAMP_CUTOFF_HZ, THETA_BAND_HZ, ramp, theta_band

__all__ = [
    "RAMP_CUTOFF_HZ",
    "RATE_SIGMA_MS",
    "SPIKE_THRESHOLD_MV",
    "THETA_BAND_HZ",
    "cut_spikes",
    "ramp",
    "smoothed_rate",
    "spike_times",
    "theta_band",
]
