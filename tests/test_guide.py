"""The guide: its code is run in order, and prints what the page says."""

import re
import shlex

import pytest
from pages import ROOT, Ran, blocks, check_output, commands, run_page

from netpyne_model import Cell, PlaceFieldInput
from netpyne_model.commands import main
from netpyne_model.inputs import SETUPS, load_setup
from netpyne_model.simulation.run import clear
from netpyne_model.studies.command import chosen_study

PAGE = ROOT / "docs" / "guide.md"
GUIDE = PAGE.read_text(encoding="utf-8")
YAML = re.findall(r"^```yaml\n(.*?)^```\n", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory, loaded) -> Ran:
    """What each block printed, and the folder in which they ran."""
    done = run_page(PAGE, tmp_path_factory.mktemp("guide"))
    clear()  # NetPyNE's network
    return done


def test_the_code_prints_what_the_page_says(ran):
    assert len(blocks(PAGE)) > 8
    check_output(PAGE, ran)


def test_the_page_says_when_the_field_begins_and_the_lap_ends():
    text = " ".join(GUIDE.split())
    for name in SETUPS:
        setup = load_setup(name)
        track = PlaceFieldInput(setup=name).track(None)
        assert track.start_ms == 550
        begins_s = (track.start_ms + track.centre_ms - track.width_ms / 2) / 1e3
        ends_s = setup.duration_ms / 1e3
        said = rf"{begins_s:.2f} s and (the lap ends at )?{ends_s:.2f} s with `setup=\"{name}\"`"
        assert re.search(said, text)


def test_the_pictures_are_made(ran):
    made = {path.name for path in ran.folder.glob("*.png")} - {"comparison.png"}  # of the command
    cells = {"parameters.png", "on_the_cell.png", "regions.png"}
    assert made == cells | {"epsp.png", "trials.png", "kept.png", "compared.png"}
    for name in re.findall(r"images/guide_(\w+\.png)", GUIDE):
        assert name in made
        assert (ROOT / "docs" / "images" / f"guide_{name}").stat().st_size > 10_000


def test_the_commands_run(ran, monkeypatch, capsys):
    monkeypatch.chdir(ran.folder)
    given = [line for line in commands(PAGE) if line.startswith("ca1 ")]
    used = {"run", "cell", "compare", "validate", "study", "doctor", "--install-completion"}
    assert {command.split()[1] for command in given} == used
    for command in given:
        _, *arguments = shlex.split(command)
        if arguments == ["--install-completion"]:  # of the shell that calls; there is none here
            arguments = ["--help"]
        if arguments[0] == "run":  # a short trial shows that it takes the cell
            duration_ms = "510" if "stimuli" in command else "100"  # its stimulus begins at 500
            arguments += ["--duration", duration_ms]
            if "share" not in command:
                arguments += ["--set", "n_excitatory=100"]
        if arguments[0] == "study":  # what a sweep runs is tested with the studies
            assert len(chosen_study(None, [arguments[2]], None, [], 1).trial_list()) == 3
            continue
        assert main(arguments) == 0, f"{command}\n{capsys.readouterr().err}"
        if arguments == ["--help"]:
            assert "--install-completion" in capsys.readouterr().out
    clear()


def test_the_file_written_by_hand_is_a_cell(tmp_path):
    (text,) = YAML
    (tmp_path / "by_hand.yaml").write_text(text, encoding="utf-8")
    cell = Cell(specification=tmp_path / "by_hand.yaml")
    table = cell.table()
    tuft, trunk = table["region"] == "tuft", table["region"] == "trunk"
    assert table.loc[tuft, "h.gbar"].isna().all()
    assert set(table.loc[trunk & (table["path_distance"] > 200), "kad.gbar"]) == {0.08}
    assert set(table.loc[trunk, "NMDA.relative_gmax"].dropna()) == {0.5}
    assert len(cell.diff()) == 5


def test_the_experiment_of_ones_own_runs(tmp_path):
    page = ROOT / "docs" / "experiments.md"
    (block,) = blocks(page)
    assert block.code.count("\n") < 40
    check_output(page, run_page(page, tmp_path))
    assert len(list((tmp_path / "paired_pulse" / "conditions").glob("*.npz"))) == 8
