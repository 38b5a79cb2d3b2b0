"""The page of studies: its code runs, its commands and files are read as they are meant, its tables name what there is."""

import re
import shlex
from pathlib import Path

import pytest
from pages import ROOT, run_page

from netpyne_model import Cell
from netpyne_model.files import parse_value
from netpyne_model.studies import Study, load_results
from netpyne_model.studies.command import chosen_study
from netpyne_model.studies.conditions import table_conditions

PAGE = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ca1 study +([^#\s][^#\n]*?) *(?:#.*)?$", PAGE, flags=re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```\n", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def files(tmp_path, monkeypatch) -> None:
    """What the page's commands name, in the folder in which they start."""
    monkeypatch.chdir(tmp_path)
    (table,) = (text for text in blocks("") if text.startswith("condition,"))
    Path("conditions.csv").write_text(table, encoding="utf-8")
    Cell().with_rule("soma", "nas.gbar", value=0.02).save("reduced.yaml", changes_only=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_makes_a_study_that_holds(command, files):
    name, options = None, {"--sweep": [], "--set": [], "--table": None, "--trials": None}
    words = iter(shlex.split(command))
    for word in words:
        if word in ("--sweep", "--set"):
            options[word].append(next(words))
        elif word.startswith("--"):
            options[word] = next(words)
        else:
            name = word
    table, trials = options["--table"], options["--trials"]
    # Of the study that draws samples the fewest that there can be: 1152 trials take long to be checked.
    samples = 2 if name == "sensitivity" else None
    study = chosen_study(
        name,
        options["--sweep"],
        table and Path(table),
        options["--set"],
        trials and int(trials),
        samples=samples,
    )
    assert len(study.trial_list()) == len(study.conditions) * study.trials
    if options["--sweep"]:
        assert len(study.conditions) > 1


def test_there_are_commands_to_test():
    assert len(COMMANDS) == 13


def test_the_table_and_the_file_are_read_as_the_page_means_them(files):
    control, uniform, half = table_conditions("conditions.csv")
    assert control == {"condition": "control"}
    assert uniform == {"condition": "uniform", "w_max": 1.0}
    assert half == {"condition": "uniform and half the sodium", "drugs": ["TTX"], "w_max": 1.0}
    study = Study(**parse_value(blocks("yaml")[0]))
    assert len(study.conditions) == 10
    assert len(study.trial_list()) == 100
    assert (study.axis, study.panels) == ("n_excitatory", "drugs")
    claimed = Study(**parse_value(blocks("yaml")[1]))
    assert [one.expected_in_words for one in claimed.contrasts] == [
        "larger than 0",
        "larger than 0.5",
        "none beyond 0.5",
    ]
    drawn = Study(**parse_value(blocks("yaml")[2]))
    assert len(drawn.conditions) == 64 * (len(drawn.sensitivity.parameters) + 2)


def test_the_code_runs_and_leaves_what_the_page_says(tmp_path):
    assert all(run_page(ROOT / "docs" / "studies.md", tmp_path).printed)
    results = load_results(tmp_path / "output" / "short")
    assert list(results.table["seed"]) == [0, 1, 0, 1]
    assert list(results.table["dc_nA"]) == [0, 0, 0.1, 0.1]
    # What the figures are in is for the command, and this study claims nothing, draws no samples, is no laps of one cell and
    # records nothing of its own; all else that the page lists is there.
    others = (
        "contrasts.csv",
        "paired_gain.csv",
        "lap_tuning.csv",
        "recordings.csv",
        "sensitivity.csv",
    )
    listed = [
        name
        for name in re.findall(r"^\| `([\w./*]+)` \|", PAGE, flags=re.MULTILINE)
        if name not in ("figures/", *others)
    ]
    assert len(listed) == 8
    for pattern in listed:
        assert list(results.folder.glob(pattern)), pattern
