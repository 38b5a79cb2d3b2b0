"""An induction: plateaus at one place of the track, lap after lap, and the weights that they leave.

The rule's instructive signal is the time course of the plateau, its eligibility traces are those of
the presynaptic spikes (model.md 10): neither asks what the cell does, so that no lap with a plateau
need be simulated. Weights cost the draw of the laps' spikes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..errors import ModelError, did_you_mean, quoted
from ..inputs import InputTrains, Setup
from ..inputs.rates import envelope, theta_factor
from ..plasticity import (
    STEP_MS,
    PlasticityRule,
    PlateauPulse,
    instructive_peak,
    load_rule,
    mean_eligibility_peak,
    plateau_protocol,
    weights_after,
)
from .checks import check_number
from .synaptic_inputs import PlaceFieldInput

SPIKES_ARE = ("presynaptic", "released")
DECAYED_TIME_CONSTANTS = 20
"""After which nothing is left of a spike's trace: 2e-9."""


class Animal:
    """The excitatory synapses that a place-field input drives on a cell, and their spikes by lap.

    Parameters
    ----------
    cell : Cell
    place_field : PlaceFieldInput
        Drawn. Its assignment seed, or its seed, says which synapses there are; a lap is another
        seed. Weights and inhibition do not count.

    Attributes
    ----------
    setup : Setup
    synapses : DataFrame
        As in a trial with this input.
    """

    def __init__(self, cell: Cell, place_field: PlaceFieldInput):
        if place_field.events_file is not None:
            raise ModelError(
                "an induction draws the spikes of every lap: leave out the input's events_file."
            )
        self.setup: Setup = place_field.changed_setup
        self._cell = cell
        own = (
            place_field.seed if place_field.assignment_seed is None else place_field.assignment_seed
        )
        self._field = replace(
            place_field, assignment_seed=own,
            weights_file=None, w_max=None, n_inhibitory=0, inhibitory_share=None,
        )  # fmt: skip
        self._laps: dict[int, InputTrains] = {}
        self.synapses: pd.DataFrame = self._lap(place_field.seed).synapses

    def spikes(self, seed: int, spikes_are: str = "presynaptic") -> list[np.ndarray]:
        """Spikes of each synapse on the lap of a seed, in track time: all, or those that release."""
        trains = self._lap(seed)
        chosen = trains.presynaptic_ms if spikes_are == "presynaptic" else trains.released_ms
        return [train - self.setup.track_start_ms for train in chosen]

    def _lap(self, seed: int) -> InputTrains:
        if seed not in self._laps:
            self._laps[seed] = replace(self._field, seed=seed).trains(self._cell)
        return self._laps[seed]


@dataclass(frozen=True, kw_only=True)
class Induction:
    """Plateaus at one place of the track, one a lap.

    Attributes
    ----------
    position : float
        Where a plateau begins, in cm of a circular track, in ms of a time track.
    laps : sequence of int
        Seeds of the laps, one plateau each, in this order; on a circular track one begins where
        the last ends.
    rule : PlasticityRule
    plateau_ms : float
        How long a plateau lasts.
    plateau_height : float
        In units of a plateau as the rule has it.
    spikes_are : str
        ``presynaptic``: every spike leaves a trace. ``released``: those that release.
    """

    position: float
    laps: Sequence[int]
    rule: PlasticityRule = field(default_factory=load_rule)
    plateau_ms: float = plateau_protocol().duration_ms
    plateau_height: float = 1.0
    spikes_are: str = "presynaptic"

    def __post_init__(self):
        check_number("position", self.position, 0.0, 1e6)
        check_number("plateau_ms", self.plateau_ms, 0.0, 1e6)
        check_number("plateau_height", self.plateau_height, 0.0, 1e3)
        if self.spikes_are not in SPIKES_ARE:
            hint = did_you_mean(self.spikes_are, SPIKES_ARE)
            raise ModelError(f"spikes_are {quoted(self.spikes_are)} does not exist.{hint}")

    def weights(self, animal: Animal, before: np.ndarray | None = None) -> np.ndarray:
        """Weights of an animal's synapses after each of the laps.

        Parameters
        ----------
        animal : Animal
        before : ndarray, shape (n,), optional
            Weights before the first lap; 1 without them.

        Returns
        -------
        ndarray, shape (laps, n)
            When the lap ends. What a plateau's signal still is then, after the last lap, is lost.
        """
        setup, n_synapses = animal.setup, len(animal.synapses)
        if self.position > setup.track.length:
            raise ModelError(
                f"position {self.position:g}: the track ends at {setup.track.length:g}"
                f" {setup.track.unit}; let the plateau begin before."
            )
        weights = np.ones(n_synapses) if before is None else np.asarray(before, float)
        circular = setup.track.kind == "circular"
        begins_ms = 0.0 if circular else -setup.lead_in_ms
        each_ms = setup.track_ms - begins_ms
        onset_ms = setup.track.track_time_ms(self.position)
        scales = {
            "eligibility_peak": eligibility_peak(setup, self.rule),
            "instructive_peak": instructive_peak(
                plateau_protocol().duration_ms, self.rule.tau_IS_ms
            ),
        }
        oldest_ms = begins_ms - DECAYED_TIME_CONSTANTS * self.rule.tau_ET_ms
        earlier: list[np.ndarray] = [np.empty(0)] * n_synapses
        pulses: list[PlateauPulse] = []
        after: list[np.ndarray] = []
        for lap in self.laps:
            spikes = animal.spikes(lap, self.spikes_are)
            first_ms = begins_ms if after else -setup.lead_in_ms
            # A lap before is the same time further back.
            spikes = [
                np.concatenate([old[old >= oldest_ms], train[train >= first_ms]])
                for old, train in zip(earlier, spikes, strict=True)
            ]
            pulse = PlateauPulse(onset_ms, onset_ms + self.plateau_ms, self.plateau_height)
            pulses = [_shifted(one, -each_ms) for one in pulses] + [pulse]
            lap_ms = {"from_ms": begins_ms, "to_ms": setup.track_ms}
            weights = weights_after(weights, spikes, pulses, self.rule, **lap_ms, **scales)
            after.append(weights)
            earlier = [train - each_ms for train in spikes]
        return np.array(after)


def eligibility_peak(setup: Setup, rule: PlasticityRule) -> float:
    """Highest value of the trace that the mean rate of an excitatory input leaves."""
    width = setup.track.field_width
    half_ms = setup.track.track_time_ms(width)
    s_ms = np.arange(-half_ms, half_ms, STEP_MS)
    drive = setup.excitation
    phases = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    theta = theta_factor(phases, drive.theta_k, drive.theta_depth).mean()
    rate_hz = drive.peak_hz * theta * envelope(setup, s_ms / half_ms * width)
    return mean_eligibility_peak(rate_hz, STEP_MS, rule.tau_ET_ms)


def _shifted(pulse: PlateauPulse, by_ms: float) -> PlateauPulse:
    return PlateauPulse(pulse.start_ms + by_ms, pulse.stop_ms + by_ms, pulse.height)
