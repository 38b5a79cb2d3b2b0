"""What the errors of checkpoints advise is done, as it stands, and works."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from following import advised, told
from full_disks import files_below

from netpyne_model import Trial
from netpyne_model.simulation import checkpoint as module
from netpyne_model.simulation import prepare_trial
from netpyne_model.simulation.checkpoint import Kept, identity, read_checkpoint, write_checkpoint

FIELDS = {"duration_ms": 3.0, "excitation": False, "n_inhibitory": 0, "dc_nA": 0.1}
VARIABLE = {
    "integration": "variable_step",
    "channels": "separate",
    "spines": "folded",
    "receptors": "generated",
}


class Stopped(Exception):
    """As by the user, at 2 ms."""


def run(file=None, **fields):
    """The trial, which goes on from what the file holds."""
    checkpoint = {} if file is None else {"checkpoint": file, "checkpoint_every_ms": 1.0}
    return Trial(**FIELDS | fields).run(**checkpoint)


def stop(file, **fields):
    """Leave a checkpoint of the trial behind."""

    def progress(t_ms, _):
        if t_ms > 2:
            raise Stopped

    with pytest.raises(Stopped):
        Trial(**FIELDS | fields).run(checkpoint=file, checkpoint_every_ms=1.0, progress=progress)


def identity_of(**fields):
    return identity(prepare_trial(Trial(**FIELDS | fields).configuration))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "trial.checkpoint"


def delete(line):
    """Delete the file that a line says to delete."""
    Path(advised(line, "delete (.*) to start anew")).unlink()


def test_a_file_that_is_no_checkpoint(file):
    with file.open("wb") as archive:
        np.savez(archive, numbers=np.arange(9.0))
    delete(told(lambda: run(file), f"checkpoint {file} cannot be read ("))
    run(file)


def test_a_checkpoint_of_another_trial(file, tmp_path):
    stop(file)
    line = told(lambda: run(file, dc_nA=0.2), "is of another configuration (dc_nA = 0.1 there, 0.2")
    assert "; give that one, choose another folder, or delete" in line
    run(tmp_path / "another.checkpoint", dc_nA=0.2)
    assert file.exists()
    run(file)  # that one
    stop(file)
    delete(told(lambda: run(file, dc_nA=0.2), "is of another configuration"))
    run(file, dc_nA=0.2)


def test_a_checkpoint_of_another_version(file, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(module, "__version__", "0.0.1")
        write_checkpoint(file, identity_of(), Kept(2.0, 1.0, {}))
    delete(told(lambda: run(file), "is of version 0.0.1 of the package"))
    run(file)


def test_a_checkpoint_of_other_mechanisms(file):
    stop(file)
    of_trial = identity_of()
    kept = read_checkpoint(file, of_trial)
    columns = kept.state["columns"][:-1]
    write_checkpoint(file, of_trial, replace(kept, state=kept.state | {"columns": columns}))
    told(lambda: run(file), f"checkpoint {file}: it holds other mechanisms than the cell; delete")
    file.unlink()
    run(file)


def test_steps_that_no_checkpoint_keeps(file):
    line = told(lambda: run(file, **VARIABLE), "; leave it out, or set integration=")
    run(**VARIABLE)
    run(file, **VARIABLE | {"integration": advised(line, r"set integration=(\w+)")})


def test_a_folder_that_is_not_there(tmp_path):
    folder = tmp_path / "none"
    told(
        lambda: run(folder / "a.checkpoint"), "its folder does not exist; make it, or name another"
    )
    run(tmp_path / "a.checkpoint")
    folder.mkdir()
    run(folder / "a.checkpoint")


def test_a_state_that_there_is_no_room_for(file):
    """The run goes on, and says so; with room it says nothing and is kept."""
    seen = []

    def kept():
        trial = Trial(**FIELDS)
        trial.run(
            checkpoint=file, checkpoint_every_ms=1.0, progress=lambda *_: seen.append(file.exists())
        )

    with files_below(1000), pytest.warns(RuntimeWarning, match="NEURON cannot write its state to"):
        kept()
    assert not any(seen)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        kept()
    assert any(seen)
