"""Rates of the inputs: spatial envelope x theta factor (model.md 7).

Source: Grienberger et al. 2017; Hsu et al. 2018. Times are track time s in ms: 0 at the start of
the track, negative in the lead-in. On the circular track the lead-in is the end of the previous
lap, which the distance to the nearest image of a peak says by itself.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .setups import Setup

CHUNK = 1 << 16
"""Values worked on at a time: few enough for the intermediate arrays to stay in the cache."""


@dataclass(frozen=True)
class Rates:
    """The rates of the inputs of one trial.

    Attributes
    ----------
    setup : Setup
    theta_phase_rad : float
        Phase phi of the trial.
    peak : (n,) float array
        Position of each input's peak in ms or cm; NaN for an input without spatial modulation.
    peak_hz, theta_depth, theta_k, psi0_rad : (n,) float arrays
        Rate at the peak, and depth, sharpness and preferred phase of the theta modulation.
    precesses, reducible : (n,) bool arrays
        Whether the phase precesses; whether a reduction of inhibition touches the input.
    """

    setup: Setup
    theta_phase_rad: float
    peak: np.ndarray
    peak_hz: np.ndarray
    theta_depth: np.ndarray
    theta_k: np.ndarray
    psi0_rad: np.ndarray
    precesses: np.ndarray
    reducible: np.ndarray

    def at(self, rows, s_ms, *, theta: bool = True, chunk: int = CHUNK) -> np.ndarray:
        """Rates in Hz of inputs `rows` at track times `s_ms`, element by element.

        Without `theta` its factor (at most 1) is left out. `chunk` elements are worked on at a
        time; the rates do not depend on it.
        """
        rows, s_ms = np.asarray(rows), np.asarray(s_ms, dtype=float)
        rate = np.empty(len(rows))
        for start in range(0, len(rows), chunk):
            part = slice(start, start + chunk)
            rate[part] = self._evaluate(rows[part], s_ms[part], theta)
        return rate

    def rate_hz(self, s_ms, *, rows=None) -> np.ndarray:
        """(n, m) rates in Hz of every input (or of `rows`) at every one of the track times."""
        rows = np.arange(len(self.peak)) if rows is None else np.asarray(rows)
        s_ms = np.asarray(s_ms, dtype=float)
        rate = np.empty((len(rows), len(s_ms)))
        for number, row in enumerate(rows):
            rate[number] = self._evaluate(np.full(len(s_ms), row), s_ms, True)
        return rate

    @property
    def bound_hz(self) -> np.ndarray:
        """(n,) array: a rate that each input never exceeds."""
        highest = np.where(np.isnan(self.peak), 1.0, envelope(self.setup, 0.0))
        return self.peak_hz * highest

    def _evaluate(self, rows, s_ms, theta: bool) -> np.ndarray:
        distance = self.setup.track.distance(s_ms, self.peak[rows])
        unmodulated = np.isnan(distance)
        rate = self.peak_hz[rows] * np.where(unmodulated, 1.0, envelope(self.setup, distance))
        if self.setup.inhibition_reduction != "none":
            start_ms, stop_ms = reduction_window(self.setup)
            reduced = self.reducible[rows] & (s_ms >= start_ms) & (s_ms < stop_ms)
            rate = np.where(reduced, (1 - self.setup.inhibition_reduction_fraction) * rate, rate)
        if not theta:
            return rate
        precessing = precession_rad(self.setup, np.where(unmodulated, 0, distance))
        psi = np.where(self.precesses[rows], precessing, 0)
        turned = 2 * np.pi * s_ms / self.setup.theta_period_ms
        angle = psi + self.psi0_rad[rows] - turned + self.theta_phase_rad
        return rate * theta_factor(angle, self.theta_k[rows], self.theta_depth[rows])


def rates(setup: Setup, synapses: pd.DataFrame, theta_phase_rad: float) -> Rates:
    """Rates of a trial's synapses, of their columns ``group``, ``kind`` and ``peak``."""
    excitatory = (synapses["kind"] == "exc").to_numpy()
    groups = {**setup.excitatory_groups, **setup.inhibitory_groups}

    def column(of_group) -> np.ndarray:
        values = {name: of_group(group) for name, group in groups.items()}
        return synapses["group"].map(values).to_numpy()

    def drive(field: str) -> np.ndarray:
        return np.where(
            excitatory, getattr(setup.excitation, field), getattr(setup.inhibition, field)
        )

    return Rates(
        setup=setup,
        theta_phase_rad=theta_phase_rad,
        peak=synapses["peak"].to_numpy(dtype=float),
        peak_hz=drive("peak_hz"),
        theta_depth=drive("theta_depth"),
        theta_k=drive("theta_k"),
        psi0_rad=np.deg2rad(column(lambda group: group.psi0_deg).astype(float)),
        precesses=column(lambda group: getattr(group, "precesses", False)).astype(bool),
        reducible=column(lambda group: getattr(group, "reducible", False)).astype(bool),
    )


def envelope(setup: Setup, distance) -> np.ndarray:
    """Spatial envelope by the distance from the peak, summed over the laps of a track.

    exp(-18 (distance / W)^2): 1 at the peak.
    """

    def bell(distance):
        return np.exp(-setup.envelope_exponent * np.square(distance / setup.track.field_width))

    return setup.track.image_sum(bell, distance)


def precession_rad(setup: Setup, distance) -> np.ndarray:
    """Phase psi in rad of a precessing input, at a signed distance (ms or cm) from its peak."""
    psi_deg = np.interp(
        distance / setup.track.field_width, setup.precession.field_widths, setup.precession.psi_deg
    )
    return np.deg2rad(psi_deg)


def theta_factor(angle_rad, k, depth) -> np.ndarray:
    """Theta factor, 1 at angle 0 and 1 - depth at pi.

    exp(k cos angle), rescaled to [0, 1], then weighted by `depth`. The rescaling "over the run" is
    that of the function's own extremes: a run of two theta cycles and more, which the lead-in alone
    lasts, meets both.
    """
    lowest, highest = np.exp(-k), np.exp(k)
    return 1 - depth * (highest - np.exp(k * np.cos(angle_rad))) / (highest - lowest)


def reduction_window(setup: Setup) -> tuple[float, float]:
    """First and last track time in ms between which inhibition is reduced; empty for ``none``."""
    length_ms = setup.inhibition_reduction_ms
    centre_ms = setup.track.track_time_ms(setup.field_centre)
    return {
        "none": (0.0, 0.0),
        "out_of_field": (0.0, length_ms),
        "in_field": (centre_ms - length_ms / 2, centre_ms + length_ms / 2),
        "whole_run": (-np.inf, np.inf),
    }[setup.inhibition_reduction]
