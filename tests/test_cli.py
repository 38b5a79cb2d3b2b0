"""The command line refuses what is wrong: one line on standard error, exit code 2, nothing left behind.

Nothing is replaced: what reaches the simulation is refused by the simulation. Runs that end well are in test_run.py.
"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model import Cell, __version__
from netpyne_model.commands import COMMANDS, USER_ERROR, main
from netpyne_model.configuration import TrialConfig
from netpyne_model.inputs.events_file import COLUMNS

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "run_netpyne.py"
HEAVY = {"neuron", "netpyne", "numpy", "pandas", "scipy", "matplotlib", "pynwb", "neuroml", "rich"}
OPTIONS = (
    "--model",
    "--setup",
    "--seed",
    "--dc",
    "--duration",
    "--events",
    "--events-are",
    "--config",
    "--set",
)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    """The folder the command is given in; empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: bytes by path, None for a folder."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def refusal(refused, folder):
    """The one line with which ``ca1 run`` refuses; the folder must stay as it was."""

    def line(*arguments: str | Path) -> str:
        before = content(folder)
        text = refused("run", *arguments)
        assert content(folder) == before
        return text

    return line


def help_of(*arguments: str) -> str:
    """What the command says to --help, in a process that must not import anything heavy for it."""
    code = (
        "import sys; from netpyne_model.commands import main; code = main(sys.argv[1:]);"
        f"loaded = {HEAVY!r} & set(sys.modules); print(sorted(loaded), code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])},
    )
    assert done.stderr.strip() == "[] 0"
    return done.stdout


def test_help_imports_nothing_heavy_and_has_a_line_a_command():
    """Stands for answers below 0.5 s (0.15 s when written), which a busy machine might not hold."""
    text = help_of("--help")
    for name, command in COMMANDS.items():
        assert f"{name} {command.summary}" in " ".join(text.split())
        assert any(line.endswith(command.summary) for line in text.splitlines())
    assert help_of() == text  # without arguments too


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_nothing_heavy(name):
    text = help_of(name, "-h")
    assert COMMANDS[name].summary in " ".join(text.split())
    if name == "run":
        for option in (*OPTIONS, "--out", "--overwrite", "--quiet", "--progress"):
            assert option in text


def test_an_unknown_command_is_answered_with_the_nearest(capsys):
    for arguments, says in (
        (["rnu"], "unknown command 'rnu'. Did you mean 'run'?"),
        (["--vers"], "unknown option '--vers'. Did you mean '--version'?"),
        (["cell", "--plott", "nas.gbar"], "unknown option '--plott'. Did you mean '--plot'?"),
    ):
        assert main(arguments) == USER_ERROR
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", f"error: {says}\n")


def test_the_package_runs_as_a_module(folder):
    done = subprocess.run(
        [sys.executable, "-m", "netpyne_model", "--version"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])},
    )
    assert (done.returncode, done.stdout) == (0, f"ca1-place-cell {__version__}\n")


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("run_netpyne", "run"),
        ("show_cell", "cell"),
        ("reproduce", "reproduce"),
        ("run_study", "study"),
        ("benchmark", "benchmark"),
        ("validate_neuroml", "validate"),
        ("build_neuroml", "build"),
        ("convert_mechanisms", "convert"),
    ],
)
def test_every_script_is_a_thin_door_to_its_command(script, name):
    text = SCRIPT.with_name(f"{script}.py").read_text(encoding="utf-8")
    assert f'    command("{name}")' in text
    assert text.count("\n") < 20


def test_the_script_exits_with_the_code(folder):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--sed", "1"], capture_output=True, text=True, cwd=folder
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: unknown option '--sed'. Did you mean '--seed'?\n"
    assert content(folder) == {}


def test_version_and_fields(capsys):
    assert main(["run", "--version"]) == 0
    assert capsys.readouterr().out == f"ca1-place-cell {__version__}\n"
    assert main(["run", "--list-fields"]) == 0
    listed = capsys.readouterr().out
    for name in TrialConfig.model_fields:
        assert f"{name} = " in listed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sead", "1"], "unknown option '--sead'. Did you mean '--seed'?"),
        (["--no-progres"], "Did you mean '--no-progress'?"),
        (["--dt", "0.05"], "unknown option '--dt'. It is a field: --set dt_ms=VALUE."),
        (["--drugs", "TTX"], "It is a field: --set drugs=VALUE."),
        (["--record", "soma"], "It is a field: --set record=VALUE."),
        (["--n_excitatory", "9"], "It is a field: --set n_excitatory=VALUE."),
        (["--n-excitatry", "9"], "It is a field: --set n_excitatory=VALUE."),
        (["--foo"], "unknown option '--foo'. Known: --cell, --checkpoint-every, --config,"),
        (["--set", "dc=1"], "unknown field 'dc'. Did you mean 'dc_nA'?"),
        (["--set", "dc_pA=1"], "unknown field 'dc_pA'. Did you mean 'dc_nA'?"),
        (["--set", "drugs=[ttx]"], "drug 'ttx' does not exist. Did you mean 'TTX'?"),
        (["--set", "kdr.gbar=*0.8"], "the equals sign: kdr.gbar*=0.8."),
        (["--seed"], "requires an argument. See --help."),
        (["--overwrite=1"], "does not take a value. See --help."),
        (["extra"], "unexpected extra argument"),
        (["--seed", "one"], "seed = 'one': expected a whole number from 0 to 4294967295."),
        (["--seed", "-1"], "seed = -1: expected a whole number from 0"),
        (["--seed", "1.5"], "seed = 1.5: expected a whole number"),
        (["--dc", "100 pA"], "dc_nA = '100 pA': expected a number in nA from -5 to 5, or null."),
        (["--dc", "-9"], "dc_nA = -9: expected a number in nA from -5 to 5"),
        (["--duration", "2 s"], "duration_ms = '2 s': expected a number in ms above 0"),
        (["--duration", "0"], "duration_ms = 0: expected a number in ms above 0"),
        (
            ["--setup", "silent"],
            "setup = 'silent': there is no such set-up. Did you mean 'silent_cell'?",
        ),
        (["--model", "ful"], "model = 'ful': expected one of full, simple."),
        (
            ["--events-are", "release"],
            "events_are = 'release': expected one of released, presynaptic.",
        ),
        (["--dc", ""], "dc_nA = '': expected a number in nA"),
        (["--duration", " "], "duration_ms = ' ': expected a number in ms"),
        (["--events", ""], "events_file = '': expected a text"),
        (["--set", "sede=1"], "unknown field 'sede'. Did you mean 'seed'?"),
        (["--set", "seed"], "setting 'seed': expected key=value"),
        (["--set", "dc_nA="], "setting 'dc_nA=': expected key=value"),
        (["--set", "excitation=1"], "excitation = 1: expected true or false."),
        (["--set", "drugs=[TTTX]"], "drug 'TTTX' does not exist. Did you mean 'TTX'?"),
        (["--set", "drugs=[TTX:-1]"], "expected name or name:factor"),
        (["--set", "drugs=TTX"], "drugs = 'TTX': expected a list of names, such as [TTX, AP5]."),
        (["--set", "dc_nA=[1"], "value '[1': while parsing a flow sequence"),
        (
            ["--set", "dc_section=trunc_37"],
            "section 'trunc_37' does not exist. Did you mean 'trunk_37'?",
        ),
        (["--set", "record={site: soma_9(0)}"], "section 'soma_9' does not exist."),
        (["--set", "record={site: soma_0(1.5)}"], "expected section(x) with x from 0 to 1"),
        (["--config", "missing.yaml"], "missing.yaml cannot be read (No such file or directory)"),
        (
            ["--config", "settings.txt"],
            "settings.txt: expected a file that ends in .json, .yaml or .yml.",
        ),
        (["--model", "simple", "--dc", "0.1"], "dc_nA has no meaning for model 'simple'"),
        (["--model", "simple", "--set", "dt_ms=0.01"], "dt_ms=0.01 has no meaning for model"),
        (["--model", "simple", "--config", "run.json"], "--config run.json has no meaning"),
    ],
)
def test_a_wrong_option_is_one_line_and_code_2(folder, refusal, arguments, says):
    assert says in refusal(*arguments)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("run.json", '{"seed": 1,\n "dc_nA" 2}', "run.json, line 2: malformed JSON, "),
        ("run.json", '{"seed": 1, "seed": 2}', "run.json: 'seed' stands twice"),
        ("run.json", "[1]", "run.json: expected a mapping of names to values"),
        ("less.yaml", "{base: CA1}", "less.yaml is a cell, no configuration: give it with --cell"),
        ("run.json", '{"sede": 1}', "unknown field 'sede' in run.json. Did you mean 'seed'?"),
        ("run.yaml", "seed: 1\ndc_nA: [1\n", "run.yaml, line 3: malformed YAML, "),
        ("run.yaml", "seed: 1\nseed: 2\n", "run.yaml, line 2: malformed YAML, "),
        ("run.yaml", "seed: one\n", "seed = 'one' in run.yaml: expected a whole number"),
        ("run.yaml", "dc_nA: 100 pA\n", "dc_nA = '100 pA' in run.yaml: expected a number in nA"),
        ("run.yml", "\x00\x01", "run.yml"),
    ],
)
def test_a_wrong_configuration_file_is_one_line_with_its_line(folder, refusal, name, text, says):
    (folder / name).write_text(text)
    assert says in refusal("--config", name)


HEADER = ",".join(COLUMNS)
ROW = "0,CA3,37,0.5,exc,1,1e-3,5"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HEADER.removesuffix(',time_ms')}\n", "line 1: column 'time_ms' is missing"),
        (
            f"{HEADER.replace('section', 'sektion')}\n{ROW}\n",
            "unknown column 'sektion'. Did you mean 'section'?",
        ),
        (f"{HEADER}\n{ROW}\n{ROW[:-1]}five\n", "line 3: time_ms is 'five'; expected a number."),
        (
            f"{HEADER}\n{ROW}\n1,CA3,999,0.5,exc,1,1e-3,5\n",
            "line 3: section is '999'; expected a section of the",
        ),
        (
            f"{HEADER}\n{ROW}\n1,CA3,37,1.5,exc,1,1e-3,5\n",
            "line 3: x is '1.5'; expected a relative position",
        ),
        (
            f"{HEADER}\n1,CA4,37,0.5,exc,1,1e-3,5\n",
            "line 2: group 'CA4' is not a group of kind exc.",
        ),
        (f"{HEADER}\n{ROW}\n{ROW},6\n", "line 3: 9 fields; expected 8."),
        (f"{HEADER}\n", "no synapses; expected at least one row below the header."),
        ("", "the file is empty; expected a CSV file with synapse, group,"),
    ],
)
def test_wrong_events_are_one_line_with_their_line(folder, refusal, text, says):
    (folder / "events.csv").write_text(text)
    line = refusal("--events", "events.csv", "--out", "made/for/run")
    assert line.startswith("error: events.csv")
    assert says in line


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("noise.csv", b"\x00\xff\x80", "events file noise.csv cannot be read"),
        ("noise.csv.gz", b"\x00\xff\x80", "Not a gzipped file"),
        (
            "half.csv.gz",
            gzip.compress(f"{HEADER}\n{ROW}\n".encode(), mtime=0)[:-9],
            "events file half.csv.gz cannot be read",
        ),
        ("missing.csv", None, "No such file or directory"),
    ],
)
def test_events_that_cannot_be_read_are_one_line(folder, refusal, name, given, says):
    if given is not None:
        (folder / name).write_bytes(given)
    line = refusal("--events", name)
    assert name in line
    assert says in line


@pytest.mark.parametrize(
    ("out", "says"),
    [
        (
            "notes.txt/run",
            "notes.txt/run cannot be made (Not a directory); choose a folder you can write to.",
        ),
        ("notes.txt", "notes.txt is a file; choose another folder."),
        ("thesis", "thesis holds other files (no configuration.json) and is left alone"),
        ("", "cannot be replaced as a whole; name a new folder inside it."),
    ],
)
@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_a_folder_that_cannot_take_results_is_refused(folder, refusal, out, says, overwrite):
    (folder / "notes.txt").write_text("kept")
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.txt").write_text("years of work")
    assert says in refusal("--out", out, *overwrite)


def test_a_cell_whose_basal_dendrites_do_not_branch_says_that_they_have_no_spines(tmp_path, capsys):
    points = ["1 1 0 0 0 8 -1", "2 3 0 -20 0 1 1", "3 3 0 -120 0 1 2", "4 4 0 20 0 2 1"]
    points += ["5 4 0 200 0 2 4", "6 4 0 400 0 1 5", "7 4 100 300 0 1 5"]
    file = tmp_path / "unbranched.swc"
    file.write_text("\n".join(points) + "\n")
    assert main(["cell", str(file)]) == 0
    assert "no basal spines: by the rule first_order: 0" in capsys.readouterr().out
    assert Cell(file).table().attrs["units"]["path_distance"] == "um"
