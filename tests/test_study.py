"""Studies as they are declared: grids, lists and tables, and the published ones."""

from pathlib import Path

import numpy as np
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.studies import PUBLISHED, Study
from netpyne_model.studies.conditions import grid_conditions, name_of, table_conditions
from netpyne_model.studies.declaration import columns


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


# -- the published studies --------------------------------------------------------------------------------------------


def test_the_studies_of_the_package_are_those_of_the_papers_and_of_the_findings():
    assert {"place_cell", "silent_place"} < set(PUBLISHED)
    findings = (Path(__file__).parents[1] / "docs" / "findings.md").read_text(encoding="utf-8")
    for name in PUBLISHED:
        assert f"ca1 study {name}" in findings
        Study.load(name)


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
