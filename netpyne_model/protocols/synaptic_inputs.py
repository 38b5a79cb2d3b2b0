"""Synaptic input: events on spines or on the branch, and the input of a place field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..errors import ModelError, quoted
from ..inputs import (
    InputTrains,
    ReleaseParameters,
    Setup,
    draw_trial,
    load_setup,
    read_events,
    read_weights,
    replay,
)
from ..neuroml2.components import component
from ..receptors import first_receptor, receptors, receptors_of
from ..results.track import Track
from .checks import (
    RECEPTORS,
    Place,
    Timed,
    as_place,
    as_several,
    as_times,
    assign,
    check_number,
    check_receptors,
    check_whole,
    with_known_fields,
)
from .driven import ON_BRANCH, DrivenSynapses, declared_synapses, spines_of_places
from .input_shares import check_fits, number_of


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class SpineInput(Timed):
    """Events on spines: each gets all of `times_ms` at its receptors, AMPA and NMDA.

    A spine has one receptor of a kind, which all inputs to it share.

    Attributes
    ----------
    times_ms : float or sequence of float
    place : str or (str, float), optional
        The `n` spines of the region nearest to this place by path distance are driven ...
    n : int
    spines : sequence of int, optional
        ... or these, by their numbers in the cell's placement.
    receptors : str or sequence of str
        ``AMPA``, ``NMDA`` or both.
    weight : float
        Of the AMPA receptor, in units of its spine's conductance (and of every receptor whose
        weight is the input's: ``netpyne_model/receptors/receptors.yaml``).
    """

    times_ms: float | Sequence[float]
    place: Place | None = None
    n: int = 1
    spines: int | Sequence[int] = ()
    receptors: str | Sequence[str] = RECEPTORS["spine"]
    weight: float = 1.0

    def __post_init__(self):
        spines, receptors = as_several(self.spines), as_several(self.receptors)
        assign(self, times_ms=as_times(self.times_ms), spines=spines, receptors=receptors)
        if (self.place is None) == (not spines):
            raise ModelError(
                "spine input: give either a place (and n), or spines by their numbers."
            )
        if self.place is not None:
            assign(self, place=as_place(self.place))
        check_whole("n", self.n, 1)
        for spine in spines:
            check_whole("spines", spine, 0)
        if len(set(spines)) < len(spines):
            twice = next(spine for spine in spines if spines.count(spine) > 1)
            raise ModelError(f"spines: {twice} is named twice; name each spine once.")
        check_number("weight", self.weight, 0.0, 1e6)
        check_receptors(receptors, "spine")

    def numbers(self, cell: Cell) -> list[int]:
        """Numbers of the spines that it drives."""
        if self.place is not None:
            return cell.spines_near(self.place, self.n)
        numbers = list(as_several(self.spines))
        cell.require_spines(numbers)
        return numbers

    def driven(self, cell: Cell, end_ms: float = np.inf) -> DrivenSynapses:
        """The synapses that it drives on a cell, whenever the run ends."""
        spines = cell.placement.spines.loc[self.numbers(cell)]
        gmax_uS = spines[first_receptor("exc").column]
        synapses = spines[["section", "x"]].assign(ampa_weight=self.weight, gmax_uS=gmax_uS)
        weights = receptor_weights(cell, as_several(self.receptors), synapses)
        rows = []
        for of_spine, row in zip(weights, synapses.itertuples(), strict=True):
            place = {"group": "spine", "section": row.section, "x": row.x, "spine": row.Index}
            input_of_row = {"kind": "exc", "ampa_weight": self.weight, "gmax_uS": row.gmax_uS}
            rows.append(place | input_of_row | {"weights": of_spine})
        return declared_synapses(cell, rows, as_times(self.times_ms))


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class ShaftInput(Timed):
    """Events at one receptor on the branch itself; inputs to it at the same place share it.

    Attributes
    ----------
    times_ms : float or sequence of float
    place : str or (str, float)
    receptor : str
        ``GABA_A``, ``AMPA``, ``NMDA`` or another one of the table of receptors.
    weight : float
        In units of the component's gbase.
    """

    times_ms: float | Sequence[float]
    place: Place
    receptor: str = first_receptor("inh").name
    weight: float = 1.0

    def __post_init__(self):
        assign(self, times_ms=as_times(self.times_ms), place=as_place(self.place))
        check_number("weight", self.weight, 0.0, 1e6)
        check_receptors([self.receptor], "shaft")

    def driven(self, cell: Cell, end_ms: float = np.inf) -> DrivenSynapses:
        """The synapse that it drives on a cell, whenever the run ends."""
        location = cell.locate(self.place)
        row = {
            "group": "shaft",
            "section": cell.morphology.section(location.section).index,
            "x": float(location.x),
            "kind": receptors()[self.receptor].kind,
            "ampa_weight": self.weight,
            "gmax_uS": component(self.receptor)["gbase"],
            "spine": ON_BRANCH,
            "weights": {self.receptor: self.weight},
        }
        return declared_synapses(cell, [row], as_times(self.times_ms))


@with_known_fields()
@dataclass(frozen=True, kw_only=True)
class PlaceFieldInput:
    """The input of a place-field trial: thousands of synapses that fire along a track (MODEL
    section 7).

    Simulation time begins with the set-up's settling and lead-in; `Result.track` has the start of
    the track. In a protocol every spine that releases is a pair of sections with the receptors
    generated from NeuroML, and each channel a mechanism of its own: a lap takes many times as long
    as the fast way of a `Trial`, and longer still without `dt_ms`. At a fixed step it gives the
    numbers of a trial with ``spines="folded", receptors="generated", channels="separate"``.

    Attributes
    ----------
    setup : str
        ``silent_cell`` (2018) or ``place_cell`` (2017).
    seed : int
        Of every random choice.
    excitation : bool
        Whether the excitatory inputs are active.
    n_excitatory, n_inhibitory : int, optional
        Numbers of driven synapses; the set-up's without them, as all that follows.
    excitatory_share, inhibitory_share : float, optional
        The same as shares, 0 to 1, of the cell's spines and of its inhibitory synapses.
    w_max : float, optional
        Largest AMPA weight, at the centre of the field.
    field_centre_fraction : float, optional
        Centre of the field as a fraction of the track.
    arrangement : str, optional
        ``random``, ``clustered`` or ``co_tuned``: which spine each excitatory input drives.
    theta_depth, theta_k : float, optional
        Depth and sharpness of the excitatory inputs' theta modulation, their mean rate kept.
    assignment_seed : int, optional
        Of driven synapses and their fields alone, in place of `seed`.
    inhibition_reduction : str
        ``none``, ``out_of_field``, ``in_field`` or ``whole_run``.
    events_file : path, optional
        CSV of synapses and event times to replay in place of a draw.
    events_are : str
        ``released`` or ``presynaptic``: what the events of the file are.
    weights_file : path, optional
        CSV of the AMPA weight of every excitatory synapse, in place of those by the field.
    """

    setup: str = "silent_cell"
    seed: int = 0
    excitation: bool = True
    n_excitatory: int | None = None
    n_inhibitory: int | None = None
    excitatory_share: float | None = None
    inhibitory_share: float | None = None
    w_max: float | None = None
    field_centre_fraction: float | None = None
    arrangement: str | None = None
    theta_depth: float | None = None
    theta_k: float | None = None
    assignment_seed: int | None = None
    inhibition_reduction: str = "none"
    events_file: str | Path | None = None
    events_are: str = "released"
    weights_file: str | Path | None = None

    def __post_init__(self):
        check_whole("seed", self.seed, 0, 2**32 - 1)
        if self.assignment_seed is not None:
            check_whole("assignment_seed", self.assignment_seed, 0, 2**32 - 1)
        for name in ("events_file", "weights_file"):
            if getattr(self, name) is not None:
                assign(self, **{name: str(getattr(self, name))})
        self._check_shares()
        self._check_effects()
        _ = self.changed_setup

    @property
    def changed_setup(self) -> Setup:
        """The published set-up with these changes, but for shares, which depend on the cell."""
        changes = {
            "n_excitatory": self.n_excitatory,
            "n_inhibitory": self.n_inhibitory,
            "w_max": self.w_max,
            "field_centre_fraction": self.field_centre_fraction,
            "arrangement": self.arrangement,
            "inhibition_reduction": self.inhibition_reduction,
        }
        changes = {name: value for name, value in changes.items() if value is not None}
        if not self.excitation:
            changes["n_excitatory"] = 0
        setup = load_setup(self.setup).changed(**changes)
        return setup.with_theta(self.theta_depth, self.theta_k)

    def setup_on(self, cell: Cell) -> Setup:
        """The published set-up with these changes on a cell: shares become whole numbers there."""
        places = cell.input_places()
        n_spines, n_inhibitory = len(places["spines"]), len(places["inhibitory"])
        share = self.excitatory_share if self.excitation else None
        numbers = {
            "n_excitatory": number_of(n_spines, share),
            "n_inhibitory": number_of(n_inhibitory, self.inhibitory_share),
        }
        changes = {name: number for name, number in numbers.items() if number is not None}
        setup = self.changed_setup.changed(**changes)
        if self.n_excitatory is None:
            check_fits(setup, n_spines)
        return setup

    def _check_shares(self) -> None:
        """Refuse shares beyond the whole, and a number and a share of the same synapses."""
        for kind in ("excitatory", "inhibitory"):
            share, number = getattr(self, f"{kind}_share"), getattr(self, f"n_{kind}")
            if share is None:
                continue
            check_number(f"{kind}_share", share, 0.0, 1.0)
            if number is not None:
                raise ModelError(
                    f"n_{kind} and {kind}_share: both say how many {kind} synapses are driven;"
                    " leave one of the two out."
                )

    def _check_effects(self) -> None:
        """Refuse what says nothing, of a draw where events are read, or of events without any."""
        if self.weights_file is not None and (self.w_max is not None or not self.excitation):
            name = "excitation" if self.w_max is None else "w_max"
            raise ModelError(
                f"{name} = {quoted(getattr(self, name))}: weights_file has the weights of the"
                " excitatory synapses; leave one of the two out."
            )
        if self.events_file is None:
            if self.events_are != "released":
                raise ModelError(
                    f"events_are = {quoted(self.events_are)}: it has no effect without events_file;"
                    " leave it out, or give both."
                )
            return
        drawn = (
            *("n_excitatory", "n_inhibitory", "excitatory_share", "inhibitory_share", "w_max"),
            *("arrangement", "theta_depth", "theta_k", "assignment_seed", "weights_file"),
        )
        given = [name for name in drawn if getattr(self, name) is not None]
        given += ["inhibition_reduction"] if self.inhibition_reduction != "none" else []
        for name in given:
            raise ModelError(
                f"{name} = {quoted(getattr(self, name))}: it has no effect on the inputs of"
                " events_file; leave one of the two out."
            )

    @property
    def begins_ms(self) -> float:
        """Time of its first event: the end of the settling."""
        return self.changed_setup.settling_ms

    def trains(self, cell: Cell, end_ms: float = np.inf) -> InputTrains:
        """Draw the input of a cell, until `end_ms`, or read it."""
        if self.events_file is None:
            drawn = draw_trial(
                self.setup_on(cell),
                seed=self.seed,
                morphology=cell.morphology,
                release_parameters=release_parameters(),
                end_ms=end_ms,
                assignment_seed=self.assignment_seed,
                **cell.input_places(),
            )
            if self.weights_file is None:
                return drawn
            weights = read_weights(self.weights_file, drawn.synapses)
            return replace(drawn, synapses=drawn.synapses.assign(ampa_weight=weights))
        inputs = replay(
            read_events(self.events_file, cell.morphology),
            events_are=self.events_are,
            seed=self.seed,
            release_parameters=release_parameters(),
        )
        return inputs if self.excitation else _inhibition_of(inputs)

    def driven(self, cell: Cell, end_ms: float = np.inf) -> DrivenSynapses:
        """The synapses that it drives on a cell: on spines only those that release by `end_ms`."""
        return _driven_by(self.trains(cell, end_ms), cell)

    def track(self, theta_phase_rad: float | None) -> Track:
        """The track of a run with it; the theta phase is that of its trains."""
        setup = self.changed_setup
        track = setup.track
        return Track(
            kind=track.kind,
            lap_ms=setup.track_ms,
            settling_ms=setup.settling_ms,
            lead_in_ms=setup.lead_in_ms,
            length_cm=track.length if track.kind == "circular" else None,
            centre_ms=float(track.track_time_ms(setup.field_centre)),
            width_ms=float(track.track_time_ms(track.field_width)),
            theta_period_ms=setup.theta_period_ms,
            theta_phase_rad=theta_phase_rad,
        )


def release_parameters() -> ReleaseParameters:
    """Parameters of the release model, read from its LEMS component."""
    values = component("release")
    return ReleaseParameters(
        tau_F_ms=values["tauF"],
        tau_D_ms=values["tauD"],
        p0=values["p0"],
        f_step=values["stepF"],
        d_factor=values["factorD"],
    )


def _inhibition_of(inputs: InputTrains) -> InputTrains:
    """The inputs without the excitatory synapses."""
    kept = np.flatnonzero((inputs.synapses["kind"] == "inh").to_numpy())
    return InputTrains(
        inputs.synapses.iloc[kept].reset_index(drop=True),
        [inputs.presynaptic_ms[row] for row in kept],
        [inputs.released_ms[row] for row in kept],
        inputs.theta_phase_rad,
    )


def _driven_by(inputs: InputTrains, cell: Cell) -> DrivenSynapses:
    synapses = inputs.synapses
    active = np.array([len(events) > 0 for events in inputs.released_ms], dtype=bool)
    excitatory = np.flatnonzero((synapses["kind"] == "exc").to_numpy() & active)
    all_spines, numbers = spines_of_places(cell.placement.spines, synapses.iloc[excitatory])
    spines = np.full(len(synapses), ON_BRANCH)
    spines[excitatory] = numbers
    trains = (inputs.presynaptic_ms, inputs.released_ms)
    driven = DrivenSynapses(synapses, spines, [], *trains, all_spines, inputs.theta_phase_rad)
    driven.weights.extend({} for _ in range(len(synapses)))
    for kind, rows in synapses.groupby("kind").indices.items():
        names = [receptor.name for receptor in receptors_of(kind)]
        weights = receptor_weights(cell, names, synapses.iloc[rows])
        for row, of_synapse in zip(rows.tolist(), weights, strict=True):
            driven.weights[row] = of_synapse
    return driven


def receptor_weights(
    cell: Cell, names: Sequence[str], synapses: pd.DataFrame
) -> list[dict[str, float]]:
    """Weights of synapses' receptors, in units of their components' gbase (model.md 7).

    The `synapses` have ``section`` (its index), ``x``, ``ampa_weight`` (of their input) and
    ``gmax_uS`` (of their first receptor).
    """
    columns = ("section", "x", "ampa_weight", "gmax_uS")
    sections, x, weight, gmax_uS = (synapses[name].to_numpy() for name in columns)
    by_receptor = {}
    for name in names:
        receptor = receptors()[name]
        scale = weight if receptor.weight == "input" else 1.0
        if receptor == first_receptor(receptor.kind):
            weights = scale * gmax_uS / component(name)["gbase"]
        else:
            weights = scale * cell.relative_gmax_at(name, sections, x)
        by_receptor[name] = weights.tolist()
    rows = zip(*by_receptor.values(), strict=True)
    return [dict(zip(by_receptor, row, strict=True)) for row in rows]


SynapticInput = SpineInput | ShaftInput | PlaceFieldInput
