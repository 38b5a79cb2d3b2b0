"""Stochastic release: the vectorised model against a scalar one, written out from the equations."""

import math

import numpy as np
import pytest

from netpyne_model.errors import ModelError
from netpyne_model.inputs import ReleaseParameters, release, release_probability

PARAMETERS = ReleaseParameters(
    tau_F_ms=67.351, tau_D_ms=92.918, p0=0.2, f_step=1.769, d_factor=0.878
)


def scalar_probabilities(times):
    """Release probability at each spike of one train (model.md 4)."""
    F = D = 1.0
    last, probabilities = None, []
    for time in times:
        if last is not None:
            F = 1 + (F - 1) * math.exp(-(time - last) / 67.351)
            D = 1 - (1 - D) * math.exp(-(time - last) / 92.918)
        probabilities.append(min(1.0, 0.2 * F * D))
        F += 1.769
        D *= 0.878
        last = time
    return probabilities


def random_trains(n=200, seed=1):
    random = np.random.default_rng(seed)
    sizes = random.integers(0, 60, n)
    sizes[[0, 7, n - 1]] = 0
    return [np.sort(random.uniform(0, 4000, size)) for size in sizes]


def test_probabilities_equal_the_scalar_recursion():
    trains = random_trains()
    # numpy's and math's exp may differ in the last bit, and the recursion carries it on: 1e-13 is 500 times that.
    for train, probabilities in zip(trains, release_probability(trains, PARAMETERS), strict=True):
        np.testing.assert_allclose(probabilities, scalar_probabilities(train), rtol=1e-13, atol=0)


def test_released_events_equal_the_scalar_model():
    trains = random_trains(seed=2)
    random = np.random.default_rng(3)
    uniforms = [random.random(len(train)) for train in trains]
    for train, drawn, probabilities in zip(
        trains, uniforms, release(trains, uniforms, PARAMETERS), strict=True
    ):
        expected = [
            t for t, u, p in zip(train, drawn, scalar_probabilities(train), strict=True) if u < p
        ]
        assert probabilities.tolist() == expected


def test_first_and_second_spike_by_hand():
    # At rest p = 0.2. 10 ms later F = 1 + 1.769 exp(-10/67.351) = 2.52491, D = 1 - 0.122 exp(-10/92.918) = 0.890450.
    (probabilities,) = release_probability([np.array([500.0, 510.0])], PARAMETERS)
    np.testing.assert_allclose(
        probabilities, [0.2, 0.2 * 2.52491 * 0.890450], rtol=1e-5
    )  # hand values have six figures


def test_regular_train_releases_as_often_as_the_recursion_says():
    train = np.arange(0, 5000, 100.0)
    expected = np.mean(scalar_probabilities(train))
    n = 2000
    random = np.random.default_rng(4)
    released = release([train] * n, random.random((n, len(train))), PARAMETERS)
    probabilities = np.mean([len(events) for events in released]) / len(train)
    # p does not depend on earlier releases, so the count is a sum of independent draws: error below 0.5 / sqrt(1e5).
    assert abs(probabilities - expected) < 4 * 0.5 / math.sqrt(n * len(train))
    assert 0.2 < expected < 0.35


def test_probability_stays_at_most_one():
    facilitating = ReleaseParameters(tau_F_ms=1e4, tau_D_ms=1e-3, p0=0.9, f_step=5, d_factor=1)
    (probabilities,) = release_probability([np.arange(10.0)], facilitating)
    assert probabilities.max() == 1


def test_far_apart_trains_do_not_touch_each_other():
    late, early = np.array([9e6, 9e6 + 20]), np.array([1.0, 21.0])
    both = release_probability([late, early, late], PARAMETERS)
    np.testing.assert_allclose(both[1], both[0], rtol=1e-9)  # 9e6 + 20 is exact to 2e-9 ms
    np.testing.assert_array_equal(both[0], both[2])


@pytest.mark.parametrize("trains", [[], [np.empty(0)], [np.empty(0), np.array([3.0])]])
def test_few_or_no_spikes(trains):
    released = release(trains, [np.zeros(len(train)) for train in trains], PARAMETERS)
    assert [events.tolist() for events in released] == [train.tolist() for train in trains]


def test_uniforms_of_another_shape_are_refused():
    with pytest.raises(ModelError, match="one number per presynaptic spike"):
        release([np.array([1.0])], [np.array([0.5, 0.5])], PARAMETERS)


@pytest.mark.parametrize(
    ("name", "value"),
    [("tau_F_ms", 0), ("tau_D_ms", -1), ("p0", 1.1), ("f_step", -0.1), ("d_factor", math.nan)],
)
def test_impossible_parameters_are_refused(name, value):
    good = {"tau_F_ms": 67.351, "tau_D_ms": 92.918, "p0": 0.2, "f_step": 1.769, "d_factor": 0.878}
    with pytest.raises(ModelError, match=name):
        ReleaseParameters(**{**good, name: value})
