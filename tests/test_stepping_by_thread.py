"""Fused channels step a whole thread at once: whatever cells, threads and changes, the steps are those of separate mechanisms."""

import numpy as np
import pytest

from netpyne_model import Cell
from netpyne_model.configuration import load_configuration
from netpyne_model.mechanisms.conversion import GENERATED
from netpyne_model.mechanisms.fusing import FUSED, fused_channels, fused_gates, gate_place
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.netpyne_params import configure

CHANNELS = sorted(fused_channels())
ION = Cell().describe("none").channel_ions
REVERSAL_MV = {"na": 50.0, "k": -77.0}
E_H_MV = -30.0
# Combinations of the published cell, others, all channels at once (18 gates), and none.
COMPLEMENTS = (
    ("h_dist", "kad", "kdr", "nas_dend"),
    ("kap", "kdr", "km2", "nax"),
    ("kdr",),
    ("nas_soma", "km2"),
    ("h_prox", "kap", "kdr", "nas_dend"),
    tuple(CHANNELS),
    (),
)
SODIUM = {name: 0.04 for name in CHANNELS if ION[name] == "na"}
DENSITY = dict.fromkeys(CHANNELS, 5e-3) | {"h_dist": 1e-4, "h_prox": 1e-4} | SODIUM
# Rates from the same points 0.01 mV apart; km2's factor is interpolated here, its time constant there. A spike's slope
# (500 mV/ms) makes 1e-4 mV of 1e-7 ms.
SAME_V_MV = 1e-3


class Branch:
    """A section of several segments, each with a complement of its own, as separate mechanisms or fused."""

    def __init__(self, h, complements, *, fused, amplitude_nA=0.15):
        self.h, self.fused, self.complements = h, fused, complements
        self.section = section = h.Section("branch")
        section.nseg, section.L, section.diam, section.Ra, section.cm = (
            len(complements),
            300,
            2,
            100,
            1,
        )
        section.insert(FUSED if fused else "pas")
        for segment, complement in zip(section, complements, strict=True):
            leak = getattr(segment, FUSED) if fused else segment.pas
            setattr(leak, "g_leak" if fused else "g", 5e-5)
            setattr(leak, "e_leak" if fused else "e", -65)
            for channel in complement:
                self.set(segment, channel, DENSITY[channel])
        section.ena, section.ek = REVERSAL_MV["na"], REVERSAL_MV["k"]
        self.clamp = h.IClamp(section(0.5))
        self.clamp.delay, self.clamp.dur, self.clamp.amp = 2, 30, amplitude_nA
        self.records = {
            (name, x): h.Vector().record(getattr(section(x), f"_ref_{name}"))
            for x in (0.1, 0.5, 0.8)
            for name in ("v", "ina", "ik")
        }

    def set(self, segment, channel, gmax):
        """Give a segment this density of a channel."""
        if not self.fused:
            if not hasattr(segment, channel):
                self.section.insert(channel)
            getattr(segment, channel).gmax = gmax
        else:
            setattr(getattr(segment, FUSED), f"gmax_{channel}", gmax)
        if ION[channel] == "non_specific":
            target = getattr(segment, FUSED if self.fused else channel)
            setattr(target, f"e_{channel}" if self.fused else "e", E_H_MV)

    def traces(self):
        return {key: np.array(vector) for key, vector in self.records.items()}


@pytest.fixture
def branches(neuron):
    """Makes pairs of branches, separate and fused."""
    kept = []

    def make(*complements, **options):
        pair = [Branch(neuron, complements, fused=fused, **options) for fused in (False, True)]
        kept.extend(pair)
        return pair

    yield make
    for branch in kept:
        branch.clamp = branch.records = branch.section = None


def run(neuron, until_ms=40.0, v_init_mV=-65.0):
    neuron.finitialize(v_init_mV)
    neuron.continuerun(until_ms)


def assert_same(separate, fused, current=2e-5):
    """Voltages, and currents of ions by their range: a difference in v times a spike's slope."""
    one, other = separate.traces(), fused.traces()
    assert max(trace.max() for (name, _), trace in one.items() if name == "v") > 0  # it fired
    for (name, x), trace in one.items():
        tolerance = SAME_V_MV if name == "v" else current * np.ptp(trace)
        np.testing.assert_allclose(
            other[name, x], trace, rtol=0, atol=tolerance, err_msg=f"{name} {x}"
        )


@pytest.mark.parametrize("order", [0, 2])
def test_segments_of_all_kinds_of_complements(neuron, branches, order):
    neuron.secondorder = order
    separate, fused = branches(*COMPLEMENTS)
    run(neuron)
    assert_same(separate, fused)


def test_what_changes_in_mid_run(neuron, branches):
    """Temperature, an ion's reversal potential, the h current's, the leak and a density that is not 0."""
    pair = branches(*COMPLEMENTS)
    run(neuron, 12)
    neuron.celsius -= 5
    for branch in pair:
        branch.section.ek, branch.section.ena = -85, 40
    # What fused channels multiply by gates (densities, the leak) they read at a step's end for the next step: set one step
    # before it is set in the separate ones, it is the same.
    for branch, at_ms in zip(reversed(pair), (20 - neuron.dt, 20), strict=True):
        neuron.continuerun(at_ms)
        first = branch.section(0.05)
        target = getattr(first, FUSED if branch.fused else "h_dist")
        setattr(target, "e_h_dist" if branch.fused else "e", -10)
        branch.set(first, "nas_dend", 2 * DENSITY["nas_dend"])
        leak = getattr(first, FUSED if branch.fused else "pas")
        setattr(leak, "g_leak" if branch.fused else "g", 2e-4)
    neuron.continuerun(45)
    assert_same(*pair)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_channel_that_appears_in_mid_run_is_refused(neuron, branches, n_threads):
    """On every thread, and the next run goes on: there it is a channel as any other."""
    pairs = [branches(("kdr",), ("kdr", "kad", "nax"), amplitude_nA=0) for _ in range(2)]
    parallel = neuron.ParallelContext()
    parallel.nthread(n_threads)
    says = "gmax_kad became positive in mid-run where it was 0; set it before finitialize"
    for _, fused in pairs:
        run(neuron, 5)
        fused.set(fused.section(0.25), "kad", DENSITY["kad"])
        with pytest.raises(RuntimeError, match=says):
            neuron.continuerun(10)
    run(neuron, 10)
    parallel.nthread(1)
    present = [getattr(fused.section(0.25), FUSED).present for _, fused in pairs]
    assert (
        present[0]
        == present[1]
        == 2 ** list(fused_gates()).index("kad") + 2 ** list(fused_gates()).index("kdr")
    )


def test_ions_that_other_segments_have_between(neuron, branches):
    """The ions' columns hold other segments between those of the fused channels: what is there stays theirs."""
    pair = branches(*COMPLEMENTS)
    others = [neuron.Section(f"other{k}") for k in range(3)]
    for other in others:
        other.L = other.diam = 3
        other.insert("kdr")
        other(0.5).kdr.gmax = 0.01
        other.ek = -60
    more = branches(*COMPLEMENTS[::-1])
    for other, branch in zip(others, [*pair, more[1]], strict=True):
        other.connect(branch.section(0.5))
    shared = [neuron.Vector().record(other(0.5)._ref_ik) for other in others[:2]]
    run(neuron)
    assert_same(*pair)
    np.testing.assert_allclose(shared[1], shared[0], rtol=0, atol=2e-5 * np.ptp(shared[0]))
    assert np.ptp(shared[0]) > 0


def potassium_reversal_mV(neuron, section):
    """Nernst's equation; constants to 1e-6, as releases of NEURON differ."""
    thermal_mV = 1e3 * 8.31446262 * (neuron.celsius + 273.15) / 96485.3321
    return pytest.approx(thermal_mV * np.log(section.ko / section.ki), rel=1e-5)


def test_an_ion_whose_reversal_potential_follows_its_concentrations(neuron, branches):
    """NEURON computes it in the function that the fused channels take over for ions of the plain style."""
    parallel = neuron.ParallelContext()
    _, fused = branches(*COMPLEMENTS)
    _, plain = branches(*COMPLEMENTS)
    run(neuron)
    as_set = plain.traces()
    fused.section.push()
    neuron.ion_style("k_ion", 1, 2, 1, 1, 0)
    neuron.pop_section()
    for n_threads in (1, 2):
        parallel.nthread(n_threads)
        fused.section.ki = 54
        run(neuron, 10)
        assert fused.section.ek == potassium_reversal_mV(neuron, fused.section)
        fused.section.ki = 100
        neuron.continuerun(10 + 2 * neuron.dt)
        assert fused.section.ek == potassium_reversal_mV(neuron, fused.section)
        assert plain.section.ek == REVERSAL_MV["k"]
        neuron.continuerun(40)
        for key, trace in plain.traces().items():
            np.testing.assert_array_equal(trace, as_set[key])
    parallel.nthread(1)
    # Where the style is changed in mid-run it is seen after 32 steps at most.
    run(neuron, 5)
    plain.section.push()
    neuron.ion_style("k_ion", 1, 2, 1, 1, 0)
    neuron.pop_section()
    neuron.continuerun(5 + 33 * neuron.dt)
    assert plain.section.ek == potassium_reversal_mV(neuron, plain.section)


def test_cells_that_come_and_go_and_threads(neuron, branches):
    """Two different cells, then one of them and a third, on one thread and on two: each as alone."""
    parallel = neuron.ParallelContext()

    def alone(complements, **options):
        _, one = branches(*complements, **options)
        run(neuron)
        return one.traces()

    first, second = COMPLEMENTS, COMPLEMENTS[:2] * 3
    expected = [alone(first), alone(second, amplitude_nA=0.3), alone(second[::-1])]
    cells = [
        Branch(neuron, first, fused=True),
        Branch(neuron, second, fused=True, amplitude_nA=0.3),
    ]
    for n_threads in (1, 2):
        parallel.nthread(n_threads)
        run(neuron)
        for cell, wanted in zip(cells, expected, strict=False):
            for key, trace in cell.traces().items():
                np.testing.assert_array_equal(trace, wanted[key])
    cells[0].clamp = cells[0].records = cells[0].section = None
    cells = [cells[1], Branch(neuron, second[::-1], fused=True)]
    for n_threads in (2, 1):
        parallel.nthread(n_threads)
        run(neuron)
        for cell, wanted in zip(cells, expected[1:], strict=True):
            for key, trace in cell.traces().items():
                np.testing.assert_array_equal(trace, wanted[key])


def test_a_segment_that_moves_in_mid_run_keeps_its_gates(neuron, branches):
    """Another cell, built in mid-run, reorders NEURON's segments; this one goes on as if nothing was."""
    _, fused = branches(*COMPLEMENTS)
    run(neuron)
    expected = fused.traces()
    neuron.finitialize(-65)
    neuron.continuerun(10)
    before = neuron.Section("before")
    before.insert(FUSED)
    neuron.continuerun(20)
    assert getattr(before(0.5), FUSED).present == 0
    del before
    neuron.continuerun(40)
    for key, trace in fused.traces().items():
        np.testing.assert_array_equal(trace, expected[key])


def test_save_state_keeps_what_a_step_leaves(neuron, branches):
    _, fused = branches(*COMPLEMENTS)
    run(neuron, 8)
    state = neuron.SaveState()
    state.save()
    neuron.continuerun(9)
    potentials = [segment.v for segment in fused.section]
    run(neuron, 3)
    state.restore()
    neuron.continuerun(9)
    assert [segment.v for segment in fused.section] == potentials


def test_where_gates_stand():
    gates = fused_gates()
    everything = [(channel, gate) for channel in gates for gate in gates[channel]]
    places = [gate_place(channel, gate, set(gates)) for channel, gate in everything]
    assert len(set(places)) == len(places) == 18
    assert places[:9] == [*(("gate", k) for k in range(8)), ("further_gate", 0)]
    assert gate_place("kdr", "n", {"kad", "kdr"}) == ("gate", 2)


def test_the_channel_with_two_sides_has_a_second_factor():
    text = (GENERATED / f"{FUSED}.mod").read_text()
    assert (
        "to = {{km2_m_inf},\n              {km2_m_q_step},\n              {km2_m_q_step_below}};"
        in text
    )
    assert text.count("_step_below = 1 - exp") == 1


# -- the order of trials -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({"integration": "fixed_step"}, 0),
        ({"integration": "second_order"}, 1),
        ({"integration": "second_order", "record": {"x": "kdr.i soma"}}, 1),
        ({"integration": "second_order", "record": {"x": "k.i soma"}}, 2),
    ],
)
def test_ion_currents_are_corrected_where_they_are_read(fields, order):
    config = load_configuration(None, {"n_excitatory": 0, "n_inhibitory": 0} | fields)
    written = type("SimConfig", (), {})()
    configure(written, prepare_trial(config))
    assert written.hParams["secondorder"] == order
