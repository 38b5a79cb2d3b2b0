"""What the errors of measures and figures advise is done, as it stands, and works."""

import dataclasses

import numpy as np
import pytest
from drawn_trials import make_trial
from following import advised, advised_number, told

from netpyne_model import Cell, Protocol
from netpyne_model.analysis import comparison, excitability, intrinsic
from netpyne_model.analysis.divided_flows import paths_to
from netpyne_model.analysis.input_arrangement import arrangement_statistics
from netpyne_model.analysis.measures import MEASURES, add_measure
from netpyne_model.analysis.paired_potentials import paired_gain
from netpyne_model.analysis.place_field import field_rates, find_place_field
from netpyne_model.analysis.precession import theta_phase_deg
from netpyne_model.analysis.results_folder import load, save
from netpyne_model.analysis.synaptic_currents import excitation_to_inhibition
from netpyne_model.analysis.trials import pair_correlations, reliability, threshold_crossings
from netpyne_model.analysis.tuning_of_laps import common_tuning
from netpyne_model.results import SegmentPotentials, Track

MS = np.arange(0.0, 700.0, 0.1)
REST = np.full(len(MS), -65.0)
RATES = np.arange(12.0).reshape(3, 4) + 1
MAP = np.arange(0.0, 100.0, 2.0)
FIELD = {"centre": 50.0, "width": 40.0, "track_length": 100.0}


def a_field(position):
    """The place field of one bump of rate in the middle."""
    return find_place_field(position, np.exp(-(((position - 50) / 10) ** 2)), track_length=100.0)


def gain(samples):
    return paired_gain(MS, REST, REST - 1, spikes_ms=np.array([]), samples=samples)


def ratio(currents, **receptors):
    inside = np.arange(10) < 5
    return excitation_to_inhibition(currents, inside, **receptors)


POTENTIALS = SegmentPotentials(
    step_ms=1.0, sections=("soma_0",), x=np.array([0.5]), counts=np.zeros((3, 1), np.int16)
)
TRACK_ALONE = Track(kind="time", lap_ms=100.0, settling_ms=0.0, lead_in_ms=0.0)
SYNAPSES = make_trial().synapses


ANALYSIS = {
    "a resistance without a current": (
        lambda: intrinsic.step_response(MS, REST, 100.0, 600.0, 0.0),
        "amplitude_nA = 0: expected a current to measure the resistance with; give that of the step.",
        lambda line: intrinsic.step_response(MS, REST, 100.0, 600.0, 0.1),
    ),
    "a trace that begins with its step": (
        lambda: intrinsic.step_response(MS, REST, 0.0, 600.0, 0.1),
        "the trace (0 to 699.9 ms) has nothing before the step, -10 to -2e-06 ms; give a trace that"
        " covers it.",
        lambda line: intrinsic.step_response(MS - 10, REST, 0.0, 600.0, 0.1),
    ),
    "a trace that ends with its spike": (
        lambda: excitability.after_hyperpolarisation(MS[:60], -MS[:60], 5.0, window_ms=(2, 9)),
        "the trace ends at 5.9 ms, before the after-hyperpolarisation: it is looked for from",
        lambda line: excitability.after_hyperpolarisation(
            MS[: round(10 * advised_number(line, r"from ([\d.]+) ms on")) + 1],
            -MS[: round(10 * advised_number(line, r"from ([\d.]+) ms on")) + 1],
            5.0,
            window_ms=(2, 9),
        ),
    ),
    "a share of samples of another run": (
        lambda: gain(np.ones(5, bool)),
        "samples have shape (5,): expected (7000,), one a sample of time_ms.",
        lambda line: gain(np.ones(int(advised(line, r"expected \((\d+),\)")), bool)),
    ),
    "a lap of one point": (
        lambda: field_rates([50.0], MAP[:1], seconds_per_unit=1e-3, **FIELD),
        "position has 1 points: expected two or more, from a run on the track.",
        lambda line: field_rates([50.0], MAP, seconds_per_unit=1e-3, **FIELD),
    ),
    "a map that is not sorted": (
        lambda: a_field(MAP[::-1]),
        "position of 50 points: expected two or more, ascending; sort the map.",
        lambda line: a_field(np.sort(MAP[::-1])),
    ),
    "a circle whose end is its beginning": (
        lambda: a_field(np.append(MAP, 100.0)),
        "position covers 100 of a circular track of 100; leave out the repeated end point.",
        lambda line: a_field(np.append(MAP, 100.0)[:-1]),
    ),
    "theta without a period": (
        lambda: theta_phase_deg(MS, period_ms=0.0, phase_rad=0.0),
        "period_ms = 0: expected a positive period, such as 150 ms.",
        lambda line: theta_phase_deg(
            MS, period_ms=advised_number(line, r"such as (\d+) ms"), phase_rad=0.0
        ),
    ),
    "currents of a receptor that was not there": (
        lambda: ratio(dict.fromkeys(("AMPA", "NMDA", "GABA_A"), MS[:10] - 1), excitatory=["AMAP"]),
        "no current of receptor 'AMAP' was recorded. Did you mean 'AMPA'?",
        lambda line: ratio(
            dict.fromkeys(("AMPA", "NMDA", "GABA_A"), MS[:10] - 1),
            excitatory=[advised(line, "mean '(.*)'")],
            inhibitory=["GABA_A"],
        ),
    ),
    "curves of one trial": (
        lambda: pair_correlations(RATES[0]),
        "curves have shape (4,): expected (trials, bins); stack the trials' curves.",
        lambda line: pair_correlations(np.stack([RATES[0], RATES[1]])),
    ),
    "rates of one trial": (
        lambda: reliability(RATES[0]),
        "rates_hz has shape (4,): expected (trials, bins); stack the trials' rates.",
        lambda line: reliability(np.stack([RATES[0], RATES[1]])),
    ),
    "laps of one bin": (
        lambda: common_tuning(RATES[:, :1]),
        "curves have shape (3, 1): expected (laps, bins), two or more of each, no NaN, and one rotation"
        " or more; stack the curves of whole laps.",
        lambda line: common_tuning(np.stack(list(RATES))),
    ),
    "a hysteresis below 0": (
        lambda: threshold_crossings(MS, REST, level_mV=-60, hysteresis_mV=-2),
        "hysteresis_mV = -2: expected 0 or more; lower the level instead.",
        lambda line: threshold_crossings(MS, REST, level_mV=-62, hysteresis_mV=0),
    ),
    "one result to compare": (
        lambda: comparison.measure_differences({"a": make_trial()}),
        "results: found 1; expected at least two to compare, by their names.",
        lambda line: comparison.measure_differences({"a": make_trial(), "b": make_trial()}),
    ),
    "a measure twice": (
        lambda: add_measure(next(iter(MEASURES.values()))),
        "is in the list already; give it another name.",
        lambda line: _renamed_measure(),
    ),
    "a place of two pieces": (
        lambda: paths_to(np.array([-1, 0, 0]), np.array([False, True, True])),
        "a place of 2 pieces: expected segments that are joined to each other; take one section, or one"
        " of its segments.",
        lambda line: paths_to(np.array([-1, 0, 0]), np.array([False, True, False])),
    ),
    "a potential where no section is": (
        lambda: POTENTIALS.at("soma_1", 0.5, 1.0),
        "place soma_1(0.5): expected a section of the cell, such as soma_0, and x from 0 to 1.",
        lambda line: POTENTIALS.at(advised(line, r"such as (\w+)"), 0.5, 1.0),
    ),
    "a potential after the run": (
        lambda: POTENTIALS.at("soma_0", 0.5, 3.0),
        "time_ms = 3: expected a time of the run, 0 to 2 ms.",
        lambda line: POTENTIALS.at("soma_0", 0.5, advised_number(line, r"to (\d+) ms")),
    ),
    "a track without a field": (
        lambda: TRACK_ALONE.inside(np.array([1.0])),
        "the track of this run has no place field; ask `has_field` first.",
        lambda line: TRACK_ALONE.has_field or make_trial().track.inside(np.array([1.0])),
    ),
    "inputs that were not drawn": (
        lambda: arrangement_statistics(SYNAPSES.assign(peak=np.nan), centre=1000.0, width=500.0),
        "arrangement of 0 excitatory inputs with a field: expected two or more; take a trial whose"
        " inputs were drawn.",
        lambda line: arrangement_statistics(SYNAPSES, centre=1000.0, width=500.0),
    ),
}


def _renamed_measure():
    one = next(iter(MEASURES.values()))
    try:
        add_measure(dataclasses.replace(one, name="spikes_again"))
    finally:
        MEASURES.pop("spikes_again", None)


@pytest.mark.parametrize("case", ANALYSIS)
def test_measures(case):
    refused, line, as_told = ANALYSIS[case]
    as_told(told(refused, line))


def test_what_is_saved_is_a_result(tmp_path):
    rest = Protocol(duration_ms=1.0)
    line = told(lambda: save(rest, tmp_path / "a"), "such as Protocol(...).run(cell).")
    assert "expected what a run gives" in line
    save(rest.run(Cell.simple()), tmp_path / "a")
    assert load(tmp_path / "a").time_ms[-1] == pytest.approx(1.0)
