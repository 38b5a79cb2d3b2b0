"""What a run leaves behind says it all: it runs again from anywhere, or says what has changed."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from netpyne_model import Study, load
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.errors import ModelError
from netpyne_model.inputs.events_file import COLUMNS
from netpyne_model.simulation import prepare_trial

CELL = "base: CA1\nname: less_h\nbiophysics:\n  channels:\n    h:\n      gbar_S_per_cm2: {tuft: null}\n"
EVENTS = f"{','.join(COLUMNS)}\n0,CA3,30,0.5,exc,3,0.0004,2\n1,perisomatic,0,0.5,inh,1,0.0011,3\n"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A cell, a morphology and events; the working folder is below theirs."""
    (tmp_path / "cell.yaml").write_text(CELL)
    (tmp_path / "events.csv").write_text(EVENTS)
    shutil.copyfile(MORPHOLOGIES / "example.swc", tmp_path / "other.swc")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def run(*arguments: str) -> None:
    assert main(["run", "--quiet", "--duration", "10", *arguments]) == 0


def test_a_results_folder_runs_again_from_anywhere(files, monkeypatch):
    run("--cell", "../cell.yaml", "--events", "../events.csv", "--set", "drugs=[TTX:0.5]")
    (folder,) = Path("output").resolve().iterdir()
    written = json.loads((folder / "configuration.json").read_text())
    assert written["events_file"] == str(files / "events.csv")
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["input_files"] == {
        str(files / name): sha256(files / name) for name in ("cell.yaml", "events.csv")
    }
    assert provenance["drugs"] == {"TTX:0.5": 0.5}
    (files / "cell.yaml").unlink()  # its content is in the result
    monkeypatch.chdir(files)
    run("--config", str(folder / "configuration.json"), "--out", "again")
    one, other = load(folder), load("again")
    assert one.configuration == other.configuration
    for site, v_mV in one.voltage_mV.items():
        np.testing.assert_array_equal(v_mV, other.voltage_mV[site])


def test_a_file_that_has_changed_is_said_and_taken_on_demand(files):
    changed = files / "events.csv"
    config = prepare_trial(load_configuration(None, {"events_file": str(changed)})).configuration
    file = files / "configuration.json"
    file.write_text(json.dumps(config))
    load_configuration(file)
    changed.write_text(EVENTS.replace(",2\n", ",2.5\n"))
    with pytest.raises(ModelError, match="has another content than when this was run") as caught:
        load_configuration(file)
    advice = re.search(r"set (\S+) to take", str(caught.value))[1]
    assert load_configuration(file, [advice]).events_file == changed
    # Named anew, it is another file.
    assert load_configuration(file, {"events_file": str(changed)}).events_sha256 is None
    changed.unlink()
    with pytest.raises(ModelError, match=r"events_file .*events\.csv cannot be read"):
        load_configuration(file)


def test_a_morphology_of_a_result_is_known_by_its_content(files, monkeypatch):
    alone = load_configuration(None, {"cell_file": "../other.swc"}).standing_alone()
    morphology = files / "other.swc"
    entry = alone["cell"]["morphology"]
    assert (entry["file"], entry["sha256"]) == (str(morphology), sha256(morphology))
    monkeypatch.chdir(files)
    assert load_configuration(None, alone).make_cell().name == "other"
    morphology.write_text(morphology.read_text() + "# more\n")
    with pytest.raises(ModelError, match="another content than when this was saved"):
        load_configuration(None, alone)


@pytest.mark.parametrize(
    "conditions",
    [
        {"base": {"cell_file": "cell.yaml"}, "grid": {"dc_nA": [0.1]}},
        {"grid": {"cell_file": ["cell.yaml"]}},
        {"list": [{"cell_file": "cell.yaml"}]},
        {"table": "cells.csv"},
        {"base": {"cell": {"base": "CA1", "morphology": {"file": "other.swc"}}}},
    ],
    ids=lambda content: "+".join(content),
)
def test_paths_of_a_study_count_from_its_file_and_later_from_anywhere(
    files, monkeypatch, conditions
):
    (files / "study.yaml").write_text(json.dumps({"name": "moved", **conditions}))
    (files / "cells.csv").write_text("cell_file\ncell.yaml\n")
    study = Study.load("../study.yaml")
    (trial,) = study.trial_list()
    name = "CA1" if "cell" in conditions.get("base", {}) else "less_h"
    assert trial.config.make_cell().name == name
    monkeypatch.chdir("/")
    (files / "study.json").write_text(json.dumps({"study": study.as_dict()}))
    (again,) = Study.load(files / "study.json").trial_list()
    assert (again.key, again.condition) == (trial.key, trial.condition)


def test_paths_that_are_typed_count_from_the_working_folder(files):
    config = load_configuration(None, ["cell_file=../cell.yaml"])
    assert config.make_cell().name == "less_h"
    (trial,) = Study(grid={"cell_file": ["../cell.yaml"]}).trial_list()
    assert trial.config.make_cell().name == "less_h"
    assert trial.condition == "cell_file=../cell.yaml"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"events_are": "presynaptic"}, "events_are = 'presynaptic': it has no effect without"),
        ({"events_file": "../events.csv", "n_excitatory": 5}, "n_excitatory = 5: it has no effect"),
        ({"events_file": "../events.csv", "n_inhibitory": 5}, "n_inhibitory = 5: it has no effect"),
        ({"events_file": "../events.csv", "w_max": 2.0}, "w_max = 2.0: it has no effect"),
        (
            {"events_file": "../events.csv", "inhibition_reduction": "in_field"},
            "inhibition_reduction = 'in_field': it has no effect",
        ),
        ({"variable_step_atol": 1e-3}, "variable_step_atol = 0.001: it has no effect"),
        ({"setup": "place_cell", "dc_x": 0.5}, "dc_x = 0.5: it has no effect without a DC"),
        ({"duration_ms": 50, "dc_start_ms": 60.0}, "dc_start_ms = 60: the run ends at 50 ms"),
        ({"events_sha256": "0" * 64}, "events_sha256: it has no effect without events_file"),
    ],
    ids=lambda value: next(reversed(value)) if isinstance(value, dict) else "",
)
def test_fields_without_an_effect_are_refused_and_may_be_left_out(files, fields, named):
    with pytest.raises(ModelError, match=re.escape(named)):
        prepare_trial(load_configuration(None, {"duration_ms": 50} | fields))
    rest = dict(list(fields.items())[:-1])
    prepare_trial(load_configuration(None, {"duration_ms": 50} | rest))
