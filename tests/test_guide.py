"""The guide: its code is run in order, and prints what the page says."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model import Cell, PlaceFieldInput
from netpyne_model.commands import main
from netpyne_model.inputs import SETUPS, load_setup
from netpyne_model.simulation.run import clear
from netpyne_model.studies.command import chosen_study

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", GUIDE, flags=re.MULTILINE | re.DOTALL
)
YAML = re.findall(r"^```yaml\n(.*?)^```\n", GUIDE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^(ca1 .*?)(?:  +#.*)?$", GUIDE, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def ran(tmp_path_factory, loaded) -> tuple[list[str], Path]:
    """What each block printed, and the folder in which they ran."""
    folder = tmp_path_factory.mktemp("guide")
    for data in ("NeuroML2", "morphologies"):  # the page counts on the folder of the clone
        (folder / data).symlink_to(ROOT / data)
    namespace, printed = {"__name__": "guide"}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for code, _ in BLOCKS:
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(code, "docs/guide.md", "exec"), namespace)
            printed.append(said.getvalue())
    clear()  # NetPyNE's network
    return printed, folder


def test_the_code_prints_what_the_page_says(ran):
    assert len(BLOCKS) > 8
    for (code, expected), printed in zip(BLOCKS, ran[0], strict=True):
        assert printed == expected, code


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
    made = {path.name for path in ran[1].glob("*.png")}
    assert made == {"parameters.png", "on_the_cell.png", "regions.png", "epsp.png", "trials.png"}
    for name in re.findall(r"images/guide_(\w+\.png)", GUIDE):
        assert name in made
        assert (ROOT / "docs" / "images" / f"guide_{name}").stat().st_size > 10_000


def test_the_commands_run(ran, monkeypatch, capsys):
    monkeypatch.chdir(ran[1])
    assert {command.split()[1] for command in COMMANDS} == {"run", "cell", "validate", "study"}
    for command in COMMANDS:
        _, *arguments = shlex.split(command)
        if arguments[0] == "run":  # a short trial shows that it takes the cell
            duration_ms = "510" if "stimuli" in command else "100"  # its stimulus begins at 500
            arguments += ["--duration", duration_ms, "--set", "n_excitatory=100"]
        if arguments[0] == "study":  # what a sweep runs is tested with the studies
            assert len(chosen_study(None, [arguments[2]], None, [], 1).trial_list()) == 3
            continue
        assert main(arguments) == 0, f"{command}\n{capsys.readouterr().err}"
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
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    ((code, expected),) = re.findall(
        r"^```python\n(.*?)^```\n```text\n(.*?)^```\n", page, flags=re.MULTILINE | re.DOTALL
    )
    assert code.count("\n") < 40
    (tmp_path / "paired_pulse.py").write_text(code, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "paired_pulse.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
    assert len(list((tmp_path / "paired_pulse" / "conditions").glob("*.npz"))) == 8
