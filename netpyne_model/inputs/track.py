"""The two tracks: positions on them, distances to the inputs' peaks, wrapped images.

A position is a track time in ms on the time track and a place in cm on the circular track. Source:
Grienberger et al. 2017 (time track), Hsu et al. 2018 (circular track).
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator


def distance_from(
    position: np.ndarray | float, centre: float, *, track_length: float | None = None
) -> np.ndarray:
    """Signed distance of positions from a centre, negative before it.

    With a `track_length` the track is circular: the shorter way round counts.
    """
    distance = np.asarray(position, float) - centre
    if track_length is None:
        return distance
    return distance - track_length * np.round(distance / track_length)


class _Track(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    unit: ClassVar[str]
    """Unit of a position."""


class TimeTrack(_Track):
    """A stretch of time; inputs may peak before and after it.

    Attributes
    ----------
    track_length_ms, field_width_ms : float
        Length of the track and field width W.
    peaks_from_field_widths, peaks_to_field_widths : float
        Range of the inputs' peaks, in field widths from the start of the track.
    """

    unit = "ms"
    kind: Literal["time"]
    track_length_ms: float = Field(gt=0)
    field_width_ms: float = Field(gt=0)
    peaks_from_field_widths: float
    peaks_to_field_widths: float

    @model_validator(mode="after")
    def _ordered(self):
        if self.peaks_to_field_widths <= self.peaks_from_field_widths:
            raise ValueError("peaks_to_field_widths must be above peaks_from_field_widths")
        return self

    @property
    def length(self) -> float:
        """Length in units of position."""
        return self.track_length_ms

    @property
    def field_width(self) -> float:
        """Field width W in units of position."""
        return self.field_width_ms

    @property
    def peak_range(self) -> tuple[float, float]:
        """First position of the grid of peaks, and its end (excluded)."""
        width = self.field_width_ms
        return self.peaks_from_field_widths * width, self.peaks_to_field_widths * width

    def track_time_ms(self, position: float) -> float:
        """Track time s in ms at which the animal is at `position`."""
        return position

    def distance(self, s_ms, peak) -> np.ndarray:
        """Signed distance at track time `s_ms` from `peak` (negative before it)."""
        return distance_from(s_ms, peak)

    def image_sum(self, function, distance) -> np.ndarray:
        """``function(distance)``: this track has no wrapped images."""
        return function(distance)


class CircularTrack(_Track):
    """A circular track, run at constant speed; the lead-in is the end of the previous lap.

    Attributes
    ----------
    track_length_cm, field_width_cm : float
        Circumference, and field width W (at most the circumference).
    speed_cm_per_s : float
        Running speed.
    """

    unit = "cm"
    kind: Literal["circular"]
    track_length_cm: float = Field(gt=0)
    speed_cm_per_s: float = Field(gt=0)
    field_width_cm: float = Field(gt=0)

    @model_validator(mode="after")
    def _fits(self):
        if self.field_width_cm > self.track_length_cm:
            raise ValueError("field_width_cm must not be above track_length_cm")
        return self

    @property
    def length(self) -> float:
        """Length in units of position."""
        return self.track_length_cm

    @property
    def field_width(self) -> float:
        """Field width W in units of position."""
        return self.field_width_cm

    @property
    def peak_range(self) -> tuple[float, float]:
        """First position of the grid of peaks, and its end (excluded)."""
        return 0.0, self.track_length_cm

    def track_time_ms(self, position: float) -> float:
        """Track time s in ms at which the animal is at `position`."""
        return 1e3 * position / self.speed_cm_per_s

    def distance(self, s_ms, peak) -> np.ndarray:
        """Signed distance (negative before it) at track time `s_ms` from the nearest `peak`."""
        position_cm = 1e-3 * self.speed_cm_per_s * np.asarray(s_ms)
        return distance_from(position_cm, peak, track_length=self.track_length_cm)

    def image_sum(self, function, distance) -> np.ndarray:
        """Sum of `function` over the nearest image and one lap to either side.

        One lap is enough: no field is wider than the track.
        """
        return sum(function(distance + lap * self.track_length_cm) for lap in (-1, 0, 1))
