"""The plasticity rule against closed forms: traces, gain, equilibrium, bounds, convergence in the step."""

import numpy as np
import pytest

from netpyne_model.errors import ModelError
from netpyne_model.plasticity import (
    RULES,
    PlasticityRule,
    PlateauPulse,
    eligibility,
    fitted_sem,
    instructive,
    instructive_peak,
    load_rule,
    mean_eligibility_peak,
    plateau_protocol,
    reported,
    weights_after,
)

RULE = load_rule("fitted")
TIMES_MS = np.arange(0.0, 4000.0, 10.0)


def linear_rule(**numbers: float) -> PlasticityRule:
    """Without depression, and of a slope so small that the gain is the overlap itself."""
    return RULE.changed(alpha_plus=0.5, beta_plus=1e-3, k_minus_per_s=0.0, **numbers)


# -- traces -----------------------------------------------------------------------------------------------------------


def test_the_trace_of_a_spike_decays_from_its_own_time():
    (trace,) = eligibility([np.array([1003.7])], TIMES_MS, 900.0, step_ms=10.0)
    expected = np.where(TIMES_MS >= 1003.7, np.exp(-(TIMES_MS - 1003.7) / 900.0), 0.0)
    np.testing.assert_allclose(trace, expected, atol=1e-12)  # rounding of 400 products


def test_traces_add_up_and_a_spike_at_a_time_counts_there():
    spikes = [np.array([500.0, 620.0, 1000.0]), np.empty(0)]
    both = eligibility(spikes, TIMES_MS, 700.0, step_ms=10.0)
    alone = [eligibility([np.array([one])], TIMES_MS, 700.0, step_ms=10.0)[0] for one in spikes[0]]
    np.testing.assert_allclose(both[0], sum(alone), atol=1e-12)
    assert both[0][50] == 1.0  # at 500 ms
    assert not both[1].any()


def test_a_trace_goes_on_where_an_earlier_part_ended():
    spikes = [np.sort(np.random.default_rng(1).uniform(-300, 3990, 50))]
    whole = eligibility(spikes, TIMES_MS, 900.0, step_ms=10.0)
    first = eligibility(spikes, TIMES_MS[:150], 900.0, step_ms=10.0)
    second = eligibility(spikes, TIMES_MS[150:], 900.0, step_ms=10.0, before=first[:, -1])
    np.testing.assert_allclose(np.hstack([first, second]), whole, atol=1e-12)


def test_the_signal_of_a_square_plateau_is_the_convolution_in_closed_form():
    tau_ms, start_ms, stop_ms = 540.0, 1234.5, 1534.5
    signal = instructive([PlateauPulse(start_ms, stop_ms)], TIMES_MS, tau_ms)
    # The integral of exp(-(t - s) / tau) / tau over the part of the plateau before t.
    low, high = np.minimum(start_ms, TIMES_MS), np.minimum(stop_ms, TIMES_MS)
    expected = np.exp((high - TIMES_MS) / tau_ms) - np.exp((low - TIMES_MS) / tau_ms)
    np.testing.assert_allclose(signal, expected, atol=1e-12)
    peak = instructive([PlateauPulse(0.0, 300.0)], np.array([300.0]), tau_ms)
    assert peak[0] == pytest.approx(instructive_peak(300.0, tau_ms), rel=1e-12)
    half = instructive([PlateauPulse(start_ms, stop_ms, 0.5)], TIMES_MS, tau_ms)
    np.testing.assert_allclose(half, 0.5 * signal, atol=1e-15)


def test_the_mean_trace_of_a_constant_rate_is_rate_times_time_constant():
    peak = mean_eligibility_peak(np.full(2000, 20.0), 10.0, 800.0)
    assert peak == pytest.approx(20e-3 * 800.0, rel=1e-9)  # 25 time constants: all but 1e-11
    spikes = [np.sort(np.random.default_rng(k).uniform(0, 4000, 80)) for k in range(400)]  # 20 Hz
    traces = eligibility(spikes, TIMES_MS, 800.0, step_ms=10.0)
    # 400 trains, each scattered by sqrt(8) of 16 at the end: 0.9 % of the mean; four of that.
    assert traces[:, -1].mean() == pytest.approx(peak * (1 - np.exp(-5)), rel=0.036)


# -- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_gains_are_0_without_overlap_1_at_full_overlap_and_rise(name):
    rule = load_rule(name)
    overlaps = np.linspace(0, 1, 501)
    for gain in (rule.potentiation, rule.depression):
        assert gain(0.0) == 0.0
        assert gain(1.0) == pytest.approx(1.0, abs=1e-12)
        assert gain(3.0) == gain(1.0)
        assert (np.diff(gain(overlaps)) >= 0).all()
    # Depression begins at a smaller overlap than potentiation, on which the rule rests.
    assert np.interp(0.5, rule.depression(overlaps), overlaps) < np.interp(
        0.5, rule.potentiation(overlaps), overlaps
    )


def test_a_long_constant_overlap_leads_to_the_equilibrium():
    overlaps = np.array([0.0, 0.12, 0.2, 0.3, 0.8])
    rate_hz, far_ms = 2000.0, 60_000.0
    # Regular trains make constant traces, in proportion to the part of the peak that is wanted.
    spikes = [np.arange(-20_000, far_ms, 1e3 / (rate_hz * one)) if one else [] for one in overlaps]
    peak = 1e-3 * rate_hz * RULE.tau_ET_ms
    held = [PlateauPulse(-20_000, far_ms)]
    scales = {"eligibility_peak": peak, "instructive_peak": 1.0}
    for start in (0.0, 1.0, RULE.w_max):
        weights = weights_after(
            np.full(5, start), spikes, held, RULE, from_ms=0.0, to_ms=far_ms, **scales
        )
        assert weights[0] == start  # nothing moves without overlap
        # Trains of 240 Hz and more ripple by 0.25 % of the overlap, on which the gains are steep.
        np.testing.assert_allclose(weights[1:], RULE.equilibrium(overlaps[1:]), rtol=0.02)
    up = RULE.k_plus_per_s * RULE.potentiation(0.2)
    down = RULE.k_minus_per_s * RULE.depression(0.2)
    assert RULE.equilibrium(0.2) == pytest.approx(RULE.w_max * up / (up + down), rel=1e-12)
    assert np.isnan(RULE.equilibrium(0.0))


def test_one_spike_and_one_plateau_in_closed_form():
    """With a gain equal to the overlap, the integral of two exponentials gives the weight."""
    rule, spike_ms, start_ms, stop_ms = linear_rule(), 900.0, 1000.0, 1300.0
    peak = instructive_peak(300.0, rule.tau_IS_ms)
    weights = weights_after(
        np.ones(1), [np.array([spike_ms])], [PlateauPulse(start_ms, stop_ms)], rule,
        from_ms=0.0, to_ms=20_000.0, eligibility_peak=1.0, instructive_peak=peak,
    )  # fmt: skip
    et, is_ = rule.tau_ET_ms, rule.tau_IS_ms
    both = 1 / (1 / et + 1 / is_)
    d_ms = stop_ms - start_ms
    at_start = np.exp(-(start_ms - spike_ms) / et)  # the trace when the plateau begins
    rising = et * (1 - np.exp(-d_ms / et)) - both * (1 - np.exp(-d_ms / both))
    falling = peak * np.exp(-d_ms / et) * both
    integral_s = 1e-3 * at_start * (rising + falling) / peak
    expected = rule.w_max - (rule.w_max - 1) * np.exp(-rule.k_plus_per_s * integral_s)
    # The gain is the overlap to 1e-4 of it (slope 1e-3), the step of second order.
    assert weights[0] == pytest.approx(expected, rel=2e-4)


def lap(step_ms: float, rule: PlasticityRule = RULE, start: float = 1.0) -> np.ndarray:
    """Weights of 40 inputs of random spikes, one every 100 ms, after a plateau."""
    random = np.random.default_rng(5)
    centres = np.linspace(0, 6000, 40)
    spikes = [np.sort(random.normal(centre, 500, 30)) for centre in centres]
    plateaus = [PlateauPulse(3000.0, 3300.0)]
    scales = {"eligibility_peak": 20.0, "instructive_peak": instructive_peak(300.0, rule.tau_IS_ms)}
    before = np.full(len(spikes), start)
    return weights_after(
        before, spikes, plateaus, rule, from_ms=0.0, to_ms=6400.0, step_ms=step_ms, **scales
    )


def test_the_step_of_the_paper_is_fine_enough():
    errors = {step_ms: np.abs(lap(step_ms) - lap(0.5)).max() for step_ms in (40.0, 10.0)}
    assert errors[10.0] < 0.01  # measured 0.008, of changes of 2
    assert errors[10.0] < errors[40.0] / 3  # of first order: depression sets in within a step


@pytest.mark.parametrize("start", [0.0, 1.0, 2.5, RULE.w_max])
@pytest.mark.parametrize("k_per_s", [1.0, 1e4])
def test_weights_stay_within_0_and_the_largest(start, k_per_s):
    rule = RULE.changed(k_plus_per_s=k_per_s, k_minus_per_s=k_per_s / 2)
    weights = lap(40.0, rule, start)
    assert ((weights >= 0) & (weights <= rule.w_max)).all()
    assert len(np.unique(weights)) > 5 or start == RULE.w_max


def test_weak_synapses_grow_and_strong_ones_far_from_the_plateau_shrink():
    weak, strong = lap(10.0, start=1.0), lap(10.0, start=3.0)
    near = slice(17, 22)  # peaks within 0.4 s of the plateau
    assert (weak[near] > 2).all()
    fell = np.flatnonzero(strong < 2.9)
    assert len(fell)
    assert not set(fell) & set(range(17, 22))
    assert strong.min() < 2.7


def test_weights_without_a_plateau_are_left_alone():
    weights = np.linspace(0, RULE.w_max, 3)
    spikes = [np.arange(0.0, 900.0, 20.0)] * 3
    scales = {"eligibility_peak": 1.0, "instructive_peak": 1.0}
    after = weights_after(weights, spikes, [], RULE, from_ms=0.0, to_ms=1000.0, **scales)
    np.testing.assert_array_equal(after, weights)


# -- numbers and refusals ---------------------------------------------------------------------------------------------


def test_the_table_has_a_standard_error_for_every_number():
    assert set(fitted_sem()) == set(PlasticityRule.model_fields)
    assert plateau_protocol().amplitude_nA == 0.7
    assert reported()["gain_mV"] == [6.73, 0.73]


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda: load_rule("fited"), "Did you mean 'fitted'?"),
        (lambda: RULE.changed(tau_ET_ms=0.0), "tau_ET_ms"),
        (lambda: RULE.changed(tau=1.0), "tau"),
        (
            lambda: instructive([PlateauPulse(5.0, 5.0)], TIMES_MS, 500.0),
            "plateau from 5 to 5 ms: expected an end after the start.",
        ),
        (
            lambda: weights_after(
                np.array([4.5]), [[]], [], RULE,
                from_ms=0, to_ms=9, eligibility_peak=1, instructive_peak=1,
            ),
            "weight 4.5: the rule has weights from 0 to 4.02",
        ),
        (
            lambda: weights_after(
                np.ones(2), [[]], [], RULE,
                from_ms=0, to_ms=9, eligibility_peak=1, instructive_peak=1,
            ),
            "weights have shape (2,): expected one a synapse, 1.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused_in_one_line(refused, message):
    with pytest.raises(ModelError) as caught:
        refused()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
