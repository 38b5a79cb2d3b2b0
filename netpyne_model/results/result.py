"""What one run leaves behind."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import ModelError, quoted
from .membrane_currents import MembraneCurrents
from .segment_potentials import SegmentPotentials
from .track import Track

SYNAPSE_COLUMNS = ("synapse", "group", "section", "x", "kind", "ampa_weight", "gmax_uS")


@dataclass(frozen=True)
class Site:
    """A place on the cell where the voltage is recorded.

    Attributes
    ----------
    name : str
        What the site is called in the results (``soma``, ``proximal_trunk``).
    section : str
        Name of the section.
    x : float
        Relative position along the section, 0 to 1.
    path_distance_um : float
        Path distance from the soma.
    position_um : tuple of 3 float
        Place in the 3D layout.
    """

    name: str
    section: str
    x: float
    path_distance_um: float
    position_um: tuple[float, float, float]

    def __post_init__(self):
        object.__setattr__(self, "position_um", tuple(float(value) for value in self.position_um))

    @property
    def location(self) -> str:
        """Where the site is, in words: ``trunk_37 (1.0), 152.9 um from the soma``."""
        return f"{self.section} ({self.x}), {self.path_distance_um:.1f} um from the soma"


@dataclass(frozen=True)
class CurrentStep:
    """A current injected at one place for some time; a positive one depolarises.

    `site` is the name of a section, `x` the relative position on it.
    """

    site: str
    x: float
    start_ms: float
    stop_ms: float
    amplitude_nA: float


@dataclass(frozen=True)
class Recording:
    """A recorded variable other than a membrane potential.

    Attributes
    ----------
    variable : str
        ``nas.gbar``-like name: mechanism and variable, ``nas.i``, ``na.i``, ``NMDA.g``.
    unit : str
    site : Site or None
        None: summed over the whole cell.
    values : ndarray, shape (n,)
        At the sample times of the result.
    """

    variable: str
    unit: str
    site: Site | None
    values: np.ndarray

    @property
    def label(self) -> str:
        """What is recorded where: ``nas.i at trunk_37(0.5)``."""
        if self.site is None:
            return f"{self.variable}, sum over the cell"
        return f"{self.variable} at {self.site.section}({self.site.x:.3g})"


@dataclass(frozen=True)
class Trace:
    """One recording with its times, as figures take it.

    Attributes
    ----------
    time_ms, values : ndarray, shape (n,)
    unit, label : str
    """

    time_ms: np.ndarray
    values: np.ndarray
    unit: str
    label: str


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Result:
    """One run of a cell: of a protocol, or of a trial.

    Times are simulation time, which starts at 0, unless a name says track time.

    Attributes
    ----------
    configuration : dict
        What decides the run, as JSON can hold it.
    time_ms : ndarray, shape (n,)
        Simulation time of the samples, evenly spaced.
    voltage_mV : dict of str to ndarray, shape (n,)
        Membrane potential by site name.
    sites : dict of str to Site
        The sites, by the same names.
    spike_times_ms : ndarray
        Output spikes at the soma.
    stimulus : tuple of CurrentStep
        Injected currents; empty without any.
    synapses : DataFrame
        One row a driven synapse: ``synapse, group, section`` (index in the section table)``, x,
        kind, ampa_weight, gmax_uS``; optional ``region``, ``path_distance`` (um) and ``peak`` (of
        the spatial envelope, in the track's unit: ms of track time, or cm).
    presynaptic_ms, released_ms : list of ndarray
        Per row of `synapses`: times at which the input fires, and at which transmitter is released.
    recordings : dict of str to Recording
        Further recorded variables, by name.
    segments : SegmentPotentials or None
        Membrane potentials of all segments at a coarse step; None if they were not recorded.
    membrane_currents : MembraneCurrents or None
        All currents of the cell by type; None if they were not recorded.
    track : Track or None
        Of place-field input; None without any.
    provenance : dict
        See `provenance`.
    simulation_wall_s : float
        Wall time of the integration alone.
    """

    configuration: dict
    time_ms: np.ndarray
    voltage_mV: dict[str, np.ndarray]
    sites: dict[str, Site]
    spike_times_ms: np.ndarray
    stimulus: tuple[CurrentStep, ...]
    synapses: pd.DataFrame
    presynaptic_ms: list[np.ndarray]
    released_ms: list[np.ndarray]
    recordings: dict[str, Recording] = field(default_factory=dict)
    segments: SegmentPotentials | None = None
    membrane_currents: MembraneCurrents | None = None
    track: Track | None = None
    provenance: dict = field(default_factory=dict)
    simulation_wall_s: float = 0.0

    def __post_init__(self):
        n = len(self.time_ms)
        if set(self.voltage_mV) != set(self.sites):
            raise ValueError(
                f"voltages {sorted(self.voltage_mV)} and sites {sorted(self.sites)} differ in names"
            )
        if both := self.voltage_mV.keys() & self.recordings.keys():
            raise ValueError(f"{quoted(min(both))} names a voltage and another recording.")
        if n < 2 or any(np.shape(trace.values) != (n,) for trace in self.traces.values()):
            raise ValueError(f"every recording needs one value for each of the {n} > 1 samples.")
        n_synapses, n_presynaptic = len(self.synapses), len(self.presynaptic_ms)
        if not n_synapses == n_presynaptic == len(self.released_ms):
            raise ValueError(
                f"{n_synapses} synapses, {n_presynaptic} presynaptic trains and"
                f" {len(self.released_ms)} trains of releases; expected one of each a synapse."
            )

    @property
    def step_ms(self) -> float:
        """Interval between two samples."""
        return float(self.time_ms[-1] - self.time_ms[0]) / (len(self.time_ms) - 1)

    @property
    def track_time_ms(self) -> np.ndarray:
        """Track time of the samples, negative before the track."""
        return self._on_track(self.time_ms)

    @property
    def spike_track_times_ms(self) -> np.ndarray:
        """Track time of the output spikes, negative before the track."""
        return self._on_track(self.spike_times_ms)

    def _on_track(self, simulation_time_ms: np.ndarray) -> np.ndarray:
        if self.track is None:
            raise ModelError(
                "this run has no track; use time_ms and spike_times_ms, or add a PlaceFieldInput."
            )
        return self.track.track_time_ms(simulation_time_ms)

    def simulated(self, trains: list[np.ndarray]) -> list[np.ndarray]:
        """The part of each train in the simulated time: a run may be shorter than its input."""
        end_ms = self.time_ms[-1] + 0.5 * self.step_ms
        return [np.asarray(train)[np.asarray(train) <= end_ms] for train in trains]

    def __repr__(self) -> str:
        return (
            f"Result({self.time_ms[-1]:g} ms, recordings {', '.join(self.traces)}, "
            f"{len(self.spike_times_ms)} spikes)"
        )

    @property
    def traces(self) -> dict[str, Trace]:
        """Voltages and further recordings by name, as `figures.traces` takes them."""
        traces = {}
        for name, values in self.voltage_mV.items():
            label = Recording("v", "mV", self.sites[name], values).label
            traces[name] = Trace(self.time_ms, values, "mV", label)
        for name, one in self.recordings.items():
            traces[name] = Trace(self.time_ms, one.values, one.unit, one.label)
        return traces
