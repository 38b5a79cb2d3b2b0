"""Everything that decides a run of the full model, worked out without a simulator."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..biophysics.density_rules import RunConditions
from ..cell.cell import Cell
from ..configuration import TrialConfig
from ..description import CellDescription, add_spines, fold_spines
from ..inputs import (
    InputTrains,
    ReleaseParameters,
    Setup,
    draw_trial,
    load_setup,
    read_events,
    replay,
)
from ..morphology import Location, Morphology, locate, standard_sites
from ..neuroml2.components import component
from ..placement import SpineGeometry

# A synapse of an events file sits on a spine of the placement if their positions agree to this.
_SAME_PLACE = 1e-6


@dataclass(frozen=True)
class Trial:
    """A run of the full model, ready to be built.

    Attributes
    ----------
    config : TrialConfig
    setup : Setup
        The published set-up with the configuration's changes.
    model : Cell
        The cell under the drugs of the configuration.
    cell : CellDescription
        With spines folded and driven spines as sections, as the configuration asks.
    inputs : InputTrains
    targets : list of (str, float)
        Section and x of every row of ``inputs.synapses``: a place on the branch, or the head of a driven spine that is a
        section. A spine whose synapse releases nothing in the whole trial is not driven.
    spine_leak_S_per_cm2 : dict of str to float
        Leak of a spine by the section that it sits on: the section's own, in its last segment.
    """

    config: TrialConfig
    setup: Setup
    model: Cell
    cell: CellDescription
    inputs: InputTrains
    targets: list[tuple[str, float]]
    spine_leak_S_per_cm2: dict[str, float]

    @property
    def morphology(self) -> Morphology:
        """Sections and their tree."""
        return self.model.morphology

    @property
    def conditions(self) -> RunConditions:
        """Temperature, start voltage and spike threshold: the configuration's, or the cell's own."""
        own = self.model.specification.biophysics.run
        given = {name: getattr(self.config, name) for name in type(own).model_fields}
        return own.model_copy(
            update={name: value for name, value in given.items() if value is not None}
        )

    @property
    def duration_ms(self) -> float:
        """Simulated time, a whole number of recording steps."""
        step = self.config.record_step_ms
        wanted = (
            self.setup.duration_ms if self.config.duration_ms is None else self.config.duration_ms
        )
        return float(np.floor(wanted / step + 1e-9) * step)

    @property
    def dc(self) -> tuple[str, float, float, float]:
        """Section, x, start (ms) and amplitude (nA) of the DC."""
        config, setup = self.config, self.setup
        return (
            setup.dc_site.section if config.dc_section is None else config.dc_section,
            setup.dc_site.x if config.dc_x is None else config.dc_x,
            setup.dc_start_ms if config.dc_start_ms is None else config.dc_start_ms,
            setup.dc_nA if config.dc_nA is None else config.dc_nA,
        )


def prepare_trial(config: TrialConfig) -> Trial:
    """Work out the cell, the inputs and where they sit.

    Parameters
    ----------
    config : TrialConfig
        Of the full model.

    Raises
    ------
    ModelError
        If the set-up, the events file or a site does not hold.
    """
    model = Cell.from_file(config.cell_file).with_parameters(config.parameters)
    model = model.with_drugs(*config.drugs)
    setup = _setup(config)
    inputs = _active(_inputs(config, setup, model), config)
    bare = model.describe("none")
    cell, targets = _with_spines(bare, config.spines, model, inputs)
    leak_S_per_cm2 = {
        name: float(section.leak_S_per_cm2[-1]) for name, section in bare.sections.items()
    }
    return Trial(config, setup, model, cell, inputs, targets, leak_S_per_cm2)


def _setup(config: TrialConfig) -> Setup:
    setup = load_setup(config.setup)
    fields = (
        "n_excitatory",
        "n_inhibitory",
        "w_max",
        "field_centre_fraction",
        "inhibition_reduction",
    )
    wanted = {name: value for name in fields if (value := getattr(config, name)) is not None}
    if not config.excitation:
        wanted["n_excitatory"] = 0
    return setup.changed(**wanted)


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


def _inputs(config: TrialConfig, setup: Setup, model: Cell) -> InputTrains:
    if config.events_file is not None:
        events = read_events(config.events_file, model.morphology)
        return replay(
            events,
            events_are=config.events_are,
            seed=config.seed,
            release_parameters=release_parameters(),
        )
    return draw_trial(
        setup,
        seed=config.seed,
        morphology=model.morphology,
        release_parameters=release_parameters(),
        **model.input_places(),
    )


def _active(inputs: InputTrains, config: TrialConfig) -> InputTrains:
    """Drop the excitatory synapses if the configuration asks for none."""
    if config.excitation:
        return inputs
    kept = np.flatnonzero((inputs.synapses["kind"] == "inh").to_numpy())
    return InputTrains(
        inputs.synapses.iloc[kept].reset_index(drop=True),
        [inputs.presynaptic_ms[row] for row in kept],
        [inputs.released_ms[row] for row in kept],
        inputs.theta_phase_rad,
    )


def _with_spines(
    bare: CellDescription, mode: str, model: Cell, inputs: InputTrains
) -> tuple[CellDescription, list[tuple[str, float]]]:
    """Add the spines; return the cell and the target of every synapse."""
    synapses, morphology, spines = inputs.synapses, model.morphology, model.placement.spines
    targets = [
        (morphology.section(int(section)).name, float(x))
        for section, x in zip(synapses["section"], synapses["x"], strict=True)
    ]
    if mode == "none":
        return bare, targets
    geometry: SpineGeometry = model.specification.placement.spine_geometry
    active = np.array([len(events) > 0 for events in inputs.released_ms], dtype=bool)
    excitatory = np.flatnonzero((synapses["kind"] == "exc").to_numpy() & active)
    all_spines, labels = _spines_of(spines, synapses.iloc[excitatory])
    if mode == "solved":
        return fold_spines(bare, morphology, all_spines, geometry), targets
    for row, label in zip(excitatory, labels, strict=True):
        targets[row] = (f"head_{label}", 0.5)
    explicit = set(all_spines.index) if mode == "explicit" else set(labels.tolist())
    folded = fold_spines(bare, morphology, all_spines.drop(index=sorted(explicit)), geometry)
    return add_spines(folded, bare, morphology, all_spines, geometry, explicit), targets


def _spines_of(spines: pd.DataFrame, synapses: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Find the spine of every excitatory synapse; a synapse away from all spines gets one of its own.

    Returns
    -------
    spines : DataFrame
        The placement, and below it the added spines.
    labels : ndarray of int
        Index label of the spine of each synapse.
    """
    if not len(spines):
        places = synapses[["section", "x"]].drop_duplicates(ignore_index=True)
        found = {(section, x): label for label, section, x in places.itertuples()}
        labels = [found[tuple(row)] for row in synapses[["section", "x"]].itertuples(index=False)]
        return places, np.array(labels, dtype=int)
    order = np.lexsort((spines["x"], spines["section"]))
    # Section and position in one ascending key: x never exceeds 1, so sections do not mix.
    keys = (2.0 * spines["section"] + spines["x"]).to_numpy()[order]
    wanted = (2.0 * synapses["section"] + synapses["x"]).to_numpy()
    right = np.clip(np.searchsorted(keys, wanted), 1, len(keys) - 1)
    nearest = np.where(wanted - keys[right - 1] < keys[right] - wanted, right - 1, right)
    labels = spines.index.to_numpy()[order][nearest]
    missing = np.abs(keys[nearest] - wanted) > _SAME_PLACE
    if missing.any():
        places = synapses.loc[missing, ["section", "x"]].drop_duplicates()
        places.index = spines.index.max() + 1 + np.arange(len(places))
        spines = pd.concat([spines, places])
        found = {(section, x): label for label, section, x in places.itertuples()}
        rows = synapses.loc[missing, ["section", "x"]].itertuples(index=False)
        labels[missing] = [found[tuple(row)] for row in rows]
    return spines, labels


def recording_sites(trial: Trial) -> dict[str, Location]:
    """Name -> place of the voltage recordings: the configuration's, or the standard sites of the cell."""
    wanted = trial.config.record_sites
    if wanted is None:
        return standard_sites(trial.morphology)
    return {name: locate(trial.morphology, place) for name, place in wanted.items()}
