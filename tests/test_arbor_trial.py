"""Trials in Arbor against the general way of running them in NEURON: the same equations in another program."""

from typing import Any

import numpy as np
import pytest
from pages import ROOT, run_page

from netpyne_model import Cell, CurrentClamp, Protocol, Trial, load
from netpyne_model.benchmarks.peers.condition import crossings_ms
from netpyne_model.commands import main
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import arbor_catalogue
from netpyne_model.simulation import run_trial_in_arbor

arbor = pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")

GENERAL = {"spines": "folded", "channels": "separate", "receptors": "generated"}
# Arbor steps a gate by the (1,1) Pade approximant of the exponential; a spike comes up to a step
# later by that.
SPIKES_MS = 0.05
REST_MV = 1e-3
SUBTHRESHOLD_MV = 1e-3
WITHOUT_INPUT = {"excitation": False, "n_inhibitory": 0}


def both(**fields):
    """The results of a trial in Arbor and in NEURON, sampled at every step."""
    trial = Trial(record_step_ms=0.025, **GENERAL, **fields)
    return run_trial_in_arbor(trial.configuration), trial.run()


@pytest.mark.slow
def test_a_clamped_cell_spikes_alike():
    """0.3 nA at the soma: five spikes, from the same rest."""
    in_arbor, neuron = both(
        dc_nA=0.3, dc_section="soma_0", dc_x=0.0, dc_start_ms=100, duration_ms=250, **WITHOUT_INPUT
    )
    before = neuron.time_ms < 100
    for site, voltage_mV in neuron.voltage_mV.items():
        np.testing.assert_allclose(
            in_arbor.voltage_mV[site][before], voltage_mV[before], rtol=0, atol=REST_MV
        )
    spikes = [
        crossings_ms(one.time_ms, one.voltage_mV["soma"], -20.0) for one in (in_arbor, neuron)
    ]
    assert len(spikes[1]) == 5
    np.testing.assert_allclose(*spikes, rtol=0, atol=SPIKES_MS)
    # A step's end each.
    np.testing.assert_allclose(in_arbor.spike_times_ms, neuron.spike_times_ms, rtol=0, atol=0.0751)
    assert in_arbor.stimulus == neuron.stimulus
    assert in_arbor.provenance["simulator"] == "arbor"


@pytest.mark.slow
def test_place_field_input_gives_the_same_voltages():
    """AMPA, NMDA and GABA_A on spines, soma and dendrites, without a spike: rounding and gates."""
    burst = {
        "kind": "SpineInput",
        "place": "trunk@150",
        "n": 2,
        "times_ms": [255, 255.2, 255.4, 262],
    }
    in_arbor, neuron = both(
        setup="place_cell",
        n_excitatory=120,
        n_inhibitory=60,
        duration_ms=320,
        stimuli=[burst],
        record={"tuft": "tuft@400"},
    )
    assert len(neuron.spike_times_ms) == len(in_arbor.spike_times_ms) == 0
    driven = np.ptp(neuron.voltage_mV["tuft"][neuron.time_ms > 250])
    assert driven > 0.2  # the inputs do something there
    for site, voltage_mV in neuron.voltage_mV.items():
        np.testing.assert_allclose(
            in_arbor.voltage_mV[site], voltage_mV, rtol=0, atol=SUBTHRESHOLD_MV, err_msg=site
        )
        assert in_arbor.sites[site] == neuron.sites[site]


@pytest.mark.slow
def test_place_field_input_gives_the_same_spikes():
    """With a current that takes the cell over its threshold; a spike is the end of a step."""
    in_arbor, neuron = both(
        setup="place_cell", n_excitatory=120, n_inhibitory=60, dc_nA=0.3, duration_ms=360
    )
    assert len(neuron.spike_times_ms) >= 3
    np.testing.assert_allclose(
        in_arbor.spike_times_ms, neuron.spike_times_ms, rtol=0, atol=SPIKES_MS + 1e-6
    )


def test_what_is_neurons_alone_is_refused():
    refusals = {
        "integration = 'variable_step': Arbor takes fixed steps": {
            "integration": "variable_step",
            **GENERAL,
        },
        "record_currents: Arbor records voltages": {"record_currents": True},
        "recording 'kad.n trunk@100': Arbor records voltages": {"record": {"n": "kad.n trunk@100"}},
        "VoltageClamp: of electrodes Arbor gets CurrentClamp alone": {
            "stimuli": [{"kind": "VoltageClamp", "levels": [(0.0, -70.0)]}]
        },
    }
    for begin, fields in refusals.items():
        configuration = Trial(**WITHOUT_INPUT, **fields).configuration
        with pytest.raises(ModelError) as refused:
            run_trial_in_arbor(configuration)
        assert str(refused.value).startswith(begin)


@pytest.mark.slow
def test_the_simple_model_is_the_same_to_rounding():
    """Twelve states by implicit steps in both, from the same steady state: 1e-10 mV is reached."""
    step = CurrentClamp(amplitude_nA=0.2, start_ms=10, place="soma(0.5)")
    protocol = Protocol(duration_ms=100, stimuli=[step], dt_ms=0.025, record_step_ms=0.025)
    neuron = protocol.run(Cell.simple())
    built, ms = Cell.simple().to_arbor(spines="none"), arbor.units.ms
    clamp = arbor.i_clamp((10 - 0.0125) * ms, 100 * ms, current=0.2 * arbor.units.nA)
    built.decor.place(built.location("soma(0.5)"), clamp)
    simulation = arbor.simulation(built.recipe({"soma": "soma(0.5)"}), arbor.context(threads=1))
    handle = simulation.sample((0, "soma"), arbor.regular_schedule(0.025 * ms))
    simulation.run((100 + 0.025) * ms, 0.025 * ms)
    ((samples, _),) = simulation.samples(handle)
    voltage_mV = neuron.voltage_mV["soma"]
    assert voltage_mV.max() > voltage_mV[0] + 20
    np.testing.assert_allclose(samples[: len(voltage_mV), 1], voltage_mV, rtol=0, atol=1e-8)


def test_arbor_that_is_missing_is_one_line(refused, monkeypatch):
    monkeypatch.setattr(arbor_catalogue, "find_spec", lambda name: None)
    assert "pip install arbor cmake" in refused("run", "--simulator", "arbor", "--no-progress")


def test_the_command_takes_two_simulators(refused):
    assert refused("run", "--simulator", "nest") == (
        "error: simulator = 'nest': expected one of netpyne, arbor.\n"
    )
    assert refused("run", "--model", "simple", "--simulator", "arbor").startswith(
        "error: --simulator has no meaning for model 'simple'"
    )


@pytest.mark.slow
def test_the_command_leaves_the_same_folder_behind(tmp_path, refused):
    few = ["--set", "n_excitatory=10", "--set", "n_inhibitory=5", "--duration", "30"]
    command = ["run", "--simulator", "arbor", *few, "--out", str(tmp_path / "run")]
    line = refused(*command, "--checkpoint-every", "100")
    assert line == "error: --checkpoint-every: Arbor's runs keep none; leave it out.\n"
    assert main(command) == 0
    result = load(tmp_path / "run")
    assert result.provenance["versions"]["arbor"] == arbor.__version__
    assert (result.configuration["spines"], len(result.time_ms)) == ("folded", 301)


@pytest.mark.slow
def test_the_cell_of_the_page_is_one_for_arbors_own_use(tmp_path):
    """The code of docs/arbor.md, and a receptor on what it builds: regions and places by name."""
    made: dict[str, Any] = run_page(ROOT / "docs" / "arbor.md", tmp_path).names
    assert made["result"].time_ms[-1] == 300
    time_ms, soma_mV = made["samples"].T
    assert soma_mV[time_ms < 10].max() < -60
    assert soma_mV.max() > 0  # the clamp makes it spike
    built, ms = made["built"], arbor.units.ms
    assert {"soma", "trunk", "tuft", "trunk_50"} <= set(built.labels)
    fresh = Cell().to_arbor()
    fresh.decor.place(fresh.location("trunk@200"), arbor.synapse("AMPA"), "input")
    generator = arbor.event_generator(
        arbor.cell_local_label("input"), 1.0, arbor.explicit_schedule([5 * ms])
    )
    simulation = arbor.simulation(fresh.recipe({"trunk": "trunk@200"}, [generator]))
    handle = simulation.sample((0, "trunk"), arbor.regular_schedule(0.1 * ms))
    simulation.run(15 * ms, 0.025 * ms)
    ((samples, _),) = simulation.samples(handle)
    before, after = (samples[:, 0] < 5), (samples[:, 0] >= 5)
    assert samples[after, 1].max() > samples[before, 1].max() + 0.1  # 1 nS of AMPA
