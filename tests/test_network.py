"""Cells in a NetPyNE network: the code of docs/networks.md, on one process and two, and each cell against a trial of it alone."""

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from mpi_ranks import run_on_ranks

import netpyne_model as ca1
from netpyne_model import ModelError, SpineInput, Trial
from netpyne_model.morphology import segment_index
from netpyne_model.simulation.netpyne_library import netpyne
from netpyne_model.simulation.run import clear, quiet_netpyne

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).with_name("data")
PAGE = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
REPORT = """
import json
if sim.rank == 0:
    kept = {"spkt": sim.allSimData["spkt"], "spkid": sim.allSimData["spkid"]}
    kept["cells"] = [cell["tags"]["pop"] for cell in sim.net.allCells]
    kept["connections"] = [[dict(one) for one in cell["conns"]] for cell in sim.net.allCells]
    kept["simConfig"] = {"duration": simConfig.duration, "celsius": simConfig.hParams["celsius"]}
    with open(f"on_{sim.nhosts}.json", "w") as file:
        json.dump(kept, file, default=str)
"""
NO_INPUT = {"n_excitatory": 0, "n_inhibitory": 0, "dc_nA": 0}


@pytest.fixture(scope="module")
def page_network(tmp_path_factory) -> dict[int, dict]:
    """What the page's network did, by the number of processes."""
    section = PAGE.partition("## A network in one file")[2]
    code = re.search(r"^```python\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)[1]
    folder = tmp_path_factory.mktemp("network")
    (folder / "network.py").write_text(code + REPORT)
    for n_ranks in (1, 2):
        run_on_ranks(n_ranks, "network.py", cwd=folder)
    return {n: json.loads((folder / f"on_{n}.json").read_text()) for n in (1, 2)}


def test_two_processes_give_the_spikes_of_one(page_network):
    one, two = page_network[1], page_network[2]
    assert one["cells"].count("CA1") == 20
    assert one["cells"] == two["cells"]
    fired = {gid for gid in one["spkid"] if one["cells"][int(gid)] == "CA1"}
    assert len(fired) == 20
    assert (one["spkt"], one["spkid"]) == (two["spkt"], two["spkid"])


def inputs_of(connections, times_ms, senders, cell, until_ms) -> list[SpineInput]:
    """The input of one cell as stimuli of a trial: each connection on a spine of its segment."""
    nseg = {name: section.nseg for name, section in cell.describe("none").sections.items()}
    spines = cell.placement.spines
    names = [cell.morphology.section(index).name for index in spines["section"]]
    segments = [segment_index(x, nseg[name]) for name, x in zip(names, spines["x"], strict=True)]
    spines = spines.assign(name=names, segment=segments)
    taken: dict[tuple[str, int], int] = {}
    inputs = []
    for one in connections:
        place = (one["sec"], segment_index(one["loc"], nseg[one["sec"]]))
        here = spines[(spines["name"] == place[0]) & (spines["segment"] == place[1])]
        number = here.index[taken.get(place, 0)]
        taken[place] = taken.get(place, 0) + 1
        events_ms = times_ms[senders == one["preGid"]] + one["delay"]
        events_ms = events_ms[events_ms <= until_ms].tolist()
        weight = one["weight"] * here["gmax_AMPA_uS"].mean() / here["gmax_AMPA_uS"][number]
        if events_ms:
            inputs.append(SpineInput(spines=int(number), times_ms=events_ms, weight=weight))
    return inputs


@pytest.mark.parametrize("gid", [0, 13])
def test_a_cell_of_it_does_what_a_trial_does_with_the_same_input(page_network, cell, gid):
    ran = page_network[2]
    times_ms, senders = np.array(ran["spkt"]), np.array(ran["spkid"])
    until_ms = ran["simConfig"]["duration"]
    connections = ran["connections"][gid]
    assert len(connections) > 80
    stimuli = inputs_of(connections, times_ms, senders, cell, until_ms)
    alone = Trial(duration_ms=until_ms, stimuli=stimuli, **NO_INPUT).run()
    assert len(alone.spike_times_ms) > 1
    np.testing.assert_array_equal(times_ms[senders == gid], alone.spike_times_ms)


# -- one cell, closely -------------------------------------------------------------------------------------------------

EVENTS_MS = [20.0, 24.0, 28.0]
PLACE = ("apical_25", 0.5)
TRACES = {
    "v": {"sec": "soma_0", "loc": 0.0, "var": "v"},
    "kad.i": {"sec": "trunk_50", "loc": 0.5, "mech": "kad", "var": "i"},
    "nas.g": {"sec": "trunk_50", "loc": 0.5, "mech": "nas_dend", "var": "g"},
    "kdr.n": {"sec": "trunk_50", "loc": 0.5, "mech": "kdr", "var": "n"},
    "pas.i": {"sec": "trunk_50", "loc": 0.5, "mech": "pas", "var": "i"},
    "AMPA.i": {"sec": PLACE[0], "loc": PLACE[1], "synMech": "DrivenSpines", "var": "i_AMPA"},
    "head": {"sec": PLACE[0], "loc": PLACE[1], "mech": "SilentSpines", "var": "v_head"},
}


def network(cell=None, n_inputs=6, fused=True, **changed):
    """netParams and simConfig of two cells, of which the second gets input on spines."""
    _, specs = netpyne()
    params, config = specs.NetParams(), specs.SimConfig({"duration": 40.0, "recordStep": 0.025})
    ca1.add_cells(params, config, cell, n=2, fused=fused)
    params.popParams["CA3"] = {
        "cellModel": "VecStim",
        "cellsList": [{"spkTimes": [time - 1 for time in EVENTS_MS]} for _ in range(n_inputs)],
    }
    params.connParams["CA3->CA1"] = {
        "preConds": {"pop": "CA3"},
        "postConds": {"pop": "CA1"},
        "connList": [[i, 1] for i in range(n_inputs)],
        "sec": PLACE[0],
        "loc": PLACE[1],
        "synMech": "DrivenSpines",
        "weight": 1.0,
        "delay": 1.0,
        **changed,
    }
    config.recordCells = ["CA1"]
    config.recordTraces = {name: dict(trace) for name, trace in TRACES.items()}
    # Cells that lie elsewhere have other 3D points, which NEURON keeps in float32.
    config.pt3dRelativeToCellLocation = False
    return params, config


@pytest.fixture
def run(loaded):
    """Builds and runs a network in this process; gives its traces, by name, and NetPyNE's sim."""
    sim, _ = netpyne()

    def go(params, config):
        clear()
        with quiet_netpyne():
            sim.create(netParams=params, simConfig=config)
            sim.simulate()
        return {name: sim.allSimData[name] for name in config.recordTraces}, sim

    yield go
    clear()


def test_traces_of_the_fast_mechanisms_are_those_of_a_trial(run, cell):
    """Potentials and what is worked out of gates; rounding apart, since weights are products."""
    traces, _ = run(*network())
    connection = {"sec": PLACE[0], "loc": PLACE[1], "weight": 1.0, "delay": 0.0}
    connections = [{**connection, "preGid": sender} for sender in range(6)]
    times_ms, senders = np.tile(EVENTS_MS, 6), np.repeat(np.arange(6), 3)
    recorded = [name for name in TRACES if name.endswith((".i", ".g", ".n")) and "AMPA" not in name]
    trial = Trial(
        duration_ms=40.0,
        record_step_ms=0.025,
        stimuli=inputs_of(connections, times_ms, senders, cell, 40.0),
        record={name.replace(".", "_"): f"{name} trunk_50(0.5)" for name in recorded},
        **NO_INPUT,
    ).run()
    ours = {"v": trial.voltage_mV["soma"]}
    ours |= {name: trial.recordings[name.replace(".", "_")].values for name in recorded}
    assert np.ptp(ours["v"]) > 1
    for name, trace in ours.items():
        driven = np.array(traces[name]["cell_1"])
        assert len(trace) - len(driven) in (0, 1)  # NetPyNE stops before its last sample
        assert np.ptp(driven) > 0
        tolerance = 1e-9 * max(1.0, np.ptp(trace))
        np.testing.assert_allclose(driven, trace[: len(driven)], rtol=0, atol=tolerance)
        assert np.ptp(traces[name]["cell_0"]) < np.ptp(driven)
    assert min(traces["AMPA.i"]["cell_1"]) < -1e-3
    assert "cell_0" not in traces["AMPA.i"]  # nothing is connected there
    # Silent spines follow their segment, driven ones go on their own.
    assert np.ptp(traces["head"]["cell_1"]) > np.ptp(traces["head"]["cell_0"])


def test_inhibition_of_weight_1_is_what_the_rules_give_there(run, cell):
    halved = cell.with_rule("apical", "GABA_A.relative_gmax", value=0.5)
    params, config = network(halved, synMech="GABA_A")
    _, sim = run(params, config)
    (receptors,) = sim.net.cells[1].secs[PLACE[0]]["synMechs"]
    assert receptors["hObj"].gbase == 0.5 * params.synMechParams["GABA_A"]["gbase"] > 0
    assert receptors["hObj"].n_receptors == 6


def test_drugs_and_rules_reach_the_spines_of_their_cells_alone(run, cell):
    """Two populations in one network: AP5 in one, whose name a user chose."""
    params, config = network()
    ca1.add_cells(params, config, cell.with_drugs("AP5"), n=1, name="under AP5")
    copy = dict(params.connParams["CA3->CA1"]) | {"postConds": {"pop": "under AP5"}}
    params.connParams["CA3->under AP5"] = copy | {"connList": [[0, 0]]}
    _, sim = run(params, config)
    weights = {}
    for one in sim.net.cells:
        for synapse in one.secs[PLACE[0]]["synMechs"] if one.tags["pop"] != "CA3" else ():
            weights[one.tags["pop"]] = (synapse["hObj"].w_AMPA, synapse["hObj"].w_NMDA)
    assert weights["CA1"][0] == weights["under AP5"][0] > 0
    assert weights["CA1"][1] == 1
    assert weights["under AP5"][1] == 0


def test_a_segment_gets_as_many_spines_as_connections(run, cell):
    """And has its own again when another network asks for fewer."""
    section = cell.describe("silent").sections[PLACE[0]]
    n_spines = int(section.silent_spines.counts(section.nseg)[section.nseg // 2])
    for n_inputs in (n_spines + 3, n_spines - 3):
        _, sim = run(*network(n_inputs=n_inputs))
        for one in sim.net.cells[:2]:
            segment = one.secs[PLACE[0]]["hObj"](PLACE[1])
            driven = n_inputs if one.gid == 1 else 0
            assert segment.SilentSpines.n_spines == max(n_spines, driven)


def test_separate_channels_and_ones_own_are_recorded_by_netpyne_itself(run, cell):
    """Potentials are those of fused channels to what a table interpolates; other variables are there too."""
    traces = {}
    own = cell.with_channel("kslow", DATA / "kslow.mod", {"soma": {"value": 1e-4}})
    for fused in (True, False):
        params, config = network(own, fused=fused)
        config.recordTraces["kslow.i"] = {"sec": "soma_0", "loc": 0.5, "mech": "kslow", "var": "i"}
        if not fused:
            tau = {"sec": "trunk_50", "loc": 0.5, "mech": "kdr", "var": "n_tau"}
            config.recordTraces["kdr.n_tau"] = tau
        traces[fused], _ = run(params, config)
    v_mV = [np.array(traces[fused]["v"]["cell_1"]) for fused in (True, False)]
    np.testing.assert_allclose(v_mV[1], v_mV[0], rtol=0, atol=1e-5)
    assert np.ptp(traces[False]["kdr.n_tau"]["cell_1"]) > 0
    for fused in (True, False):
        assert np.ptp(traces[fused]["kslow.i"]["cell_1"]) > 0


def test_netpynes_validator_passes():
    sim, _ = netpyne()
    with quiet_netpyne():
        _, failed = sim.validator.validateNetParams(network()[0])
    assert failed == []


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_connections_to_spines_on_a_section_without_any(run):
    says = "cell 1 of CA1: connections to DrivenSpines on trunk_5, which bears no spines"
    with pytest.raises(RuntimeError, match=f"{says}; take sections of the secList 'spiny'"):
        run(*network(sec="trunk_5"))
    run(*network(sec="spiny"))


def test_a_receptor_of_the_networks_own_that_takes_the_name_of_one(run):
    params, config = network(synMech="AMPA")
    ours = params.synMechParams["AMPA"]
    params.synMechParams["AMPA"] = {"mod": "ExpSyn", "tau": 2.0, "e": 0.0}
    with pytest.raises(RuntimeError, match="synMechParams has 'AMPA' as ExpSyn, set after add_ce"):
        run(params, config)
    params.synMechParams["AMPA_of_mine"] = params.synMechParams["AMPA"]
    params.synMechParams["AMPA"] = ours
    run(params, config)


@pytest.mark.parametrize(("celsius", "warned"), [(6.3, True), (None, True), (35.0, False)])
def test_cells_of_the_networks_own_at_another_temperature_are_told(celsius, warned):
    """As in tutorials of NetPyNE: hh at 6.3 degC does not fire at 35."""
    _, specs = netpyne()
    params, config = specs.NetParams(), specs.SimConfig()
    config.hParams = {"v_init": -65.0} | ({} if celsius is None else {"celsius": celsius})
    params.popParams["PYR"] = {"cellType": "PYR", "numCells": 1}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        ca1.add_cells(params, config)
        ca1.add_cells(params, config, name="more")
    lines = [str(one.message) for one in caught if "add_cells" in str(one.message)]
    assert len(lines) == warned
    assert all("was 6.3 and is 35 now" in line and "for PYR too" in line for line in lines)
    assert config.hParams["celsius"] == 35.0


def test_a_trace_that_fused_channels_do_not_keep(run):
    params, config = network()
    config.recordTraces["tau"] = {"sec": "soma_0", "loc": 0.5, "mech": "kdr", "var": "n_tau"}
    with pytest.raises(RuntimeError, match="fused channels have i, g and the gates"):
        run(params, config)


def test_what_cannot_be_added_is_refused(loaded):
    _, specs = netpyne()
    params, config = network()
    for arguments, fields, says in (
        ((params, config), {}, "name = 'CA1': popParams has one of that name"),
        ((config, params), {}, "expected netParams first, then simConfig"),
        ((params, config), {"name": "more", "n": 0}, "n = 0"),
        ((params, config), {"name": "more", "numCells": 3}, "numCells: add_cells sets it"),
        ((params, specs.SimConfig({"cvode_active": True})), {"name": "more"}, "take fixed time"),
    ):
        with pytest.raises(ModelError, match=re.escape(says)):
            ca1.add_cells(*arguments, **fields)
    params.synMechParams["NMDA"] = {"mod": "Exp2Syn", "tau1": 1.0}
    with pytest.raises(ModelError, match="synMechParams has 'NMDA'"):
        ca1.add_cells(params, config, name="more")
    assert set(params.popParams) == {"CA1", "CA3"}
    assert set(params.cellParams) == {"CA1"}
    # What the lines say: another name, the other order, n, fixed steps, a name of one's own.
    params.synMechParams["mine"] = params.synMechParams.pop("NMDA")
    fixed = specs.SimConfig({"cvode_active": False})
    for name, n, configuration in (("more", 1, config), ("three", 3, config), ("few", 2, fixed)):
        ca1.add_cells(params, configuration, name=name, n=n)
        assert params.popParams[name]["numCells"] == n


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_code_of_the_page_runs(tmp_path):
    _, *blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    (threads,) = [block for block in blocks if "nthread" in block]
    blocks.remove(threads)
    (plain,) = [block for block in blocks if ".build(" in block]
    blocks.remove(plain)
    network = "".join(blocks).replace("sim.createSimulate(netParams, simConfig)\n", "") + threads
    network = network.replace("n=20", "n=2").replace("nthread(20", "nthread(2")
    printed = (
        'print("TRACES", [[len(t) for t in sim.allSimData[n].values()] for n in "V I_A n".split()])'
    )
    (tmp_path / "network.py").write_text(network + printed)
    (tmp_path / "plain.py").write_text(plain + 'print("AWAKE", cells[0].soma(0).v)')
    traces, soma = (run_on_ranks(1, script, cwd=tmp_path) for script in ("network.py", "plain.py"))
    lengths = json.loads(traces.split("TRACES ")[1].splitlines()[0])
    # 100 ms in steps of 0.1; NetPyNE's last step may end before the last sample.
    assert all(of_cell in (1000, 1001) for trace in lengths for of_cell in trace)
    assert [len(trace) for trace in lengths] == [2, 2, 2]
    assert float(soma.split("AWAKE ")[1].split()[0]) > -68.5  # at rest it is -68.8
