"""Studies as they are declared: grids, lists and tables, what reaches each trial's configuration, and what is refused."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray

from netpyne_model import Cell
from netpyne_model.analysis import MEASURES
from netpyne_model.configuration import TrialConfig, load_configuration
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.errors import ModelError
from netpyne_model.results import Track
from netpyne_model.studies import PUBLISHED, Study, load_results
from netpyne_model.studies.conditions import grid_conditions, name_of, table_conditions
from netpyne_model.studies.declaration import columns
from netpyne_model.studies.measures import TrialMeasures
from netpyne_model.studies.report import comparisons, report_study
from netpyne_model.studies.results import data_package, stack_profiles, write_tables
from netpyne_model.studies.runner import declaration, study_store
from netpyne_model.studies.trial import StudyTrial, forget_cells

# A valid value other than the default, of every field that a study can sweep.
CHANGED = {
    "cell_file": str(MORPHOLOGIES / "example.swc"),
    "cell": {"base": "CA1", "biophysics": {"cable": {"Ra_ohm_cm": {"soma": {"value": 120.0}}}}},
    "stimuli": [{"kind": "CurrentClamp", "amplitude_nA": 0.1, "start_ms": 500.0}],
    "setup": "place_cell",
    "dc_nA": 0.05,
    "dc_start_ms": 100.0,
    "dc_section": "trunk_37",
    "dc_x": 0.75,
    "duration_ms": 700.0,
    "dt_ms": 0.05,
    "celsius": 33.0,
    "v_init_mV": -60.0,
    "spines": "none",
    "channels": "separate",
    "receptors": "generated",
    "drugs": ["TTX", "AP5"],
    "excitation": False,
    "n_excitatory": 10,
    "n_inhibitory": 12,
    "w_max": 2.0,
    "field_centre_fraction": 0.25,
    "inhibition_reduction": "in_field",
    "events_file": "events.csv",
    "events_are": "presynaptic",
    "record_step_ms": 0.2,
    "record": {"tuft": "tuft_60(0.5)"},
    "record_currents": True,
    "spike_threshold_mV": -10.0,
    "integration": "second_order",
    "variable_step_atol": 1e-3,
}
NEEDED = {"receptors": {"spines": "folded"}}  # generated receptors are for spines that are sections
REFUSED = {"seed", "parameters"}  # a parameter is swept by its own name


def key(config: TrialConfig, *, keep_inputs: bool = False) -> str:
    return StudyTrial("", {}, config, keep_inputs).key


def files(study, folder: Path) -> list[Path]:
    """Where the trials of a study go."""
    (folder / "trials").mkdir(exist_ok=True)
    return study_store(folder).files([(trial.name, trial.key) for trial in study.trial_list()])


def write_table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


# -- grids, lists, tables ---------------------------------------------------------------------------------------------


def test_the_published_range_is_eleven_clean_decimals():
    conditions = grid_conditions({"dc_nA": {"from": -0.15, "to": 0.1, "step": 0.025}})
    expected = [-0.15, -0.125, -0.1, -0.075, -0.05, -0.025, 0.0, 0.025, 0.05, 0.075, 0.1]
    assert [
        condition["dc_nA"] for condition in conditions
    ] == expected  # as typed, not -0.07500000000000001


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"from": 0, "to": 0.3, "step": 0.1}, [0, 0.1, 0.2, 0.3]),
        ({"from": 0.1, "to": -0.1, "step": -0.1}, [0.1, 0, -0.1]),
        ({"from": 0.2, "to": 0.2, "step": 0.1}, [0.2]),
        ({"from": 1, "to": 4, "step": 0.75}, [1, 1.75, 2.5, 3.25, 4]),
        (dict(zip(("from", "to", "step"), np.array([0, 0.2, 0.1]), strict=True)), [0, 0.1, 0.2]),
    ],
)
def test_a_range_holds_both_ends(given, expected):
    assert [condition["w_max"] for condition in grid_conditions({"w_max": given})] == expected


def test_a_range_of_whole_numbers_does_for_a_field_of_whole_numbers():
    study = Study(grid={"n_excitatory": {"from": 10, "to": 40, "step": 15}})
    assert [trial.config.n_excitatory for trial in study.trial_list()] == [10, 25, 40]


def test_a_grid_is_every_combination_and_its_last_field_changes_fastest():
    study = Study(
        **{"grid": {"drugs": [[], ["TTX"]], "dc_nA": [0.0, 0.1]}, "trials": 2, "first_seed": 5}
    )
    trials = study.trial_list()
    assert [(trial.config.drugs, trial.config.dc_nA, trial.config.seed) for trial in trials] == [
        (drugs, dc, seed) for drugs in ((), ("TTX",)) for dc in (0.0, 0.1) for seed in (5, 6)
    ]
    names = ["control, dc_nA=0", "control, dc_nA=0.1", "TTX, dc_nA=0", "TTX, dc_nA=0.1"]
    assert list(dict.fromkeys(trial.condition for trial in trials)) == names
    assert columns(trials[-1]) == {"condition": names[-1], "drugs": "TTX", "dc_nA": 0.1, "seed": 6}


def test_a_list_names_its_conditions_and_leaves_the_rest_to_the_setup():
    study = Study(
        **{
            "base": {"setup": "place_cell"},
            "list": [{"condition": "as it is"}, {"dc_nA": 0.2}, {"condition": "flat", "w_max": 1}],
        }
    )
    rows = [columns(trial) for trial in study.trial_list()]
    # 0 nA and 2.5 are the place cell's own (inputs/setups.yaml): the table says them where a condition does not.
    assert rows == [
        {"condition": "as it is", "dc_nA": 0.0, "w_max": 2.5, "seed": 0},
        {"condition": "dc_nA=0.2", "dc_nA": 0.2, "w_max": 2.5, "seed": 0},
        {"condition": "flat", "dc_nA": 0.0, "w_max": 1.0, "seed": 0},
    ]


def test_a_table_is_a_row_a_condition(tmp_path):
    rows = (
        "condition, dc_nA ,drugs",
        'first,0.05,"[TTX, AP5]"',
        "",
        "second,,",
        ",1e-1,[]",
        '"with, a comma",0,',
    )
    study = Study(table=write_table(tmp_path / "t.csv", *rows))
    assert study.conditions == (
        {"condition": "first", "dc_nA": 0.05, "drugs": ["TTX", "AP5"]},
        {"condition": "second"},
        {"dc_nA": 0.1, "drugs": []},
        {"condition": "with, a comma", "dc_nA": 0},
    )
    assert [trial.condition for trial in study.trial_list()] == [
        "first",
        "second",
        "dc_nA=0.1, control",
        "with, a comma",
    ]


def test_a_table_of_a_spreadsheet_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffdc_nA\r\n0.1\r\n-0.05\r\n".encode())
    assert table_conditions(path) == [{"dc_nA": 0.1}, {"dc_nA": -0.05}]


def test_a_table_lies_beside_the_file_that_names_it(tmp_path, monkeypatch):
    write_table(tmp_path / "conditions.csv", "w_max", "1.0", "2.0")
    (tmp_path / "mine.yaml").write_text("table: conditions.csv\ntrials: 2\n")
    monkeypatch.chdir(tmp_path.parent)
    study = Study.load(tmp_path / "mine.yaml")
    assert (study.name, [trial.config.w_max for trial in study.trial_list()]) == (
        "mine",
        [1.0, 1.0, 2.0, 2.0],
    )


def test_names_tell_numbers_apart_that_differ_late():
    first, second = ({"dc_start_ms": value} for value in (100000.25, 100000.5))
    assert (name_of(first), name_of(second)) == ("dc_start_ms=100000.25", "dc_start_ms=100000.5")
    assert name_of({"dc_nA": 0.1 + 0.2}) == "dc_nA=0.3"


@pytest.mark.parametrize(
    ("content", "axis", "panels"),
    [
        ({"grid": {"dc_nA": [0, 0.1]}}, "dc_nA", None),
        ({"grid": {"drugs": [[], ["TTX"]], "dc_nA": [0, 0.1]}}, "dc_nA", "drugs"),
        ({"grid": {"dc_nA": [0, 0.1], "w_max": [1, 2]}}, "dc_nA", "w_max"),
        ({"grid": {"drugs": [[], ["TTX"]]}}, "condition", None),
        ({"grid": {"excitation": [True, False]}}, "condition", None),  # truth values are no numbers
        ({"grid": {"dc_nA": [0, 0.1], "w_max": [1, 2], "drugs": [[], ["TTX"]]}}, "condition", None),
        ({"list": [{"dc_nA": 0}, {"dc_nA": 0.1}]}, "dc_nA", None),
        (
            {"list": [{"dc_nA": 0}, {"w_max": 1}]},
            "condition",
            None,
        ),  # neither is in every condition
        (
            {"list": [{"condition": "a", "dc_nA": 0}, {"condition": "b", "dc_nA": 0.1}]},
            "condition",
            None,
        ),
        ({"grid": {"dc_nA": [0, 0.1], "w_max": [1, 2]}, "axis": "w_max"}, "w_max", None),
        ({}, "condition", None),
    ],
)
def test_figures_take_a_field_of_numbers_as_their_axis(content, axis, panels):
    study = Study(**content)
    assert (study.axis, study.panels) == (axis, panels)


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
    for study in (by_grid, by_table):
        assert study.swept == (field,)
        before, after = (trial.config.as_dict() for trial in study.trial_list())
        assert before == default
        assert {name for name, one in after.items() if one != default[name]} == {field}
        assert after[field] == (str(Path(value).resolve()) if field == "events_file" else value)
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
    values = {**CHANGED, "events_file": str(events), "seed": 1}
    changed = [
        load_configuration(None, NEEDED.get(field, {}), {field: value})
        for field, value in values.items()
    ]
    keys = [key(config) for config in (plain, *changed)]
    keys.append(key(plain, keep_inputs=True))
    replayed = load_configuration(None, {"events_file": str(events)})
    events.write_text("two\n")
    keys.append(key(replayed))
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


# -- the published studies --------------------------------------------------------------------------------------------


def test_the_studies_of_the_package_are_the_two_of_the_papers():
    assert PUBLISHED == ("place_cell", "silent_place")


def test_silent_place_is_the_published_sweep():
    """Eleven currents, control and TTX, ten seeds: 220 trials (Hsu et al. 2018; model.md 7)."""
    study = Study.load("silent_place")
    trials = study.trial_list()
    assert len(trials) == 220
    currents = [round(-0.15 + 0.025 * k, 3) for k in range(11)]
    expected = [
        (drugs, dc, seed) for drugs in ((), ("TTX",)) for dc in currents for seed in range(10)
    ]
    assert [
        (trial.config.drugs, trial.config.dc_nA, trial.config.seed) for trial in trials
    ] == expected
    assert (study.axis, study.panels) == ("dc_nA", "drugs")
    for trial in trials:
        assert (trial.config.setup, trial.config.record_currents) == ("silent_cell", True)
        # What the sweep does not change is the set-up's: the current at soma_0(0) from t = 0, the whole lap.
        assert trial.config.duration_ms is trial.config.dc_section is trial.config.dc_x is None
        assert (
            trial.config.dc_start_ms
            is trial.config.w_max
            is trial.config.field_centre_fraction
            is None
        )


def test_place_cell_has_the_conditions_of_the_model():
    """model.md 7: control, without NMDA, TTX, three reductions of inhibition, flat weights, DC; the field as in control."""
    study = Study.load("place_cell")
    trials = study.trial_list()
    assert len(trials) == 90
    plain = load_configuration(None, study.base).as_dict()
    assert (plain["setup"], plain["record_currents"]) == ("place_cell", True)
    changes = {}
    for trial in trials:
        config = trial.config.as_dict() | {"seed": 0}
        changes.setdefault(trial.condition, set()).add(
            tuple(
                sorted((name, str(value)) for name, value in config.items() if value != plain[name])
            )
        )
    assert all(len(one) == 1 for one in changes.values())
    assert sorted(next(iter(one)) for one in changes.values()) == sorted(
        [
            (),
            (("drugs", "['AP5']"),),
            (("drugs", "['TTX']"),),
            (("inhibition_reduction", "out_of_field"),),
            (("inhibition_reduction", "in_field"),),
            (("inhibition_reduction", "whole_run"),),
            (("w_max", "1.0"),),
            (("dc_nA", "-0.1"),),
            (("dc_nA", "0.1"),),
        ]
    )
    rows = {trial.condition: columns(trial) for trial in trials}
    assert (rows["control"]["w_max"], rows["control"]["dc_nA"]) == (2.5, 0)
    assert [trial.config.seed for trial in trials] == 9 * list(range(10))


def test_a_published_study_is_changed_by_fields_and_base():
    study = Study.load(
        "silent_place", base={"duration_ms": 700.0}, trials=2, grid={"w_max": [1, 2]}
    )
    trials = study.trial_list()
    assert [(trial.config.w_max, trial.config.seed) for trial in trials] == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
    ]
    assert {
        (trial.config.duration_ms, trial.config.dt_ms, trial.config.drugs) for trial in trials
    } == {(700, 0.05, ())}
    assert (study.name, study.axis, study.panels) == ("silent_place", "w_max", None)


# -- round trip and tables --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "study",
    [
        Study.load("silent_place"),
        Study.load("place_cell"),
        Study(
            **{
                "list": [{"condition": "é, 1", "cell_file": Path("c.yaml")}, {"dc_nA": 1e-5}],
                "keep_inputs": True,
            }
        ),
        Study(list=[{"dc_nA": value} for value in np.linspace(0, 0.1, 3)]),
        Study(),
    ],
    ids=lambda study: study.name,
)
def test_a_study_comes_back_from_its_file(study, tmp_path):
    study_store(tmp_path).declare(declaration(study))
    again = load_results(tmp_path).study
    assert again.model_dump(mode="json") == study.model_dump(mode="json")
    study_store(tmp_path).declare(declaration(again))
    assert load_results(tmp_path).study == again
    # The page of studies: ca1 study study.json runs it again.
    assert dict(Study.load(tmp_path / "study.json")) == dict(again)
    if not any("cell_file" in condition for condition in study.conditions):
        assert list(map(asdict, again.trial_list())) == list(map(asdict, study.trial_list()))


def test_tables_of_no_trials_still_have_their_columns(tmp_path):
    """All failed: the folder can be read, and its tables are described."""
    study = Study(grid={"dc_nA": [0, 0.1]})
    study_store(tmp_path).declare(declaration(study))
    write_tables([], study, tmp_path)
    results = load_results(tmp_path)
    assert list(results.table) == ["trial", "condition", "dc_nA", "seed", *MEASURES, "file"]
    assert (
        len(results.table)
        == len(results.runs)
        == len(results.spikes)
        == len(results.conditions)
        == 0
    )
    package = json.loads((tmp_path / "datapackage.json").read_text())
    (spikes,) = (one for one in package["resources"] if one["name"] == "spikes")
    assert [field["type"] for field in spikes["schema"]["fields"]] == [
        "integer",
        "number",
        "number",
        "number",
    ]


def test_profiles_hold_every_seed_and_every_kind_of_field(tmp_path):
    """netCDF 3 has neither integers beyond 2**31 nor nulls: the largest seed and a published cell among others are kept."""
    grid = {"cell_file": [None, CHANGED["cell_file"]], "excitation": [True, False]}
    trials = Study(grid=grid, first_seed=2**32 - 1).trial_list()
    profiles = {"track_time_ms": np.array([25.0, 75.0])}
    profiles |= {
        name: np.array([1.0, 2.0]) for name in ("rate_hz", "ramp_mV", "theta_amplitude_mV")
    }
    profiles |= {name: np.ones(100) for name in ("v_density_in_field", "v_density_out_of_field")}
    track = Track(
        kind="circular",
        lap_ms=6233.0,
        length_cm=187.0,
        settling_ms=250.0,
        lead_in_ms=300.0,
        centre_ms=3117.0,
        width_ms=3000.0,
    )
    one = TrialMeasures(row={}, profiles=profiles, spikes={}, track=track, process={})
    dataset = stack_profiles([one] * len(trials), [columns(trial) for trial in trials])
    dataset.to_netcdf(tmp_path / "profiles.nc", engine="scipy")
    with xarray.open_dataset(tmp_path / "profiles.nc", engine="scipy") as read:
        assert read["seed"].values.tolist() == [2**32 - 1] * 4
        assert read["excitation"].values.tolist() == ["True", "False"] * 2
        assert read["cell_file"].values.tolist()[2:] == [CHANGED["cell_file"]] * 2
        assert len(set(read["condition"].values.tolist())) == 4


def test_every_column_of_a_table_is_described():
    described = {}
    for field, value in CHANGED.items():
        study = Study(grid={field: [value]}, base=NEEDED.get(field, {}))
        row = {**columns(study.trial_list()[0]), **dict.fromkeys(MEASURES, 0.5)}
        (resource,) = data_package({"trials.csv": pd.DataFrame([row])}, study)["resources"]
        described |= {one["name"]: one for one in resource["schema"]["fields"]}
    assert set(described) == {"condition", "seed", *CHANGED, *MEASURES}
    assert all(one["description"] for one in described.values())
    wanted = {
        "nA": "nA",
        "ms": "ms",
        "mV": "mV",
        "hz": "Hz",
        "deg": "deg",
        "mV2": "mV2",
        "bits": "bits/spike",
    }
    for name, one in described.items():
        if (suffix := name.rsplit("_", 1)[-1]) in wanted and "_" in name:
            assert one["unit"] == wanted[suffix], name


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


# -- comparison with published values -----------------------------------------------------------


COMPARE = [
    {"condition": "control", "measure": "peak_rate_hz", "value": 24, "tolerance": 4},
    {"condition": "AP5", "measure": "mean_v_out_of_field_mV", "value": -66.0, "tolerance": 0.5},
]


def test_a_study_is_compared_with_the_values_that_it_names(tmp_path):
    """The mean over trials of a measure; what has no number does not agree. The report says so."""
    content = {"grid": {"drugs": [[], ["AP5"]]}, "title": "Two", "compare": COMPARE}
    study = Study(**content)
    study_store(tmp_path).declare(declaration(study))
    write_tables([], study, tmp_path)
    means = pd.DataFrame(
        {"condition": ["control"], "measure": ["peak_rate_hz"], "unit": ["Hz"], "mean": [22.5]}
    )
    means.to_csv(tmp_path / "conditions.csv", index=False)
    rate, v = comparisons(load_results(tmp_path))
    assert (rate.published, rate.here, rate.tolerance, rate.agrees) == (24, 22.5, 4, True)
    assert rate.quantity == "control: peak of the smoothed firing rate"
    assert not v.agrees
    assert report_study(load_results(tmp_path), figures=False, command="the command") == []
    text = (tmp_path / "REPORT.md").read_text()
    assert "# Two" in text
    assert "Made by `the command`." in text
    assert "1 of 2 compared quantities agree within their tolerance." in text
    assert (tmp_path / "REPORT.html").read_text().count("DIFFERS") == 1


def test_the_place_cell_is_compared_with_its_published_runs():
    study = Study.load("place_cell")
    assert {one.value for one in study.compare} == {-62.4, -55.7, 24.0, 0.0}
    assert Study.load("place_cell", grid={"dc_nA": [0.0]}).compare == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"condition": "contrl"}, "condition 'contrl' does not exist. Did you mean 'control'?"),
        ({"measure": "peak_rate"}, "measure 'peak_rate' does not exist. Did you mean 'peak_rate_"),
        ({"tolerance": -1}, "compare.0.tolerance = -1: expected greater than or equal to 0"),
    ],
)
def test_a_comparison_that_does_not_hold_is_refused(change, says):
    with pytest.raises(ModelError) as caught:
        Study(grid={"drugs": [[], ["AP5"]]}, compare=[COMPARE[0] | change])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


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
