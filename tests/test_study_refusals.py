"""What a study refuses, before anything runs: one line that names the thing, the value and what was expected."""

from pathlib import Path

import pytest

from netpyne_model.errors import ModelError
from netpyne_model.studies import Study, load_results


def write_table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"list": [{"dc": 0}]}, "unknown field 'dc' in the sweep. Did you mean 'dc_nA'?"),
        ({"grid": {"processes": [1]}}, "unknown field 'processes' in the sweep. Known: a"),
        ({"grid": {"dc_na": [0]}}, "unknown field 'dc_na' in the sweep. Did you mean 'dc_nA'?"),
        ({"list": [{"drug": ["TTX"]}]}, "unknown field 'drug' in the sweep. Did you mean 'drugs'?"),
        ({"grid": {"condition": ["a"]}}, "unknown field 'condition' in the sweep."),
        (
            {"grid": {"seed": [0, 1]}},
            "seed cannot be swept: every condition has the same seeds; set trials and first_seed",
        ),
        ({"list": [{"seed": 1}]}, "seed cannot be swept"),
        (
            {"base": {"seed": 1}},
            "seed cannot be set in a study's base: set trials and first_seed instead.",
        ),
        (
            {"grid": {"dc_nA": []}},
            "dc_nA = [] in the sweep: expected a list of values, or {from: A, to: B, step: C}.",
        ),
        ({"grid": {"dc_nA": 0.1}}, "dc_nA = 0.1 in the sweep: expected a list of values"),
        ({"grid": {"drugs": "TTX"}}, "drugs = 'TTX' in the sweep: expected a list of values"),
        ({"grid": [0.1]}, "grid = [0.1]: expected a mapping of fields to values."),
        (
            {"list": {"dc_nA": 0.1}},
            "list = {'dc_nA': 0.1}: expected a list of mappings of fields to values.",
        ),
        ({"list": [0.1]}, "list = [0.1]: expected a list of mappings of fields to values."),
        ({"list": []}, "study: conditions = []: "),
        ({"base": ["dc_nA=0"]}, "base = ['dc_nA=0']: expected a mapping of fields to values."),
        (
            {"grid": {"dc_nA": [0]}, "list": [{"dc_nA": 0}]},
            "study with grid and list: expected one of grid, list, table or conditions.",
        ),
        ({"grid": {"dc_nA": [0]}, "table": "t.csv"}, "study with grid and table: expected one of"),
        (
            {"grid": {"dc_nA": [0.1, 0.1]}},
            "condition 'dc_nA=0.1' stands twice; give each a name or a change of its own.",
        ),
        (
            {"list": [{"condition": "a"}, {"condition": "a", "dc_nA": 0}]},
            "condition 'a' stands twice",
        ),
        (
            {"trials": 0},
            "study: trials = 0: expected greater than or equal to 1 (trials of each condition",
        ),
        ({"trials": "many"}, "study: trials = 'many': "),
        ({"first_seed": -1}, "study: first_seed = -1: "),
        (
            {"first_seed": 2**32 - 1, "trials": 2},
            "first_seed = 4294967295: expected a last seed of at most 4294967295.",
        ),
        ({"name": "a/b"}, "study: name = 'a/b': "),
        ({"trial": 3}, "study has no field 'trial'. Did you mean 'trials'?"),
        ({"grids": {}}, "study has no field 'grids'. Did you mean 'grid'?"),
        (
            {"grid": {"dc_nA": [0]}, "axis": "dc"},
            "the figures' 'dc' is not swept. Did you mean 'dc_nA'?",
        ),
        ({"grid": {"dc_nA": [0]}, "panels": "drugs"}, "the figures' 'drugs' is not swept."),
    ],
)
def test_a_study_that_does_not_hold_is_refused(content, says):
    with pytest.raises(ModelError) as caught:
        Study(**content)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"from": 0, "to": 0.1, "step": 0.03},  # 0.1 is not reached
        {"from": 0, "to": 0.1, "step": -0.05},
        {"from": 0, "to": 0.1, "step": 0},
        {"from": 0, "to": 1, "step": 1e-6},  # more values than anybody means
        {"from": 0, "to": 0.1},
        {"from": 0, "to": 0.1, "step": 0.05, "by": 1},
        {"from": "0", "to": 0.1, "step": 0.05},
        {"from": False, "to": True, "step": True},
        {"from": 0, "to": float("inf"), "step": 0.1},
        {"from": 0, "to": float("nan"), "step": 0.1},
        {"from": 0, "to": 0.1, "step": float("nan")},
    ],
    ids=str,
)
def test_an_impossible_range_is_refused(given):
    with pytest.raises(
        ModelError, match=r"^dc_nA = .* in the sweep: expected (numbers \{from|a step that leads)"
    ):
        Study(grid={"dc_nA": given})


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["dc_nA,w_max", "0.1,1,2"], ", row 2: 3 cells; expected 2, one a column."),
        (["dc_nA,w_max", "0.1,1", "0.2"], ", row 3: 1 cells; expected 2, one a column."),
        (["dc_nA,dc_nA", "0.1,0.2"], ": a column stands twice; expected every field once."),
        (["condition,dcnA", "a,0.1"], "unknown field 'dcnA' in the sweep. Did you mean 'dc_nA'?"),
        (["condition,", "a,0.1"], "unknown field '' in the sweep."),
        (["seed", "1"], "seed cannot be swept"),
        (["dc_nA"], ": expected a header of fields and a row a condition."),
        ([], ": expected a header of fields and a row a condition."),
        (["drugs", '"[TTX"'], "value '[TTX': "),
    ],
)
def test_a_malformed_table_is_refused(lines, says, tmp_path):
    with pytest.raises(ModelError) as caught:
        Study(table=write_table(tmp_path / "t.csv", *lines))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"dc_nA\n\xff\n")
    for name in ("missing.csv", ".", "bytes.csv"):
        with pytest.raises(
            ModelError,
            match=r"^table .* cannot be read \(.*\); give a CSV file with a column a field\.$",
        ):
            Study(table=tmp_path / name)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"grid": {"dc_nA": [0.0, 7.0]}}, "condition 'dc_nA=7': dc_nA = 7.0: expected "),
        (
            {"list": [{"condition": "odd", "w_max": "many"}]},
            "condition 'odd': w_max = 'many': expected ",
        ),
        ({"grid": {"drugs": [["TTZ"]]}}, "condition 'TTZ': "),
        ({"grid": {"cell_file": ["nowhere.swc"]}}, "condition 'cell_file=nowhere.swc': "),
        ({"grid": {"dc_section": ["trunk"]}}, "condition 'dc_section=trunk': "),
        (
            {"base": {"record_step_ms": 0.3}, "grid": {"dt_ms": [0.1, 0.025, 0.07]}},
            "condition 'dt_ms=0.07': ",
        ),
        (
            {"base": {"duratoin_ms": 700.0}},
            "condition 'as set': unknown field 'duratoin_ms'. Did you mean 'duration_ms'?",
        ),
        (
            {"base": {"record_currents": True}, "grid": {"integration": ["variable_step"]}},
            "condition 'integration=variable_step': integration = 'variable_step': what is made for the fixed step must go",
        ),
    ],
)
def test_a_condition_that_does_not_hold_is_named(content, says):
    with pytest.raises(ModelError) as caught:
        Study(**content).trial_list()
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


def test_a_study_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(
        ModelError, match=r"^study 'silent_plac' does not exist\. Did you mean 'silent_place'\?"
    ):
        Study.load("silent_plac")
    with pytest.raises(ModelError, match=r"mine\.yaml cannot be read"):
        Study.load(tmp_path / "mine.yaml")
    with pytest.raises(ModelError, match=r"holds no study \(no study\.json\)"):
        load_results(tmp_path)
    with pytest.raises(ModelError, match=r"^study = 3: expected a mapping"):
        (tmp_path / "study.json").write_text('{"study": 3}')
        Study.load(tmp_path / "study.json")


def test_events_that_cannot_be_read_are_told_before_anything_runs(tmp_path):
    study = Study(base={"events_file": str(tmp_path / "none.csv")})
    with pytest.raises(
        ModelError, match=r"^events_file .*none\.csv cannot be read \(No such file or directory\)"
    ):
        _ = study.trial_list()[0].key


def test_a_folder_of_results_says_how_it_goes_on(tmp_path):
    (tmp_path / "study.json").write_text('{"study": {}}')
    with pytest.raises(ModelError, match=r"goes on there with ca1 study .*study\.json --out "):
        Study.load(tmp_path)
