"""A trial prepared: its cell, inputs and recordings, worked out without a simulator."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..biophysics.density_rules import RunConditions
from ..cell.cell import Cell
from ..cell.worked_out import worked_out
from ..configuration import TrialConfig
from ..description import CellDescription
from ..errors import ModelError, quoted
from ..inputs import Setup
from ..morphology import Location, Morphology, standard_sites
from ..protocols import PlaceFieldInput, Stimulus, stimulus_of
from ..protocols.checks import RECEPTORS
from ..protocols.current_recording import SampleTimes, sample_times
from ..protocols.declaration import check_begins, check_clamps, checked_record
from ..protocols.driven import ON_BRANCH, DrivenSynapses, with_spines
from ..protocols.recording import place_of, recorded_spines, spine_of, split_text
from ..protocols.stimuli import driven_by, injected_currents
from ..results import CurrentStep
from ..specification import find_drug

_FIGURE_TEXTS_AND_TABLES, _TABLES = 600_000, 250_000  # bytes
# Of each event, presynaptic and released, as a file packs it; inputs fire at this part of their peak
# rate or more, averaged along a track.
_BYTES_OF_EVENT, _OF_PEAK = 6.5, 0.1
# Of all currents of a segment, a segment a section or more: ten of three bytes, packed.
_BYTES_OF_SEGMENT_CURRENTS = 15
_BYTES_OF_ROW = 40  # of a table of events, at the most


@dataclass(frozen=True)
class PreparedTrial:
    """A trial, ready to be built.

    Attributes
    ----------
    config : TrialConfig
    configuration : dict
        The configuration as it stands alone, with what files held when the trial was prepared.
    files : dict of str to str
        SHA-256 of the files that the configuration names, by their absolute path.
    cell : Cell
        Under the drugs of the configuration.
    description : CellDescription
        With spines silent, folded or sections of their own, as the configuration asks.
    stimuli : tuple of Stimulus
        The place-field input, then what the configuration adds.
    driven : DrivenSynapses
    targets : list of Location
        Of every driven synapse: a place on the branch, or the head of a driven spine that is a
        section.
    """

    config: TrialConfig
    configuration: dict[str, Any]
    files: dict[str, str]
    cell: Cell
    description: CellDescription
    stimuli: tuple[Stimulus, ...]
    driven: DrivenSynapses
    targets: list[Location]

    @property
    def setup(self) -> Setup:
        """The published set-up with the configuration's changes."""
        return _setup_of(self.stimuli)

    @property
    def morphology(self) -> Morphology:
        """Sections and their tree."""
        return self.cell.morphology

    @property
    def conditions(self) -> RunConditions:
        """Temperature, start voltage and spike threshold: the configuration's or the cell's."""
        own = self.cell.specification.biophysics.run
        changes = {name: getattr(self.config, name) for name in type(own).model_fields}
        changes = {name: value for name, value in changes.items() if value is not None}
        return own.model_copy(update=changes)

    @property
    def provenance(self) -> dict[str, Any]:
        """What a result says of it beside the package: cell, drugs with their dose, files."""
        drugs = {text: find_drug(text).provenance for text in self.config.drugs}
        return {"cell": self.cell.provenance, "drugs": drugs, "input_files": self.files}

    @property
    def duration_ms(self) -> float:
        """Simulated time, a whole number of recording steps."""
        return _duration_ms(self.config, self.setup)

    @property
    def membrane_times(self) -> SampleTimes | None:
        """When all currents are taken; None if they are not."""
        return sample_times(
            self.config.record_membrane_currents_ms,
            self.config.record_membrane_currents_from_ms,
            self.config.record_membrane_currents_to_ms,
            self.duration_ms,
        )

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

    @property
    def currents(self) -> tuple[CurrentStep, ...]:
        """What is injected: the DC, and the current clamps among the stimuli."""
        section, x, start_ms, amplitude_nA = self.dc
        end_ms = self.duration_ms
        dc = CurrentStep(section, x, min(start_ms, end_ms), end_ms, amplitude_nA)
        added = injected_currents(self.stimuli, self.cell, end_ms)
        return tuple([dc, *added] if amplitude_nA else added)


def prepare_trial(config: TrialConfig) -> PreparedTrial:
    """Work out the cell, the inputs and where they sit.

    Raises
    ------
    ModelError
        If the set-up, the events file, a stimulus or a recording does not hold.
    """
    alone, files = config.standing_alone(), config.file_contents()
    cell = worked_out(config.make_cell().with_drugs(*config.drugs))
    stimuli = stimuli_of(config)
    check_record(config, cell)
    # The last sample takes currents from the step that begins with it.
    end_ms = _duration_ms(config, _setup_of(stimuli)) + config.record_step_ms
    driven = driven_by(stimuli, cell, end_ms)
    _check_receptors(config, driven)
    recorded = recorded_spines(config.record, cell)
    description, targets = with_spines(cell, driven, config.spines, recorded)
    trial = PreparedTrial(config, alone, files, cell, description, stimuli, driven, targets)
    _ = trial.membrane_times  # its checks
    return trial


def _setup_of(stimuli: Sequence[Stimulus]) -> Setup:
    return next(one for one in stimuli if isinstance(one, PlaceFieldInput)).changed_setup


def _duration_ms(config: TrialConfig, setup: Setup) -> float:
    step_ms = config.record_step_ms
    duration_ms = setup.duration_ms if config.duration_ms is None else config.duration_ms
    return float(np.floor(duration_ms / step_ms + 1e-9) * step_ms)


def simulated_ms(config: TrialConfig) -> float:
    """How long a trial of a configuration is: its own duration, or the set-up's."""
    return _duration_ms(config, _setup_of(stimuli_of(config)))


def check_trial(config: TrialConfig) -> None:
    """Refuse stimuli and recordings that do not hold, without preparing the trial."""
    stimuli_of(config)
    check_record(config, config.make_cell())


def expected_bytes(
    config: TrialConfig, *, file_alone: bool = False, with_inputs: bool = True
) -> int:
    """About what a trial's results take at least: the folder with its figure, or the `file_alone`.

    `with_inputs` says whether they hold the input trains.
    """
    cell = config.make_cell()
    setup = _setup_of(stimuli_of(config))
    duration_ms = _duration_ms(config, setup)
    n_recordings = len(standard_sites(cell.morphology)) + len(config.record)
    rest = _TABLES if file_alone else _FIGURE_TEXTS_AND_TABLES
    n_bytes = rest + 8 * n_recordings * duration_ms / config.record_step_ms
    if config.record_segments_ms:
        # A segment a section or more, 16 bit each; packed they take half of that in results.nwb, as
        # much again in the report.
        n_bytes += 2 * len(cell.morphology) * duration_ms / config.record_segments_ms
    if config.record_membrane_currents_ms:
        until_ms = config.record_membrane_currents_to_ms or duration_ms
        span_ms = min(until_ms, duration_ms) - (config.record_membrane_currents_from_ms or 0.0)
        n_samples = max(span_ms, 0.0) / config.record_membrane_currents_ms
        n_bytes += _BYTES_OF_SEGMENT_CURRENTS * len(cell.morphology) * n_samples
    if with_inputs:
        n_bytes += 2 * _BYTES_OF_EVENT * _expected_events(config, setup, duration_ms)
    return round(n_bytes)


def _expected_events(config: TrialConfig, setup: Setup, duration_ms: float) -> float:
    """About how many events the inputs have at least."""
    if config.events_file is not None:
        packed = config.events_file.suffix == ".gz"
        size = config.events_file.stat().st_size if config.events_file.is_file() else 0
        return size / (_BYTES_OF_EVENT if packed else _BYTES_OF_ROW)
    peak_hz = (
        setup.n_excitatory * setup.excitation.peak_hz
        + setup.n_inhibitory * setup.inhibition.peak_hz
    )
    return 1e-3 * max(duration_ms - setup.settling_ms, 0.0) * _OF_PEAK * peak_hz


def stimuli_of(config: TrialConfig) -> tuple[Stimulus, ...]:
    """The place-field input of a configuration, then the stimuli beside it."""
    entries = {field.name: getattr(config, field.name) for field in fields(PlaceFieldInput)}
    place_field = PlaceFieldInput(**entries)
    stimuli = tuple(stimulus_of(declared) for declared in config.stimuli)
    if any(isinstance(one, PlaceFieldInput) for one in stimuli):
        raise ModelError(
            "stimuli: the trial has its place-field input already; change it by setup, seed,"
            " n_excitatory, ..."
        )
    check_clamps(stimuli)
    setup = place_field.changed_setup
    duration_ms = setup.duration_ms if config.duration_ms is None else config.duration_ms
    check_begins(stimuli, duration_ms)
    _check_dc(config, setup, duration_ms)
    return (place_field, *stimuli)


def _check_dc(config: TrialConfig, setup: Setup, duration_ms: float) -> None:
    """Refuse what says where or when of a DC that is not; one of 0 nA, as in a sweep, is one."""
    placed = ("dc_start_ms", "dc_section", "dc_x")
    given = [name for name in placed if getattr(config, name) is not None]
    if given and config.dc_nA is None and setup.dc_nA == 0:
        raise ModelError(
            f"{given[0]} = {quoted(getattr(config, given[0]))}: it has no effect without a DC; give"
            " dc_nA too, or leave it out."
        )
    if config.dc_start_ms is not None and config.dc_start_ms >= duration_ms:
        raise ModelError(
            f"dc_start_ms = {config.dc_start_ms:g}: the run ends at {duration_ms:g} ms; let the DC"
            " begin before, or leave it out."
        )


def check_record(config: TrialConfig, cell: Cell) -> None:
    """Refuse recordings that this trial cannot give, with the fields to set."""
    standard = standard_sites(cell.morphology)
    for name, text in checked_record(config.record).items():
        variable, place = split_text(text)
        taken = standard.get(name)
        if taken is not None and (variable != "v" or cell.locate(place) != taken):
            raise ModelError(
                f"record: {quoted(name)} is the voltage at {taken}, recorded in every trial; take"
                " another name."
            )
        if config.record_currents and name.startswith("i_"):
            raise ModelError(
                f"record: names with i_ are those of record_currents; call {quoted(name)} otherwise."
            )
        if spine_of(place) is not None and config.spines in ("solved", "none"):
            raise ModelError(
                f"recording {quoted(text)}: with spines={config.spines} no spine is a section; set"
                " spines=folded."
            )
        if variable == "v" and spine_of(place) is None:
            cell.locate(place)


def _check_receptors(config: TrialConfig, driven: DrivenSynapses) -> None:
    """Spines that are solved within their synapse have both receptors."""
    if config.spines != "solved":
        return
    spine_receptors = set(RECEPTORS["spine"])
    for number, weights in zip(driven.spines.tolist(), driven.weights, strict=True):
        if number != ON_BRANCH and set(weights) != spine_receptors:
            raise ModelError(
                f"SpineInput with {' and '.join(weights)} alone: spines solved within their"
                " synapse have both receptors; set spines=folded."
            )


def recording_sites(trial: PreparedTrial) -> dict[str, Location]:
    """Name -> place of the voltage recordings: the cell's standard sites and the trial's."""
    sites = standard_sites(trial.morphology)
    for name, text in trial.config.record.items():
        variable, place = split_text(text)
        if variable == "v":
            sites[name] = place_of(place, trial.cell)
    return sites


def further_recordings(trial: PreparedTrial) -> dict[str, str]:
    """Name -> text of what is recorded beside voltages."""
    return {name: text for name, text in trial.config.record.items() if split_text(text)[0] != "v"}
