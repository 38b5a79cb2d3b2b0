"""Trials one after the other in a process: what is kept of the first ones changes no later one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.benchmarks.fingerprints import digest, traces
from netpyne_model.cell.cell import Cell
from netpyne_model.cell.worked_out import worked_out
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.results import Result
from netpyne_model.simulation import prepare_trial, run_trial

ROOT = Path(__file__).resolve().parents[1]
FEW = {"setup": "place_cell", "duration_ms": 300.0, "n_excitatory": 600, "n_inhibitory": 150}
# With DC the cell spikes: later trials start while much is open, if it were to stay.
TRIALS = [
    {"dc_nA": 1.0, "seed": 1},
    {"dc_nA": 0.5, "seed": 2, "parameters": {"kdr.gbar*": 0.8}},
    {"dc_nA": 1.0, "seed": 2, "spines": "folded"},
    {"dc_nA": 0.5, "seed": 2, "drugs": ["TTX:0.5"]},
    {"dc_nA": 0.5, "seed": 2, "integration": "second_order", "celsius": 33.0},
    {"dc_nA": 0.0, "seed": 3, "record": {"n": "kdr.n soma"}, "record_currents": True},
]
SCRIPT = """
import json, sys
from test_trials_in_a_row import FEW, fingerprint, run_trial, load_configuration
print(fingerprint(run_trial(load_configuration(None, FEW, json.loads(sys.argv[1])))))
"""


def fingerprint(result: Result) -> str:
    """A hash of every sample and spike of a trial, and of what it was given."""
    given = {f"given_{column}": result.synapses[column].to_numpy() for column in result.synapses}
    released = {"released_ms": np.concatenate(result.released_ms)}
    return digest(traces(result) | given | released)


@pytest.fixture(scope="module")
def fresh() -> list[str]:
    """Every trial in a process of its own."""
    folders = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    environment = os.environ | {"PYTHONPATH": folders}
    fingerprints = []
    for fields in TRIALS:
        command = [sys.executable, "-c", SCRIPT, json.dumps(fields)]
        ran = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        fingerprints.append(ran.stdout.strip())
    return fingerprints


def test_trials_in_a_row_are_those_of_fresh_processes(loaded, fresh):
    """To the last bit, in whatever order, also when a trial comes again or one was broken off."""
    order = [0, 1, 0, 2, 3, 1, 5, 4, 0, 5]
    in_a_row = []
    for number in order:
        config = load_configuration(None, FEW, TRIALS[number])
        with pytest.raises(KeyboardInterrupt):
            run_trial(config, progress=_break_off)
        in_a_row.append(fingerprint(run_trial(config)))
    assert len(set(fresh)) == len(TRIALS)
    assert in_a_row == [fresh[number] for number in order]


def _break_off(t_ms: float, end_ms: float) -> None:
    if t_ms > 100:
        raise KeyboardInterrupt


def test_a_trial_changes_nothing_of_its_cell(loaded):
    config = load_configuration(None, FEW)
    cell = prepare_trial(config).cell
    table, placement = cell.table("folded"), cell.placement
    before = table.copy(), placement.spines.copy(), placement.inhibitory.copy()
    run_trial(config)
    assert prepare_trial(config).cell is cell
    after = cell.table("folded"), cell.placement.spines, cell.placement.inhibitory
    for one, other in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_cell_is_worked_out_once_for_its_content():
    cell = worked_out(Cell())
    assert worked_out(Cell()) is cell
    assert worked_out(cell) is cell
    changed = Cell().with_parameters({"kdr.gbar*": 0.77})
    assert worked_out(changed) is changed
    assert worked_out(Cell().with_parameters({"kdr.gbar*": 0.77})) is changed
    assert worked_out(Cell()) is cell


def test_a_file_that_changed_gives_another_cell(tmp_path):
    file = tmp_path / "cell.swc"
    shutil.copy(MORPHOLOGIES / "example.swc", file)
    cell = worked_out(Cell(file))
    assert worked_out(Cell(file)) is cell
    file.write_text(file.read_text() + "# another content\n")
    assert worked_out(Cell(file)) is not cell


def test_of_many_cells_the_latest_are_kept():
    def cell(number: int) -> Cell:
        return Cell().with_parameters({"kdr.gbar*": 2.0 + number})

    cells = [worked_out(cell(number)) for number in range(6)]
    for number in (5, 4, 3, 2):
        assert worked_out(cell(number)) is cells[number]
    assert worked_out(cell(0)) is not cells[0]
