"""Common tuning of laps: by hand, with a tuning that is there and with none."""

import numpy as np
import pytest

from netpyne_model.analysis import common_tuning
from netpyne_model.errors import ModelError

N_BINS = 60


def smooth_noise(random, n_laps):
    """Laps of slow noise around a circle, each with ups and downs of its own: SD 1."""
    waves = np.arange(1, 5)[:, None] * np.linspace(0, 2 * np.pi, N_BINS, endpoint=False)
    phases = random.uniform(0, 2 * np.pi, (n_laps, 4, 1))
    return np.cos(waves + phases).sum(axis=1) / np.sqrt(2)


def test_spread_by_hand():
    curve = np.array([[0.0, 2.0], [0.0, 2.0]])
    tuning = common_tuning(curve, n_rotations=4000)
    assert (tuning.spread, tuning.range) == (1.0, 2.0)
    # Two laps of two bins agree in half of the rotations, else their mean is flat. 4000 draws: the
    # share is known to five standard errors of 0.008.
    assert tuning.by_chance == pytest.approx(0.5, abs=0.04)
    assert tuning.p == pytest.approx(0.5, abs=0.04)


def test_rotation_by_fourier_is_rotation():
    curves = np.random.default_rng(1).normal(size=(3, 7))
    for bins in (6, 7):
        part = curves[:, :bins]
        all_shifts = [
            np.mean([np.roll(lap, k) for lap, k in zip(part, (0, i, j), strict=True)], axis=0).std()
            for i in range(bins)
            for j in range(bins)
        ]
        tuning = common_tuning(part, n_rotations=5000)
        error = np.std(all_shifts) / np.sqrt(5000)
        assert tuning.by_chance == pytest.approx(np.mean(all_shifts), abs=5 * error)


def test_what_laps_share_is_found_and_what_they_do_not_is_not():
    random = np.random.default_rng(2)
    hidden = 1.5 * np.cos(np.linspace(0, 2 * np.pi, N_BINS, endpoint=False))
    found = common_tuning(smooth_noise(random, 10) + hidden, n_rotations=999)
    assert found.p < 0.01
    p = [common_tuning(smooth_noise(random, 10), n_rotations=199).p for _ in range(100)]
    # Without a tuning p is even: 5 of 100 below 0.05, 13 five standard errors off.
    assert np.mean(np.array(p) <= 0.05) < 0.16
    assert np.mean(p) == pytest.approx(0.5, abs=5 * 0.29 / 10)


def test_offsets_of_laps_are_no_tuning():
    random = np.random.default_rng(3)
    curves = smooth_noise(random, 6)
    apart = curves + random.normal(0, 10, (6, 1))
    assert common_tuning(apart).p == common_tuning(curves).p


@pytest.mark.parametrize("curves", [np.zeros((1, 5)), np.zeros(5), np.full((3, 4), np.nan)])
def test_what_is_no_set_of_laps_is_refused(curves):
    with pytest.raises(ModelError, match=r"expected \(laps, bins\)"):
        common_tuning(curves)
