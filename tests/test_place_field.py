"""Place field, rates in and out of it, spatial information: on rate maps of known answer."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpyne_model.analysis import (
    distance_from,
    field_rates,
    find_place_field,
    in_field,
    smoothed_rate,
    spatial_information,
)
from netpyne_model.errors import ModelError

TRACK = 187.0
HALF_WIDTH_SIGMAS = math.sqrt(2 * math.log(5))  # where a Gaussian is a fifth of its peak
pytestmark = pytest.mark.filterwarnings("error")


def gaussian_map(centre, sigma, *, peak_hz=12.0, n=187, circular=True):
    """A Gaussian field on an even grid over the track; on a circular one by the shorter way round."""
    position = np.arange(n) * TRACK / n
    distance = distance_from(position, centre, track_length=TRACK if circular else None)
    return position, peak_hz * np.exp(-0.5 * (distance / sigma) ** 2)


def test_in_field_includes_its_edges_and_nothing_beyond():
    position = np.array([39.9, 40.0, 60.0, 80.0, 80.1])
    assert in_field(position, centre=60, width=40).tolist() == [False, True, True, True, False]


def test_the_shorter_way_round_counts_and_so_do_other_laps():
    position = np.array([180.0, 10.0, 60.0, 180.0 - TRACK, 10.0 + 3 * TRACK])
    assert in_field(position, centre=5.0, width=30.0, track_length=TRACK).tolist() == [
        True,
        True,
        False,
        True,
        True,
    ]
    assert in_field(position, centre=5.0, width=30.0).tolist() == [False, True, False, True, False]
    assert distance_from(180.0, 5.0, track_length=TRACK) == pytest.approx(-12.0)
    assert distance_from(10.0, 180.0, track_length=TRACK) == pytest.approx(17.0)
    np.testing.assert_allclose(distance_from([98.4, 98.6], 5.0, track_length=TRACK), [93.4, -93.4])


@given(st.floats(0, TRACK), st.floats(0, TRACK), st.floats(1, TRACK), st.floats(-1000, 1000))
def test_turning_the_track_changes_nothing_about_who_is_in_the_field(position, centre, width, turn):
    before = abs(float(distance_from(position, centre, track_length=TRACK)))
    after = abs(float(distance_from(position + turn, centre + turn, track_length=TRACK)))
    assert before <= TRACK / 2 * (1 + 1e-12)
    assert after == pytest.approx(before, abs=1e-9)  # rounding of numbers up to 1,200
    if abs(before - width / 2) > 1e-9:
        kept = in_field(position + turn, centre=centre + turn, width=width, track_length=TRACK)
        assert kept == (before <= width / 2)


def test_rates_in_and_out_of_the_field_count_spikes_over_time():
    position = np.arange(0, 6000.0, 10)
    spikes = np.array([2600.0, 3000.0, 3400.0, 10.0, 5995.0, 6001.0, -3.0])
    rates = field_rates(spikes, position, seconds_per_unit=1e-3, centre=3000.0, width=990.0)
    # 99 of 600 points lie in the field: 0.99 s; the spikes at 6,001 and -3 are off the run.
    assert rates.in_field_hz == pytest.approx(3 / 0.99, rel=1e-12)
    assert rates.out_of_field_hz == pytest.approx(2 / 5.01, rel=1e-12)


def test_rates_in_cm_and_of_several_laps():
    position = np.arange(187) * 1.0
    where = {"centre": 0.0, "width": 20.0, "track_length": TRACK}
    once = field_rates([1.0, 180.0, 90.0], position, seconds_per_unit=1 / 30, **where)
    assert once.in_field_hz == pytest.approx(2 / (21 / 30))
    twice = field_rates([1.0, 180.0, 90.0] * 2, position, seconds_per_unit=2 / 30, **where)
    assert twice == pytest.approx(once)


def test_a_spike_at_the_end_of_the_track_belongs_to_the_next_lap():
    """A lap is half-open: of laps end to end every spike counts once, the first of each included."""
    position = np.arange(0, TRACK, 1.0)
    constant = {"seconds_per_unit": 0.04, "centre": 90.0, "width": 40.0}
    spikes = np.array([0.0, TRACK])  # where the lap begins, where it ends: both out of the field
    one_out_of_field = 1 / (0.04 * (TRACK - 41))  # 41 points of the grid are in the field
    for counted in (spikes, spikes[:1]):
        rates = field_rates(counted, position, **constant)
        assert rates.in_field_hz == 0
        assert rates.out_of_field_hz == pytest.approx(one_out_of_field, rel=1e-12)


def test_no_time_in_the_field_is_no_rate_and_a_silent_cell_has_a_rate_of_zero():
    position = np.arange(0, 1000.0, 10)
    outside = field_rates([500.0], position, seconds_per_unit=1e-3, centre=3000.0, width=100.0)
    assert math.isnan(outside.in_field_hz)
    assert outside.out_of_field_hz == pytest.approx(1.0)
    everywhere = field_rates([500.0], position, seconds_per_unit=1e-3, centre=500.0, width=5000.0)
    assert math.isnan(everywhere.out_of_field_hz)
    assert field_rates([], position, seconds_per_unit=1e-3, centre=500.0, width=100.0) == (0.0, 0.0)
    with pytest.raises(ModelError, match="position has 1 points"):
        field_rates([], [0.0], seconds_per_unit=1e-3, centre=0.0, width=1.0)


@pytest.mark.parametrize("centre", [93.5, 60.25, 2.0, 186.5])
def test_a_gaussian_field_has_its_known_width_wherever_it_lies_on_a_circular_track(centre):
    sigma = 11.0
    found = find_place_field(*gaussian_map(centre, sigma), track_length=TRACK)
    # Linear between points 1 cm apart: off by less than step^2 / 8 times curvature over slope, 0.014 cm an edge; and the
    # peak's point lies up to half a step off the peak, 0.1 % too low: 0.006 cm an edge.
    assert found.width == pytest.approx(2 * HALF_WIDTH_SIGMAS * sigma, abs=0.04)
    assert distance_from(found.centre, centre, track_length=TRACK) == pytest.approx(0, abs=0.01)
    assert abs(distance_from(found.peak, centre, track_length=TRACK)) <= 0.5
    assert distance_from(
        found.start, centre - HALF_WIDTH_SIGMAS * sigma, track_length=TRACK
    ) == pytest.approx(0, abs=0.02)
    assert min(found.start, found.stop, found.centre) >= 0
    assert max(found.start, found.stop, found.centre) < TRACK
    assert (found.stop - found.start) % TRACK == pytest.approx(found.width, abs=1e-9)


def test_edges_and_centre_of_a_triangle_are_exact():
    # Rises over 40, falls over 20 points to 0: at half the peak it is 30 wide, from 30 to 60.
    position = np.arange(0.0, 101.0)
    rate = np.interp(position, [10, 50, 70], [0, 8, 0])
    found = find_place_field(position, rate, fraction=0.5)
    assert (found.start, found.stop, found.width, found.peak, found.peak_rate_hz) == pytest.approx(
        (30, 60, 30, 50, 8)
    )
    # A rectangle of 30 x 4 about 45 with a triangle of 30 x 4 / 2 on it, whose mean is (30 + 50 + 60) / 3.
    assert found.centre == pytest.approx((120 * 45 + 60 * 140 / 3) / 180, rel=1e-12)


def test_a_smaller_second_peak_beyond_a_gap_is_no_part_of_the_field():
    position, rate = gaussian_map(60.0, 8.0)
    two = rate + 0.7 * gaussian_map(140.0, 8.0)[1]
    one, both = (
        find_place_field(position, rate, track_length=TRACK),
        find_place_field(position, two, track_length=TRACK),
    )
    assert both.width == pytest.approx(one.width, abs=0.01)
    assert both.centre == pytest.approx(one.centre, abs=0.01)


def test_a_field_ends_with_a_track_that_is_not_circular():
    position, rate = gaussian_map(0.0, 10.0, circular=False)
    found = find_place_field(position, rate)
    assert (found.start, found.peak) == (0.0, 0.0)
    assert found.stop == pytest.approx(HALF_WIDTH_SIGMAS * 10, abs=0.02)
    level = find_place_field(position, np.full(187, 3.0))
    assert (level.start, level.stop, level.centre) == pytest.approx((0.0, 186.0, 93.0))


def test_a_field_of_the_whole_circular_track_is_cut_where_the_rate_is_lowest():
    position = np.arange(187.0)
    rate = 5 + 3 * np.cos(2 * np.pi * (position - 20) / TRACK)
    found = find_place_field(position, rate, track_length=TRACK)
    assert found.width == TRACK
    assert found.start == found.stop
    assert distance_from(found.start, 20 + TRACK / 2, track_length=TRACK) == pytest.approx(0, abs=1)
    assert found.centre == pytest.approx(
        20, abs=0.5
    )  # the cut is a point of the grid: half a step off the lowest rate


def test_a_silent_or_too_weak_cell_has_no_field():
    position, rate = gaussian_map(60.0, 10.0, peak_hz=2.0)
    assert find_place_field(position, np.zeros(187), track_length=TRACK) is None
    assert find_place_field(position, rate, at_least_hz=2.5) is None
    assert find_place_field(position, rate, at_least_hz=1.5) is not None


def test_one_spike_makes_a_field_of_the_width_of_the_smoothing():
    time_ms = np.arange(0, 6230.0, 10)
    rate = smoothed_rate([100.0], time_ms, sigma_ms=150, circular=True)
    found = find_place_field(time_ms, rate, track_length=6230.0)
    # Edges interpolated on a grid of 10 ms: step^2 / 8 times curvature over slope is 0.1 ms.
    assert found.width == pytest.approx(2 * HALF_WIDTH_SIGMAS * 150, abs=0.3)
    assert found.centre == pytest.approx(100, abs=0.3)


@settings(deadline=None)
@given(
    st.integers(0, 186), st.floats(4, 45), st.floats(0.1, 50), st.floats(0.05, 0.9), st.floats(0, 2)
)
def test_turning_the_track_turns_the_field_and_scaling_the_rate_scales_its_peak(
    turn, sigma, scale, fraction, second
):
    position, rate = gaussian_map(70.0, sigma)
    rate = rate + second * gaussian_map(110.0, sigma)[1]
    asked = {"fraction": fraction, "track_length": TRACK}
    one = find_place_field(position, rate, **asked)
    other = find_place_field(position, scale * np.roll(rate, turn), **asked)
    assert other.peak_rate_hz == pytest.approx(scale * one.peak_rate_hz)
    # Of two equally high peaks the first on the track counts.
    if abs(distance_from(other.peak, one.peak + turn, track_length=TRACK)) < 1e-9:
        assert other.width == pytest.approx(one.width, abs=1e-6)
        for name in ("start", "stop", "centre"):
            moved = distance_from(
                getattr(other, name), getattr(one, name) + turn, track_length=TRACK
            )
            assert moved == pytest.approx(0, abs=1e-6)
    else:
        assert second == pytest.approx(1, abs=0.02)


def test_rate_maps_that_are_none_are_refused_in_one_line():
    position, rate = gaussian_map(60.0, 10.0)
    for arguments, options, words in (
        ((position, rate[:-1]), {}, r"position \(187,\), rate_hz \(186,\)"),
        ((position, rate), {"fraction": 1.0}, "fraction = 1"),
        ((position[::-1], rate), {}, "ascending"),
        ((position, rate), {"track_length": 186.0}, "leave out the repeated end point"),
    ):
        with pytest.raises(ModelError, match=words) as caught:
            find_place_field(*arguments, **options)
        assert "\n" not in str(caught.value)


def test_information_of_a_two_level_rate_is_the_closed_form():
    # 20 Hz on a tenth of the track, 2 Hz elsewhere: mean 3.8 Hz.
    rate = np.r_[np.full(10, 20.0), np.full(90, 2.0)]
    expected = 0.1 * 20 / 3.8 * math.log2(20 / 3.8) + 0.9 * 2 / 3.8 * math.log2(2 / 3.8)
    assert spatial_information(rate) == pytest.approx(expected, rel=1e-12)
    # The same cell in bins of unequal time.
    assert spatial_information([20.0, 2.0], [0.3, 2.7]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("part", [2, 8, 64])
def test_a_cell_that_fires_in_one_part_of_n_tells_log2_n_bits(part):
    rate = np.zeros(64)
    rate[: 64 // part] = 7.0
    assert spatial_information(rate) == pytest.approx(math.log2(part), rel=1e-12)


def test_a_steady_rate_tells_nothing_and_a_silent_cell_has_no_spike_to_tell():
    assert spatial_information(np.full(50, 4.0)) == pytest.approx(0, abs=1e-12)
    assert math.isnan(spatial_information(np.zeros(50)))


def test_bins_without_time_do_not_count():
    assert spatial_information([8.0, 0.0, np.nan, 99.0], [1.0, 3.0, 1.0, 0.0]) == pytest.approx(
        2.0, rel=1e-12
    )
    assert math.isnan(spatial_information([0.0, 99.0], [1.0, 0.0]))
    with pytest.raises(ModelError, match=r"holds -1: expected no negative"):
        spatial_information([1.0, -1.0])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.floats(0.1, 10), st.integers(0, 29))
def test_information_is_positive_and_knows_neither_scale_nor_order(rates, scale, turn):
    rates = np.round(rates, 3)  # no rate so small that its square is 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bits = spatial_information(rates)
    if not rates.any():
        assert math.isnan(bits)
        return
    assert -1e-9 <= bits <= math.log2(len(rates)) + 1e-9
    assert spatial_information(scale * np.roll(rates, turn)) == pytest.approx(bits, abs=1e-9)
