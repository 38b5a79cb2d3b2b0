"""Spike trains and their random streams: statistics, and independence of how they are drawn.

Statistical tests have a fixed seed, so they never fail by chance; their limits are four or five standard errors.
"""

import math

import numpy as np
import pytest
from drawn_inputs import one_input, same
from scipy import stats

from netpyne_model.errors import ModelError
from netpyne_model.inputs import load_setup
from netpyne_model.inputs.seeding import STREAMS, Stream
from netpyne_model.inputs.trains import draw_trains


def constant_rate(n):
    place = load_setup("place_cell")
    still = place.changed(
        excitation={"peak_hz": 40, "theta_depth": 0, "theta_k": 1}, envelope_exponent=1e-12
    )
    return draw_trains(one_input(still, "CA3", 0, n=n), np.zeros(n, int), np.arange(n), seed=11)


def test_dead_time_and_its_correction():
    n, seconds = 2000, 7.8
    trains = constant_rate(n)
    intervals = np.concatenate([np.diff(train) for train in trains])
    assert intervals.min() >= 3
    # A renewal process with dead time: variance of the count = mean (1 - r dead)^2. Without the correction the mean
    # would be 11 % lower, 24 times this limit. (A train starts outside the dead time: 0.007 spikes more, 0.002 %.)
    expected = 40 * seconds * n
    assert abs(sum(map(len, trains)) - expected) < 4 * 0.88 * math.sqrt(expected)
    hazard_per_ms = 0.040 / (1 - 0.040 * 3)
    early = np.concatenate(
        [np.diff(train[:100]) for train in trains[:300]]
    )  # a fixed number: no bias to short ones
    assert stats.kstest(early - 3, stats.expon(scale=1 / hazard_per_ms).cdf).pvalue > 1e-3


def test_trains_follow_the_rate():
    n = 1500
    for name, group, peak in (
        ("place_cell", "CA3", 2000),
        ("silent_cell", "CA3", 2),
        ("place_cell", "perisomatic", math.nan),
    ):
        setup = load_setup(name)
        model = one_input(setup, group, peak, phase_rad=2.0, n=n)
        trains = draw_trains(model, np.zeros(n, int), np.arange(n), seed=12)
        edges = np.linspace(-300, setup.track_ms, 521)
        found = np.histogram(np.concatenate(trains), edges)[0]
        fine = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(40) + 0.5) / 40
        expected = (
            n
            * 1e-3
            * np.diff(edges)
            * model.rate_hz(fine.ravel(), rows=[0])[0].reshape(fine.shape).mean(axis=1)
        )
        # Bins of 15 ms (a tenth of a theta cycle). The correction holds for rates that change little within 3 ms: theta
        # changes 40 Hz by at most 0.4 Hz/ms, which leaves a difference below 0.5 % (up to 3 spikes a bin of 600).
        large = expected > 10
        z = (found - expected)[large] / np.sqrt(expected[large])
        assert np.abs(z).max() < 5
        assert abs(found.sum() - expected.sum()) < 5 * math.sqrt(expected.sum())
        assert large.sum() > 100


def test_trains_do_not_depend_on_chunk_or_order():
    setup, n = load_setup("silent_cell"), 50
    model = one_input(setup, "ECIII", 60, n=n)
    families, items = np.zeros(n, int), np.arange(n)
    whole = draw_trains(model, families, items, seed=9)
    assert same(draw_trains(model, families, items, seed=9, chunk=13), whole)
    assert same(draw_trains(model, families, items[::-1].copy(), seed=9)[::-1], whole)


def test_streams_and_items_differ():
    drawn = {
        (seed, name, family, item): Stream(seed, name).generator(family, item).random()
        for seed in (0, 1)
        for name in STREAMS
        for family in (0, 1)
        for item in (0, 1, 2)
    }
    assert len(set(drawn.values())) == len(drawn)
    stream = Stream(0, "trains")
    stream.generator(1, 2).random(1001)
    assert stream.generator(0, 1).random() == drawn[0, "trains", 0, 1]


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_seeds_are_checked(seed):
    with pytest.raises(ModelError, match="expected an integer of 0 or above"):
        Stream(seed, "trains")
