"""What the errors of trials, studies, exports, figures and their files advise is done, and works."""

import re

import pytest
from drawn_trials import make_trial
from following import advised, advised_number, told

from netpyne_model import Cell, figures
from netpyne_model.configuration import load_configuration
from netpyne_model.exports.general_mode import in_general_mode
from netpyne_model.figures import plots
from netpyne_model.files import read_mapping
from netpyne_model.inputs.setups import load_setup
from netpyne_model.plasticity.rule import load_rule
from netpyne_model.simulation import check_trial
from netpyne_model.studies import Study


def trial(*settings):
    """A configuration, as `ca1 run --set` makes it, which is checked as before a run."""
    configuration = load_configuration(None, settings)
    check_trial(configuration)
    return configuration


def settings_of(line):
    """The settings that a line says to set: ``set spines=folded receptors=generated``."""
    return re.findall(r"\w+=\w+", line.rpartition("; ")[2])


SETTINGS = {
    "setup=place": ("Did you mean 'place_cell'?", ["setup=place_cell"]),
    "drugs=TTX": ("expected a list of names, such as [TTX, AP5].", ["drugs=[TTX, AP5]"]),
    "record=[soma]": ("record = ['soma']: expected", ["record={tip: trunk@200}"]),
    "record={1a: soma}": ("record = {'1a': 'soma'}: expected", ["record={a1: trunk@200}"]),
    "duration_ms=0.1": ("expected at least two steps of record_step_ms", ["duration_ms=0.2"]),
    "record_membrane_currents_from_ms=3": (
        "it has no effect without record_membrane_currents_ms; leave it out, or give both.",
        ["record_membrane_currents_from_ms=3", "record_membrane_currents_ms=0.5"],
    ),
    "parameters=3": ("parameters = 3: expected", ["parameters={kdr.gbar*: 0.8}"]),
    "dc_nA": ("expected key=value, for example dc_nA=0.05 or dc_nA=null.", ["dc_nA=null"]),
    "kdr.gbar.tuft*=2": ("expected a parameter as in kdr.gbar*=0.8", ["trunk:kdr.gbar*=0.8"]),
    "kdr.gbar*=-1": ("expected a factor of 0 or more, as in kdr.gbar*=0.8", ["kdr.gbar*=0.8"]),
    "seeed=3": ("unknown field 'seeed'. Did you mean 'seed'?", ["seed=3"]),
    "setup=place_cell dc_section=trunk_50": (
        "it has no effect without a DC; give dc_nA too, or leave it out.",
        ["setup=place_cell", "dc_section=trunk_50", "dc_nA=0.1"],
    ),
    "record={soma: trunk@200}": (
        "recorded in every trial; take another name.",
        ["record={tip: trunk@200}"],
    ),
    "record={tip: spine_3}": ("set spines=folded.", ["record={tip: spine_3}", "spines=folded"]),
    "dc_nA=0.1 duration_ms=9 dc_start_ms=50": (
        "the run ends at 9 ms; let the DC begin before, or leave it out.",
        ["dc_nA=0.1", "duration_ms=9", "dc_start_ms=5"],
    ),
    "record_currents=true record={i_mine: trunk@200}": (
        "call 'i_mine' otherwise.",
        ["record_currents=true", "record={mine: trunk@200}"],
    ),
    "stimuli=[{kind: PlaceFieldInput}]": (
        "the trial has its place-field input already; change it by setup, seed, n_excitatory, ...",
        ["seed=3", "n_excitatory=20"],
    ),
}


@pytest.mark.parametrize("wrong", SETTINGS)
def test_settings(wrong):
    says, right = SETTINGS[wrong]
    told(lambda: trial(*re.split(r" (?=\w+=)", wrong)), says)
    trial(*right)


@pytest.mark.parametrize(
    "wrong",
    [
        ["integration=variable_step"],
        ["spines=solved", "receptors=generated"],
        ["variable_step_atol=0.01"],
    ],
)
def test_settings_that_a_line_names(wrong):
    line = told(lambda: trial(*wrong), "; ")
    trial(*wrong, *settings_of(line))


EXPORTS = {
    "record_currents=true": ["record_currents=false"],
    "record_membrane_currents_ms=0.5": ["record_membrane_currents_ms=0"],
    "integration=second_order": ["integration=fixed_step"],
    "record={ina: na.i soma}": ["record={}"],
    "stimuli=[{kind: VoltageClamp, levels: [[0, -65]]}]": ["stimuli=[]"],
}


@pytest.mark.parametrize("wrong", EXPORTS)
def test_exports(wrong):
    line = told(lambda: in_general_mode(load_configuration(None, [wrong])), "an export ")
    right = settings_of(line)
    if not right:
        assert "leave it out" in line
        right = EXPORTS[wrong]
    in_general_mode(load_configuration(None, [wrong], right))


SWEPT = {"grid": {"dc_nA": [0, 0.1]}}
STUDIES = {
    "another field": ({"grids": {}}, "Did you mean 'grid'?", SWEPT),
    "a grid and a list": (
        SWEPT | {"list": [{"dc_nA": 0}]},
        "expected one of grid, list, table or conditions.",
        SWEPT,
    ),
    "a grid that is a list": (
        {"grid": [0.1]},
        "expected a mapping of fields to values.",
        {"grid": {"dc_nA": [0.1]}},
    ),
    "a list that is a mapping": (
        {"list": {"dc_nA": 0.1}},
        "expected a list of mappings of fields to values.",
        {"list": [{"dc_nA": 0.1}]},
    ),
    "a table that is a number": (
        {"table": 3},
        "expected the path of a CSV file.",
        {"table": "t.csv"},
    ),
    "a condition twice": (
        {"list": [{"condition": "a"}, {"condition": "a", "dc_nA": 0}]},
        "condition 'a' stands twice; give each a name or a change of its own.",
        {"list": [{"condition": "a"}, {"condition": "b", "dc_nA": 0}]},
    ),
    "seeds beyond the last": (
        {"first_seed": 2**32 - 1, "trials": 2},
        "expected a last seed of at most 4294967295.",
        {"first_seed": 2**32 - 2, "trials": 2},
    ),
    "an axis of another name": (
        SWEPT | {"axis": "dc"},
        "the figures' 'dc' is not swept. Did you mean 'dc_nA'?",
        SWEPT | {"axis": "dc_nA"},
    ),
    "a grid that nobody runs": (
        {"grid": {"dc_nA": {"from": 0, "to": 1, "step": 0.001}, "w_max": [*range(1, 200)]}},
        "give fewer values, or sweep them in studies of their own.",
        {"grid": {"dc_nA": {"from": 0, "to": 1, "step": 0.1}, "w_max": [1, 2]}},
    ),
    "a range without numbers": (
        {"grid": {"dc_nA": {"from": "a", "to": 1, "step": 0.5}}},
        "expected numbers {from: A, to: B, step: C}.",
        {"grid": {"dc_nA": {"from": 0, "to": 1, "step": 0.5}}},
    ),
    "a step that does not lead there": (
        {"grid": {"dc_nA": {"from": 0, "to": 1, "step": 0.3}}},
        "expected a step that leads from the first to the last value in a whole number of steps",
        {"grid": {"dc_nA": {"from": 0, "to": 1, "step": 0.25}}},
    ),
    "a field of its own": ({"_folder": 3}, "study has no field '_folder'; remove it.", {}),
}


@pytest.mark.parametrize("case", STUDIES)
def test_studies(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("dc_nA\n0\n")
    wrong, says, right = STUDIES[case]
    told(lambda: Study.of_content(wrong), says)
    assert Study.of_content(right).conditions


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("dc_nA,w_max\n0.1,1,2\n", ", row 2: 3 cells; expected 2, one a column."),
        ("dc_nA,dc_nA\n0.1,0.2\n", ": a column stands twice; expected every field once."),
        ("dc_nA\n", ": expected a header of fields and a row a condition."),
        ("dc_nA\n\xff\n", "give a CSV file with a column a field."),
    ],
)
def test_tables_of_conditions(tmp_path, wrong, says):
    table = tmp_path / "t.csv"
    table.write_bytes(wrong.encode("latin-1"))
    told(lambda: Study(table=table), says)
    table.write_text("dc_nA,w_max\n0.1,1\n")
    assert Study(table=table).conditions


@pytest.mark.parametrize(
    ("name", "wrong", "says", "right"),
    [
        ("a.txt", "a: 1", "expected a file that ends in .json, .yaml or .yml.", None),
        ("a.json", '{"a": 1,}', "line 1: malformed JSON", '{"a": 1}'),
        ("a.yaml", "a: [1", "malformed YAML", "a: [1]"),
        ("a.yaml", "a: 1\na: 2", 'key "a" stands twice; leave one of them out.', "a: 1"),
        (
            "a.yaml",
            "a:\n\tb: 1",
            "line 2: malformed YAML, a tab where blanks are expected; indent by blanks.",
            "a:\n  b: 1",
        ),
        ("a.json", '{"a": 1, "a": 2}', "stands twice; expected every key once.", '{"a": 1}'),
        ("a.yaml", "- 1", "found a list; write lines of name: value.", "a: 1"),
        ("a.yaml", "", "found nothing; write lines of name: value.", "a: 1"),
        ("a.json", "[1]", 'found a list; write {"name": value}.', '{"a": 1}'),
        ("a.yaml", "a: \xff", "is not UTF-8 text; expected a JSON or YAML file.", "a: 1"),
        ("a.yaml", f"a: {'9' * 5000}", "write it plainly", "a: 9"),
        ("a.yaml", "a: !!python/none x", "", "a: x"),
        ("a.yaml", "a: " + "[" * 300 + "]" * 300, "", "a: [[]]"),
    ],
)
def test_files_of_fields(tmp_path, name, wrong, says, right):
    file = tmp_path / name
    file.write_bytes(wrong.encode("latin-1"))
    line = told(lambda: read_mapping(file), says)
    if right is None:
        for ending in re.findall(r"\.\w+", line.partition("ends in")[2]):
            file = file.with_suffix(ending)
            file.write_text('{"a": 1}')
            assert read_mapping(file) == {"a": 1}
    else:
        file.write_text(right)
        assert list(read_mapping(file)) == ["a"]


def test_names_of_files_of_the_package():
    load_setup(advised(told(lambda: load_setup("place"), "does not exist."), "mean '(.*)'"))
    load_rule(advised(told(lambda: load_rule("fited"), "does not exist."), "mean '(.*)'"))


TABLES = {"a": Cell.simple().table()}
FIGURES = {
    "no parameter": (
        lambda: figures.parameter_against_distance(TABLES, []),
        "no parameter to draw; name at least one column of the segment tables.",
        lambda line: figures.parameter_against_distance(TABLES, ["pas.g"]),
    ),
    "a parameter of another name": (
        lambda: figures.parameter_against_distance(TABLES, "pas.gg"),
        "has the parameter 'pas.gg'. Did you mean 'pas.g'?",
        lambda line: figures.parameter_against_distance(TABLES, advised(line, "mean '(.*)'")),
    ),
    "several parameters in a picture": (
        lambda: plots.draw_parameter(Cell.simple(), ["pas.g", "pas.e"]),
        "a picture of the cell shows one; give one name, such as 'nas.gbar'.",
        lambda line: plots.draw_parameter(Cell.simple(), "pas.g"),
    ),
    "no cell": (
        lambda: plots.draw_parameter([], "pas.g"),
        "nothing to draw: expected a Cell, several of them, or a mapping of names to them.",
        lambda line: [
            plots.draw_parameter(one, "pas.g")
            for one in (Cell.simple(), [Cell.simple()] * 2, {"a": Cell.simple()})
        ],
    ),
    "a file of a cell": (
        lambda: plots.draw("cell.yaml"),
        "found a str; expected a Cell, or several by name.",
        lambda line: plots.draw(Cell.simple()),
    ),
    "a recording of another name": (
        lambda: figures.traces({"a": RUN}, recordings="some"),
        "recording 'some' is in no condition. Did you mean 'soma'?",
        lambda line: figures.traces({"a": RUN}, recordings=advised(line, "mean '(.*)'")),
    ),
    "no condition": (
        lambda: figures.traces({}),
        "no trace to draw; give at least one condition with at least one recording.",
        lambda line: figures.traces({"a": RUN}),
    ),
    "a window without samples": (
        lambda: figures.traces({"a": RUN}, t_from_ms=1e6),
        "no trace has samples from 1e+06 to inf ms; change t_from_ms or t_to_ms.",
        lambda line: figures.traces({"a": RUN}, t_from_ms=10),
    ),
    "a baseline beyond the run": (
        lambda: figures.traces({"a": RUN}, relative_to_baseline_at_ms=1e6),
        "choose relative_to_baseline_at_ms within the recording.",
        lambda line: figures.traces(
            {"a": RUN},
            relative_to_baseline_at_ms=advised_number(line, r"runs from \S+ to (\S+) ms"),
        ),
    ),
}
RUN = make_trial(n_synapses=3, stop_ms=100.0, spikes_ms=(50.0,)).traces


@pytest.mark.parametrize("case", FIGURES)
def test_figures(case):
    refused, line, as_told = FIGURES[case]
    as_told(told(refused, line))
