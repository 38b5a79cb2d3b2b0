"""Inductions: how a curve changes, weights lap by lap, what the experiment runs and how it judges."""

import json

import numpy as np
import pandas as pd
import pytest

from netpyne_model import PlaceFieldInput
from netpyne_model.analysis.ramp_change import BINS, baseline, change
from netpyne_model.cell.cell import Cell
from netpyne_model.errors import ModelError
from netpyne_model.experiments import EXPERIMENTS, induction
from netpyne_model.experiments.induction_verdicts import CONTROL, FIVE, animals, judge, mean_of
from netpyne_model.experiments.outcome import Outcome
from netpyne_model.experiments.verdict import Banded, same_number
from netpyne_model.plasticity import (
    RULES,
    STEP_MS,
    PlateauPulse,
    instructive_peak,
    load_rule,
    reported,
    weights_after,
)
from netpyne_model.protocols.induction import Animal, Induction, eligibility_peak

TRACK_CM = 187.0
POSITION = (np.arange(BINS) + 0.5) * TRACK_CM / BINS
WIDE = {"setup": "silent_cell", "w_max": 1.0, "n_excitatory": 120, "seed": 2}


@pytest.fixture(scope="module")
def animal():
    return Animal(Cell(), PlaceFieldInput(**WIDE))


# -- how a curve changes ----------------------------------------------------------------------------------------------


def bump(centre: float, height: float, sigma: float = 10.0) -> np.ndarray:
    distance = (POSITION - centre + TRACK_CM / 2) % TRACK_CM - TRACK_CM / 2
    return height * np.exp(-0.5 * (distance / sigma) ** 2)


def test_a_field_that_moves_gains_at_one_place_and_loses_at_the_other():
    before, after = -60 + bump(40, 5), -60 + bump(100, 8)
    moved = change(POSITION, before, after, onset=105, track_length=TRACK_CM)
    half_bin = TRACK_CM / BINS / 2
    assert moved.peak_from_onset == pytest.approx(-5, abs=half_bin)
    assert moved.gain_from_onset == pytest.approx(-5, abs=half_bin)
    assert moved.loss_from_onset == pytest.approx(-65, abs=half_bin)
    assert moved.gain == pytest.approx(8, abs=0.05)  # of a bin beside the peak
    assert moved.loss == pytest.approx(-5, abs=0.05)
    assert moved.amplitude == pytest.approx(8, abs=0.05)
    # Half of the gain at sigma sqrt(2 ln 2) on either side of the peak, 5 before the onset.
    half = 10 * np.sqrt(2 * np.log(2))
    assert moved.half_before == pytest.approx(half + 5, abs=0.1)  # linear between bins of 1.87
    assert moved.half_after == pytest.approx(half - 5, abs=0.1)
    # The rise ends where both bumps are as high: at 70 but for 100 ln(8/5) / 60.
    assert moved.rises_before == pytest.approx(105 - 70 + 100 * np.log(8 / 5) / 60, abs=0.1)
    # The other way round the circle at 163.5 (227 is 40 again), in the same way.
    assert moved.rises_after == pytest.approx(58.5 + 100 * np.log(8 / 5) / 127, abs=0.1)
    none = np.zeros(BINS)
    only_risen = change(POSITION, none, bump(100, 8), onset=105, track_length=TRACK_CM)
    assert np.isnan([only_risen.rises_before, only_risen.rises_after]).all()


def test_a_change_is_the_same_wherever_the_circle_begins():
    before, after = bump(20, 5), bump(80, 8)
    turned = [np.roll(one, 37) for one in (before, after)]
    onset = 85.0
    shifted = (onset + 37 * TRACK_CM / BINS) % TRACK_CM
    one = change(POSITION, before, after, onset=onset, track_length=TRACK_CM)
    other = change(POSITION, *turned, onset=shifted, track_length=TRACK_CM)
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_the_baseline_is_the_lowest_tenth_and_what_has_not_risen_has_no_width():
    assert baseline(np.arange(100.0)) == 4.5
    fallen = change(POSITION, bump(50, 5), np.zeros(BINS), onset=50, track_length=TRACK_CM)
    assert fallen.rises_before == fallen.rises_after == 0.0
    assert fallen.loss == pytest.approx(-5, abs=0.05)


# -- weights lap by lap -----------------------------------------------------------------------------------------------


def test_an_induction_strengthens_the_inputs_about_its_plateau(animal):
    peaks = animal.synapses["peak"].to_numpy()
    for position in (46.75, 140.0):
        after = Induction(position=position, laps=[1, 2]).weights(animal)
        assert after.shape == (2, len(peaks))
        distance = (peaks - position + TRACK_CM / 2) % TRACK_CM - TRACK_CM / 2
        near, far = np.abs(distance) < 15, np.abs(distance) > 80
        assert (after[-1][near] > 2).all()
        np.testing.assert_allclose(after[-1][far], 1, atol=0.1)
        assert ((after >= 0) & (after <= load_rule().w_max)).all()
        # More before the plateau than after it: the trace is longer than the signal.
        reached = after[-1] > 2
        assert -distance[reached].min() > distance[reached].max()


def test_a_second_induction_weakens_what_the_first_has_strengthened(animal):
    first = Induction(position=46.75, laps=range(1, 4)).weights(animal)[-1]
    second = Induction(position=46.75 + 45, laps=range(4, 7)).weights(animal, first)[-1]
    strong = first > 3
    assert strong.any()
    assert second[strong].mean() < first[strong].mean() - 0.3
    assert second[first < 1.2].mean() > 1.3


def test_laps_go_on_from_each_other_and_a_plateau_of_no_height_does_nothing(animal):
    three = Induction(position=46.75, laps=[1, 2, 3]).weights(animal)
    first = Induction(position=46.75, laps=[1]).weights(animal)
    np.testing.assert_array_equal(three[0], first[0])
    assert not np.array_equal(three[1], three[2])
    none = Induction(position=46.75, laps=[1], plateau_height=0.0).weights(animal)
    np.testing.assert_array_equal(none[0], 1.0)
    released = Induction(position=46.75, laps=[1], spikes_are="released").weights(animal)
    assert released[0].max() > 1
    assert released[0].mean() < first[0].mean()  # fewer of them than spikes


@pytest.mark.parametrize("rule", RULES)
def test_laps_are_one_run_in_pieces(animal, rule):
    """Three laps, each with what the traces still hold, against one integration of all their spikes.

    The numbers of a single spike have traces of 2.5 s: of a lap of 6.2 s a twelfth is left after another one.
    """
    setup, numbers = animal.setup, load_rule(rule)
    laps = Induction(position=170.0, laps=[1, 2, 3], rule=numbers).weights(animal)
    trains = [animal.spikes(lap) for lap in (1, 2, 3)]
    lap_ms = setup.track_ms
    spikes = [
        np.concatenate(
            [one[0], *(part[part >= 0] + k * lap_ms for k, part in enumerate(one[1:], 1))]
        )
        for one in zip(*trains, strict=True)
    ]
    onset_ms = setup.track.track_time_ms(170.0)
    plateaus = [
        PlateauPulse(onset_ms + k * lap_ms, onset_ms + k * lap_ms + 300.0) for k in range(3)
    ]
    whole = weights_after(
        np.ones(len(spikes)),
        spikes,
        plateaus,
        numbers,
        from_ms=0.0,
        to_ms=3 * lap_ms,
        eligibility_peak=eligibility_peak(setup, numbers),
        instructive_peak=instructive_peak(300.0, numbers.tau_IS_ms),
        step_ms=lap_ms / round(lap_ms / STEP_MS),
    )
    # Spikes older than 20 time constants, 2e-9 of a trace, of which depression makes up to 2260 / 4 times as much.
    np.testing.assert_allclose(laps[-1], whole, rtol=0, atol=2e-6)


def test_a_mean_trace_peaks_at_1(animal):
    """The spikes of inputs on the way to their peak leave, on average, the trace of their rate."""
    from netpyne_model.plasticity import eligibility

    rule = load_rule()
    times_ms = np.arange(0.0, 6200.0, 10.0)
    peaks = animal.synapses["peak"].to_numpy()
    chosen = np.flatnonzero((peaks > 50) & (peaks < 140))
    highest = []
    for lap in range(8):
        spikes = animal.spikes(lap)
        traces = eligibility(
            [spikes[row] for row in chosen], times_ms, rule.tau_ET_ms, step_ms=10.0
        )
        # Aligned at the peak of the input: means of 8 laps of some 58 inputs.
        at = np.round(peaks[chosen] / 30 * 100).astype(int)
        highest.append([trace[one - 50 : one + 100] for trace, one in zip(traces, at, strict=True)])
    mean = np.mean(np.concatenate(highest), axis=0) / eligibility_peak(animal.setup, rule)
    # 460 traces of about 11 spikes: 1.4 % of the mean; four of that.
    assert mean.max() == pytest.approx(1, abs=0.056)


def test_a_time_track_has_inductions_too():
    place = Animal(Cell(), PlaceFieldInput(setup="place_cell", n_excitatory=60, seed=1))
    after = Induction(position=4500.0, laps=[1]).weights(place)[0]
    peaks = place.synapses["peak"].to_numpy()
    assert abs(peaks[after > 2].mean() - 4500.0) < 600
    assert after[np.abs(peaks - 4500.0) > 4000].max() < 1.05


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda animal: Induction(position=-1, laps=[1]), "position"),
        (lambda animal: Induction(position=50, laps=[1], spikes_are="relased"), "'released'?"),
        (
            lambda animal: Induction(position=190, laps=[1]).weights(animal),
            "position 190: the track ends at 187 cm",
        ),
        (
            lambda animal: Animal(Cell(), PlaceFieldInput(events_file="e.csv")),
            "leave out the input's events_file",
        ),
    ],
)
def test_what_does_not_hold_is_refused(animal, refused, message):
    with pytest.raises(ModelError) as caught:
        refused(animal)
    assert message in str(caught.value)


# -- the experiment ---------------------------------------------------------------------------------------------------


def test_variants_of_the_rule_change_one_number_each():
    fitted = load_rule().model_dump()
    changed = [one for one in induction.variants() if "number" in one]
    assert len(changed) == 2 * len(fitted)
    for one in changed:
        assert one["value"] != fitted[one["number"]]
    assert len({one["variant"] for one in induction.variants()}) == len(induction.variants())


def table(**numbers: float) -> pd.DataFrame:
    """Four animals without scatter to speak of, with what is reported, but for some `numbers`."""
    said = reported()
    usual = {
        "before_peak_Hz": 0.0, "new_5_peak_Hz": 20.0, "new_5_n_spikes": 40.0, "new_5_ramp_mV": 7.0,
        "new_5_half_before_cm": 30.0, "new_5_half_after_cm": 15.0,
        "plateau_soma_mV": 30.0, "plateau_distal_trunk_mV": 9.0, "plateau_tuft_mV": 4.0,
    }  # fmt: skip
    for state in ("new_5", "moved_45", "moved_90"):
        usual |= {
            f"{state}_gain_mV": said["gain_mV"][0],
            f"{state}_loss_mV": said["loss_mV"][0],
            f"{state}_peak_from_onset_cm": -said["peak_distance_cm"][0],
            f"{state}_rises_before_cm": 22.0,
            f"{state}_rises_after_cm": 10.0,
        }
    rows = []
    for seed in range(4):
        scatter = 0.001 * (seed - 1.5)
        for name, part in (("control", 1.0), ("INaP 1", 0.9)):
            row = {key: part * value + scatter for key, value in (usual | numbers).items()}
            rows.append({"kind": "animal", "preparation": name, "seed": seed, **row})
    return pd.DataFrame(rows)


def verdicts(**numbers: float) -> dict[str, str]:
    judged = judge(table(**numbers))
    keys = judged["quantity"] + "; " + judged["compared"]
    return dict(zip(keys, judged["verdict"], strict=True))


def test_animals_as_reported_agree_with_every_claim():
    assert set(verdicts().values()) == {"agrees"}


@pytest.mark.parametrize(
    ("numbers", "quantity", "verdict"),
    [
        ({"new_5_peak_Hz": -1.0}, "peak rate; after 5 plateaus against before", "does not"),
        ({"new_5_gain_mV": 12.0}, "largest gain; after 5 plateaus, here", "does not"),
        ({"moved_45_loss_mV": 1.0}, "largest loss; moved by 45 cm against none", "does not"),
        ({"moved_45_peak_from_onset_cm": -60.0}, "new peak to plateau; moved by 45", "does not"),
        ({"moved_90_rises_after_cm": 44.0}, "rise before over after the onset; moved by 90 cm a", "does not"),
        ({"moved_90_rises_after_cm": np.nan}, "rise before over after the onset; moved by 90 cm a", "cannot be told"),
    ],
)  # fmt: skip
def test_animals_unlike_those_reported_are_told(numbers, quantity, verdict):
    found = [value for key, value in verdicts(**numbers).items() if key.startswith(quantity)]
    assert found == [verdict]


def test_the_current_is_judged_by_the_difference_of_each_animal():
    rows = table()
    # Animals that differ by far more than the block takes from each.
    spread = np.repeat([10.0, 20.0, 40.0, 80.0], 2)
    rows["new_5_n_spikes"] = spread + np.where(rows["preparation"] == CONTROL, 2.0, 0.0)
    judged = judge(rows)
    row = judged[judged["quantity"] == "spikes of a lap"].iloc[0]
    assert row["verdict"] == "agrees"
    assert row["difference"] == pytest.approx(2.0)
    assert mean_of(animals(rows)[f"{FIVE}_n_spikes"]).band > 20


def test_a_number_is_the_same_where_its_band_lies_within_the_reported_one():
    reported_mV = Banded(6.7, 0.5)
    assert same_number(Banded(6.9, 0.2), reported_mV) == "agrees"
    assert same_number(Banded(8.0, 0.5), reported_mV) == "does not"
    assert same_number(Banded(8.0, 1.0), reported_mV) == "cannot be told"
    assert same_number(Banded(float("nan")), reported_mV) == "cannot be told"


def test_the_figure_has_every_animal_and_every_variant():
    """Bumps for curves: nine panels, the peaks of the table's animals, a line a verdict."""
    animals_of, outcomes = table(), []
    for row in animals_of.to_dict("records"):
        states = {"before": 0.0, "new_5": 46.75, "moved_45": 91.75, "moved_90": 136.75}
        traces = {
            f"{kind}_{state}": (POSITION, bump(onset, 1.0 if onset else 0.0), "", "")
            for kind in ("ramp", "rate", "weight")
            for state, onset in states.items()
        }
        outcomes.append(Outcome(row, traces))
    drives = {"drive_new_5_gain": 2.0, "drive_moved_90_loss": -0.2}
    rules = [{"kind": "rule", **one, **drives} for one in induction.variants()]
    both = pd.concat([animals_of, pd.DataFrame(rules)], ignore_index=True)
    figure = EXPERIMENTS["induction"].draw(both, outcomes)
    assert len(figure.axes) == 9
    dots = [line for line in figure.axes[5].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [4, 4, 4]
    for line, onset in zip(dots, (46.75, 91.75, 136.75), strict=True):
        np.testing.assert_allclose(line.get_xdata(), onset)
        np.testing.assert_allclose(line.get_ydata(), onset - 19.5, atol=0.01)
    assert len(figure.axes[7].get_yticklabels()) == len(rules)
    assert len(figure.axes[8].texts) == 2 * len(judge(both))


@pytest.mark.slow
def test_an_animal_from_weights_to_row(monkeypatch):
    """Few inputs, two laps and the plateau: every column that the verdicts read."""
    monkeypatch.setitem(induction.FIELD, "n_excitatory", 120)
    for name, number in (("n_excitatory", 120), ("n_inhibitory", 20)):
        monkeypatch.setitem(induction.TRIAL, name, number)
    monkeypatch.setitem(induction.PROBED, CONTROL, ("before", FIVE))
    (task,) = [
        one
        for one in EXPERIMENTS["induction"].conditions(None)
        if one.labels.get("preparation") == CONTROL and one.labels["seed"] == 0
    ]
    outcome = task.outcome()
    row = outcome.row
    json.dumps(row)
    assert row["before_n_spikes"] == row["new_5_n_spikes"] == 0
    assert row["new_5_gain_mV"] > 0.3  # 120 inputs of up to 3.3 times the weight
    # Of so few inputs the largest gain is anywhere in the new field: half of its drive or more.
    assert -52 < row["new_5_gain_from_onset_cm"] < 31
    assert row["drive_new_5_gain"] > row["drive_new_1_gain"] > 1
    assert (
        row["plateau_n_spikes"] >= 1
    )  # so few inputs hardly inhibit: it nears depolarisation block
    assert row["plateau_soma_mV"] > row["plateau_distal_trunk_mV"] > row["plateau_tuft_mV"] > 0
    ramp = outcome.traces["ramp_new_5"][1] - outcome.traces["ramp_before"][1]
    assert ramp.max() == pytest.approx(row["new_5_gain_mV"])
