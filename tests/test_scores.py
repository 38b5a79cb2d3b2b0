"""Scores: target data, what the tests read off traces of known answer, a few runs of the cell against the page."""

import dataclasses
import math
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from netpyne_model import Cell, CurrentClamp, Protocol, SynapticConductance
from netpyne_model.commands import main
from netpyne_model.data_folders import PACKAGE
from netpyne_model.errors import ModelError
from netpyne_model.experiments.condition import run_condition
from netpyne_model.experiments.outcome import Outcome
from netpyne_model.figures.scores import scores as draw_scores
from netpyne_model.scores import (
    TESTS,
    Score,
    Target,
    back_propagation,
    depolarisation_block,
    mean_in_sd,
    oblique_integration,
    page,
    somatic_features,
    somatic_targets,
    steady_attenuation,
    targets,
    trains,
)
from netpyne_model.scores.command import ONSETS_MS
from netpyne_model.scores.runner import CellScores, score_cell

DOCS = PACKAGE.parent / "docs" / "scores.md"


# -- target data and distances ------------------------------------------------------------------------------------------


def test_target_data_are_whole():
    counts = {name: len(somatic_targets(name)) for name in somatic_features.RECORDINGS}
    assert counts == {"patch": 305, "sharp": 232}
    for table in map(somatic_targets, counts):
        assert (table["sd"] > 0).all()
        assert not table.duplicated(["feature", "current_nA"]).any()
    numbers = {name: len(targets(name)) for name in TESTS if name not in counts}
    expected = {"depolarisation_block": 2, "back_propagation": 9, "attenuation": 3}
    assert numbers == expected | {"oblique_integration": 9, "steady_attenuation": 2}


def test_a_standard_error_becomes_a_standard_deviation():
    threshold = targets("oblique_integration")["threshold"]
    assert threshold.sd == pytest.approx(0.2 * math.sqrt(92))
    assert targets("depolarisation_block")["threshold_current"][3:] == (0.6, 0.3)


def scored(here: float, mean: float = 10.0, sd: float = 2.0, quantity: str = "one") -> Score:
    return Score(Target("test", quantity, "mV", mean, sd), here)


def test_distance_in_standard_deviations():
    assert scored(13.0).in_sd == scored(7.0).in_sd == 1.5
    assert math.isnan(scored(math.nan).in_sd)
    assert mean_in_sd([scored(13.0), scored(10.0), scored(math.nan)]) == 0.75
    assert math.isnan(mean_in_sd([scored(math.nan)]))


def test_the_first_spike_does_not_count_where_hippounit_leaves_it_out():
    values = np.array([1.0, 2.0, 4.0])
    assert somatic_features.mean_value("AP_amplitude", values) == 3.0
    assert somatic_features.mean_value("AHP_depth", values) == pytest.approx(7 / 3)
    assert math.isnan(somatic_features.mean_value("AP_amplitude", values[:1]))


# -- depolarisation block -----------------------------------------------------------------------------------------------


def steps(n_spikes: list[int], n_at_end: list[int]) -> list[dict]:
    return [
        {"test": "train", "current_nA": 0.1 * number, "n_spikes": n, "n_spikes_at_end": at_end}
        | {"v_at_end_mV": -50.0 + number}
        for number, (n, at_end) in enumerate(zip(n_spikes, n_at_end, strict=True))
    ]


@pytest.mark.parametrize(
    ("n_spikes", "n_at_end", "most_nA", "below_nA", "v_mV"),
    [
        ([0, 5, 9, 2, 1], [0, 1, 1, 0, 0], 0.2, 0.2, -47.0),
        # It still fires at the end of the step after that of most spikes.
        ([0, 5, 9, 8, 1], [0, 1, 1, 1, 0], 0.2, 0.3, -46.0),
        ([0, 5, 9, 10, 12], [0, 1, 1, 1, 1], 0.4, math.nan, math.nan),
        ([0, 5, 9, 9, 1], [0, 1, 1, 1, 0], 0.2, math.nan, math.nan),
    ],
    ids=["at once", "later", "never", "no single maximum"],
)
def test_block(n_spikes, n_at_end, most_nA, below_nA, v_mV):
    found = depolarisation_block.block(steps(n_spikes, n_at_end))
    assert found == pytest.approx((most_nA, below_nA, v_mV), nan_ok=True)


def test_score_of_the_block():
    outcomes = [Outcome(row) for row in steps([0, 5, 9, 8, 1], [0, 1, 1, 1, 0])]
    scores = depolarisation_block.scores(Cell(), outcomes)
    # 0.2 and 0.3 nA against 0.6 +- 0.3, -46 mV against -40.1 +- 3.4, and 200 for each nA between the two currents.
    expected = np.mean([0.4 / 0.3, 0.3 / 0.3, 5.9 / 3.4]) + 20
    assert depolarisation_block.total(scores) == pytest.approx(expected)
    never = [Outcome(row) for row in steps([0, 5, 9], [0, 1, 1])]
    assert depolarisation_block.total(depolarisation_block.scores(Cell(), never)) == 100


# -- back-propagation ---------------------------------------------------------------------------------------------------


def test_heights_of_the_first_and_the_last_spike():
    time_ms = np.arange(0, 100, 0.025)
    v_mV = np.full(len(time_ms), -60.0)
    for at_ms, height_mV in ((20, 50), (40, 30), (60, 10)):
        v_mV += height_mV * np.exp(-(((time_ms - at_ms - 1) / 0.3) ** 2))
    heights_mV = trains.spike_amplitudes(time_ms, v_mV, np.array([20.0, 40.0, 60.0]))
    assert heights_mV == pytest.approx((50, 10), abs=0.01)  # the bell's foot lies in the window
    assert np.isnan(trains.spike_amplitudes(time_ms, v_mV, np.array([20.0]))).all()


def counted(**n_spikes: int) -> list[Outcome]:
    """Outcomes of steps, named by the current in 10 pA."""
    return [
        Outcome({"test": "train", "current_nA": int(name[1:]) / 100, "n_spikes": n})
        for name, n in n_spikes.items()
    ]


def test_the_train_is_looked_for_between_two_steps_if_none_has_it():
    near = counted(_0=0, _10=0, _20=12, _25=15, _30=19)
    assert back_propagation.further(Cell(), near) == []
    assert back_propagation.train(near)["current_nA"] == 0.2  # 0.25 nA is none of the grid
    (search,) = back_propagation.further(Cell(), counted(_0=0, _10=0, _20=2, _25=16, _30=29))
    assert dict(search.labels) == {"test": "back_propagation", "from_nA": 0.2, "to_nA": 0.3}
    assert back_propagation.further(Cell(), counted(_0=0, _100=5)) == []
    assert back_propagation.train(counted(_0=0, _100=5)) is None


def test_total_takes_the_nearer_kind_of_cell():
    values = {"first_50": 10.0, "first_350_strong": 10.0, "first_350_weak": 16.0}
    scores = [scored(here, quantity=quantity) for quantity, here in values.items()]
    assert back_propagation.total(scores) == 0.0


def test_no_trunk_no_scores():
    """A cell of one compartment has no trunk: no value, and no error."""
    cell = Cell.simple()
    assert len(trains.trunk_places(cell)) == 0
    outcomes = counted(_0=0, _20=12)
    for test in (TESTS["back_propagation"], TESTS["attenuation"]):
        rest = [Outcome({"test": "attenuation", "kind": "rest"})]
        assert test.further(cell, rest if test.name == "attenuation" else outcomes) == []
        assert all(math.isnan(score.here) for score in test.scores(cell, outcomes))
    assert oblique_integration.tasks(cell) == []


def test_half_distance():
    distances_um = np.array([100.0, 0.0, 300.0, 200.0])
    half_um = steady_attenuation.half_distance_um(distances_um, np.array([0.8, 1.0, 0.2, 0.6]))
    assert half_um == pytest.approx(225)
    never = steady_attenuation.half_distance_um(distances_um, np.array([0.8, 1.0, 0.6, 0.7]))
    assert math.isnan(never)


# -- places of the published cell ---------------------------------------------------------------------------------------


def test_the_trunk_ends_before_350_um(cell):
    trunk = trains.trunk_places(cell)
    assert trunk["path_distance"].max() == pytest.approx(273, abs=0.5)
    assert trunk["name"].is_unique


def test_oblique_places_are_those_of_hippounit(cell):
    places = pd.DataFrame(oblique_integration.places(cell))
    assert places["kind"].value_counts().to_dict() == {"proximal": 22, "distal": 22}
    for place in places.itertuples():
        section = cell.morphology.section(place.section)
        assert cell.morphology.is_terminal(section.index)
        assert cell.morphology.path_distance(section.index, 0) < 150
        along_um = place.x * section.length_um
        low_um, high_um = oblique_integration.KINDS[place.kind]
        assert low_um < along_um < high_um or place.x == oblique_integration.END_X


def test_a_plateau_is_a_spike_before_it_ends():
    v_mV = np.array([-60, -10, -30, -10, -10.0])
    assert oblique_integration.spike_count(v_mV) == 2
    assert oblique_integration.spike_count(v_mV - 20) == 0


# -- stimuli of the tests -----------------------------------------------------------------------------------------------


def test_a_synaptic_conductance_is_that_of_neuron(cell, neuron):
    """Against Exp2Syn put on the same sections by hand: the same bits but for the order of sums."""
    event = SynapticConductance(
        times_ms=[20, 25], peak_uS=0.002, place="trunk@150", tau_decay_ms=4, reversal_mV=-5
    )
    protocol = Protocol(duration_ms=40, stimuli=event, dt_ms=0.025, v_init_mV=-68)
    here = protocol.run(cell)
    built = cell.build(spines="silent")
    synapse = neuron.Exp2Syn(built.segment(cell.locate("trunk@150")))
    synapse.tau1, synapse.tau2, synapse.e = 0.1, 4, -5
    connection = neuron.NetCon(None, synapse)
    connection.weight[0], connection.delay = 0.002, 0
    v_mV = neuron.Vector().record(built.soma(0)._ref_v, 0.1)
    neuron.finitialize(-68)
    for time_ms in (20, 25):
        connection.event(time_ms)
    neuron.continuerun(40)
    assert np.ptp(here.voltage_mV["soma"][190:]) > 0.1
    n = len(here.time_ms) - 1  # what ends a run differs
    np.testing.assert_allclose(here.voltage_mV["soma"][:n], np.array(v_mV)[:n], atol=1e-9)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"peak_uS": -1}, "peak_uS"),
        (
            {"peak_uS": 1, "tau_rise_ms": 3},
            r"tau_rise_ms = 3: expected less than tau_decay_ms \(3\)",
        ),
    ],
)
def test_conductances_that_are_none(fields, message):
    with pytest.raises(ModelError, match=message):
        SynapticConductance(times_ms=5, **fields)


def test_fused_channels_give_the_same_run(cell, loaded):
    """The same equations in another order of operations: on the flank of a spike that is 1e-3 mV."""
    runs = {}
    for channels in ("separate", "fused"):
        step = CurrentClamp(amplitude_nA=0.4, start_ms=20)
        record = {"soma": "soma", "trunk": "trunk@200", "gate": "nas.m soma"}
        protocol = Protocol(
            duration_ms=60, stimuli=step, record=record, dt_ms=0.025, channels=channels
        )
        runs[channels] = protocol.run(cell)
    separate, fused = runs.values()
    np.testing.assert_allclose(fused.spike_times_ms, separate.spike_times_ms, atol=1e-9)
    assert len(fused.spike_times_ms) > 0
    for name, trace in separate.traces.items():
        np.testing.assert_allclose(fused.traces[name].values, trace.values, atol=5e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"channels": "fussed", "dt_ms": 0.025}, "Did you mean 'fused'"),
        ({"channels": "fused"}, "give dt_ms too"),
    ],
)
def test_channels_that_a_protocol_refuses(fields, message):
    with pytest.raises(ModelError, match=message):
        Protocol(duration_ms=10, **fields)


# -- runs of the cell ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(cell, loaded, tmp_path_factory) -> CellScores:
    """The attenuation test with one event, at 132 um."""
    test = TESTS["attenuation"]

    def one(cell, outcomes):
        return [
            task for task in test.further(cell, outcomes) if task.labels["place"] == "trunk_33(0.5)"
        ]

    folder = tmp_path_factory.mktemp("scores") / "small"
    return score_cell(cell, [dataclasses.replace(test, further=one)], folder, processes=1)


def test_scores_of_a_sweep(small):
    (result,) = small.results
    (event,) = (one.row for one in small.outcomes if one.row["kind"] == "event")
    by_quantity = {score.target.quantity: score.here for score in result.scores}
    # 132 um count for 100 um, and for no other distance.
    assert by_quantity["psp_100"] == event["soma_over_dendrite"]
    assert math.isnan(by_quantity["psp_200"])
    assert result.n_had == 1
    assert result.total == result.scores[0].in_sd
    assert event["psp_dendrite_mV"] > event["psp_soma_mV"] > 0.1
    line = f"attenuation              {result.total:.2f} SD   1 of 3 features"
    assert page.summary(small) == line
    assert f"| 0.6704 ± 0.0746 | {by_quantity['psp_100']:.4g} |" in page.page(small)


def page_values(feature: str) -> list[float]:
    """Mean, spread, value and distance of a feature on the page of scores."""
    (line,) = (
        one
        for one in DOCS.read_text(encoding="utf-8").splitlines()
        if one.startswith(f"| {feature} |")
    )
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", line.split("|", 2)[2])]


def test_the_page_says_what_a_step_gives(cell, loaded):
    (condition,) = (
        task for task in TESTS["patch"].tasks(cell) if task.labels["current_nA"] == -0.05
    )
    row = run_condition(condition).row
    on_page = {
        "rest (mV)": "voltage_base",
        "deflection by -50 pA (mV)": "voltage_deflection",
        "time constant, -50 pA (ms)": "time_constant",
    }
    for feature, name in on_page.items():
        mean, sd, here, distance = page_values(feature)
        # Four digits of a value, two places of a distance are on the page.
        assert row[name] == pytest.approx(here, rel=6e-4)
        assert abs(row[name] - mean) / sd == pytest.approx(distance, abs=0.03)


@pytest.mark.slow
def test_the_page_says_how_far_a_spike_travels(cell, loaded):
    """The train that the page's heights are of, found again between 0.2 and 0.3 nA."""
    labels = {"test": "back_propagation", "from_nA": 0.2, "to_nA": 0.3}
    outcome = back_propagation.find_train(cell, labels)
    for score in back_propagation.scores(cell, [outcome]):
        _, distance_um, *kind = score.target.quantity.split("_")
        if not kind and distance_um != "350":
            feature = f"{score.target.quantity.replace('_', ' spike, ')} um (mV)"
            assert score.here == pytest.approx(page_values(feature)[2], rel=6e-4)


@pytest.mark.slow
def test_an_oblique_is_driven_to_its_threshold(cell, loaded):
    site = oblique_integration.site_of(cell, "apical_14", 0.7857142857142857)
    scale, found, why = oblique_integration.find_scale(cell, site)
    assert why == ""
    assert found[4].n_branch == 0 < found[5].n_branch
    # Weaker inputs do not reach it; fewer, but stronger ones do, also where a plateau follows.
    for n, factor, reached in ((5, 0.7, False), (4, 1.5, True), (4, 4, True)):
        response = oblique_integration.respond(cell, site, n, factor * scale, 0.3)
        assert bool(response.n_branch) == reached


# -- command and figure -------------------------------------------------------------------------------------------------


def test_the_command_lists_the_tests(capsys):
    assert main(["scores", "--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(TESTS)


def test_a_test_that_does_not_exist(refused):
    line = refused("scores", "--test", "atenuation")
    assert "Did you mean 'attenuation'?" in line
    assert refused("scores", "--test", "x").count("oblique_integration") == 1


def test_figure(small):
    rows = {"first": [(50.0, 60.0), (150.0, 55.0)], "last": [(50.0, 50.0), (150.0, 30.0)]}
    table = small.table()
    figure = draw_scores(table, small.outcomes, dict.fromkeys(TESTS, 1.0), rows, ONSETS_MS)
    assert isinstance(figure, Figure)


def test_a_figure_has_the_panels_of_the_tests_that_were_run(small):
    """Half distances have no score and no panel, as a test on its own once left an empty sheet."""
    table = small.table()
    steady = table[table["test"] == "steady_attenuation"]
    assert draw_scores(steady, [], {"steady_attenuation": math.nan}, {}, ONSETS_MS) is None
    attenuation = table[table["test"] == "attenuation"]
    figure = draw_scores(attenuation, small.outcomes, {"attenuation": 2.5}, {}, ONSETS_MS)
    assert [ax.axison for ax in figure.axes] == [True, True]
