"""What the command line's errors advise is typed as it stands, and works."""

import shlex
from pathlib import Path

import pytest
from following import advised, told

from netpyne_model import Cell, CurrentClamp, Protocol, save
from netpyne_model.benchmarks.command import _workloads
from netpyne_model.benchmarks.workloads import WORKLOADS
from netpyne_model.commands import USER_ERROR, main
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.reports import write_page
from netpyne_model.studies.command import chosen_study

EXAMPLE = str(MORPHOLOGIES / "example.swc")


def works(*arguments: str | Path) -> None:
    """`ca1` takes these arguments."""
    assert main([str(one) for one in arguments]) == 0


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Results of two short protocols on the simple cell, by their folders."""
    folder = tmp_path_factory.mktemp("runs")
    rest = Protocol(duration_ms=1.0)
    for name, cell in (
        ("A", Cell.simple()),
        ("B", Cell.simple().with_rule("soma", "pas.g", factor=2)),
    ):
        save(rest.run(cell), folder / name)
    return folder


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_command_of_a_near_name(refused):
    line = refused("exprot")
    works(advised(line, "Did you mean '(.*)'"), "--help")


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        (
            ["--plot", "pas.g", "--draw", "pas.g"],
            "--plot and --draw both make the figure; give one of them.",
            ["--draw", "pas.g"],
        ),
        (
            ["--figure", "a.png"],
            "--figure a.png: nothing to draw; say what with --plot or --draw.",
            ["--figure", "a.png", "--draw", "pas.g"],
        ),
        (
            ["--draw", "regions", "--against", EXAMPLE],
            "--draw regions shows one cell; leave out --against.",
            ["--draw", "regions"],
        ),
        (
            ["--draw", "regions", "--figure", "a.gif"],
            "figure a.gif: expected a name that ends in .png, .svg or .pdf.",
            ["--draw", "regions", "--figure", "a.pdf"],
        ),
        (
            ["--save", "a.txt"],
            "a.txt: a specification is a YAML file; give a name that ends in .yaml.",
            ["--save", "a.yaml"],
        ),
        (["--save", "full/a.yaml"], "its folder cannot be made", ["--save", "b/a.yaml"]),
    ],
)
def test_cell(capsys, wrong, says, right):
    Path("full").touch()
    assert main(["cell", EXAMPLE, *wrong]) == USER_ERROR
    assert says in capsys.readouterr().err  # what goes well before it is shown
    works("cell", EXAMPLE, *right)


def test_compare(refused, runs):
    one, other = runs / "A", runs / "B"
    assert "expected two results or more, as in 'A B'." in refused("compare", one)
    assert f"{one} is given twice; leave one out." in refused("compare", one, one, other)
    line = refused("compare", one, other, "--out", "a.jpg")
    works("compare", one, other, "--out", "a" + advised(line, r"ends in (\.\w+)"))
    assert Path("a.png").is_file()


def test_report(refused, runs):
    one, other = runs / "A", runs / "B"
    line = refused("report", one, "--cell", EXAMPLE, "--cell", EXAMPLE)
    assert "--cell: expected one a result; leave the others out." in line
    assert "give the cell of the run as --cell FILE." in refused("report", one, "--cell", EXAMPLE)
    Cell.simple().save("simple.yaml")
    works("report", one, other, "--cell", "simple.yaml", "--cell", "simple.yaml")
    told(
        lambda: write_page([], Path("a.html")), "results: found 0; expected one, or two to compare."
    )


def test_export(refused):
    Path("taken").mkdir()
    line = refused("export")
    assert "expected what to write (" in line
    known = advised(line, r"what to write \((.*)\)").split(", ")
    assert "--help" in line
    for one in known:
        works("export", one, "--help")


def test_a_near_command_ends_in_one_sign(refused):
    line = refused("export", "netpyn", "new")
    assert line.endswith("Did you mean 'netpyne'? See --help.\n")
    works("export", advised(line, "mean '(.*)'"), "--help")


def test_a_choice_of_a_workload():
    line = told(lambda: _workloads([*WORKLOADS], ["x"]), "--choice is for one workload; name it")
    command = shlex.split(advised(line, "such as: (.*)"))
    assert command[:2] == ["ca1", "benchmark"]
    assert list(_workloads([command[2]], [command[4]])[command[2]].choices) == [command[4]]


def test_a_negative_density_in_a_file(tmp_path):
    file = tmp_path / "cell.yaml"
    channel = "base: CA1\nname: mine\nbiophysics: {channels: {kdr: {gbar_S_per_cm2: {soma: %s}}}}\n"
    file.write_text(channel % -0.02)
    line = told(
        lambda: Cell(file).table(), "soma is -0.02; expected a rule, such as {value: 0.02}."
    )
    file.write_text(channel % advised(line, r"such as (\{.*\})"))
    Cell(file).table()


def test_models_of_run(refused):
    line = refused("run", "--model", "simpel")
    model = advised(line, r"model = 'simpel': expected one of full, (\w+)\.$")
    line = refused("run", "--model", model, "--dc", "0.1")
    assert line.startswith("error: dc_nA has no meaning for model 'simple', ")
    assert "; leave it out, or run a protocol of your own on Cell.simple()." in line
    works("run", "--model", model, "--quiet", "--out", "simple")
    assert Path("simple").is_dir()
    dc = Protocol(duration_ms=1.0, stimuli=CurrentClamp(amplitude_nA=0.1)).run(Cell.simple())
    assert dc.voltage_mV["soma"][-1] > dc.voltage_mV["soma"][0]


def test_simulators_and_numbers_of_run(refused):
    few = ["run", "--quiet", "--no-report", "--set", "n_excitatory=0", "--set", "n_inhibitory=0"]
    line = refused(*few, "--simulator", "neuron")
    simulator = advised(line, r"simulator = 'neuron': expected one of (\w+), arbor\.$")
    few += ["--simulator", simulator, "--out", "trial"]
    line = refused(*few, "--duration", "")
    assert line.startswith("error: duration_ms = '': expected a number in ms above 0")
    works(*few, "--duration", "5")
    assert Path("trial").is_dir()


@pytest.mark.parametrize(
    ("words", "says", "advised_words"),
    [
        (
            {"sweep": ["dc_nA=[0]"], "table": Path("t.csv")},
            "--sweep and --table: expected one of them; put all conditions into the table.",
            {"sweep": [], "table": Path("t.csv")},
        ),
        (
            {"sweep": ["dc_nA=[0]", "dc_nA=[0.1]"]},
            "--sweep dc_nA stands twice; give all its values in one list.",
            {"sweep": ["dc_nA=[0, 0.1]"]},
        ),
        (
            {"sweep": ["seed=[1, 2]"]},
            "seed cannot be swept: every condition has the same seeds; set trials and first_seed.",
            {"sweep": ["dc_nA=[0]"], "settings": ["trials=2", "first_seed=1"]},
        ),
        (
            {"sweep": ["dc_nA=[0]"], "settings": ["seed=3"]},
            "seed cannot be set in a study's base: set trials and first_seed instead.",
            {"sweep": ["dc_nA=[0]"], "settings": ["trials=2", "first_seed=3"]},
        ),
        (
            {"name": "t.csv"},
            "study 't.csv' is a table; give it as --table t.csv.",
            {"table": Path("t.csv")},
        ),
        (
            {"sweep": ["dc_nA=0.1"]},
            "dc_nA = 0.1 in the sweep: expected a list of values, or {from: A, to: B, step: C}.",
            {"sweep": ["dc_nA={from: 0, to: 0.1, step: 0.1}"]},
        ),
    ],
)
def test_study(words, says, advised_words):
    Path("t.csv").write_text("dc_nA\n0\n0.1\n")

    def study(**words):
        usual = {"name": None, "sweep": [], "table": None, "settings": [], "trials": None}
        return chosen_study(**usual | words).trial_list()

    told(lambda: study(**words), says)
    assert study(**advised_words)
