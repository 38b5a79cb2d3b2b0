"""Solves the four states of a kinetic receptor, Ru - Rb - Rc - Ro, at constant voltage.

This is the equations' own solution, by which the forms for other tools are made and judged.
"""

from dataclasses import dataclass

import numpy as np

from .components import component


@dataclass(frozen=True)
class Modes:
    """A receptor's open fraction as a sum of exponentials: of one amplitude each, about `open`."""

    rates_per_ms: np.ndarray
    open: float
    states: np.ndarray  # column k: Rb, Rc, Ro of mode k, scaled so that its Ro is 1

    def amplitudes(self, occupancies: np.ndarray) -> np.ndarray:
        """Amplitude of each mode in occupancies of Rb, Rc and Ro about their equilibrium."""
        return np.linalg.solve(self.states, occupancies)


def magnesium_block(name: str, voltage_mV: float) -> float:
    """Fraction of the conductance that magnesium leaves: 1 for a receptor without block."""
    p = component(name)
    if "mg" not in p:
        return 1.0
    return 1 / (1 + np.exp(-p["slope"] * voltage_mV) * p["mg"] / p["Kmg"])


def equilibrium_and_slopes(
    name: str, transmitter: bool, voltage_mV: float
) -> tuple[np.ndarray, np.ndarray]:
    """Equilibrium of Rb, Rc, Ro, and the matrix (per ms) by which they return to it."""
    p = component(name)
    kon = p["kon"] * transmitter
    closing = 1 + p.get("speedUp", 0) * (1 - magnesium_block(name, voltage_mV))
    CO, Alpha = closing * p["CO"], closing * p["Alpha"]
    slopes = np.array(
        [
            [-(kon + p["koff"] + p["CC"]), CO - kon, -kon],
            [p["CC"], -(CO + p["Beta"]), Alpha],
            [0, p["Beta"], -Alpha],
        ]
    )
    return np.linalg.solve(slopes, [-kon, 0, 0]), slopes


def modes(name: str, transmitter: bool, voltage_mV: float = -70.0) -> Modes:
    """The exponentials of a receptor's open fraction, the slowest first."""
    equilibrium, slopes = equilibrium_and_slopes(name, transmitter, voltage_mV)
    rates, states = np.linalg.eig(slopes)
    order = np.argsort(-rates)
    states = states[:, order]
    return Modes(-rates[order], float(equilibrium[2]), states / states[2])


def conductance_uS(name: str, since_event_ms: np.ndarray, voltage_mV: float) -> np.ndarray:
    """Conductance after one event of weight 1 at a receptor at rest, with the magnesium block."""
    p = component(name)
    pulse, after = modes(name, True, voltage_mV), modes(name, False, voltage_mV)
    equilibrium, _ = equilibrium_and_slopes(name, True, voltage_mV)
    begun = pulse.amplitudes(-equilibrium)
    at_end = pulse.states @ (begun * np.exp(-pulse.rates_per_ms * p["tPulse"])) + equilibrium
    since_end_ms = since_event_ms - p["tPulse"]
    in_pulse = pulse.open + _sum(begun, pulse, since_event_ms)
    open_ = np.where(
        since_end_ms < 0, in_pulse, _sum(after.amplitudes(at_end), after, since_end_ms)
    )
    return p["gbase"] * magnesium_block(name, voltage_mV) * open_


def _sum(amplitudes: np.ndarray, of: Modes, time_ms: np.ndarray) -> np.ndarray:
    # Before its own start a mode is not asked for, and would only overflow.
    decay = np.exp(-np.outer(np.maximum(time_ms, 0), of.rates_per_ms))
    return decay @ amplitudes
