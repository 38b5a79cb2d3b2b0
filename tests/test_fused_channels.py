"""The channels as one mechanism against the channels as mechanisms of their own."""

import re

import numpy as np
import pandas as pd
import pytest

from netpyne_model import Cell
from netpyne_model.mechanisms.conversion import GENERATED
from netpyne_model.mechanisms.fusing import FUSED, fused_channels, gate_place

CHANNELS = sorted(fused_channels())
REVERSAL_MV = {"na": 50.0, "k": -77.0, "non_specific": -30.0}
ION = Cell().describe("none").channel_ions
GMAX = 0.01
# Two ways to take the same step: 1 - exp(-dt/tau) tabulated, or computed from a tabulated tau (linear between points 0.01 mV
# apart, so both are within 1e-5 of the rate and mostly far nearer).
SAME_GATE = 1e-5


def gates(channel):
    """Names of a channel's gates, as its own mechanism calls them."""
    state = re.search(
        r"^STATE \{(.*?)^\}", (GENERATED / f"{channel}.mod").read_text(), re.MULTILINE | re.DOTALL
    )
    return state[1].split()


def fused_gate(mechanism, channel, gate):
    """NEURON's reference to a gate of a channel in the mechanism of all channels."""
    present = {one for one in CHANNELS if getattr(mechanism, f"gmax_{one}") > 0}
    array, index = gate_place(channel, gate.removesuffix("_q"), present)
    return getattr(mechanism, f"_ref_{array}")[index]


@pytest.fixture
def patches(neuron):
    """Two equal patches, for the separate and for the fused mechanism."""
    patches = [neuron.Section(name) for name in ("separate", "fused")]
    for patch in patches:
        patch.L = patch.diam = 10
        patch.insert("pas")
    yield patches
    for patch in patches:
        neuron.delete_section(sec=patch)


def insert(patches, channels):
    """Give both patches the same channels; return the mechanisms of the separate one by name, and the fused one."""
    separate, fused = patches
    fused.insert(FUSED)
    together = getattr(fused(0.5), FUSED)
    for channel in channels:
        separate.insert(channel)
        getattr(separate(0.5), channel).gmax = GMAX
        setattr(together, f"gmax_{channel}", GMAX)
        if ION[channel] == "non_specific":
            getattr(separate(0.5), channel).e = REVERSAL_MV["non_specific"]
            setattr(together, f"e_{channel}", REVERSAL_MV["non_specific"])
    for patch in patches:
        for ion in {ION[channel] for channel in channels} - {"non_specific"}:
            setattr(patch, f"e{ion}", REVERSAL_MV[ion])
    return {channel: getattr(separate(0.5), channel) for channel in channels}, together


def test_all_channels_of_the_full_model_are_fused():
    assert set(CHANNELS) == set(ION)


@pytest.mark.parametrize("dt_ms", [0.025, 0.1])
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_gate_takes_the_same_steps(neuron, patches, channel, dt_ms):
    neuron.dt, neuron.steps_per_ms = dt_ms, 1 / dt_ms
    separate, fused = insert(patches, [channel])
    clamps = []
    for patch in patches:  # from -80 through -55 to -20 and back to -60 mV
        clamp = neuron.SEClamp(patch(0.5))
        clamp.rs = 1e-6
        clamp.dur1, clamp.dur2, clamp.dur3 = 5, 5, 5
        clamp.amp1, clamp.amp2, clamp.amp3 = -55.003, -20.3, -60.7
        clamps.append(clamp)
    names = gates(channel)
    places = [
        (getattr(separate[channel], f"_ref_{g}"), fused_gate(fused, channel, g)) for g in names
    ]
    records = [[neuron.Vector().record(place) for place in pair] for pair in places]
    neuron.finitialize(-80)
    neuron.continuerun(15)
    for gate, (one, other) in zip(names, records, strict=True):
        assert np.ptp(one) > 1e-4 or (channel, gate) == ("nas_soma", "s_q"), (
            gate
        )  # slow inactivation is off there
        np.testing.assert_allclose(other, one, rtol=0, atol=SAME_GATE, err_msg=gate)


def test_all_channels_together_give_the_same_voltage_through_a_spike(neuron, patches):
    separate, fused = insert(patches, ["nas_soma", "kdr", "kap", "kad", "km2", "h_prox", "h_dist"])
    separate["nas_soma"].gmax = fused.gmax_nas_soma = 0.1
    clamps, records = [], []
    for patch in patches:
        clamp = neuron.IClamp(patch(0.5))
        clamp.delay, clamp.dur, clamp.amp = 2, 1, 0.3
        clamps.append(clamp)
        records.append(
            [
                neuron.Vector().record(getattr(patch(0.5), f"_ref_{name}"))
                for name in ("v", "ina", "ik")
            ]
        )
    neuron.finitialize(-65)
    neuron.continuerun(20)
    assert np.array(records[0][0]).max() > 0
    # Currents of the same instant; a difference in v is multiplied by the spike's slope, 100 to 500 mV/ms.
    for name, one, other in zip(("v", "ina", "ik"), *records, strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=2e-5 * np.ptp(one), err_msg=name)


def test_the_tables_follow_temperature_and_step(neuron, patches):
    separate, fused = insert(patches, ["nas_soma"])
    for celsius, dt_ms in ((35, 0.025), (20, 0.025), (20, 0.1)):
        neuron.celsius, neuron.dt, neuron.steps_per_ms = celsius, dt_ms, 1 / dt_ms
        for patch in patches:
            patch(0.5).pas.e = -50
        neuron.finitialize(-80)
        neuron.continuerun(2)
        inactivation = fused.gate[1]  # of m, h, s
        assert inactivation == pytest.approx(separate["nas_soma"].h_q, abs=SAME_GATE)
        assert 0.05 < inactivation < 0.999


def test_a_channel_of_density_zero_is_left_out(neuron, patches):
    _, fused = insert(patches, ["kdr"])
    neuron.finitialize(-40)
    neuron.continuerun(5)
    assert fused.g_na == 0
    assert fused.g_other == 0
    assert list(fused.gate)[1:] == [0] * 7
    assert fused.g_k == pytest.approx(GMAX * fused.gate[0])


def test_steady_states_against_the_published_ones(neuron, patches, reference):
    _, fused = insert(patches, ["nas_dend"])
    table = pd.read_csv(reference / "channels" / "nas_ar0.8_sha5_sh1.7.csv")
    for voltage, row in zip(table["v"], table.itertuples(), strict=True):
        neuron.finitialize(voltage)
        steady_states = list(fused.gate)[:3]
        np.testing.assert_allclose(steady_states, [row.minf, row.hinf, row.sinf], rtol=1e-10)


def test_the_variable_step_is_refused(neuron, patches):
    insert(patches, ["kdr"])
    neuron.cvode_active(1)
    with pytest.raises(
        RuntimeError,
        match=f"{FUSED} takes fixed time steps only; with CVode use the separate channels",
    ):
        neuron.finitialize(-70)
