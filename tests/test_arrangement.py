"""Arrangements of excitatory inputs on the branches, their statistics, theta depth, laps of a cell.

An arrangement must change places alone: every other number of a trial is compared exactly.
"""

import math

import numpy as np
import pandas as pd
import pytest
from drawn_inputs import same

from netpyne_model.analysis import arrangement_of, arrangement_statistics, in_lines
from netpyne_model.cell.cell import Cell
from netpyne_model.errors import ModelError
from netpyne_model.inputs import ARRANGEMENTS, load_setup
from netpyne_model.inputs.rates import theta_factor
from netpyne_model.inputs.setups import mean_theta_factor
from netpyne_model.protocols import PlaceFieldInput
from netpyne_model.simulation import Trial

END_MS = 1200.0  # of the trains: 650 ms on the track are enough to compare them
FIELDS = {
    "silent_cell": {"centre": 93.5, "width": 90.0, "track_length": 187.0},
    "place_cell": {"centre": 4500.0, "width": 3000.0},
}


@pytest.fixture(scope="module")
def cell():
    return Cell()


@pytest.fixture(scope="module")
def drawn(cell):
    """Trains of both set-ups in every arrangement, seed 3."""
    return {
        (setup, name): PlaceFieldInput(setup=setup, seed=3, arrangement=name).trains(cell, END_MS)
        for setup in FIELDS
        for name in ARRANGEMENTS
    }


@pytest.mark.parametrize("setup", FIELDS)
@pytest.mark.parametrize("arrangement", ["clustered", "co_tuned"])
def test_an_arrangement_moves_the_same_inputs_to_other_spines(cell, drawn, setup, arrangement):
    random, arranged = drawn[setup, "random"], drawn[setup, arrangement]
    kept = ["synapse", "group", "kind", "ampa_weight"]
    pd.testing.assert_frame_equal(random.synapses[kept], arranged.synapses[kept])
    np.testing.assert_array_equal(random.synapses["peak"], arranged.synapses["peak"])
    assert same(random.presynaptic_ms, arranged.presynaptic_ms)
    assert same(random.released_ms, arranged.released_ms)
    counts = [one.synapses.groupby(["kind", "region"]).size() for one in (random, arranged)]
    pd.testing.assert_series_equal(*counts)
    inhibitory = [one.synapses[one.synapses["kind"] == "inh"] for one in (random, arranged)]
    pd.testing.assert_frame_equal(*inhibitory)
    excitatory = arranged.synapses[arranged.synapses["kind"] == "exc"]
    places = ["section", "x", "region", "path_distance", "gmax_uS"]
    assert not excitatory.duplicated(["section", "x"]).any()
    spines = cell.input_places()["spines"]
    assert len(excitatory.merge(spines, on=places)) == len(excitatory)  # each is a spine as it is
    moved = random.synapses[["section", "x"]] != arranged.synapses[["section", "x"]]
    assert moved.any(axis=1).sum() > 0.9 * len(excitatory)


def test_random_is_what_was_there_before(cell, drawn):
    setup = PlaceFieldInput(seed=3).trains(cell, END_MS)
    pd.testing.assert_frame_equal(setup.synapses, drawn["silent_cell", "random"].synapses)
    assert same(setup.released_ms, drawn["silent_cell", "random"].released_ms)


def test_co_tuned_changes_fields_not_which_spines_are_driven(drawn):
    spines = [
        sorted(zip(one.synapses["section"], one.synapses["x"], strict=True))
        for one in (drawn["silent_cell", "random"], drawn["silent_cell", "co_tuned"])
    ]
    assert spines[0] == spines[1]


@pytest.mark.parametrize("setup", FIELDS)
def test_arrangements_differ_as_they_say(drawn, setup):
    random, clustered, co_tuned = (
        arrangement_statistics(drawn[setup, name].synapses, **FIELDS[setup])
        for name in ARRANGEMENTS
    )
    # 80,000 pairs on a branch: chance is 0.002 or less.
    assert random.overlap_on_branch == pytest.approx(random.overlap_between_branches, abs=0.01)
    assert co_tuned.overlap_on_branch > 0.95
    assert random.overlap_on_branch < clustered.overlap_on_branch < co_tuned.overlap_on_branch
    assert clustered.similar_neighbour_um < 1 < 10 < random.similar_neighbour_um
    # Clusters of ten have nine others each; a short stretch of branch holds fewer spines.
    assert 8 < clustered.similar_within_10_um < 10
    assert random.most_strong_on_a_branch < clustered.most_strong_on_a_branch
    assert random.branches_without_strong < 0.2 < 0.5 < clustered.branches_without_strong


def test_a_cluster_is_one_stretch_of_branch_and_of_track(cell):
    own = load_setup("silent_cell").clusters
    synapses = PlaceFieldInput(seed=5, arrangement="clustered").trains(cell, 300.0).synapses
    basal = synapses[(synapses["kind"] == "exc") & (synapses["region"] == "basal")]
    length_um = np.array([one.length_um for one in cell.morphology.sections])
    sections = basal["section"].to_numpy()
    stretches = np.maximum(1, np.round(length_um[sections] / own.span_um))
    number = np.floor(basal["x"].to_numpy() * stretches)
    clusters = basal.groupby([sections, number])
    assert clusters.size().max() == own.spines
    spans_um = clusters["path_distance"].agg(np.ptp)
    assert spans_um.max() <= 1.5 * own.span_um  # rounded to whole stretches of a section
    # 1425 CA3 inputs go once around 187 cm: ten neighbours cover 1.2 cm, or the seam.
    covered_cm = clusters["peak"].agg(np.ptp)
    assert ((covered_cm < 2) | (covered_cm > 185)).all()


def test_where_clusters_do_not_suffice_further_spines_are_driven(cell):
    n = 9000  # of 11,294 spines: more than ten of each stretch
    synapses = PlaceFieldInput(n_excitatory=n, arrangement="clustered").trains(cell, 260.0).synapses
    excitatory = synapses[synapses["kind"] == "exc"]
    assert n - 4 < len(excitatory) <= n  # each region's share is rounded down
    assert not excitatory.duplicated(["section", "x"]).any()


def test_statistics_by_hand():
    columns = ["kind", "section", "path_distance", "peak"]
    rows = [
        ("exc", 1, 100.0, 10.0),
        ("exc", 1, 104.0, 12.0),  # 4 um beside the first, 2 cm off: similar
        ("exc", 1, 120.0, 50.0),
        ("exc", 2, 100.0, 99.0),  # similar to the first across the seam, on another branch
        ("inh", 1, 100.0, math.nan),
    ]
    synapses = pd.DataFrame(rows, columns=columns)
    one = arrangement_statistics(synapses, centre=50.0, width=40.0, track_length=100.0)
    assert one.n_inputs == 4
    assert one.similar_neighbour_um == math.inf  # 4, 4, none, none
    assert one.similar_within_10_um == 0.5
    overlap = [math.exp(-9 * (cm / 40) ** 2) for cm in (2, 40, 38)]
    assert one.overlap_on_branch == pytest.approx(sum(overlap) / 3, rel=1e-12)
    between = [math.exp(-9 * (cm / 40) ** 2) for cm in (11, 13, 49)]
    assert one.overlap_between_branches == pytest.approx(sum(between) / 3, rel=1e-12)
    assert (one.strong_on_a_branch, one.most_strong_on_a_branch) == (0.5, 1)
    assert one.branches_without_strong == 0.5
    with pytest.raises(ModelError, match="expected two or more"):
        arrangement_statistics(synapses[:1], centre=50.0, width=40.0)


def test_a_run_tells_its_arrangement():
    fields = {"n_excitatory": 40, "n_inhibitory": 10, "duration_ms": 50}
    result = Trial(**fields, arrangement="co_tuned").run()
    told = [line for line in in_lines(result) if line.startswith("Arranged")]
    assert len(told) == 1
    assert "co_tuned: the nearest input of similar field" in told[0]
    assert arrangement_of(result).n_inputs == 38  # each region's share is rounded down
    usual = Trial(**fields).run()
    assert not any(line.startswith("Arranged") for line in in_lines(usual))


# -- theta, and laps of one cell


def test_theta_changes_the_spikes_phases_not_their_number(cell):
    setup = load_setup("silent_cell")
    sharp = setup.with_theta(1.0, 4.0)
    angle = np.linspace(-np.pi, np.pi, 100_000, endpoint=False)
    means_hz = []
    for one in (setup, sharp):
        theta = one.excitation
        factor = theta_factor(angle, theta.theta_k, theta.theta_depth)
        assert mean_theta_factor(theta.theta_k, theta.theta_depth) == pytest.approx(factor.mean())
        means_hz.append(theta.peak_hz * factor.mean())
    assert means_hz[0] == pytest.approx(means_hz[1], rel=1e-12)
    assert setup.with_theta() is setup
    spikes = [
        PlaceFieldInput(seed=1, **theta).trains(cell)
        for theta in ({}, {"theta_depth": 1.0, "theta_k": 4.0})
    ]
    group = (spikes[0].synapses["group"] == "ECIII").to_numpy()  # which do not precess
    locking = []
    for one in spikes:
        times_ms = np.concatenate([one.presynaptic_ms[row] for row in np.flatnonzero(group)])
        locking.append((len(times_ms), abs(np.exp(2j * np.pi * times_ms / 150).mean())))
    (n_usual, usual), (n_sharp, sharper) = locking
    # 173 inputs of about 50 spikes each: five standard errors of the number are 5 %.
    assert n_sharp == pytest.approx(n_usual, rel=0.05)
    # Mean vector lengths of the two factors over a cycle, 0.21 and 0.87, and five standard errors.
    for length, theta in ((usual, setup.excitation), (sharper, sharp.excitation)):
        factor = theta_factor(angle, theta.theta_k, theta.theta_depth)
        expected = (factor * np.cos(angle)).mean() / factor.mean()
        assert length == pytest.approx(expected, abs=5 / math.sqrt(2 * n_usual))


def test_laps_of_one_cell_share_synapses_and_no_spikes(cell):
    first, second = (
        PlaceFieldInput(seed=seed, assignment_seed=4).trains(cell, END_MS) for seed in (4, 9)
    )
    pd.testing.assert_frame_equal(first.synapses, second.synapses)
    assert not same(first.presynaptic_ms, second.presynaptic_ms)
    assert first.theta_phase_rad != second.theta_phase_rad
    usual = PlaceFieldInput(seed=4).trains(cell, END_MS)
    assert same(usual.released_ms, first.released_ms)


@pytest.mark.parametrize(
    "field", [{"arrangement": "co_tuned"}, {"theta_k": 4.0}, {"assignment_seed": 1}]
)
def test_replayed_inputs_have_no_arrangement(field):
    with pytest.raises(ModelError, match=f"{next(iter(field))} = .*no effect on the inputs of"):
        PlaceFieldInput(events_file="events.csv", **field)


def test_an_unknown_arrangement_is_refused():
    with pytest.raises(ModelError, match="'random', 'clustered' or 'co_tuned'"):
        PlaceFieldInput(arrangement="cotuned")
    with pytest.raises(ModelError, match="random, clustered, co_tuned"):
        Trial(arrangement="cotuned")
