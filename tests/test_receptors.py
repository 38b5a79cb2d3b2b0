"""Receptors and current sources, generated and written by hand: against the published ones and a plain implicit Euler.

Conductances are recorded in a voltage clamp. At a fixed step NEURON computes the conductance before it updates the
states, so what is recorded is one step behind them; the published figures (columns ``fixed``) are so too.
"""

import itertools
import math
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from netpyne_model.neuroml2.components import component

DT_MS = 0.025
# Two ways to take the same implicit Euler step. The clamp leaves some 1e-8 mV, which move the magnesium block: 2e-9.
SAME = 1e-8
PUBLISHED = {"AMPA": "AMPA_KIN", "GABA_A": "GABA_A_KIN", "NMDA": "NMDA_KIN5"}
BY_HAND = {"AMPA": "KineticReceptors", "GABA_A": "KineticReceptors", "NMDA": "KineticNMDAReceptor"}
CASES = [("AMPA", -70), ("GABA_A", -70), ("NMDA", -70), ("NMDA", -40), ("NMDA", 0)]


def receptor(neuron, section, name, by_hand):
    """A receptor in the middle of the section: generated, or the one written by hand with the same parameters."""
    if not by_hand:
        return getattr(neuron, name)(section(0.5))
    fast = getattr(neuron, BY_HAND[name])(section(0.5))
    for parameter, value in component(name).items():
        setattr(fast, parameter, value)
    return fast


def record(neuron, section, targets, events, voltage, tstop, variables=("g",)):
    """Clamp the section, send the events (time, weight) to every target; return the times and a record per target.

    Each target has one connection, whose weight is set 0.1 ms before each event that changes it.
    """
    clamp = neuron.SEClamp(section(0.5))
    clamp.dur1, clamp.amp1, clamp.rs = 1e9, voltage, 1e-6
    source, times = neuron.VecStim(), neuron.Vector([time for time, _ in events])
    source.play(times)
    connections = [neuron.NetCon(source, target, 0, 0, events[0][1]) for target in targets]

    def weigh(weight):
        for connection in connections:
            connection.weight[0] = weight

    def plan():
        weigh(events[0][1])
        for (_, before), (at, after) in itertools.pairwise(events):
            if after != before:
                neuron.cvode.event(at - 0.1, (weigh, after))

    handler = neuron.FInitializeHandler(plan)
    time = neuron.Vector().record(neuron._ref_t)
    records = [
        neuron.Vector().record(getattr(target, f"_ref_{name}"))
        for target in targets
        for name in variables
    ]
    neuron.finitialize(voltage)
    neuron.continuerun(tstop)
    del handler
    return np.array(time), *(np.array(vector) for vector in records)


def single(*times):
    return [(time, 1.0) for time in times]


def chain(name, voltage):
    """Parameters, magnesium block and rate matrices (without and with transmitter) of Ru, Rb, Rc, Ro at a voltage."""
    p = component(name)
    closing = block = 1.0
    if name == "NMDA":
        block = 1 / (1 + math.exp(-p["slope"] * voltage) * p["mg"] / p["Kmg"])
        closing = 1 + p["speedUp"] * (1 - block)
    generators = []
    for kon in (0.0, p["kon"]):
        up, down = (kon, p["CC"], p["Beta"]), (p["koff"], closing * p["CO"], closing * p["Alpha"])
        rates = np.diag(up, -1) + np.diag(down, 1)
        generators.append(rates - np.diag(rates.sum(axis=0)))
    return p, block, generators


def euler(name, events, voltage, tstop):
    """Conductance by implicit Euler, with the published rule: the transmitter goes off a pulse after *any* event.

    As NEURON's fixed step: an event takes effect in the step that starts nearest to it; g before the states' update.
    """
    p, block, generators = chain(name, voltage)
    steps = [np.linalg.inv(np.eye(4) - DT_MS * generator) for generator in generators]
    queue = events + [(time + p["tPulse"], None) for time, _ in events]
    queue.sort(key=lambda item: item[0])
    state, on, weight, g = np.eye(4)[0], 0, 0.0, [0.0]
    for k in range(round(tstop / DT_MS)):
        while queue and queue[0][0] <= (k + 0.5) * DT_MS:
            _, sent = queue.pop(0)
            on = 0 if sent is None else 1
            weight = weight if sent is None else sent
        g.append(weight * p["gbase"] * block * state[3])
        state = steps[on] @ state
    return np.array(g)


def exact(name, times_ms, voltage, asked_ms):
    """Conductance at ascending times by matrix exponentials, with the same rule, every event of weight 1 at its own time."""
    p, block, generators = chain(name, voltage)
    switches = [(time, 1) for time in times_ms] + [(time + p["tPulse"], 0) for time in times_ms]
    moments = sorted([*switches, *((time, None) for time in asked_ms)], key=lambda item: item[0])
    state, on, now, g = np.eye(4)[0], 0, min(0.0, asked_ms[0]), []
    for time, switch in moments:
        state, now = expm((time - now) * generators[on]) @ state, time
        if switch is None:
            g.append(p["gbase"] * block * state[3])
        else:
            on = switch
    return np.array(g)


def worst(trace, expected):
    return np.max(np.abs(trace - expected)) / np.max(np.abs(expected))


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize(("name", "voltage"), CASES)
def test_one_event_at_the_published_step(neuron, section, reference, name, voltage, by_hand):
    table = pd.read_csv(reference / "receptors" / f"{PUBLISHED[name]}.csv.gz")
    target = receptor(neuron, section, name, by_hand)
    t, g, i = record(neuron, section, [target], single(5), voltage, table["t_ms"].max(), ("g", "i"))
    np.testing.assert_allclose(t, table["t_ms"], rtol=0, atol=1e-6)
    # The table has nine figures and the clamp holds v to 1e-6 mV: 4e-9 of the peak is reached.
    assert worst(g, table[f"g_fixed_{voltage}mV"]) < 1e-7
    if voltage != 0:
        assert worst(i, table[f"i_fixed_{voltage}mV"]) < 1e-7
    else:
        assert np.abs(i).max() < 1e-6 * g.max()  # nA; 1 mV of driving force would give g.max()


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
def test_closing_of_a_fixed_step_is_that_of_the_voltage_at_its_start(neuron, section, by_hand):
    """Two voltages, one far from the other: within the step that goes there, the old block counts (model.md 9)."""
    target = receptor(neuron, section, "NMDA", by_hand)
    clamp = neuron.SEClamp(section(0.5))
    clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2, clamp.rs = 6, -70, 1e9, 0, 1e-6
    source, times = neuron.VecStim(), neuron.Vector([5])
    source.play(times)
    connection = neuron.NetCon(source, target, 0, 0, 1.0)
    records = [neuron.Vector().record(ref) for ref in (section(0.5)._ref_v, target._ref_g)]
    neuron.finitialize(-70)
    neuron.continuerun(12)
    voltage, g = (np.array(record) for record in records)
    del connection

    def expected(at):
        """`at` is 0 for the voltage at a step's start, 1 for that at its end."""
        state, found = np.eye(4)[0], [0.0]
        for k in range(len(voltage) - 1):
            p, block, _ = chain("NMDA", voltage[k])
            found.append(p["gbase"] * block * state[3])
            _, _, generators = chain("NMDA", voltage[k + at])
            on = 5 - 1e-9 <= k * DT_MS < 5 + p["tPulse"] - 1e-9
            state = np.linalg.inv(np.eye(4) - DT_MS * generators[on]) @ state
        return np.array(found)

    assert worst(g, expected(0)) < SAME
    assert worst(g, expected(1)) > 1e-4


@pytest.mark.parametrize(("name", "voltage"), CASES)
def test_one_event_converged(neuron, section, reference, name, voltage):
    table = pd.read_csv(reference / "receptors" / f"{PUBLISHED[name]}.csv.gz")
    table = table[table["t_ms"] <= 60]
    neuron.cvode_active(1)
    neuron.cvode.atol(1e-7)
    target = receptor(neuron, section, name, by_hand=False)
    t, g = record(neuron, section, [target], single(5), voltage, 60)
    # The table's own solver is good to 3e-4 of the peak; 4e-4 is found. The fixed step is 3 to 10 % off.
    assert worst(np.interp(table["t_ms"], t, g), table[f"g_exact_{voltage}mV"]) < 1e-3


@pytest.mark.parametrize(("name", "voltage"), CASES)
def test_receptor_written_by_hand_converges(neuron, section, reference, name, voltage):
    table = pd.read_csv(reference / "receptors" / f"{PUBLISHED[name]}.csv.gz")
    table = table[table["t_ms"] <= 20]
    neuron.dt, neuron.steps_per_ms = 5e-4, 2000
    target = receptor(neuron, section, name, by_hand=True)
    t, g = record(neuron, section, [target], single(5), voltage, 21)
    # g belongs to the time one step earlier. Implicit Euler at 0.5 us errs by about 1e-3, the table by 3e-4.
    assert worst(np.interp(table["t_ms"], t - neuron.dt, g), table[f"g_exact_{voltage}mV"]) < 3e-3


# At the beginnings of steps, and anywhere. 9.2 falls into the pulse of 9 and ends a pulse after its own time, by which others
# have begun: of those at 9.2171 and 9.5329 the second is cut short.
EXACT_TRAINS = [
    (5, 9, 9.2),
    (5.0031, 9.0177, 9.2171, 9.5329),
    (5.0125, 5.6, 5.9, 6.01, 6.2013, 6.53),
]


@pytest.mark.parametrize("times", EXACT_TRAINS)
@pytest.mark.parametrize("dt_ms", [0.025, 0.05, 0.1])
@pytest.mark.parametrize(("name", "voltage"), CASES)
def test_receptor_written_by_hand_is_exact_at_second_order(
    neuron, section, name, voltage, dt_ms, times
):
    """At constant voltage it is the solution, whatever the step and wherever events are in it."""
    neuron.secondorder, neuron.dt, neuron.steps_per_ms = 2, dt_ms, 1 / dt_ms
    target = receptor(neuron, section, name, by_hand=True)
    t, g = record(neuron, section, [target], single(*times), voltage, 16)
    expected = exact(name, times, voltage, t - dt_ms / 2)
    # NMDA in a spine alone has tables; here rounding is left, and the clamp's hold of v (4e-9 of the peak).
    assert worst(g, expected) < SAME
    later = exact(name, times, voltage, t - dt_ms)
    assert worst(g, later) > 0.01 * dt_ms


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize("interval", [0.05, 0.2, 0.26, 0.35, 0.6, 1.1, 4.0])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_second_event_inside_a_pulse_does_not_lengthen_it(
    neuron, section, name, interval, by_hand
):
    events = single(2, 2 + interval)
    target = receptor(neuron, section, name, by_hand)
    _, g = record(neuron, section, [target], events, -40, 15)
    assert worst(g, euler(name, events, -40, 15)) < SAME
    if interval < component(name)["tPulse"]:
        _, one = record(neuron, section, [target], single(2), -40, 15)
        # The first pulse ends on its own time, as if the second event had not come.
        assert worst(g, one) < SAME


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_end_of_an_event_inside_a_pulse_ends_a_later_pulse(neuron, section, name, by_hand):
    pulse = component(name)["tPulse"]
    # The second event ends at 2.2 + pulse; the third, after the first pulse, is cut short there.
    events = single(2, 2.2, 2 + pulse + 0.1)
    target = receptor(neuron, section, name, by_hand)
    _, g = record(neuron, section, [target], events, -40, 15)
    assert worst(g, euler(name, events, -40, 15)) < SAME
    _, uncut = record(neuron, section, [target], single(2, 2 + pulse + 0.1), -40, 15)
    assert worst(g, uncut) > 0.01


def trains(shortest):
    """Event times in ms: intervals of at least 0.05 ms, any three events at least `shortest` apart.

    The odd 0.17 us keep events off the limits of the steps and off the ends of earlier pulses, where the order of two
    things at the same time, and with it the result, would hang on rounding.
    """

    def spread(gaps):
        times = [1.0003]
        for gap in gaps:
            least = shortest - (times[-1] - times[-2]) if len(times) > 1 else 0
            times.append(times[-1] + max(gap / 1000, math.ceil(least * 1000) / 1000) + 0.00017)
        return times

    return st.lists(st.integers(50, 1500), max_size=11).map(spread)


@pytest.mark.parametrize("name", PUBLISHED)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_train_follows_the_published_rule(neuron, section, name, data):
    times = data.draw(trains(shortest=0))
    tstop = math.ceil(times[-1]) + 3
    target = receptor(neuron, section, name, by_hand=True)
    _, g = record(neuron, section, [target], single(*times), -40, tstop)
    assert worst(g, euler(name, single(*times), -40, tstop)) < SAME


@pytest.mark.parametrize("name", PUBLISHED)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_generated_receptors_do_as_those_written_by_hand(neuron, section, name, data):
    # LEMS keeps the end of the latest event only, so no three events may fall into one pulse: see the next test.
    times = data.draw(trains(shortest=component(name)["tPulse"]))
    targets = [receptor(neuron, section, name, by_hand) for by_hand in (True, False)]
    _, g, generated = record(
        neuron, section, targets, single(*times), -40, math.ceil(times[-1]) + 3
    )
    assert worst(generated, g) < SAME


def test_three_events_in_one_pulse_are_where_the_generated_receptor_differs(neuron, section):
    # The second event's end (2.4) is forgotten once the third has come: a fourth at 2.35 lasts until 2.5, not 2.4.
    events = single(2, 2.1, 2.2, 2.35)
    targets = [receptor(neuron, section, "AMPA", by_hand) for by_hand in (True, False)]
    _, g, generated = record(neuron, section, targets, events, -40, 6)
    assert worst(g, euler("AMPA", events, -40, 6)) < SAME
    assert worst(generated, g) > 0.01
    assert worst(generated, euler("AMPA", single(2, 2.2, 2.35), -40, 6)) < SAME


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_weight_of_the_latest_event_scales_the_conductance(neuron, section, name, by_hand):
    events = [(2.0, 1.0), (3.0, 2.5), (4.0, 0.0), (5.0, 0.4)]
    target = receptor(neuron, section, name, by_hand)
    _, g = record(neuron, section, [target], events, -40, 10)
    assert worst(g, euler(name, events, -40, 10)) < SAME
    assert (g[round(4.1 / DT_MS) : round(4.9 / DT_MS)] == 0).all()


@contextmanager
def never_at_rest(neuron, mechanism):
    """Keep receptors from falling asleep for a while."""
    threshold = getattr(neuron, f"rest_{mechanism}")
    setattr(neuron, f"rest_{mechanism}", 0)
    yield
    setattr(neuron, f"rest_{mechanism}", threshold)


@pytest.mark.parametrize(("name", "second"), [("AMPA", 90), ("GABA_A", 300), ("NMDA", 700)])
def test_a_receptor_that_slept_wakes_as_one_that_did_not(neuron, section, name, second):
    target = receptor(neuron, section, name, by_hand=True)
    awake = "Ru" if name == "NMDA" else "n_awake"
    slept = record(neuron, section, [target], single(5, second), -70, second + 20, ("g", awake))
    with never_at_rest(neuron, BY_HAND[name]):
        never = record(neuron, section, [target], single(5, second), -70, second + 20, ("g", awake))
    before = round((second - 1) / DT_MS)
    assert slept[2][before] == (1 if name == "NMDA" else 0)
    assert never[2][before] != slept[2][before]
    # What is left of the first event is below 1e-9 of the receptors when it falls asleep.
    assert worst(slept[1], never[1]) < 1e-8


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_receptors_do_not_depend_on_temperature(neuron, section, name, by_hand):
    target = receptor(neuron, section, name, by_hand)
    _, warm = record(neuron, section, [target], single(2, 4), -40, 10)
    neuron.celsius = 20
    _, cool = record(neuron, section, [target], single(2, 4), -40, 10)
    np.testing.assert_array_equal(warm, cool)


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "generated"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_run_starts_anew(neuron, section, name, by_hand):
    target = receptor(neuron, section, name, by_hand)
    _, first = record(
        neuron, section, [target], single(2, 2.1), -40, 2.15
    )  # stops inside the pulse
    _, again = record(neuron, section, [target], single(2, 2.1), -40, 2.15)
    np.testing.assert_array_equal(first, again)
    neuron.finitialize(-40)
    assert (target.g, target.i) == (0, 0)


@pytest.mark.parametrize("name", ["AMPA", "NMDA"])
def test_receptors_written_by_hand_refuse_the_variable_step(neuron, section, name):
    receptor_by_hand = receptor(neuron, section, name, by_hand=True)
    neuron.cvode_active(1)
    with pytest.raises(
        RuntimeError, match=f"fixed time steps only; with CVode use the generated {name}"
    ):
        neuron.finitialize(-70)
    del receptor_by_hand


def test_epsc_source_at_the_published_step_and_converged(neuron, section, reference):
    table = pd.read_csv(reference / "receptors" / "EPSC.csv.gz")
    source = neuron.EPSC(section(0.5))
    t, i = record(neuron, section, [source], single(5), -70, table["t_ms"].max(), ("i",))
    np.testing.assert_allclose(t, table["t_ms"], rtol=0, atol=1e-6)
    # Each exponential decays exactly in a step; the table has nine figures.
    assert worst(i, table["i_fixed_-70mV"]) < 1e-7
    neuron.cvode_active(1)
    neuron.cvode.atol(1e-7)
    t, i = record(neuron, section, [source], single(5), -70, 50, ("i",))
    table = table[table["t_ms"] <= 50]
    # The table's own solver: 3e-4 of the peak.
    assert worst(np.interp(table["t_ms"], t, i), table["i_exact_-70mV"]) < 1e-3


@pytest.mark.parametrize("name", ["EPSC", "EPSC_simple"])
def test_current_sources_add_up_and_peak_at_their_weight(neuron, section, name):
    p = component(name)
    rise, decay = p["tauRise"], p["tauDecay"]
    source = getattr(neuron, name)(section(0.5))
    events = [(2.0, 0.5), (12.0, 0.25)]
    t, i = record(neuron, section, [source], events, -70, 60, ("i",))
    peak_time = math.log(decay / rise) * rise * decay / (decay - rise)
    factor = 1 / (math.exp(-peak_time / decay) - math.exp(-peak_time / rise))
    expected = np.zeros_like(t)
    for start, weight in events:
        since = np.clip(t - DT_MS - start, 0, None)  # one step behind
        expected += weight * p["ibase"] * factor * (np.exp(-since / decay) - np.exp(-since / rise))
    # Exact decay in each step: rounding only.
    assert worst(i, -expected) < 1e-11
    assert -i[t < 11].min() == pytest.approx(
        0.5 * p["ibase"], rel=1e-3
    )  # the peak falls between two steps
