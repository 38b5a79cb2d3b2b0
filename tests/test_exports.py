"""Folders that ``ca1 export`` writes, as the programs they are for read them."""

import json

import numpy as np
import pytest

import netpyne_model as ca1
from netpyne_model.commands import main
from netpyne_model.exports import in_general_mode, write_netpyne
from netpyne_model.mechanisms import loading
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.run import quiet_netpyne

SHORT = {"n_excitatory": 60, "n_inhibitory": 30, "duration_ms": 400.0, "w_max": 3.0}
CLAMP = ca1.CurrentClamp(amplitude_nA=0.2, place="trunk@200", start_ms=20, stop_ms=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    trial = ca1.Trial(**SHORT, stimuli=[CLAMP], record={"tuft": "tuft@400"})
    return write_netpyne(trial, tmp_path_factory.mktemp("export") / "netpyne")


@pytest.fixture(scope="module")
def network(folder):
    return json.loads((folder / "netParams.json").read_text())["net"]["params"]


def test_netpyne_reads_the_folder_and_finds_nothing_invalid(folder):
    loading.load()
    with quiet_netpyne():
        from netpyne import sim

        settings, params = sim.loadModel(str(folder), loadMechs=False)
    _, failed = sim.validator.validateNetParams(params)
    assert [one.summary for one in failed] == []
    assert settings.duration == SHORT["duration_ms"]
    assert settings.recordTraces["tuft"]["sec"] in params.cellParams["CA1"]["secs"]


def test_a_section_has_one_value_of_everything(network):
    """Of a list for pas NetPyNE 1.0.6 says that it is invalid, and its form shows no lists."""
    for section in network["cellParams"]["CA1"]["secs"].values():
        for values in section["mechs"].values():
            assert all(isinstance(value, float) for value in values.values())


def test_section_lists_have_the_cell_by_region_and_by_section(network):
    cell = network["cellParams"]["CA1"]
    lists = cell["secLists"]
    regions = ("soma", "trunk", "apical", "tuft", "basal", "axon_hill", "ais", "axon")
    by_region = [name for region in regions for name in lists[region]]
    spines = [name for name in cell["secs"] if name.startswith(("neck_", "head_"))]
    assert sorted([*by_region, *spines]) == sorted(cell["secs"])
    assert lists["trunk_50"] == ["trunk_50_0", "trunk_50_1", "trunk_50_2"]


def test_a_rule_of_connections_leads_to_one_section(network):
    """NetPyNE 1.0.6 would draw one of several by chance."""
    assert network["connParams"]
    for rule in network["connParams"].values():
        assert rule["sec"] in network["cellParams"]["CA1"]["secs"]
        assert len(rule["connList"]) == len(rule["loc"]) == len(rule["weight"])


def test_sources_bring_the_events_of_the_trial_after_a_delay(network):
    """To 1e-9 ms: a time less the delay, and the delay again, is rounded."""
    delays = {rule["delay"] for rule in network["connParams"].values()}
    assert delays == {1.0}
    arriving = sorted(
        time_ms + 1.0
        for population in network["popParams"].values()
        for source in population.get("cellsList", ())
        for time_ms in source.get("spkTimes", ())
    )
    trial = prepare_trial(ca1.Trial(**SHORT).configuration)
    released = sorted(np.concatenate(trial.driven.released_ms))
    assert arriving == pytest.approx(released, abs=1e-9)
    assert released[-1] <= SHORT["duration_ms"]


def test_events_of_the_first_step_leave_no_room_for_a_delay(tmp_path):
    early = ca1.SpineInput(place="trunk@200", times_ms=[0.0, 5.0])
    trial = ca1.Trial(n_excitatory=0, n_inhibitory=0, duration_ms=20, stimuli=[early])
    folder = write_netpyne(trial, tmp_path / "early")
    network = json.loads((folder / "netParams.json").read_text())["net"]["params"]
    assert {rule["delay"] for rule in network["connParams"].values()} == {0.0}
    assert {tuple(one["spkTimes"]) for one in network["popParams"]["spine"]["cellsList"]} == {
        (0.0, 5.0)
    }


def test_the_readme_says_what_became_of_the_spines(folder, network, tmp_path):
    sections = next(iter(network["cellParams"].values()))["secs"]
    assert "neck_" in " ".join(sections)
    assert "Spines with input are sections" in (folder / "README.md").read_text()
    without = write_netpyne(ca1.Trial(**SHORT, spines="none"), tmp_path / "without")
    assert "neck_" not in (without / "netParams.json").read_text()
    assert "Spines are left out" in (without / "README.md").read_text()


def test_a_current_clamp_goes_along(network):
    assert network["stimSourceParams"]["clamp_1"] == {
        "type": "IClamp", "del": 20.0, "dur": 40.0, "amp": 0.2
    }  # fmt: skip
    assert network["stimTargetParams"]["clamp_1"]["sec"].startswith("trunk_")


def test_mod_files_are_those_that_the_model_needs(folder, network):
    files = {path.stem for path in (folder / "mod").iterdir()}
    sections = network["cellParams"]["CA1"]["secs"].values()
    needed = {name for section in sections for name in section["mechs"]} - {"pas"}
    assert files >= needed | {one["mod"] for one in network["synMechParams"].values()} | {"VecStim"}


def test_nothing_in_the_folder_imports_this_package(folder):
    for path in folder.glob("*.py"):
        assert "netpyne_model" not in path.read_text()


def test_a_channel_of_a_users_own_takes_its_mod_file_along(tmp_path, mod_channel):
    cell = ca1.Cell().with_channel("leakier", mod_channel, {"soma": {"value": 1e-4}}, e_mV=-70)
    folder = write_netpyne(ca1.Trial(cell=cell, **SHORT), tmp_path / "own")
    (name,) = (path.stem for path in (folder / "mod").glob("leakier_*.mod"))
    network = json.loads((folder / "netParams.json").read_text())["net"]["params"]
    assert name in network["cellParams"]["CA1"]["secs"]["soma_0"]["mechs"]


@pytest.fixture
def mod_channel(tmp_path):
    file = tmp_path / "leakier.mod"
    file.write_text(
        "NEURON {\n SUFFIX leakier\n NONSPECIFIC_CURRENT i\n RANGE gbar, e\n}\n"
        "UNITS {\n (mA) = (milliamp)\n (mV) = (millivolt)\n (S) = (siemens)\n}\n"
        "PARAMETER {\n gbar = 0 (S/cm2)\n e = -70 (mV)\n}\n"
        "ASSIGNED {\n v (mV)\n i (mA/cm2)\n}\n"
        "BREAKPOINT {\n i = gbar*(v - e)\n}\n"
    )
    return file


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"integration": "second_order"}, "set integration=fixed_step"),
        ({"record_currents": True}, "set record_currents=false"),
        ({"record": {"A": "kad.i trunk@200"}}, "an export records voltages"),
        (
            {"stimuli": [ca1.VoltageClamp(levels=[(0, -65.0)])]},
            "an export has synaptic inputs and current clamps",
        ),
    ],
)
def test_what_an_export_cannot_hold_is_refused(fields, message):
    with pytest.raises(ca1.ModelError, match=message):
        in_general_mode(ca1.Trial(**fields).configuration)


def test_the_command_writes_the_folder_and_replaces_its_own_alone(tmp_path, capsys):
    options = [f"--set={name}={value}" for name, value in SHORT.items()]
    folder = tmp_path / "new"
    assert main(["export", "netpyne", str(folder), *options]) == 0
    assert f"NetPyNE: {folder / 'index.npjson'}" in capsys.readouterr().out
    assert main(["export", "netpyne", str(folder), *options]) == 2
    assert main(["export", "netpyne", str(folder), *options, "--overwrite"]) == 0
    assert main(["export"]) == 2
    assert "expected what to write (netpyne, neuroml" in capsys.readouterr().err
