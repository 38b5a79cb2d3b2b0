"""What holds whatever the parameters: a passive cell keeps charge, and its transfer resistances are symmetric."""

import itertools

import numpy as np
import pytest

PLACES = ("soma_0(0.5)", "trunk@100", "trunk@250", "tuft@400", "basal@100", "apical@150")
CHANNELS = ("nas", "nax", "kdr", "kap", "kad", "km2", "h")
SPINES = pytest.mark.parametrize("spines", ["none", "folded", "silent"])


@pytest.fixture(scope="module")
def passive(cell):
    """The published cell without a channel: cable, leak and spines."""
    return cell.without(CHANNELS)


@pytest.fixture
def own_steps(neuron):
    """NEURON at fixed steps that the test takes one by one."""
    neuron.cvode_active(0)
    return neuron


def segments(built):
    return [segment for section in built.sections.values() for segment in section]


# -- charge -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 2])
@pytest.mark.parametrize("spines", ["none", "folded"])
def test_charge_of_a_passive_cell(own_steps, passive, spines, order):
    """Injected = kept by the membrane + left through the leak, step by step, to rounding.

    Implicit Euler has the leak of a step's end, Crank-Nicolson that of its middle. The clamps go on and off at whole steps.
    """
    h = own_steps
    h.secondorder, h.dt = order, 0.025
    built = passive.build(spines=spines)
    clamps = []
    for place, start_ms, amplitude_nA in (("soma_0(0.5)", 1, 0.5), ("tuft@400", 3, -0.3)):
        clamp = h.IClamp(built.segment(place))
        clamp.delay, clamp.dur, clamp.amp = start_ms, 5, amplitude_nA
        clamps.append(clamp)
    every = segments(built)
    area_cm2 = 1e-8 * np.array([segment.area() for segment in every])
    capacitance_nF = 1e3 * np.array([segment.cm for segment in every]) * area_cm2
    leak_uS = 1e6 * np.array([segment.pas.g for segment in every]) * area_cm2
    reversal_mV = np.array([segment.pas.e for segment in every])
    h.finitialize(-67)
    injected_pC = kept_pC = left_pC = largest_pC = most_kept_pC = most_left_pC = 0.0
    before_mV = np.array([segment.v for segment in every])
    for number in range(480):
        h.fadvance()
        after_mV = np.array([segment.v for segment in every])
        middle_ms = (number + 0.5) * h.dt
        on = [clamp.amp for clamp in clamps if clamp.delay < middle_ms < clamp.delay + clamp.dur]
        injected_pC += sum(on) * h.dt
        kept_pC += float(capacitance_nF @ (after_mV - before_mV))
        at_mV = after_mV if order == 0 else (before_mV + after_mV) / 2
        left_pC += float(leak_uS @ (at_mV - reversal_mV)) * h.dt
        most_kept_pC = max(most_kept_pC, abs(kept_pC))
        most_left_pC = max(most_left_pC, abs(left_pC))
        largest_pC = max(largest_pC, abs(injected_pC - kept_pC - left_pC))
        before_mV = after_mV
    assert most_kept_pC > 0.1
    assert most_left_pC > 0.1
    assert largest_pC < 1e-12  # measured 3e-14


# -- transfer resistance ----------------------------------------------------------------------------------------------


def responses_mV(h, built, dt_ms: float, n_steps: int) -> np.ndarray:
    """Change of each of `PLACES` (last axis: steps) per nA into each (first axis), from rest."""

    def run(place=None):
        clamp = None
        if place is not None:
            clamp = h.IClamp(built.segment(place))
            clamp.delay, clamp.dur, clamp.amp = 0, 1e9, 0.01
        traces = [h.Vector().record(built.segment(one)._ref_v) for one in PLACES]
        h.finitialize(-67)
        for _ in range(n_steps):
            h.fadvance()
        del clamp
        return np.array([np.array(trace) for trace in traces])

    rest_mV = run()
    return np.array([(run(place) - rest_mV) / 0.01 for place in PLACES])


@SPINES
@pytest.mark.parametrize("order", [0, 2])
def test_transfer_resistance_is_symmetric(own_steps, passive, spines, order):
    """Here by there is there by here (Mohm), at rest and at every step on the way; also with the spines that are solved."""
    h = own_steps
    h.secondorder, h.dt = order, 0.1
    built = passive.build(spines=spines)
    response_Mohm = responses_mV(h, built, h.dt, 200)
    for one, other in itertools.combinations(range(len(PLACES)), 2):
        here, there = response_Mohm[one, other], response_Mohm[other, one]
        assert here[-1] > 1
        # A difference of potentials near -67 mV, over 0.01 nA: 1e-14 * 67 / 0.01 and what elimination adds.
        np.testing.assert_allclose(here, there, rtol=0, atol=1e-8)
