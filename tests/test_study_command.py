"""The command of studies: what it lists, what its options make, how quickly it helps, and what it refuses in one line."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from environments import without_pythonpath

from netpyne_model.commands import main
from netpyne_model.studies import PUBLISHED, Study, load_results
from netpyne_model.studies.command import OUT, default_folder
from netpyne_model.studies.runner import declaration, study_store

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "run_study.py"
SHORT = (
    "duration_ms=700",
    "n_excitatory=20",
    "n_inhibitory=10",
    "dt_ms=0.1",
    "integration=second_order",
)
SETTINGS = tuple(word for setting in SHORT for word in ("--set", setting))


def test_without_a_study_they_are_listed(capsys):
    assert main(["study"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(PUBLISHED)
    text = "\n".join(lines)
    assert "Place cell: 9 conditions of 10 trials (Grienberger" in text
    assert "22 conditions of 10 trials (Hsu, Zhao, Milstein & Spruston 2018" in text


def test_help_names_every_option_and_imports_no_simulator_and_no_dask():
    """What --help waits for is imported before it prints."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from netpyne_model.commands import main\n"
        "code = main(['study', '--help'])\n"
        "heavy = {'neuron', 'netpyne', 'distributed', 'dask', 'pandas', 'xarray', 'matplotlib', 'pynwb', 'h5py'}\n"
        "print('imported:', sorted(heavy & set(sys.modules)))\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("imported: []\n")
    for option in (
        "--sweep",
        "--table",
        "--set",
        "--trials",
        "--out",
        "--processes",
        "--scheduler",
        "--no-figures",
    ):
        assert option in done.stdout
    assert "output/studies/STUDY" in done.stdout


@pytest.mark.usefixtures("loaded")
def test_a_table_is_run_into_the_default_folder(tmp_path):
    """With settings, trials and processes, from a clone, in a folder of its own; said in a few lines."""
    (tmp_path / "mine.csv").write_text("condition,dc_nA,dt_ms\nweak,0.1,\nstrong,0.3,0.05\n")
    command = [
        sys.executable,
        SCRIPT,
        "--table",
        "mine.csv",
        *SETTINGS,
        "--trials",
        "1",
        "--processes",
        "2",
    ]
    environment = without_pythonpath()
    done = subprocess.run(
        [*command, "--no-figures"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    note, *lines = done.stdout.splitlines()
    assert note.startswith("note: the run ends at 700 ms, before the place field begins")
    assert lines[0].startswith("0 of 2 trials done, ")
    assert lines[-3].startswith("2 of 2 trials done, 0 running, 0 failed")
    assert lines[-2].startswith("mine: 2 trials, ")
    assert lines[-2].endswith("; table output/studies/mine/trials.csv")
    folder = "output/studies/mine"
    assert lines[-1] == f"Report: {folder}/REPORT.md, {folder}/REPORT.html; figures: none"
    report = (tmp_path / folder / "REPORT.md").read_text()
    asked = shlex.join(["ca1", "study", "--table", "mine.csv", *SETTINGS, "--trials", "1"])
    assert f"Made by `{asked}`." in report
    assert [path.name for path in tmp_path.iterdir() if path.name != "mine.csv"] == ["output"]
    results = load_results(tmp_path / "output" / "studies" / "mine")
    assert not (results.folder / "figures").exists()
    table = results.table
    assert table[["condition", "dc_nA", "dt_ms", "seed"]].to_numpy().tolist() == [
        ["weak", 0.1, 0.1, 0],
        ["strong", 0.3, 0.05, 0],
    ]
    for trial, dt_ms in zip(results.trials(), (0.1, 0.05), strict=True):
        config = trial.configuration
        assert (config["duration_ms"], config["n_excitatory"], config["n_inhibitory"]) == (
            700,
            20,
            10,
        )
        assert (config["dt_ms"], config["integration"]) == (dt_ms, "second_order")


@pytest.mark.usefixtures("loaded")
def test_trials_that_end_before_the_track_leave_a_line_and_no_figure(tmp_path, capsys):
    out = tmp_path / "short"
    options = ["--sweep", "dc_x=[0, 0.1]", "--processes", "1", "--out", str(out)]
    assert main(["study", *options, *SETTINGS, "--set", "duration_ms=30"]) == 0
    text = capsys.readouterr().out
    assert text.count("The trials end before the track, which begins at 550 ms") == 1
    assert "figures: none" in text
    results = load_results(out)
    assert Study.write_report(results).figures == []
    assert repr(results) == f"StudyResults({str(out)!r}: 2 conditions, 2 trials)"
    report = (out / "REPORT.md").read_text()
    assert "Nothing of it is compared" in report
    assert "0 of 0" not in report


@pytest.mark.usefixtures("loaded")
def test_a_sweep_of_a_study_of_ones_own_says_nothing_when_quiet_and_draws(tmp_path, capsys):
    """The study's base stays, --set wins over it, --sweep takes the place of its conditions."""
    (tmp_path / "mine.yaml").write_text(
        "title: Mine\ntrials: 3\nlist: [{condition: a}, {condition: b, w_max: 2}]\n"
        "base: {setup: place_cell, n_excitatory: 999, celsius: 34}\n"
    )
    out = tmp_path / "made" / "for" / "it"
    options = [
        "--sweep",
        "drugs=[[TTX]]",
        "--sweep",
        "dc_nA={from: 0, to: 0.4, step: 0.4}",
        "--trials",
        "1",
    ]
    assert (
        main(
            [
                "study",
                str(tmp_path / "mine.yaml"),
                *options,
                *SETTINGS,
                "--out",
                str(out),
                "--processes",
                "2",
                "--quiet",
            ]
        )
        == 0
    )
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    made_by = re.search("Made by `ca1 (.*)`", (out / "REPORT.md").read_text())[1]
    table = out / "trials.csv"
    before, asked = table.read_text(), table.stat().st_mtime_ns
    assert main([*shlex.split(made_by), "--processes", "1"]) == 0  # the command of the report
    assert table.stat().st_mtime_ns > asked
    assert table.read_text() == before
    assert "2 of 2 trials done" in capsys.readouterr().out
    results = load_results(out)
    assert (results.study.name, results.study.title) == ("mine", "Mine")
    assert results.table[["drugs", "dc_nA"]].to_numpy().tolist() == [["TTX", 0], ["TTX", 0.4]]
    config = results.trial(1).configuration
    assert (config["setup"], config["celsius"], config["n_excitatory"]) == ("place_cell", 34, 20)
    assert (config["w_max"], config["drugs"], config["seed"]) == (None, ["TTX"], 0)
    drawn = {path.stem for path in (out / "figures").glob("*.png")}
    assert drawn
    assert drawn == {path.stem for path in (out / "figures").glob("*.svg")}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["silent_plac"], "study 'silent_plac' does not exist. Did you mean 'silent_place'?"),
        (["nowhere.yaml"], "nowhere.yaml cannot be read (No such file or directory)"),
        (["--sweep", "dcnA=[0]"], "unknown field 'dcnA' in the sweep. Did you mean 'dc_nA'?"),
        (["--sweep", "dc_nA"], "dc_nA"),
        (["--sweep", "dc_nA=0.1"], "dc_nA = 0.1 in the sweep: expected a list of values"),
        (["--sweep", "dc_nA=[0, 0.1"], "value '[0, 0.1'"),
        (
            ["--sweep", "dc_nA={from: 0, to: 1, step: 0.3}"],
            "expected a step that leads from the first to the last value",
        ),
        (["--sweep", "dc_nA=[0]", "--sweep", "dc_nA=[1]"], "--sweep dc_nA stands twice"),
        (["--sweep", "seed=[0, 1]"], "seed cannot be swept"),
        (["--sweep", "dc_nA=[9]"], "condition 'dc_nA=9': dc_nA = 9"),
        (["--sweep", "dc_nA=[0]", "--table", "t.csv"], "--sweep and --table: expected one of them"),
        (["--table", "nowhere.csv"], "table nowhere.csv cannot be read ("),
        (["--table", "."], "table . cannot be read"),
        (
            ["silent_place", "--set", "seed=3"],
            "seed cannot be set in a study's base: set trials and first_seed instead.",
        ),
        (
            ["silent_place", "--set", "duration=700"],
            "unknown field 'duration'. Did you mean 'duration_ms'?",
        ),
        (["silent_place", "--set", "model=simple"], "unknown field 'model'"),
        (
            ["silent_place", "--set", "integration=variable_step"],
            "what is made for the fixed step must go",
        ),
        (["silent_place", "--trials", "0"], "trials = 0"),
        (["silent_place", "--trials", "many"], "See --help."),
        (["silent_place", "--processes", "0"], "See --help."),
        (["silent_place", "--trails", "3"], "unknown option '--trails'. Did you mean '--trials'?"),
        (["silent_place", "place_cell"], "See --help."),
        (
            ["silent_place", "--scheduler", "none.json", "--trials", "1"],
            "scheduler file none.json does not exist",
        ),
        (["silent_place", "--out", "file.txt"], "file.txt cannot be made"),
        (
            ["silent_place", "--out", "foreign"],
            "holds other files (no study.json) and is left alone",
        ),
    ],
)
def test_what_a_user_gets_wrong_is_one_line(arguments, says, tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    Path("file.txt").write_text("mine")
    Path("foreign").mkdir()
    Path("foreign", "notes.txt").write_text("mine")
    assert says in refused("study", *arguments)
    assert Path("file.txt").read_text() == Path("foreign", "notes.txt").read_text() == "mine"
    assert not list(Path().rglob("*.nwb"))


def test_another_study_of_the_name_gets_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (Study(grid={"dc_nA": [0.0, dc]}) for dc in (0.1, 0.2))
    folder = OUT / "sweep"
    assert default_folder(first) == folder
    folder.mkdir(parents=True)
    study_store(folder).declare(declaration(first))
    assert default_folder(first) == folder
    assert (
        default_folder(first.model_copy(update={"trials": 7})) == folder
    )  # goes on with more trials
    assert default_folder(second) == OUT / "sweep_2"
    assert (
        default_folder(Study(grid={"dc_nA": [0.0, 0.1]}, base={"celsius": 34.0})) == OUT / "sweep_2"
    )
    for name in PUBLISHED:
        study = Study.load(name)
        (OUT / name).mkdir()
        study_store(OUT / name).declare(declaration(study))
        assert default_folder(study) == OUT / name
