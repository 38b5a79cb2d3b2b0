"""What a study sweeps reaches each trial's configuration, its key and its name."""

import csv
import json
from pathlib import Path

import pytest
from swept_fields import CHANGED, NEEDED

from netpyne_model import Cell
from netpyne_model.configuration import CONTENTS, TrialConfig, load_configuration
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.errors import ModelError
from netpyne_model.studies import Study
from netpyne_model.studies.declaration import columns
from netpyne_model.studies.runner import study_store
from netpyne_model.studies.trial import StudyTrial, forget_cells

# A parameter is swept by its own name, a file of events without what it once held.
REFUSED = {"seed", "parameters", "events_sha256", "weights_sha256"}


def key(config: TrialConfig, *, keep_inputs: bool = False) -> str:
    return StudyTrial("", {}, config, keep_inputs).key


def files(study, folder: Path) -> list[Path]:
    """Where the trials of a study go."""
    (folder / "trials").mkdir(exist_ok=True)
    return study_store(folder).files([(trial.name, trial.key) for trial in study.trial_list()])


# -- every field ------------------------------------------------------------------------------------------------------


def test_every_field_is_swept_here_or_refused():
    assert set(CHANGED) | REFUSED == set(TrialConfig.model_fields)


@pytest.mark.parametrize("field", CHANGED)
def test_a_field_is_swept_by_a_grid_and_by_a_table(field, tmp_path):
    base, value = NEEDED.get(field, {}), CHANGED[field]
    default = load_configuration(None, base).as_dict()
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["condition", field], ["default", ""], ["changed", json.dumps(value)]]
        )
    by_grid = Study(grid={field: [default[field], value]}, base=base)
    by_table = Study(table=tmp_path / "t.csv", base=base)
    for study, folder in ((by_grid, Path.cwd()), (by_table, tmp_path)):
        assert study.swept == (field,)
        before, after = (trial.config.as_dict() for trial in study.trial_list())
        assert before == default
        assert {name for name, one in after.items() if one != default[name]} == {field}
        assert after[field] == (str(folder / value) if field in CONTENTS else value)
        assert (
            len({str(columns(trial)) for trial in study.trial_list()}) == 2
        )  # told apart in the tables


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("record", {"soma": "tuft_60(0.5)"}, "record: 'soma' is the voltage at soma_0(0)"),
        ("record", {"A": "AMPA.i spine_3"}, "set spines=folded."),
        ("stimuli", [{"kind": "CurrentClam"}], "Did you mean 'CurrentClamp'?"),
    ],
)
def test_what_a_trial_cannot_give_is_refused(field, value, message):
    with pytest.raises(ModelError) as caught:
        Study(list=[{field: value}]).trial_list()
    assert message in str(caught.value)
    assert str(caught.value).startswith("condition '")


# -- seeds and keys ---------------------------------------------------------------------------------------------------


def test_every_condition_has_the_same_seeds():
    trials = Study(grid={"dc_nA": [0, 0.1, 0.2]}, trials=3, first_seed=7).trial_list()
    assert [trial.config.seed for trial in trials] == [7, 8, 9] * 3


def test_a_key_tells_everything_that_decides_a_trial(tmp_path):
    events = tmp_path / "events.csv"
    events.write_text("one\n")
    plain = load_configuration(None, {})
    weights = tmp_path / "weights.csv"
    weights.write_text("one\n")
    values = {**CHANGED, "events_file": str(events), "weights_file": str(weights), "seed": 1}
    changed = [
        load_configuration(None, NEEDED.get(field, {}), {field: value})
        for field, value in values.items()
    ]
    keys = [key(config) for config in (plain, *changed)]
    keys.append(key(plain, keep_inputs=True))
    replayed = load_configuration(None, {"events_file": str(events)})
    weighted = load_configuration(None, {"weights_file": str(weights)})
    for file in (events, weights):
        file.write_text("two\n")
    keys += [key(replayed), key(weighted)]
    assert len(set(keys)) == len(keys)
    assert key(load_configuration(None, {"dc_nA": 0.05})) in keys


def test_a_cell_that_has_changed_gives_another_key(tmp_path):
    path = tmp_path / "cell.swc"
    lines = (MORPHOLOGIES / "example.swc").read_text()
    path.write_text(lines)
    config = load_configuration(None, {"cell_file": str(path)})
    before = key(config)
    path.write_text(lines + "\n# another\n")
    forget_cells()  # as run_study and its workers do first
    assert key(config) != before


def test_equal_trials_under_two_names_share_a_file(tmp_path):
    study = Study(
        **{
            "list": [
                {"condition": "a", "dc_nA": 0.1},
                {"condition": "b", "dc_nA": 0.1},
                {"dc_nA": 0.2},
            ]
        }
    )
    first, second, third = files(study, tmp_path)
    assert first == second != third
    first.touch()
    # A renamed condition finds its trial again.
    renamed = Study(list=[{"condition": "called otherwise", "dc_nA": 0.1}])
    assert files(renamed, tmp_path) == [first]


@pytest.mark.parametrize(
    "name", [".hidden", "../..", "a/b\\c", "é", "x" * 300, "dc = 0.1 nA; TTX*"]
)
def test_a_trials_file_has_a_plain_name_in_its_folder(name, tmp_path):
    study = Study(list=[{"condition": name}])
    (file,) = files(study, tmp_path)
    assert file.parent == tmp_path / "trials"
    assert not file.name.startswith(".")
    assert len(file.name) < 130
    file.touch()
    assert list(file.parent.glob("[!.]*.nwb")) == [file]


def test_a_file_is_told_by_its_content_wherever_it_is(tmp_path, monkeypatch):
    """A worker elsewhere starts in a folder of its own; the name of a table may have signs that a study's may not."""
    monkeypatch.chdir(tmp_path)
    keys = []
    for folder, line in (
        ("one", "0,CA3,37,0.5,exc,3,1.5e-3,1"),
        ("two", "0,CA3,37,0.5,exc,3,1.5e-3,1"),
        ("three", "other"),
    ):
        Path(folder).mkdir()
        Path(folder, "events.csv").write_text(line)
        (trial,) = Study(base={"events_file": f"{folder}/events.csv"}).trial_list()
        assert trial.config.events_file == tmp_path / folder / "events.csv"
        keys.append(trial.key)
    assert keys[0] == keys[1] != keys[2]
    Path("my sweep (2).csv").write_text("dc_nA\n0\n0.1\n")
    Path("my study.yaml").write_text("table: my sweep (2).csv\n")
    assert Study.load("my study.yaml").name == "my_study"


def test_parameters_of_the_cell_are_swept_like_fields(tmp_path):
    study = Study(grid={"kdr.gbar*": [0.8, 1], "trunk:nas.gbar": [None, 0.02]}, base={"dc_nA": 0})
    trials = study.trial_list()
    assert [trial.swept for trial in trials] == [
        {"kdr.gbar*": factor, "trunk:nas.gbar": value}
        for factor in (0.8, 1)
        for value in (None, 0.02)
    ]
    assert trials[1].config.parameters == {"kdr.gbar*": 0.8, "trunk:nas.gbar": 0.02}
    assert trials[1].condition == "kdr.gbar*=0.8, trunk:nas.gbar=0.02"
    assert study.axis == "kdr.gbar*"
    with pytest.raises(ModelError, match=r"Did you mean 'kdr\.gbar'"):
        Study(grid={"kdr.gbarr*": [0.8]}).trial_list()


def test_a_changed_cell_is_named_by_what_differs():
    control = Cell()
    less = control.with_rule("trunk", "nas.gbar", value=0.02)
    cells = [None, less, less.named("less"), control.with_parameters({"kdr.gbar*": 0.8})]
    trials = Study(grid={"cell": cells}).trial_list()
    assert [columns(trial)["cell"] for trial in trials] == [
        "published",
        "CA1 with nas.gbar_S_per_cm2.trunk=0.02",
        "less",
        "CA1 with factors.kdr.gbar.all=0.8",
    ]
    files = [None, str(MORPHOLOGIES / "example.swc")]
    trials = Study(grid={"cell_file": files}).trial_list()
    assert [columns(trial)["cell_file"] for trial in trials] == ["published", files[1]]
