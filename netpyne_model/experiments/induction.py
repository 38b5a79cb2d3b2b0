"""Can an induction make the field? Plateaus on successive laps, a published rule, and this cell.

Milstein et al. (2021, eLife 10:e73046) evoked plateaus (0.7 nA into the soma for 300 ms) at one place
of a circular track on five laps in a row: silent cells got a place field there, and fields moved.
Here the weights follow their rule (model.md 10) from the spikes of this model's inputs, lap after
lap; the cell runs a lap before and a lap after with the same spikes.

An animal is an assignment seed, which says its synapses; the spikes of each lap have seeds of their
own. It starts with all weights 1. The
published rule asks when the plateau is, not what the cell does: weights need no simulated lap, and a
drug cannot change them. What it may change are the field that the weights make, which the laps
before and after say, and the plateau itself, of which one lap with the current says how far the cell
goes. Rows of kind ``rule`` say what the weights are with other numbers in the rule, without a cell.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..analysis.on_track import TrialOnTrack
from ..analysis.place_field import spatial_information
from ..analysis.ramp_change import BINS, baseline, change
from ..analysis.trials import bin_along
from ..cell.cell import Cell
from ..cell.worked_out import worked_out
from ..configuration import load_configuration
from ..figures.induction import induction_figure
from ..inputs import write_weights
from ..inputs.rates import envelope
from ..inputs.setups import Setup
from ..plain_values import plain
from ..plasticity import SOURCE, PlasticityRule, fitted_sem, load_rule, plateau_protocol
from ..protocols import CurrentClamp, PlaceFieldInput
from ..protocols.induction import Animal, Induction
from ..results import Result
from ..simulation import run_trial
from .experiment import Experiment, cell_with_drugs
from .induction_verdicts import (
    ANIMAL,
    BLOCKED,
    CONTROL,
    MOVED_CM,
    PLATEAU_SITES,
    RULE,
    judge,
    moved,
    new,
)
from .outcome import Outcome, Row
from .search import Search

SEEDS = tuple(range(8))
DRUGS = {CONTROL: (), BLOCKED: ("INaP",)}
FIRST_CM = 46.75
"""Where the first plateau begins: a quarter of the track."""
PROBE_LAP = 100
LAPS = 5
DRIVEN_AFTER = (1, 3, 5, 10)  # plateaus, of which the weights are looked at
MOVES: dict[str, tuple[float, ...]] = {CONTROL: MOVED_CM, BLOCKED: ()}
PROBED = {CONTROL: ("before", new(LAPS), *map(moved, MOVED_CM)), BLOCKED: (new(LAPS),)}
"""States in which a lap is run."""
FIELD: dict[str, Any] = {"setup": "silent_cell", "w_max": 1.0}
TRIAL: dict[str, Any] = {
    "setup": "silent_cell",
    "dc_nA": 0.0,
    "integration": "second_order",
    "dt_ms": 0.1,
}
BEFORE_PLATEAU_MS = 300.0
TUFT = "tuft@400"
HEIGHTS = (0.5, 0.75, 0.9, 1.1)


def conditions(reference: Path | None) -> list[Search]:
    """Every animal with and without the persistent current; the rule with other numbers."""
    animals = [
        Search(
            {"kind": ANIMAL, "preparation": name, "seed": seed, "drugs": list(drugs)},
            cell_with_drugs(),
            search_animal,
        )
        for name, drugs in DRUGS.items()
        for seed in SEEDS
    ]
    rules = [
        Search({"kind": RULE, "seed": SEEDS[0], **one}, cell_with_drugs(), search_rule)
        for one in variants()
    ]
    return [*animals, *rules]


def variants() -> list[dict[str, Any]]:
    """The rule as fitted, and with one thing otherwise: its labels."""
    fitted = load_rule().model_dump()
    usual = {"variant": "fitted", "rule": "fitted", "height": 1.0, "spikes": "presynaptic"}
    chosen: list[dict[str, Any]] = [
        usual,
        usual | {"variant": "single_spike", "rule": "single_spike"},
    ]
    for name, sem in fitted_sem().items():
        for sign, way in ((-1, "less"), (1, "more")):
            value = fitted[name] + sign * sem
            chosen.append(usual | {"variant": f"{name} {way}", "number": name, "value": value})
    chosen.append(usual | {"variant": "released spikes", "spikes": "released"})
    chosen += [usual | {"variant": f"plateau x {one:g}", "height": one} for one in HEIGHTS]
    return chosen


# -- an animal


def search_animal(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """Laps of an animal before and after inductions, and one with the plateau's current."""
    animal, preparation = _animal(cell, labels), labels["preparation"]
    run = {"assignment_seed": labels["seed"], "drugs": list(labels["drugs"])}
    weights = induced_weights(animal, labels["seed"], DRIVEN_AFTER, MOVES[preparation])
    probe = lap_seed(labels["seed"], PROBE_LAP)
    row: Row = dict(labels) | drive_row(animal, weights)
    traces: dict[str, Any] = {}
    laps = {}
    for state in PROBED[preparation]:
        laps[state] = TrialOnTrack(run_lap(animal, weights[state], seed=probe, **run))
        row |= {f"{state}_{name}": value for name, value in spikes_row(laps[state]).items()}
        traces |= curves(laps[state], state, weights_along(animal, weights[state]))
    for state in laps:
        if _before(state) in laps:
            row |= changes_row(state, laps)
    row |= plateau_row(animal, run | {"seed": lap_seed(labels["seed"], 1)})
    return Outcome(row, traces)


def lap_seed(animal: int, lap: int) -> int:
    """Seed of the spikes of a lap: no two laps of any animals share theirs."""
    return 1000 * (animal + 1) + lap


def induced_weights(
    animal: Animal,
    number: int,
    driven_after: Sequence[int],
    moves: Sequence[float],
    **induction: Any,
) -> dict[str, np.ndarray]:
    """Weights by what was done: ``before``, ``new_N`` after N plateaus, ``moved_D`` D cm further on."""
    laps = [lap_seed(number, lap) for lap in range(1, max(driven_after) + 1)]
    first = Induction(position=FIRST_CM, laps=laps, **induction)
    after = first.weights(animal)
    weights = {"before": np.ones(after.shape[1])}
    weights |= {new(n): after[n - 1] for n in driven_after}
    again = [lap_seed(number, lap) for lap in range(LAPS + 1, 2 * LAPS + 1)]
    for distance_cm in moves:
        second = Induction(position=FIRST_CM + distance_cm, laps=again, **induction)
        weights[moved(distance_cm)] = second.weights(animal, weights[new(LAPS)])[-1]
    return weights


def run_lap(animal: Animal, weights: np.ndarray, **fields: Any) -> Result:
    """A lap with these weights; on the same lap an animal has the same spikes, whatever they are."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.csv"
        write_weights(file, animal.synapses, weights)
        return run_trial(load_configuration(None, TRIAL, {"weights_file": str(file)}, fields))


def spikes_row(lap: TrialOnTrack) -> Row:
    """What a lap fires."""
    ramp_mV = _ramp(lap)
    return {
        "ramp_mV": float(ramp_mV.max() - baseline(ramp_mV)),
        "n_spikes": len(lap.spikes_ms),
        "peak_Hz": float(lap.rate_map[1].max()),
        "information_bits": _information(lap),
    }


def _information(lap: TrialOnTrack) -> float:
    return spatial_information(lap.rate_map[1]) if len(lap.spikes_ms) else float("nan")


def changes_row(state: str, laps: Mapping[str, TrialOnTrack]) -> Row:
    """How the ramp of a lap differs from that before its induction."""
    setup = _setup()
    before, after = (_ramp(laps[one]) for one in (_before(state), state))
    return _named(state, setup, before, after, unit="_mV")


def _before(state: str) -> str:
    """The state that an induction began with; nothing of the first one."""
    if state == "before":
        return ""
    return new(LAPS) if state.startswith("moved") else "before"


def _named(state: str, setup: Setup, before: np.ndarray, after: np.ndarray, unit: str) -> Row:
    measured = change(
        _middles(setup), before, after, onset=onset_cm(state), track_length=setup.track.length
    )._asdict()
    in_curve_unit = ("amplitude", "gain", "loss")
    return {
        f"{state}_{name}{unit if name in in_curve_unit else '_cm'}": value
        for name, value in measured.items()
    }


def onset_cm(state: str) -> float:
    """Where the plateaus that lead to a state begin."""
    moves = {moved(distance_cm): distance_cm for distance_cm in MOVED_CM}
    return FIRST_CM + moves.get(state, 0.0)


def plateau_row(animal: Animal, run: Mapping[str, Any]) -> Row:
    """How far the current of a plateau takes the cell on its first lap, all weights 1.

    Mean potential while it flows, less that of the 300 ms before.
    """
    plateau, setup = plateau_protocol(), animal.setup
    begin_ms = setup.track_start_ms + setup.track.track_time_ms(FIRST_CM)
    end_ms = begin_ms + plateau.duration_ms
    current = CurrentClamp(amplitude_nA=plateau.amplitude_nA, start_ms=begin_ms, stop_ms=end_ms)
    fields = {"duration_ms": end_ms, "stimuli": [plain(current)], "record": {"tuft": TUFT}}
    result = run_lap(animal, np.ones(len(animal.synapses)), **fields, **run)
    during = result.time_ms >= begin_ms
    before = (result.time_ms >= begin_ms - BEFORE_PLATEAU_MS) & ~during
    row: Row = {"plateau_n_spikes": int((result.spike_times_ms >= begin_ms).sum())}
    for site in PLATEAU_SITES:
        v_mV = result.voltage_mV[site]
        row[f"plateau_{site}_mV"] = float(v_mV[during].mean() - v_mV[before].mean())
    return row


# -- weights alone


def search_rule(cell: Cell, labels: Mapping[str, Any]) -> Outcome:
    """What the weights of an animal are under a rule; no cell is run."""
    animal = _animal(cell, labels)
    rule: PlasticityRule = load_rule(labels["rule"])
    if labels.get("number"):
        rule = rule.changed(**{labels["number"]: labels["value"]})
    weights = induced_weights(
        animal, labels["seed"], (1, LAPS), MOVED_CM,
        rule=rule, plateau_height=labels["height"], spikes_are=labels["spikes"],
    )  # fmt: skip
    return Outcome(dict(labels) | drive_row(animal, weights))


def _animal(cell: Cell, labels: Mapping[str, Any]) -> Animal:
    return Animal(worked_out(cell), PlaceFieldInput(**FIELD, seed=labels["seed"]))


def drive_row(animal: Animal, weights: Mapping[str, np.ndarray]) -> Row:
    """How the drive along the track changes: excitatory rates times weights, 1 with all weights 1."""
    setup = animal.setup
    drives = {state: _drive(animal, one) for state, one in weights.items()}
    row: Row = {}
    for state, drive in drives.items():
        if state == "before":
            continue
        named = _named(state, setup, drives[_before(state)], drive, unit="")
        row |= {f"drive_{name}": value for name, value in named.items()}
    return row


def _drive(animal: Animal, weights: np.ndarray) -> np.ndarray:
    setup, peaks = animal.setup, animal.synapses["peak"].to_numpy(dtype=float)
    s_ms = setup.track.track_time_ms(1.0) * _middles(setup)
    rates = np.array([envelope(setup, setup.track.distance(s_ms, peak)) for peak in peaks])
    return weights @ rates / rates.sum(axis=0)


def weights_along(animal: Animal, weights: np.ndarray) -> np.ndarray:
    """Mean weight by bin of the peaks of the inputs."""
    peaks = animal.synapses["peak"].to_numpy(dtype=float)
    return bin_along(peaks, weights, _edges(animal.setup))


# -- curves along the track


def curves(lap: TrialOnTrack, state: str, weights: np.ndarray) -> dict[str, Any]:
    """Ramp, rate and weight along the track, as traces in track time."""
    setup = _setup()
    time_ms, ramp_mV = setup.track.track_time_ms(1.0) * _middles(setup), _ramp(lap)
    rate_Hz = np.interp(time_ms, *lap.rate_map, period=setup.track_ms)
    return {
        f"ramp_{state}": (time_ms, ramp_mV, "mV", f"ramp, {state}"),
        f"rate_{state}": (time_ms, rate_Hz, "Hz", f"rate, {state}"),
        f"weight_{state}": (time_ms, weights, "1", f"weight by the input's peak, {state}"),
    }


def _ramp(lap: TrialOnTrack) -> np.ndarray:
    return bin_along(lap.track.position(lap.time_ms), lap.ramp_mV, _edges(_setup()))


def _setup() -> Setup:
    return PlaceFieldInput(**FIELD).changed_setup


def _edges(setup: Setup) -> np.ndarray:
    return np.linspace(0.0, setup.track.length, BINS + 1)


def _middles(setup: Setup) -> np.ndarray:
    edges = _edges(setup)
    return 0.5 * (edges[1:] + edges[:-1])


def _figure(table: pd.DataFrame, outcomes: Any) -> Any:
    places = {state: onset_cm(state) for state in (new(LAPS), *map(moved, MOVED_CM))}
    track_cm = _setup().track.length
    return induction_figure(table, outcomes, judge(table), places, track_cm=track_cm)


EXPERIMENT = Experiment(
    name="induction",
    title="A lap before and after plateaus that change the weights by a published rule",
    source=SOURCE,
    conditions=conditions,
    figure=_figure,
    judge=judge,
)
