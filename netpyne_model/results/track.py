"""The track of a trial: when the animal is on it, and where the input's place field lies."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from ..errors import ModelError, quoted
from ..inputs.track import distance_from


@dataclass(frozen=True, kw_only=True)
class Track:
    """One lap of a trial.

    Simulation time counts from the start of the run, which begins with settling and lead-in; track
    time counts from the start of the track.

    Attributes
    ----------
    kind : {'time', 'circular'}
        As of the tracks in ``setups.yaml``: a stretch of time, or a circular track, whose end joins
        its start.
    lap_ms : float
        Time from the start of the track to its end.
    settling_ms, lead_in_ms : float
        Time before the track: without input, then with it.
    length_cm : float or None
        Circumference of a circular track.
    centre_ms, width_ms : float or None
        Of the input's place field, in track time; None without a field.
    theta_period_ms, theta_phase_rad : float or None
        Of the theta modulation of the input, its phase phi at the start of the track; None for
        inputs that were not drawn.
    """

    kind: Literal["time", "circular"]
    lap_ms: float
    settling_ms: float
    lead_in_ms: float
    length_cm: float | None = None
    centre_ms: float | None = None
    width_ms: float | None = None
    theta_period_ms: float | None = None
    theta_phase_rad: float | None = None

    def __post_init__(self):
        if (self.kind == "circular") != (self.length_cm is not None):
            raise ValueError(
                f"a track of kind {quoted(self.kind)} cannot have length_cm {self.length_cm}."
            )
        if (self.centre_ms is None) != (self.width_ms is None):
            raise ValueError(
                "a field has both centre_ms and width_ms, a track without one neither."
            )

    @property
    def start_ms(self) -> float:
        """Simulation time at which the track begins."""
        return self.settling_ms + self.lead_in_ms

    @property
    def has_field(self) -> bool:
        """Whether the input has a place field."""
        return self.centre_ms is not None

    @property
    def circle_ms(self) -> float | None:
        """Time of a lap of a circular track; None of another."""
        return self.lap_ms if self.kind == "circular" else None

    @property
    def field(self) -> dict[str, Any]:
        """Place field in ms of track time, as functions of position take it."""
        return {"centre": self.centre_ms, "width": self.width_ms, "track_length": self.circle_ms}

    @property
    def unit(self) -> str:
        """Unit of a position: cm on a circular track, else s of track time."""
        return "cm" if self.kind == "circular" else "s"

    @property
    def position_label(self) -> str:
        """What a position is called, without its unit."""
        return "Track position" if self.kind == "circular" else "Track time"

    @property
    def units_per_ms(self) -> float:
        """Way in units of position in 1 ms of track time."""
        return 1e-3 if self.length_cm is None else self.length_cm / self.lap_ms

    def track_time_ms(self, simulation_time_ms: np.ndarray | float) -> np.ndarray:
        """Track time of simulation times; negative before the track."""
        return np.asarray(simulation_time_ms, float) - self.start_ms

    def position(self, track_time_ms: np.ndarray | float) -> np.ndarray:
        """Position at track times, in `unit`."""
        return np.asarray(track_time_ms, float) * self.units_per_ms

    def on_track(
        self, track_time_ms: np.ndarray | float, *, tolerance_ms: float = 0.0
    ) -> np.ndarray:
        """Whether track times lie on the track, its end excluded; earlier by a tolerance."""
        time_ms = np.asarray(track_time_ms)
        return (time_ms >= -tolerance_ms) & (time_ms < self.lap_ms - tolerance_ms)

    def distance_ms(self, track_time_ms: np.ndarray | float) -> np.ndarray:
        """Distance from the field's centre, negative before it; on a circle the shorter way."""
        centre_ms, _ = self._centre_and_width_ms()
        return distance_from(track_time_ms, centre_ms, track_length=self.circle_ms)

    def inside(self, track_time_ms: np.ndarray | float) -> np.ndarray:
        """Whether track times lie in the place field, its edges included."""
        _, width_ms = self._centre_and_width_ms()
        return np.abs(self.distance_ms(track_time_ms)) <= width_ms / 2

    def field_spans_ms(self) -> list[tuple[float, float]]:
        """Begin and end of the place field; of two parts if it crosses the start of a circle."""
        if not self.has_field:
            return []
        laps = (0,) if self.circle_ms is None else (-1, 0, 1)
        centre_ms, width_ms = self._centre_and_width_ms()
        begin, end = centre_ms - width_ms / 2, centre_ms + width_ms / 2
        spans = [(begin + lap * self.lap_ms, end + lap * self.lap_ms) for lap in laps]
        spans = [(max(first, 0.0), min(last, self.lap_ms)) for first, last in spans]
        return [(first, last) for first, last in spans if last > first]

    def _centre_and_width_ms(self) -> tuple[float, float]:
        if self.centre_ms is None or self.width_ms is None:
            raise ModelError("the track of this run has no place field; ask `has_field` first.")
        return self.centre_ms, self.width_ms

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name, as JSON can hold them."""
        return asdict(self)
