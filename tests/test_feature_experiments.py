"""Experiments on features of the cell: measures on traces of known answer, a few conditions against the published model."""

import pickle

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from netpyne_model.analysis.intrinsic import (
    ExponentialFit,
    exponential_fit,
    firing,
    peak_after,
    rheobase,
    spike_shape,
    step_response,
    time_to_63_percent,
)
from netpyne_model.errors import ModelError
from netpyne_model.experiments import EXPERIMENTS, attenuation, convergence, intrinsic_features
from netpyne_model.experiments.condition import Outcome, run_condition
from netpyne_model.experiments.experiment import reference_table, reference_values
from netpyne_model.figures import feature_experiments as figures

START_MS, STOP_MS, NA = 100.0, 600.0, -0.05
TIME_MS = np.arange(0.0, 700.0, 0.025)
MODULES = (intrinsic_features, attenuation, convergence)


def relaxation(tau_ms: float, sag_mV: float = 0.0, sag_tau_ms: float = 60.0) -> np.ndarray:
    """From -70 by -4 mV after the onset with one time constant, and back; a second process returns `sag_mV` of it."""
    t, off = TIME_MS - START_MS, TIME_MS - STOP_MS
    on = -4 * (1 - np.exp(-np.maximum(t, 0) / tau_ms))
    on += sag_mV * (1 - np.exp(-np.maximum(t, 0) / sag_tau_ms))
    end = on[np.searchsorted(TIME_MS, STOP_MS - 1e-9)]
    return -70 + np.where(off >= 0, end * np.exp(-np.maximum(off, 0) / tau_ms), on)


def spike_trace() -> tuple[np.ndarray, np.ndarray]:
    """From -70 up 10 mV/ms to -50, up 100 mV/ms to 30, down as fast to -75, and there for good: threshold -50, height 80."""
    corners = [(0, -70), (100, -70), (102, -50), (102.8, 30), (103.85, -75), (200, -75)]
    time_ms = np.arange(0, 200, 0.025)
    return time_ms, np.interp(time_ms, *np.transpose(corners))


# -- measures -----------------------------------------------------------------------------------------------------------


def test_step_response_without_sag():
    response = step_response(TIME_MS, relaxation(12.0), START_MS, STOP_MS, NA)
    assert response.v_rest_mV == pytest.approx(-70)
    assert response.input_resistance_steady_MOhm == pytest.approx(80)
    assert response.input_resistance_peak_MOhm == pytest.approx(80)
    assert response.sag_ratio == pytest.approx(1)
    assert response.sag_mV == pytest.approx(0, abs=1e-6)


def test_step_response_with_sag():
    response = step_response(TIME_MS, relaxation(5.0, sag_mV=1.0), START_MS, STOP_MS, NA)
    assert response.input_resistance_steady_MOhm == pytest.approx(3 / 0.05, rel=1e-3)
    # d/dt = 0 where exp(-t/5) 4/5 = exp(-t/60) / 60
    peak_ms = np.log(4 / 5 * 60) / (1 / 5 - 1 / 60)
    assert response.peak_ms == pytest.approx(peak_ms, abs=0.03)
    assert response.sag_mV == pytest.approx(response.v_steady_mV - response.v_peak_mV)
    assert 0.75 < response.sag_ratio < 0.9


def test_sag_does_not_depend_on_the_sign_of_a_linear_response():
    down = relaxation(5.0, sag_mV=1.0)
    mirrored = step_response(TIME_MS, -140 - down, START_MS, STOP_MS, -NA)
    response = step_response(TIME_MS, down, START_MS, STOP_MS, NA)
    np.testing.assert_allclose(mirrored[4:], response[4:])


def test_time_constants():
    v_mV = relaxation(12.0)
    on = exponential_fit(TIME_MS, v_mV, START_MS, (0.5, 60), v_start_mV=-70)
    off = exponential_fit(TIME_MS, v_mV, STOP_MS, (1, 50))
    for fit, start, end in ((on, -70, -74), (off, -74, -70)):
        np.testing.assert_allclose(fit, ExponentialFit(12, start, end), rtol=1e-5)
    assert time_to_63_percent(TIME_MS, v_mV, START_MS, -70, -74) == pytest.approx(12, abs=0.026)
    assert np.isnan(time_to_63_percent(TIME_MS, v_mV, START_MS, -70, -80))


def test_what_a_trace_does_not_cover_is_refused():
    with pytest.raises(ModelError, match="of the steady state"):
        step_response(TIME_MS[:8000], relaxation(5.0)[:8000], START_MS, STOP_MS, NA)
    with pytest.raises(ModelError, match="amplitude_nA = 0"):
        step_response(TIME_MS, relaxation(5.0), START_MS, STOP_MS, 0)


def test_spike_shape_and_efel_as_it_was():
    efel = pytest.importorskip("efel")
    before = str(efel.get_settings())
    shape = spike_shape(*spike_trace(), 100.0)
    assert str(efel.get_settings()) == before
    assert shape.threshold_mV == pytest.approx(-50, abs=2.6)  # a sample of the upstroke is 2.5 mV
    assert shape.threshold_ms == pytest.approx(102, abs=0.03)
    assert shape.amplitude_mV == pytest.approx(80, abs=2.6)
    assert shape.half_width_ms == pytest.approx(0.8, abs=0.06)
    assert shape.ahp_mV == pytest.approx(-5, abs=1e-6)


def test_no_spike_has_no_shape():
    assert np.isnan(spike_shape(TIME_MS, relaxation(12.0), START_MS)).all()


def test_peak_after():
    amplitude_mV, peak_ms = peak_after(*spike_trace(), 100.0)
    assert amplitude_mV == pytest.approx(100)
    assert peak_ms == pytest.approx(2.8, abs=0.01)


def test_firing_counts_the_spikes_of_the_step():
    fired = firing(np.array([50.0, 110.0, 200.0, 590.0, 650.0]), START_MS, STOP_MS)
    assert fired == (3, 6.0, 10.0, 490.0)
    assert np.isnan(firing(np.array([]), START_MS, STOP_MS).first_spike_ms)


@pytest.mark.parametrize(
    ("n_spikes", "expected"), [([0, 0, 1, 5], 0.3), ([0, 0, 0, 0], np.nan), ([1, 2, 3, 4], np.nan)]
)
def test_rheobase(n_spikes, expected):
    shuffled = [2, 0, 3, 1]
    currents_nA = np.array([0.1, 0.2, 0.3, 0.4])[shuffled]
    assert rheobase(currents_nA, np.array(n_spikes)[shuffled]) == pytest.approx(
        expected, nan_ok=True
    )


# -- conditions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.EXPERIMENT.name)
def test_conditions_differ_and_travel(module, reference):
    assert EXPERIMENTS[module.EXPERIMENT.name] is module.EXPERIMENT
    conditions = module.conditions(reference)
    keys = [condition.key for condition in conditions]
    assert len(set(keys)) == len(keys)
    assert len(module.conditions(None)) == len(conditions)
    copy = pickle.loads(pickle.dumps(conditions[-1]))
    assert copy.key == keys[-1]


def chosen(module, reference, **labels):
    """The one condition with these labels."""
    (condition,) = (c for c in module.conditions(reference) if labels.items() <= c.labels.items())
    return condition


@pytest.fixture(scope="module")
def step(reference, loaded) -> Outcome:
    return run_condition(chosen(intrinsic_features, reference, kind="step", site="soma"))


@pytest.fixture(scope="module")
def spike(reference, loaded) -> Outcome:
    return run_condition(chosen(intrinsic_features, reference, kind="spike"))


@pytest.fixture(scope="module")
def at_rheobase(reference, loaded) -> list[Outcome]:
    return [
        run_condition(chosen(intrinsic_features, reference, kind="firing", current_nA=current_nA))
        for current_nA in (0.225, 0.23)
    ]


def test_step_at_the_soma_against_the_published_model(step, reference):
    rest = {"kind": "rest"} | {f"rest_{name}_mV": np.nan for name in intrinsic_features.PLACES}
    comparisons = intrinsic_features.compare(pd.DataFrame([rest, step.row]), reference)
    at_soma = [one for one in comparisons if one.quantity.endswith("at soma")]
    assert len(at_soma) == len(intrinsic_features.STEP_COMPARISONS)
    assert [one.quantity for one in at_soma if not one.agrees] == []


def test_half_a_second_settles_what_the_published_three_do(step, spike, reference):
    published = reference_values(reference, "features", "rest_and_rin.json")
    assert step.row["v_rest_mV"] == pytest.approx(published["rest"]["soma"], abs=1e-4)
    for name, v_mV in published["rest"].items():
        time_ms, values, *_ = spike.traces["trunk50_0" if name == "trunk50_0" else name]
        assert values[np.searchsorted(time_ms, 499.9)] == pytest.approx(v_mV, abs=2e-4)


def test_published_places(spike, reference):
    published = reference_values(reference, "features", "rest_and_rin.json")
    for near, place in published["trunk_near"].items():
        assert spike.row[f"distance_trunk_{near}_um"] == pytest.approx(place["path_dist"])
    assert spike.row["distance_tuft_um"] == pytest.approx(published["tuft_dist_mid"])


def test_spike_starts_in_the_axon_and_fades_along_the_tree(spike):
    row = spike.row
    assert row["spike_ais_threshold_ms"] < row["spike_soma_threshold_ms"]
    assert row["latency_ais_ms"] < 0
    along = ["soma", "trunk_100", "trunk_200", "trunk50_0", "trunk_300", "tuft"]
    assert (np.diff([row[f"peak_{name}_mV"] for name in along]) < 0).all()
    assert (np.diff([row[f"latency_{name}_ms"] for name in along]) > 0).all()


def test_rheobase_lies_between_two_steps(at_rheobase):
    table = intrinsic_features.derive(pd.DataFrame([outcome.row for outcome in at_rheobase]))
    assert table["n_spikes"].tolist() == [0, 1]
    assert table["rheobase_nA"].tolist() == [0.23, 0.23]


def test_figure_of_intrinsic_features(step, spike, at_rheobase):
    rest = {f"rest_{name}_mV": -68.0 for name in intrinsic_features.PLACES}
    rest |= {name: value for name, value in spike.row.items() if name.startswith("distance_")}
    outcomes = [Outcome({"kind": "rest", **rest}), step, *at_rheobase, spike]
    table = intrinsic_features.EXPERIMENT.table(outcomes)
    assert isinstance(intrinsic_features.EXPERIMENT.figure(table, outcomes), Figure)


def test_spines_are_near_the_distances_asked_for():
    conditions = attenuation.conditions(None)
    assert len(conditions) == sum(map(len, attenuation.DISTANCES_UM.values()))
    for region, distances_um in attenuation.DISTANCES_UM.items():
        here = [c.labels["path_distance_um"] for c in conditions if c.labels["region"] == region]
        np.testing.assert_allclose(here, distances_um, atol=0.5)


def test_attenuation(loaded):
    conditions = attenuation.conditions(None)
    outcomes = [run_condition(conditions[index]) for index in (0, 7, -1)]
    table = attenuation.EXPERIMENT.table(outcomes)
    for row in table.to_dict("records"):
        assert row["epsp_head_mV"] > row["epsp_branch_mV"] > row["epsp_soma_mV"] > 0
        assert row["peak_head_ms"] < row["peak_branch_ms"] < row["peak_soma_ms"]
        lost = row["head_over_branch"] * row["branch_over_soma"]
        assert lost == pytest.approx(row["epsp_head_mV"] / row["epsp_soma_mV"])
    assert isinstance(attenuation.EXPERIMENT.figure(table, outcomes), Figure)


def test_integration_against_the_published_model(reference, loaded):
    methods = ("atol 1e-06", "atol 0.001", "dt 0.025 ms")
    outcomes = [
        run_condition(
            chosen(convergence, reference, kind="integration", target_mV=-56, method=method)
        )
        for method in methods
    ]
    table = convergence.EXPERIMENT.table(outcomes)
    comparisons = [one for one in convergence.compare(table, reference) if "-56 mV" in one.quantity]
    assert [one.quantity for one in comparisons if not one.agrees] == []
    assert len(comparisons) == 2 * len(methods)
    published = reference_table(reference, "epsp", "convergence.csv").query(
        "group == 'Control' and target_vrest == -56"
    )
    assert table["epsp_soma_mV"].max() == pytest.approx(published["epsp_soma"].max(), abs=0.005)
    error = table.set_index("method")["error_percent"]
    assert error["atol 1e-06"] == 0
    assert error["dt 0.025 ms"] == pytest.approx(-3.9, abs=0.1)


def held_table() -> pd.DataFrame:
    """EPSPs that grow by a fifth of the one at -62 mV per mV from -58 on, and spikes at -55 mV."""
    held_mV = np.array([-62, -58, -57, -56, -55.0])
    epsp_mV = np.array([2, 2.4, 2.8, 3.2, np.nan])
    return pd.DataFrame(
        {"kind": "held", "target_mV": held_mV, "held_mV": held_mV, "epsp_soma_mV": epsp_mV}
    )


def test_ratio_and_its_steepness():
    integration = {
        "kind": "integration",
        "target_mV": -56,
        "dt_ms": [np.nan, 0.025, 0.05],
        "atol": [1e-6, np.nan, np.nan],
        "segments_factor": [np.nan, np.nan, 3],
    }
    integration |= {
        "method": ["atol 1e-06", "dt 0.025 ms", "segments x 3"],
        "epsp_soma_mV": [4.0, 3.9, 3.8],
    }
    table = convergence.derive(
        pd.concat([held_table(), pd.DataFrame(integration)], ignore_index=True)
    )
    np.testing.assert_allclose(table["amplification_ratio"][:4], [1, 1.2, 1.4, 1.6])
    np.testing.assert_allclose(table["ratio_change_per_0.1_mV"][1:4], 0.02)
    assert table.loc[[0, 4], "ratio_change_per_0.1_mV"].isna().all()
    np.testing.assert_allclose(table["error_percent"][5:], [0, -2.5, -5])
    assert isinstance(figures.convergence(table, [], first_event_ms=250.0), Figure)
