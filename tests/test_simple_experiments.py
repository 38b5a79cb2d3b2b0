"""Experiments of the simple model, of the Na current and of the gating: single conditions, tables, figures."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.signal import fftconvolve

from netpyne_model.experiments import (
    EXPERIMENTS,
    gating,
    simple_current_clamp,
    simple_input_output,
    simple_voltage_clamp,
    sodium_current,
)
from netpyne_model.experiments.condition import run_condition

MODULES = (simple_current_clamp, simple_voltage_clamp, simple_input_output, sodium_current, gating)
UNITS = ("mV", "nA", "uS", "ms", "times")
# Labels that are names.
TEXTS = {"stimulus", "speed", "sodium", "model", "channel", "integration", "direction", "place"}


def agree(comparisons):
    """Fail with the quantities that differ."""
    assert comparisons
    assert [one for one in comparisons if not one.agrees] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.EXPERIMENT.name)
def test_conditions_differ_can_be_sent_to_processes_and_have_units_in_their_labels(
    module, reference
):
    conditions = module.conditions(reference)
    assert EXPERIMENTS[module.EXPERIMENT.name] is module.EXPERIMENT
    chosen = conditions if len(conditions) < 200 else conditions[::20]
    assert len({condition.key for condition in chosen}) == len(chosen)
    labels = [json.dumps(condition.labels, sort_keys=True) for condition in conditions]
    assert len(set(labels)) == len(conditions)
    sent = pickle.loads(pickle.dumps(conditions[0]))
    assert sent.key == conditions[0].key
    for name, value in conditions[-1].labels.items():
        if name.startswith("published_"):  # curves of a table
            continue
        assert name in TEXTS if isinstance(value, str) else name.endswith(UNITS)


def test_current_clamp_is_the_published_one(reference):
    outcomes = [run_condition(condition) for condition in simple_current_clamp.conditions(None)]
    table = simple_current_clamp.EXPERIMENT.table(outcomes)
    agree(simple_current_clamp.compare(table, reference))
    # More depolarised, the same events make a larger EPSP and draw more Na current.
    assert table["epsp_mV"].is_monotonic_increasing
    assert table["ina_peak_over_baseline_mA_per_cm2"].is_monotonic_decreasing
    assert isinstance(simple_current_clamp.EXPERIMENT.figure(table, outcomes), Figure)


@pytest.fixture(scope="module")
def bursts():
    """Conditions with the burst's command, by speed and offset."""
    conditions = [
        one for one in simple_voltage_clamp.conditions(None) if one.labels["stimulus"] == "burst"
    ]
    return {(one.labels["speed"], one.labels["offset_mV"]): one for one in conditions}


def test_replayed_potential_draws_the_current_of_the_current_clamp(bursts, reference):
    outcome = run_condition(bursts["real", 0.0])
    table = simple_voltage_clamp.derive(pd.DataFrame([outcome.row]))
    assert np.isnan(table["near_steady_share_peak"][0])  # there is no slowed run
    comparisons = simple_voltage_clamp.compare(table, reference)
    agree([one for one in comparisons if "burst" in one.quantity])
    assert all(np.isnan(one.here) for one in comparisons if "single" in one.quantity)


def test_single_event_has_the_papers_baseline_and_amplitude():
    single = simple_voltage_clamp.command("single")
    first = int(np.flatnonzero(single.time_ms <= 500)[-1])
    assert single.v_mV[first] == pytest.approx(-61.30, abs=1e-3)
    assert single.epsp_mV == pytest.approx(2.05, abs=1e-5)
    assert simple_voltage_clamp.command("single") is single  # run once


def test_slowed_command_leaves_the_near_steady_current(bursts, reference):
    """Against the published steady open fraction at the clamped potential; 10 mV up, where the transient is large."""
    fast, slowed = (run_condition(bursts[speed, 10.0]) for speed in ("real", "slowed"))
    published = pd.read_csv(reference / "simple" / "nav2_iv.csv")
    curve = np.polynomial.Polynomial.fit(
        published["v_step"], np.log(published["O_inf_exact_scheme"]), 16
    )
    time_ms, v_mV, *_ = slowed.traces["soma"]
    since_ms = simple_voltage_clamp.command_time_ms(time_ms)
    steady = 0.00275 * np.exp(curve(v_mV)) * (v_mV - 50)
    after = since_ms > 0
    # What the channel lags behind a command 50 times slower, and the curve through points 2 mV apart: 0.3 % of the current.
    np.testing.assert_allclose(slowed.traces["ina"][1][after], steady[after], rtol=3e-3)
    table = simple_voltage_clamp.derive(pd.DataFrame([fast.row, slowed.row]))
    assert (table["near_steady_share_rise"] < 0.6).all()
    assert (table["near_steady_share_peak"] > 0.8).all()
    assert isinstance(simple_voltage_clamp.EXPERIMENT.figure(table, [fast, slowed]), Figure)


def test_without_sodium_channels_input_output_is_the_convolution_of_synapse_and_membrane():
    small, large = (
        run_condition(simple_input_output.condition("none", 0.0, peak_uS))
        for peak_uS in (0.0005, 0.0015)
    )
    assert large.row["epsp_mV"] == pytest.approx(3 * small.row["epsp_mV"], rel=1e-9)
    # cm 1 uF/cm2 over 6e-5 S/cm2 is 16.67 ms; the area is that of a cylinder of 2000 by 4 um.
    tau_ms, area_cm2 = 1e-3 / 6e-5, np.pi * 2000e-4 * 4e-4
    time_ms = np.arange(0, 300, 0.005)
    shape = np.exp(-time_ms / 20) - np.exp(-time_ms / 2)
    current_nA = sum(
        np.interp(time_ms - delay, time_ms, shape / shape.max(), left=0.0)
        for delay in (0, 10, 20, 30, 40)
    )
    membrane = (
        np.exp(-time_ms / tau_ms) * 0.005 / (1e6 * 1e-6 * area_cm2)
    )  # mV a nA, by steps of 0.005 ms
    v_mV = 1e-3 * fftconvolve(0.0005 * 70 * current_nA, membrane)[: len(time_ms)]
    # The published step of 0.025 ms errs by 0.02 %, the sum here by as much.
    assert small.row["epsp_mV"] == pytest.approx(v_mV.max(), rel=1e-3)


def test_a_shorter_time_to_settle_gives_the_papers_peaks():
    peaks_mV = [
        run_condition(simple_input_output.condition("NaV2", 0.06, 3.6e-4, settle_ms=settle_ms)).row[
            "peak_mV"
        ]
        for settle_ms in (simple_input_output.SETTLE_MS, simple_current_clamp.EVENTS_MS[0])
    ]
    assert peaks_mV[0] == pytest.approx(peaks_mV[1], abs=1e-6)


def test_sodium_channels_make_input_output_steeper_towards_threshold():
    weights_uS = [0.0, 1e-4, 2e-4, 3e-4, 3.4e-4]
    outcomes = [
        run_condition(simple_input_output.condition("NaV2", 0.06, one, keep=True))
        for one in weights_uS
    ]
    table = simple_input_output.EXPERIMENT.table(outcomes)
    assert table["slope_mV_per_nS"].is_monotonic_increasing
    assert table["relative_gain"].iloc[0] == 1
    assert table["relative_gain"].iloc[-1] > 2.5
    assert isinstance(simple_input_output.EXPERIMENT.figure(table, outcomes), Figure)


def test_steps_of_nav2_and_nas_are_the_published_ones(reference):
    conditions = [
        sodium_current.nav2(way, step_mV) for step_mV in (-60, -20) for way in ("fixed", "adapted")
    ]
    conditions += [sodium_current.nas(channel, -40) for channel in sodium_current.FULL_PLACES]
    outcomes = [run_condition(replace(condition, keep=("ina",))) for condition in conditions]
    table = sodium_current.EXPERIMENT.table(outcomes)
    comparisons = sodium_current.compare(table, reference)
    agree([one for one in comparisons if "at 0 mV" not in one.quantity])
    assert np.isnan(
        next(one.here for one in comparisons if "at 0 mV" in one.quantity)
    )  # it was not run
    steps = table[table["channel"] == "NaV2"].set_index(["integration", "step_mV"])
    assert steps.loc[("fixed", -20), "steady_over_peak"] == pytest.approx(0.0097530, rel=1e-4)
    assert isinstance(sodium_current.EXPERIMENT.figure(table, outcomes), Figure)


def test_a_gate_that_only_relaxes_has_no_transient_in_closed_form(reference):
    """At the holding potential the peak of the published gates is their steady state."""
    gates = pd.read_csv(reference / "channels" / "nas_ar0.8_sha5_sh1.7.csv").set_index("v")
    peak, window = sodium_current.transient_open(gates), sodium_current.window_open(gates)
    assert peak[sodium_current.HOLDING_MV] == pytest.approx(
        window[sodium_current.HOLDING_MV], rel=1e-9
    )
    assert (peak >= window * (1 - 1e-3)).loc[-90:-60].all()


def test_gating_of_channels_where_they_stand_in_the_cell(reference):
    conditions = [
        gating.condition(channel, reference) for channel in ("nas_dend", "nax_ais", "km2", "h_dist")
    ]
    conditions.append(gating.condition("km2", reference, direction="falling"))
    outcomes = [run_condition(condition) for condition in conditions]
    table = gating.EXPERIMENT.table(outcomes)
    assert list(table.columns) == ["channel", "place", "curve", "v_mV", "here", "published"]
    comparisons = gating.compare(table, reference)
    run = ("nas_dend", "nax_ais", "km2", "h_dist")
    agree([one for one in comparisons if one.quantity.split()[0] in run])
    assert all(np.isnan(one.here) for one in comparisons if one.quantity.split()[0] not in run)
    assert {"m_tau", gating.FALLING} < set(table.loc[table["channel"] == "km2", "curve"])
    drawn = gating.EXPERIMENT.figure(table, outcomes)
    panels = [ax for ax in drawn.axes if ax.get_visible()]
    assert len(panels) == 2 * len(run)


def test_gating_without_reference_has_no_published_curves():
    outcome = run_condition(gating.condition("kdr", None))
    table = gating.EXPERIMENT.table([outcome])
    assert table["published"].isna().all()
    assert len(table) == 2 * (gating.HIGHEST_MV - gating.LOWEST_MV + 1)
    assert isinstance(gating.EXPERIMENT.figure(table, [outcome]), Figure)
