"""Compiled channels against the published ones: steady states, time constants, relaxation, currents, NaV2."""

import re
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from lxml import etree

from netpyne_model.data_folders import NEUROML2
from netpyne_model.neuroml2.components import quantity

REFERENCE_OF = {
    "nas_soma": "nas_ar1_sha0_sh1.7",
    "nas_dend": "nas_ar0.8_sha5_sh1.7",
    "nax": "nax_sha0_sh1.7",
    "nax_ais": "nax_sha-3.6_sh1.7",
    "kdr": "kdr",
    "kap": "kap",
    "kad": "kad",
    "h_prox": "h_vhalfl-73",
    "h_dist": "h_vhalfl-81",
}
SODIUM = ("nas_soma", "nas_dend", "nax", "nax_ais")
# Powers of the gates in the conductance.
GATES = {
    "nas_soma": {"m": 3, "h": 1, "s": 1},
    "nas_dend": {"m": 3, "h": 1, "s": 1},
    "nax": {"m": 3, "h": 1},
    "nax_ais": {"m": 3, "h": 1},
    "kdr": {"n": 1},
    "kap": {"n": 1, "l": 1},
    "kad": {"n": 1, "l": 1},
    "km2": {"m": 1},
    "h_prox": {"l": 1},
    "h_dist": {"l": 1},
}
NAV2_STATES = ("C1", "C2", "C3", "C4", "C5", "I1", "I2", "I3", "I4", "I5", "I6", "O")
NAV2_CELSIUS = 33  # simple model


def insert(section, channel):
    section.insert(channel)
    return getattr(section(0.5), channel)


def steady(neuron, mechanism, voltages, names):
    """Values of variables in the steady state, one row a voltage."""
    rows = []
    for voltage in voltages:
        neuron.finitialize(voltage)
        rows.append([getattr(mechanism, name) for name in names])
    return np.array(rows)


@contextmanager
def changed(neuron, name, value):
    """A global parameter set for a while; pytest's monkeypatch cannot put it back."""
    kept = getattr(neuron, name)
    setattr(neuron, name, value)
    yield
    setattr(neuron, name, kept)


def gate_variable(column):
    kind = "inf" if "inf" in column else "tau"
    return f"{column.replace(kind, '')}_{kind}"


@pytest.mark.parametrize("channel", REFERENCE_OF)
def test_steady_states_and_time_constants(neuron, section, reference, channel):
    table = pd.read_csv(reference / "channels" / f"{REFERENCE_OF[channel]}.csv")
    columns = table.columns[1:]
    mechanism = insert(section, channel)
    here = steady(neuron, mechanism, table["v"], [gate_variable(column) for column in columns])
    # Whole mV are points of the rates' tables, found to rounding of the table's index: 4e-12 is reached.
    np.testing.assert_allclose(here, table[columns], rtol=1e-10, atol=0)
    if hasattr(neuron, f"usetable_{channel}"):
        with changed(neuron, f"usetable_{channel}", 0):
            here = steady(
                neuron, mechanism, table["v"], [gate_variable(column) for column in columns]
            )
    # The same formulas in another order: 7e-15 is reached. exp(x) passes rounding of x on x times, and |x| < 100.
    np.testing.assert_allclose(here, table[columns], rtol=1e-12, atol=0)


@pytest.mark.parametrize("channel", [name for name in REFERENCE_OF if name != "km2"])
def test_tables_between_their_points(neuron, section, reference, channel):
    """Half way between two points, where linear interpolation errs most, against the formulas: 1e-5 is promised."""
    columns = pd.read_csv(reference / "channels" / f"{REFERENCE_OF[channel]}.csv", nrows=0).columns[
        1:
    ]
    names = [gate_variable(column) for column in columns]
    mechanism = insert(section, channel)
    voltages = np.arange(-119.995, 60, 0.37)
    tabled = steady(neuron, mechanism, voltages, names)
    with changed(neuron, f"usetable_{channel}", 0):
        exact = steady(neuron, mechanism, voltages, names)
    assert np.abs(tabled / exact - 1).max() > 0
    np.testing.assert_allclose(tabled, exact, rtol=1e-5, atol=0)


def test_km2_has_one_time_constant_on_the_way_up_and_one_on_the_way_down(
    neuron, section, reference
):
    table = pd.read_csv(reference / "channels" / "km2.csv")
    mechanism = insert(section, "km2")
    here = []
    for voltage in table["v"]:
        neuron.finitialize(voltage)
        at_start = mechanism.m_tau
        for below in (True, False):
            mechanism.m_q = mechanism.m_inf - 1e-6 if below else mechanism.m_inf
            mechanism.rates(voltage)
            here.append(mechanism.m_tau)
        assert (
            at_start == here[-1]
        )  # m = minf after finitialize, whatever the run before left behind
    here = np.reshape(here, (-1, 2))
    # 1e-12: as above.
    np.testing.assert_allclose(
        here, table[["tau_when_m_lt_inf", "tau_when_m_ge_inf"]], rtol=1e-12, atol=0
    )
    np.testing.assert_allclose(
        steady(neuron, mechanism, table["v"], ["m_inf"])[:, 0], table["inf"], rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("channel", SODIUM)
@pytest.mark.parametrize("gate", ["m", "h"])
def test_exp_linear_rates_at_their_singular_point(neuron, section, channel, gate):
    mechanism = insert(section, channel)
    midpoint = getattr(neuron, f"{gate}_forwardRate_midpoint_{channel}")
    names = [f"{gate}_tau", f"{gate}_inf"]
    around = steady(neuron, mechanism, [midpoint - 0.01, midpoint + 0.01], names).mean(axis=0)
    at = steady(neuron, mechanism, [midpoint - 1e-9, midpoint, midpoint + 1e-9], names)
    # The mean of two points 0.01 mV off differs by (0.01/1.5)^2/8 = 6e-6; 1 - exp(-1e-9/7.2) has 6 good figures.
    np.testing.assert_allclose(at, [around] * 3, rtol=1e-5, atol=0)
    neighbours = [np.nextafter(midpoint, -100), np.nextafter(midpoint, 100)]
    assert np.isfinite(steady(neuron, mechanism, neighbours, names)).all()


@pytest.mark.parametrize("start", [-110, -65, -20])
@pytest.mark.parametrize("channel", GATES)
def test_gates_relax_exponentially_at_fixed_voltage(neuron, section, channel, start):
    mechanism = insert(section, channel)
    for voltage in (-90, -45, 0):
        neuron.finitialize(start)
        section.v = voltage  # nothing carries current: the voltage stays
        at_start = {gate: getattr(mechanism, f"{gate}_q") for gate in GATES[channel]}
        for _ in range(40):
            neuron.fadvance()
        assert section.v == voltage
        for gate, q0 in at_start.items():
            inf, tau = (getattr(mechanism, f"{gate}_{name}") for name in ("inf", "tau"))
            exact = inf + (q0 - inf) * np.exp(-neuron.t / tau)
            # cnexp is exact here: 40 steps of rounding, 1e-16 each.
            assert abs(getattr(mechanism, f"{gate}_q") - exact) < 1e-14


@pytest.mark.parametrize("channel", GATES)
def test_current_is_that_of_the_updated_gates_and_of_the_sections_reversal_potential(
    neuron, section, channel
):
    mechanism = insert(section, channel)
    mechanism.gmax = 1e-9  # too little to move the voltage noticeably
    reversal = {"n": 43.0, "k": -91.0, "h": -27.0}[channel[0]]
    if channel[0] == "h":
        mechanism.e = reversal
    else:
        setattr(section, "ena" if channel in SODIUM else "ek", reversal)
    neuron.finitialize(-70)
    section.v = -40
    for _ in range(4):
        neuron.fadvance()
    neuron.fcurrent()
    conductance = mechanism.gmax
    for gate, power in GATES[channel].items():
        conductance *= getattr(mechanism, f"{gate}_q") ** power
    current = (
        mechanism.i if channel[0] == "h" else getattr(section, "ina" if channel in SODIUM else "ik")
    )
    # The same product: rounding only. One step of lag would be 1 % in every gate but s and km2's m.
    assert current == pytest.approx(conductance * (section.v - reversal), rel=1e-13)
    assert mechanism.i == current


def test_sodium_channels_follow_the_temperature_of_the_run(neuron, section):
    mechanism = insert(section, "nax")
    warm = steady(neuron, mechanism, [-60], ["m_tau", "h_tau", "m_inf"])[0]
    neuron.celsius = 25
    cool = steady(neuron, mechanism, [-60], ["m_tau", "h_tau", "m_inf"])[0]
    # Q10 = 2 over 10 degC, no floor reached at -60 mV; rounding only.
    np.testing.assert_allclose(cool / warm, [2, 2, 1], rtol=1e-12)


def test_parameters_can_be_changed_from_python(neuron, section):
    nax, kdr, h = (insert(section, channel) for channel in ("nax", "kdr", "h_prox"))
    before = steady(neuron, nax, [-50, -60], ["h_inf"])[:, 0]
    with changed(neuron, "h_steadyState_midpoint_nax", neuron.h_steadyState_midpoint_nax + 10):
        assert steady(neuron, nax, [-50], ["h_inf"])[0, 0] == pytest.approx(before[1], rel=1e-12)
    with changed(neuron, "n_timeCourse_SHORTEST_kdr", 77.0):
        assert steady(neuron, kdr, [20], ["n_tau"])[0, 0] == 77.0
    before = steady(neuron, h, [-80], ["l_tau"])[0, 0]
    factor = neuron.l_timeCourse_Q10_h_prox ** ((35 - 33) / 10)
    with changed(neuron, "l_timeCourse_Q10_h_prox", 1.0):
        assert steady(neuron, h, [-80], ["l_tau"])[0, 0] == pytest.approx(
            before * factor, rel=1e-12
        )


# -- NaV2 -------------------------------------------------------------------------------------------------------------


def nav2_matrix(voltage):
    """Rate matrix A of dp/dt = A p, read from the NeuroML file; its temperature factor from model.md 5."""
    root = etree.parse(str(NEUROML2 / "channels" / "NaV2.channel.nml")).getroot()
    factor = 2.3 ** ((NAV2_CELSIUS - 37) / 10)
    matrix = np.zeros((12, 12))
    for transition in root.iter("{*}forwardTransition", "{*}reverseTransition"):
        source, target = (NAV2_STATES.index(transition.get(end)) for end in ("from", "to"))
        if etree.QName(transition).localname == "reverseTransition":
            source, target = target, source
        (rate,) = transition.iterchildren("{*}rate")
        value, midpoint, scale = (
            quantity(rate.get(name), name) for name in ("rate", "midpoint", "scale")
        )
        if rate.get("type") == "nav2_rate":
            value *= np.exp((voltage - midpoint) / scale)
        matrix[target, source] += factor * value
        matrix[source, source] -= factor * value
    return matrix


def nav2_steady_state(voltage):
    system = nav2_matrix(voltage)
    system[-1] = (
        1  # the last equation follows from the others; the sum of the states takes its place
    )
    return np.linalg.solve(system, np.eye(12)[-1])


def occupancies(mechanism):
    return np.array([getattr(mechanism, f"states_{state}_occupancy") for state in NAV2_STATES])


@pytest.fixture
def nav2(neuron, section):
    neuron.celsius = NAV2_CELSIUS
    return insert(section, "NaV2")


@pytest.mark.parametrize("voltage", [-90, -65, -40, 0, 30])
def test_nav2_starts_in_the_steady_state_of_its_scheme(neuron, nav2, voltage):
    neuron.finitialize(voltage)
    here = occupancies(nav2)
    # Two solutions of one linear system whose rates span six decades: 1e-10 of the whole.
    np.testing.assert_allclose(here, nav2_steady_state(voltage), rtol=0, atol=1e-10)
    assert abs(here.sum() - 1) < 1e-12


def test_nav2_steady_conductance_and_current_are_the_published_schemes(
    neuron, section, nav2, reference
):
    table = pd.read_csv(reference / "simple" / "nav2_iv.csv")
    nav2.gmax, section.ena = 0.00275, 50
    here = []
    for voltage in table["v_step"]:
        neuron.finitialize(voltage)
        here.append([nav2.fopen, section.ina])
    # The same steady state from two linear solvers: 1e-8 relative, far below the scheme's own 0.65 % asymmetry.
    np.testing.assert_allclose(
        here, table[["O_inf_exact_scheme", "ina_inf_exact"]], rtol=1e-8, atol=0
    )


@pytest.mark.parametrize("voltage", [-60, -40, 0])
def test_nav2_takes_implicit_euler_steps(neuron, section, nav2, voltage):
    neuron.finitialize(-90)
    expected = occupancies(nav2)
    section.v = voltage
    step = np.linalg.inv(np.eye(12) - 0.025 * nav2_matrix(voltage))
    for _ in range(200):
        neuron.fadvance()
        expected = step @ expected
        here = occupancies(nav2)
        # One linear solve a step: rounding, a hundred times over.
        np.testing.assert_allclose(here, expected, rtol=0, atol=1e-11)
        assert abs(here.sum() - 1) < 1e-12


def test_nav2_transient_peaks_after_an_ideal_step(neuron, section, nav2, reference):
    table = pd.read_csv(reference / "simple" / "nav2_iv.csv")
    # Below -62 mV there is no transient; the table's peak is on a grid of 1 us, and so is ours.
    table = table[(table["v_step"] >= -62) & (table["v_step"] % 10 == 0)]
    assert len(table) == 7
    grid = neuron.Vector(np.arange(0, 0.4, 0.001))
    neuron.cvode_active(1)
    neuron.cvode.atol(1e-9)
    for row in table.itertuples():
        opened = neuron.Vector().record(nav2._ref_fopen, grid)
        neuron.finitialize(-90)
        assert nav2.fopen == pytest.approx(
            row.O_minus90_relaxed, rel=1e-6
        )  # the published cell relaxed for 500 ms
        section.v = row.v_step
        neuron.cvode.re_init()
        neuron.continuerun(0.4)
        # Variable step, error 1e-9 per step; linear interpolation onto the grid costs up to 1e-4 at the narrowest peak.
        assert opened.max() == pytest.approx(row.O_peak_exact_ideal_step, rel=2e-4)
        assert opened.max_ind() * 0.001 == pytest.approx(row.t_peak_exact_ms, abs=0.0021)


@pytest.mark.parametrize("channel", SODIUM)
def test_the_persistent_variant_differs_in_the_speed_of_fast_inactivation_alone(
    neuron, section, channel
):
    voltages = np.arange(-120.0, 60.0, 7.0)
    own, variant = insert(section, channel), insert(section, f"{channel}_persistent")
    names = [f"{gate}_{kind}" for gate in GATES[channel] for kind in ("inf", "tau")]
    kept = [name for name in names if name != "h_tau"]
    # Both come from the same formulas; 1e-12: in another order.
    expected, here = (steady(neuron, mechanism, voltages, kept) for mechanism in (own, variant))
    np.testing.assert_allclose(here, expected, rtol=1e-12, atol=1e-300)
    assert (steady(neuron, own, voltages, ["h_tau"]) >= 0.5).all()
    np.testing.assert_allclose(steady(neuron, variant, voltages, ["h_tau"]), 0.05, rtol=1e-12)


def test_every_generated_channel_is_tested_here():
    files = (NEUROML2 / "channels").glob("*.channel.nml")
    gated = {
        path.name.split(".")[0]
        for path in files
        if not re.search("ionChannelPassive", path.read_text())
    }
    variants = {f"{channel}_persistent" for channel in SODIUM}
    at_rest = {f"{channel}_steady" for channel in (*SODIUM, "NaV2")}  # test_persistent_block.py
    assert gated == {*GATES, "NaV2", *variants, *at_rest}
