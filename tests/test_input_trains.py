"""One source of all events against a spike source an input, and what it refuses."""

import numpy as np
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.neuroml2.components import component
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.built import BuiltTrial
from netpyne_model.simulation.netpyne_params import configure, net_params
from netpyne_model.simulation.run import build, clear, integrate, quiet_netpyne

# 30 ms with input, in which dozens of synapses get several events.
FEW = {"setup": "place_cell", "duration_ms": 280.0, "n_excitatory": 400, "n_inhibitory": 200}
WAYS = {
    "default": {},
    "second_order": {"integration": "second_order"},
    "sections": {"spines": "folded"},
    "generated": {"spines": "folded", "receptors": "generated", "channels": "separate"},
    "variable_step": {
        "spines": "folded",
        "receptors": "generated",
        "channels": "separate",
        "integration": "variable_step",
        "n_excitatory": 60,
        "n_inhibitory": 30,
    },
}


def voltages_mV() -> dict[str, np.ndarray]:
    from netpyne import sim

    return {
        name: np.array(next(iter(sim.simData[name].values()))) for name in ("soma", "distal_trunk")
    }


@pytest.mark.parametrize("way", WAYS)
def test_one_source_of_all_events_gives_what_a_source_an_input_gives(loaded, way):
    """To the last bit: the same events reach the same receptors, made in the same order."""
    from netpyne import sim, specs

    trial = prepare_trial(load_configuration(None, FEW | WAYS[way]))
    with quiet_netpyne():
        clear()
        cfg = specs.SimConfig()
        configure(cfg, trial)
        sim.create(simConfig=cfg, netParams=net_params(trial))
    built = BuiltTrial(trial)
    integrate(trial.duration_ms)
    expected_mV = voltages_mV()
    del built
    clear()
    built = build(trial)
    integrate(trial.duration_ms)
    actual_mV = voltages_mV()
    del built
    clear()
    assert np.ptp(expected_mV["soma"][-300:]) > 0.01  # the input is felt
    for name, voltage_mV in expected_mV.items():
        np.testing.assert_array_equal(actual_mV[name], voltage_mV)


# -- the mechanism alone ------------------------------------------------------------------------


class Rig:
    """A compartment with synapses whose conductance keeps what they receive, and a source on it."""

    def __init__(self, h, weights: list[float]):
        self.h = h
        self.section = h.Section(name="compartment")
        self.synapses = [h.ExpSyn(self.section(0.5)) for _ in weights]
        self.netcons = h.List()
        for synapse, weight in zip(self.synapses, weights, strict=True):
            synapse.tau = 1e12  # ms: within a run of 5 ms nothing decays that a test would see
            netcon = h.NetCon(None, synapse)
            netcon.weight[0] = weight
            self.netcons.append(netcon)
        self.source = h.InputTrains(self.section(0.5))

    def play(self, *events: tuple[float, int]) -> None:
        """Events: time (ms) and number of the synapse."""
        times_ms, numbers = zip(*events, strict=True) if events else ((), ())
        self.source.play(self.netcons, self.h.Vector(times_ms), self.h.Vector(numbers))

    def received(self, stop_ms: float) -> list[float]:
        """What the synapses have received in a run to this time."""
        self.h.finitialize(-65)
        while self.h.t < stop_ms - self.h.dt / 2:
            self.h.fadvance()
        return [round(synapse.g, 6) for synapse in self.synapses]


@pytest.fixture
def rig(neuron):
    return Rig(neuron, [1.0, 10.0, 100.0])


def test_each_event_reaches_its_synapse_at_its_time(rig):
    rig.play((1.0, 2), (2.0, 0), (2.0, 1), (3.0, 0))
    assert rig.source.n_events == 4
    for stop_ms, received in [(0.9, [0, 0, 0]), (1.5, [0, 0, 100]), (2.5, [1, 10, 100])]:
        assert rig.received(stop_ms) == received
    for _ in range(2):  # a second run plays them again
        assert rig.received(5.0) == [2, 10, 100]


def test_what_comes_before_the_start_is_left_out(rig):
    rig.play((-2.0, 0), (-0.1, 1), (0.0, 2), (1.0, 0))
    assert rig.received(2.0) == [1, 0, 100]


def test_without_trains_it_is_silent_and_new_ones_replace_the_old(rig):
    assert rig.received(1.0) == [0, 0, 0]
    rig.play()
    assert rig.received(1.0) == [0, 0, 0]
    rig.play((0.5, 0))
    assert rig.received(1.0) == [1, 0, 0]
    rig.play((0.5, 1), (0.75, 1))
    assert rig.received(1.0) == [0, 20, 0]


def test_it_keeps_the_netcons_and_misses_a_synapse_that_is_gone(rig):
    rig.play((0.5, 0), (0.5, 1), (0.75, 2))
    rig.netcons = None
    assert rig.received(1.0) == [1, 10, 100]
    rig.synapses.pop(1)
    with pytest.raises(RuntimeError, match="target is missing"):
        rig.received(1.0)


def test_events_of_one_time_come_in_their_order(neuron):
    """Two inputs to one receptor: it has the weight of the latest event."""
    section = neuron.Section(name="compartment")
    receptor = neuron.KineticReceptors(section(0.5))
    for parameter, value in component("AMPA").items():
        setattr(receptor, parameter, value)
    netcons = neuron.List()
    for weight in (1.0, 3.0):
        netcon = neuron.NetCon(None, receptor)
        netcon.weight[0], netcon.weight[2] = weight, 1
        netcons.append(netcon)
    source = neuron.InputTrains(section(0.5))
    conductance_uS = {}
    for order in ((0, 1), (1, 0)):
        source.play(netcons, neuron.Vector([0.5, 0.5]), neuron.Vector(order))
        neuron.finitialize(-65)
        while neuron.t < 0.7:
            neuron.fadvance()
        conductance_uS[order] = receptor.g
    assert conductance_uS[0, 1] == pytest.approx(3 * conductance_uS[1, 0], rel=1e-12)


@pytest.mark.parametrize(
    ("times_ms", "numbers"),
    [([2.0, 1.0], [0, 0]), ([1.0], [3]), ([1.0], [-1]), ([1.0, 2.0], [0])],
    ids=["descending", "no such netcon", "negative", "a number short"],
)
def test_trains_that_do_not_hold_are_refused_and_change_nothing(rig, neuron, times_ms, numbers):
    rig.play((0.5, 0))
    with pytest.raises(RuntimeError):
        rig.source.play(rig.netcons, neuron.Vector(times_ms), neuron.Vector(numbers))
    assert rig.received(1.0) == [1, 0, 0]


def test_what_is_no_netcon_is_refused(rig, neuron):
    rig.netcons.append(neuron.Vector(1))
    with pytest.raises(RuntimeError):
        rig.play((0.5, 0))


def test_a_receptor_on_another_thread_is_refused(rig, neuron):
    other = neuron.Section(name="other_cell")
    far = neuron.ExpSyn(other(0.5))
    rig.netcons.append(neuron.NetCon(None, far))
    rig.play((0.5, 0), (0.5, 3))
    assert rig.received(1.0) == [1, 0, 0]
    assert far.g == 0  # its weight
    threads = neuron.ParallelContext()
    threads.nthread(2)
    try:
        with pytest.raises(RuntimeError):
            rig.received(1.0)
    finally:
        threads.nthread(1)
