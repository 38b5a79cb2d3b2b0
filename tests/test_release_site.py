"""Mechanisms that send events: stochastic release against the package's own filter, and VecStim."""

import numpy as np
import pytest

from netpyne_model.inputs import ReleaseParameters, release
from netpyne_model.neuroml2.components import component

IDS = (7, 11, 13)


def release_site(neuron, ids):
    site = neuron.ReleaseSite()
    for parameter, value in component("release").items():
        setattr(site, parameter, value)
    site.rng.set_ids(*ids)
    return site


def play(neuron, times):
    """A VecStim that plays these times; the Vector is returned too, as it must live as long as the run."""
    source, vector = neuron.VecStim(), neuron.Vector(times)
    source.play(vector)
    return source, vector


def events_of(neuron, source):
    """Vector that fills with the times at which the source sends an event."""
    times = neuron.Vector()
    connection = neuron.NetCon(source, None)
    connection.record(times)
    return times, connection


def run(neuron, tstop):
    neuron.finitialize(-65)
    neuron.continuerun(tstop)


@pytest.fixture
def coarse(neuron):
    """NEURON at 1 ms steps: between artificial cells, events keep their own times whatever the step."""
    neuron.dt, neuron.steps_per_ms = 1, 1
    return neuron


def uniforms(neuron, ids, n):
    """What NEURON's Random123 draws with these ids."""
    random = neuron.Random()
    random.Random123(*ids)
    return np.array([random.uniform(0, 1) for _ in range(n)])


def released(neuron, ids, train):
    """What the package's own filter lets through with the same random numbers."""
    p = component("release")
    parameters = ReleaseParameters(
        tau_F_ms=p["tauF"], tau_D_ms=p["tauD"], p0=p["p0"], f_step=p["stepF"], d_factor=p["factorD"]
    )
    return release([train], [uniforms(neuron, ids, len(train))], parameters)[0]


def presynaptic(n, seed):
    return np.cumsum(np.random.default_rng(seed).exponential(60, n)) + 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_release_lets_the_same_spikes_through_as_the_packages_filter(coarse, section, seed):
    train = presynaptic(300, seed)
    source, vector = play(coarse, train)
    ids = (seed, *IDS[1:])
    site = release_site(coarse, ids)
    connection = coarse.NetCon(source, site, 0, 0, 1)
    times, recording = events_of(coarse, site)
    run(coarse, train[-1] + 1)
    expected = released(coarse, ids, train)
    assert 50 < len(expected) < 200
    assert len(times) == len(expected)
    # The same spikes; their times pass through differences (net_send), which costs the last bit.
    np.testing.assert_allclose(np.array(times), expected, rtol=1e-14, atol=0)
    del vector, connection, recording


def test_release_starts_anew_with_every_run(coarse, section):
    train = presynaptic(200, 4)
    source, vector = play(coarse, train)
    site = release_site(coarse, IDS)
    connection = coarse.NetCon(source, site, 0, 0, 1)
    runs = []
    for stop in (train[-1] + 1, train[70], train[-1] + 1):  # the second run is broken off
        times, recording = events_of(coarse, site)
        run(coarse, stop)
        runs.append(np.array(times))
        del recording
    np.testing.assert_array_equal(runs[0], runs[2])
    np.testing.assert_array_equal(runs[0][runs[0] < train[69]], runs[1][runs[1] < train[69]])
    coarse.finitialize(-65)
    assert (site.F, site.D, site.p) == (1, 1, 0)
    del vector, connection


def test_release_sites_with_other_ids_draw_other_numbers(coarse, section):
    train = presynaptic(300, 5)
    source, vector = play(coarse, train)
    sites = [release_site(coarse, (k, 0, 0)) for k in range(3)]
    connections = [coarse.NetCon(source, site, 0, 0, 1) for site in sites]
    records = [events_of(coarse, site) for site in sites]
    run(coarse, train[-1] + 1)
    events = [tuple(times) for times, _ in records]
    assert len(set(events)) == 3
    for k, times in enumerate(events):
        np.testing.assert_allclose(times, released(coarse, (k, 0, 0), train), rtol=1e-14, atol=0)
    del vector, connections


def test_release_is_certain_where_p_would_exceed_one(neuron, section):
    # 20 spikes at 1 ms: F grows by 1.769 a spike and p0 F D passes 1 from the fifth spike on, for a while.
    train = np.arange(1.0, 21.0)
    source, vector = play(neuron, train)
    site = release_site(neuron, IDS)
    connection = neuron.NetCon(source, site, 0, 0, 1)
    probability = neuron.Vector().record(site._ref_p)
    run(neuron, 25)
    assert max(probability) == 1
    del vector, connection


# -- VecStim ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0.0, 0.3, 1.0, 4.9], [0.0, 0.3, 1.0, 4.9]),
        ([], []),
        ([-5.0, -0.1, 2.0], [2.0]),
        ([-5.0], []),
        ([3.0, 3.0], [3.0, 3.0]),
        ([1.01374, 2.00001], [1.01374, 2.00001]),
        ([2.0, 99.0], [2.0]),
    ],
    ids=[
        "all",
        "none",
        "before the start",
        "only before",
        "two at once",
        "off the grid",
        "after the end",
    ],
)
def test_vecstim_plays_its_times(neuron, section, times, expected):
    source, vector = play(neuron, times)
    heard, recording = events_of(neuron, source)
    for _ in range(2):  # the second run plays the vector again
        run(neuron, 5)
        # Times pass through differences (net_send): the last bit.
        np.testing.assert_allclose(np.array(heard), expected, rtol=1e-14, atol=0)
    del vector, recording


def test_vecstim_that_was_given_no_vector_is_silent(neuron, section):
    source = neuron.VecStim()
    heard, recording = events_of(neuron, source)
    run(neuron, 5)
    assert len(heard) == 0
    del recording


def test_vecstim_takes_another_vector_between_runs(neuron, section):
    source, first = play(neuron, [1.0, 2.0])
    heard, recording = events_of(neuron, source)
    run(neuron, 5)
    second = neuron.Vector([3.0])
    source.play(second)
    run(neuron, 5)
    assert list(heard) == [3.0]
    del first, recording


def test_events_take_effect_in_the_nearest_step(neuron, section):
    receptor = neuron.KineticReceptors(section(0.5))
    for parameter, value in component("AMPA").items():
        setattr(receptor, parameter, value)
    # Steps start at multiples of 0.025: half a step decides.
    for time, start in ((1.0, 1.0), (1.012, 1.0), (1.013, 1.025), (1.03, 1.025)):
        source, vector = play(neuron, [time])
        connection = neuron.NetCon(source, receptor, 0, 0, 1)
        on, t = neuron.Vector().record(receptor._ref_n_awake), neuron.Vector().record(neuron._ref_t)
        run(neuron, 1.2)
        # Seen at the end of the first step that has transmitter.
        assert np.array(t)[np.argmax(np.array(on) > 0)] == pytest.approx(start + 0.025, abs=1e-9)
        del vector, connection
