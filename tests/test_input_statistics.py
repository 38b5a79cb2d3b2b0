"""Statistics of what is drawn against closed forms and the request, with a stated rate of false alarms.

Each limit is exceeded by chance once in a million draws (`FALSE_ALARM`, two-sided); seeds were drawn once and are fixed, so
that a test that passes does so always, and one that fails after a change of the code is no chance.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn_inputs import one_input
from scipy import stats

from netpyne_model.configuration import load_configuration
from netpyne_model.inputs import ReleaseParameters, load_setup, release, release_probability
from netpyne_model.inputs.rates import rates
from netpyne_model.inputs.trains import draw_trains, hazard_per_ms
from netpyne_model.neuroml2.components import component
from netpyne_model.simulation import prepare_trial

FALSE_ALARM = 1e-6
LIMIT = stats.norm.isf(FALSE_ALARM / 2)  # 4.89 standard errors
DEAD_MS = 3.0
N_TRAINS = 3000


def parameters(p0: float | None = None) -> ReleaseParameters:
    """Those of the model, or with another probability at rest."""
    p = component("release")
    return ReleaseParameters(
        tau_F_ms=p["tauF"],
        tau_D_ms=p["tauD"],
        p0=p["p0"] if p0 is None else p0,
        f_step=p["stepF"],
        d_factor=p["factorD"],
    )


def steady_trains(rate_hz: float, seed: int) -> list[np.ndarray]:
    """Trains of a constant rate over the lead-in and the whole track."""
    still = load_setup("place_cell").changed(
        excitation={"peak_hz": rate_hz, "theta_depth": 0, "theta_k": 1}, envelope_exponent=1e-12
    )
    model = one_input(still, "CA3", 0, n=N_TRAINS)
    return draw_trains(model, np.zeros(N_TRAINS, int), np.arange(N_TRAINS), seed=seed)


def standard_errors(values: np.ndarray) -> float:
    """How many standard errors the mean of independent values is from 0."""
    return float(values.mean() / values.std(ddof=1) * math.sqrt(len(values)))


# -- presynaptic trains -----------------------------------------------------------------------------------------------

RATES = pytest.mark.parametrize(("rate_hz", "seed"), [(2, 7121), (15, 3058), (40, 9460)])


@RATES
def test_rate_and_its_variance_are_those_of_the_request(rate_hz, seed):
    """A renewal process with dead time: counts of a long time have the variance mean (1 - r dead)^2."""
    setup = load_setup("place_cell")
    counts = np.array([(train > 0).sum() for train in steady_trains(rate_hz, seed)])
    expected = 1e-3 * rate_hz * setup.track_ms
    assert abs(standard_errors(counts - expected)) < LIMIT
    variance = expected * (1 - 1e-3 * rate_hz * DEAD_MS) ** 2
    # A train that begins within the time has no dead time before: 0.2 at most of a variance of 12 and more.
    freedom = N_TRAINS - 1
    low, high = stats.chi2.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], freedom) / freedom
    assert low * variance - 0.2 < counts.var(ddof=1) < high * variance + 0.2
    neighbours = np.corrcoef(counts[:-1], counts[1:])[0, 1]
    assert abs(neighbours) * math.sqrt(N_TRAINS) < LIMIT


@RATES
def test_intervals_are_a_dead_time_and_an_exponential(rate_hz, seed):
    """The first interval that begins on the track: of every train one, so that none is chosen for being short."""
    first = [train[train > 0][:2] for train in steady_trains(rate_hz, seed)]
    intervals = np.array([pair[1] - pair[0] for pair in first if len(pair) == 2])
    assert len(intervals) > 0.99 * N_TRAINS
    assert intervals.min() >= DEAD_MS
    law = stats.expon(loc=DEAD_MS, scale=1 / hazard_per_ms(rate_hz, DEAD_MS))
    assert stats.kstest(intervals, law.cdf).pvalue > FALSE_ALARM


# -- release ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval_ms", [5.0, 25.0, 120.0])
def test_a_regular_train_comes_to_the_fixed_point(interval_ms):
    """F = 1 + f a / (1 - a) and D = (1 - b) / (1 - d b), with a, b = exp(-interval / tau)."""
    model = parameters(p0=0.001)  # below 1 whatever F
    a, b = (math.exp(-interval_ms / tau) for tau in (model.tau_F_ms, model.tau_D_ms))
    F, D = 1 + model.f_step * a / (1 - a), (1 - b) / (1 - model.d_factor * b)
    (probability,) = release_probability([interval_ms * np.arange(2000)], model)
    assert probability[-1] == pytest.approx(model.p0 * F * D, rel=1e-12)


def mean_probability(model: ReleaseParameters, rate_hz: float) -> float:
    """Mean of p0 F D over the spikes of a train with dead time, where it never exceeds 1.

    With x = F - 1 and y = 1 - D just before a spike, the next ones are (x + f) exp(-t / tau_F) and
    (1 - d + d y) exp(-t / tau_D) of an interval t that is independent of them; means on both sides are equal.
    """
    hazard = hazard_per_ms(rate_hz, DEAD_MS)

    def decay(per_ms: float) -> float:  # the mean of exp(-t per_ms)
        return math.exp(-DEAD_MS * per_ms) * hazard / (hazard + per_ms)

    slow, fast = 1 / model.tau_F_ms, 1 / model.tau_D_ms
    a, b, c = decay(slow), decay(fast), decay(slow + fast)
    f, d = model.f_step, model.d_factor
    x, y = a * f / (1 - a), b * (1 - d) / (1 - b * d)
    xy = c * ((1 - d) * (x + f) + d * f * y) / (1 - c * d)
    return model.p0 * (1 + x - y - xy)


def release_error(
    trains: list[np.ndarray], seed: int, against: ReleaseParameters, rate_hz: float
) -> float:
    """Standard errors between released events and the closed form of parameters, 1 s into the track and later.

    Nothing is left of the start by then. Train by train: spikes of one are not independent.
    """
    model = parameters(p0=0.02)
    random = np.random.default_rng(seed)
    released = release(trains, [random.random(len(train)) for train in trains], model)
    mean = mean_probability(against, rate_hz)
    excess = [
        (events > 1000).sum() - mean * (train > 1000).sum()
        for events, train in zip(released, trains, strict=True)
    ]
    return standard_errors(np.array(excess))


@RATES
def test_release_of_random_trains_is_the_closed_form(rate_hz, seed):
    trains, model = steady_trains(rate_hz, seed), parameters(p0=0.02)
    assert max(one.max() for one in release_probability(trains, model) if len(one)) < 1
    assert abs(release_error(trains, seed, model, rate_hz)) < LIMIT


@pytest.mark.parametrize("name", ["tau_F_ms", "tau_D_ms", "p0", "f_step"])
def test_a_tenth_of_a_parameter_would_be_told(name):
    trains, model = steady_trains(40, 9460), parameters(p0=0.02)
    other = replace(model, **{name: 1.1 * getattr(model, name)})
    assert abs(release_error(trains, 9460, other, 40)) > LIMIT


# -- a whole trial ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("setup", "seed"), [("place_cell", 815), ("silent_cell", 4711)])
def test_a_trial_fires_and_releases_as_requested(setup, seed):
    """Spikes of each group against the integral of their rates; releases against the sum of their probabilities."""
    trial = prepare_trial(load_configuration(None, {"setup": setup, "seed": seed}))
    driven, declared = trial.driven, trial.setup
    step_ms = 5.0  # thirty a cycle of theta
    n_steps = round((declared.lead_in_ms + declared.track_ms) / step_ms)
    middles_ms = -declared.lead_in_ms + step_ms * (np.arange(n_steps) + 0.5)
    requested = rates(declared, driven.synapses, driven.theta_phase_rad)
    expected = 1e-3 * step_ms * requested.rate_hz(middles_ms).sum(axis=1)
    end_ms = declared.track_start_ms - declared.lead_in_ms + n_steps * step_ms
    counts = np.array([(train < end_ms).sum() for train in driven.presynaptic_ms])
    groups = driven.synapses["group"].to_numpy()
    limit = stats.norm.isf(FALSE_ALARM / 2 / len(set(groups)))
    for group in set(groups):
        of_it = groups == group
        # Dead time makes the variance smaller than that of Poisson's: the limit is on the safe side.
        apart = counts[of_it].sum() - expected[of_it].sum()
        assert abs(apart) < limit * math.sqrt(expected[of_it].sum()), group
    excitatory = np.flatnonzero(driven.synapses["kind"] == "exc")
    trains = [driven.presynaptic_ms[row] for row in excitatory]
    probability = np.concatenate(release_probability(trains, parameters()))
    n_released = sum(len(driven.released_ms[row]) for row in excitatory)
    error = math.sqrt((probability * (1 - probability)).sum())
    assert abs(n_released - probability.sum()) < LIMIT * error
