"""The part of a trial that is run on the track, with what several measures need of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..results import Result, Track
from .place_field import FieldRates, PlaceField, field_rates, find_place_field
from .precession import CircularLinearFit, circular_linear_fit, theta_phase_deg
from .rates import smoothed_rate
from .spikes import cut_spikes
from .subthreshold import ramp, theta_band
from .trials import ThresholdCrossings, VoltageVariance, threshold_crossings, voltage_variance

RATE_STEP_MS = 10.0  # grid of the smoothed rate
FIELD_HZ = 1.0  # peak rate below which a cell has no place field
LEVEL_MV = -55.0  # within the range in which persistent sodium current makes the response steep
EXCURSION_MV = (
    -47.0
)  # where spikes of the depolarised silent cell begin to rise by 10 V/s (-46.8 mV)
BACK_MV = 1.0  # how far below it the potential has to come back before it counts again
FINE_MS = 0.1  # step of recording beyond which a spike's threshold is coarse
STEEPEST_DEG_PER_FIELD = (-720.0, 720.0)  # any phases are fitted by a line that is steep enough
_SOMA, _ROUNDING_MS = "soma", 1e-6


@dataclass(frozen=True, eq=False)
class TrialOnTrack:
    """A trial as its measures see it; everything is worked out once, when it is first asked for.

    Times are track time, samples and spikes those on the track; potentials are those of the soma,
    spikes cut out.

    Attributes
    ----------
    result : Result
    """

    result: Result

    @property
    def track(self) -> Track:
        """The track of the result, which must have one."""
        if self.result.track is None:
            raise ModelError(
                "this run has no track; measure a trial, or run it with PlaceFieldInput."
            )
        return self.result.track

    @cached_property
    def holds(self) -> frozenset[str]:
        """What there is to measure: ``soma, track, field, theta`` and the names of recorded sums.

        ``soma_fine`` is a soma recorded finely enough for the threshold of its spikes.
        A run that ends before or with the start of the track holds neither track, field nor theta.
        """
        names = {name for name, one in self.result.recordings.items() if one.site is None}
        if _SOMA in self.result.voltage_mV:
            names.add(_SOMA)
            if self.result.step_ms <= FINE_MS + _ROUNDING_MS:
                names.add("soma_fine")
        if len(self.rate_map[0]):
            names.add("track")
            if self.track.has_field:
                names.add("field")
            if self.track.theta_phase_rad is not None:
                names.add("theta")
        return frozenset(names)

    # -- time and spikes

    @cached_property
    def samples(self) -> np.ndarray:
        """Which samples of the result lie on the track, its end excluded: bool, shape (n,)."""
        half_step_ms = 0.5 * self.result.step_ms
        return self.track.on_track(self.result.track_time_ms, tolerance_ms=half_step_ms)

    @cached_property
    def time_ms(self) -> np.ndarray:
        """Track time of the samples on the track."""
        return self.result.track_time_ms[self.samples]

    @cached_property
    def whole_lap(self) -> bool:
        """Whether a circular track is run to its end, so that it joins its beginning."""
        last_ms = float(self.result.track_time_ms[-1])
        return (
            self.track.kind == "circular" and last_ms >= self.track.lap_ms - 2 * self.result.step_ms
        )

    @cached_property
    def spike_times_ms(self) -> np.ndarray:
        """Simulation time of the output spikes on the track."""
        times_ms = np.asarray(self.result.spike_times_ms, float)
        return times_ms[self.track.on_track(self.track.track_time_ms(times_ms))]

    @cached_property
    def spikes_ms(self) -> np.ndarray:
        """Track time of these spikes."""
        return self.track.track_time_ms(self.spike_times_ms)

    @cached_property
    def spike_phase_deg(self) -> np.ndarray:
        """Phase of the input's theta at these spikes; NaN for replayed inputs."""
        period_ms, phase_rad = self.track.theta_period_ms, self.track.theta_phase_rad
        if period_ms is None or phase_rad is None:
            return np.full(len(self.spikes_ms), np.nan)
        return theta_phase_deg(self.spikes_ms, period_ms=period_ms, phase_rad=phase_rad)

    # -- rate

    @cached_property
    def rate_map(self) -> tuple[np.ndarray, np.ndarray]:
        """Track time in steps of 10 ms, and smoothed firing rate in Hz; empty off the track."""
        end_ms = float(self.result.track_time_ms[-1]) + self.result.step_ms
        length_ms = min(self.track.lap_ms, end_ms)
        n = round(length_ms / RATE_STEP_MS)
        if n < 2:
            return np.empty(0), np.empty(0)
        time_ms = np.linspace(0, length_ms, n, endpoint=False)
        spikes_ms = self.track.track_time_ms(self.result.spike_times_ms)
        return time_ms, smoothed_rate(
            spikes_ms, time_ms, circular=self.whole_lap, interval_ms=(0.0, length_ms)
        )

    @cached_property
    def field_rates(self) -> FieldRates:
        """Mean firing rates in the input's field and out of it."""
        return field_rates(self.spikes_ms, self.time_ms, seconds_per_unit=1e-3, **self.track.field)

    @cached_property
    def place_field(self) -> PlaceField | None:
        """The field that the cell's own rate has, None below a peak rate of 1 Hz."""
        lap_ms = self.track.lap_ms if self.whole_lap else None
        return find_place_field(*self.rate_map, track_length=lap_ms, at_least_hz=FIELD_HZ)

    @cached_property
    def precession(self) -> CircularLinearFit:
        """Theta phase of the spikes in the field against position, in widths of the field."""
        inside = self.track.inside(self.spikes_ms)
        return circular_linear_fit(
            self.track.distance_ms(self.spikes_ms[inside]) / self.track.width_ms,
            self.spike_phase_deg[inside],
            slope_range_deg_per_unit=STEEPEST_DEG_PER_FIELD,
        )

    # -- potential

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """Which samples on the track lie ``in_field`` and ``out_of_field``."""
        inside = self.track.inside(self.time_ms)
        return {"in_field": inside, "out_of_field": ~inside}

    @cached_property
    def soma_mV(self) -> np.ndarray:
        """Potential over the whole run, shape of the result's `time_ms`."""
        result = self.result
        return cut_spikes(result.time_ms, result.voltage_mV[_SOMA], result.spike_times_ms)

    @property
    def voltage_mV(self) -> np.ndarray:
        """Potential on the track."""
        return self.soma_mV[self.samples]

    @cached_property
    def ramp_mV(self) -> np.ndarray:
        """The part of it below 3 Hz."""
        return ramp(self.time_ms, self.voltage_mV, circular=self.whole_lap)

    @cached_property
    def theta_amplitude_mV(self) -> np.ndarray:
        """Envelope of the part of it in the theta band."""
        return theta_band(self.time_ms, self.voltage_mV, circular=self.whole_lap)[1]

    @cached_property
    def variance(self) -> VoltageVariance:
        """Variance of the potential less its ramp."""
        return voltage_variance(self.voltage_mV, self.parts["in_field"], ramp_mV=self.ramp_mV)

    @cached_property
    def crossings(self) -> ThresholdCrossings:
        """Upward crossings of -55 mV."""
        return threshold_crossings(self.time_ms, self.voltage_mV, level_mV=LEVEL_MV)

    @cached_property
    def excursion_rates(self) -> FieldRates:
        """How often a second the potential, spikes not cut out, rises above -47 mV."""
        v_mV = np.asarray(self.result.voltage_mV[_SOMA], float)[self.samples]
        levels = {"level_mV": EXCURSION_MV, "hysteresis_mV": BACK_MV}
        rises_ms = threshold_crossings(self.time_ms, v_mV, **levels).times_ms
        return field_rates(rises_ms, self.time_ms, seconds_per_unit=1e-3, **self.track.field)

    def recorded(self, name: str) -> np.ndarray:
        """Values on the track of a recorded sum over the cell."""
        return self.result.recordings[name].values[self.samples]
