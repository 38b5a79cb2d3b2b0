"""More memory than there is: one line, and nothing of the trial stays in NEURON."""

import numpy as np
import pytest

from netpyne_model import Cell, CurrentClamp, ModelError, Protocol, Trial
from netpyne_model.commands import main
from netpyne_model.simulation import run as run_module

SHORT = {"duration_ms": 10, "excitation": False, "n_inhibitory": 0}
LONG = {**SHORT, "duration_ms": 1e6, "record_segments_ms": 0.025}


@pytest.fixture
def too_little_memory(monkeypatch):
    def taken(*arguments, **fields):
        raise np._core._exceptions._ArrayMemoryError((10**9,), np.dtype(float))

    monkeypatch.setattr(run_module, "SegmentRecording", taken)


def test_more_recordings_than_are_read_are_refused_as_advised():
    with pytest.raises(
        ModelError, match=r"40000001 samples of 453 segments are 36.2 GB"
    ) as refused:
        Trial(**LONG).run()
    step_ms = float(str(refused.value).split("record_segments_ms=")[1].split()[0])
    assert step_ms == pytest.approx(0.25)  # ten of 0.025 ms: 3.6 GB
    result = Trial(**SHORT, record_segments_ms=step_ms).run()
    assert len(result.segments.time_ms) == 41


def test_a_command_without_enough_memory_is_one_line(too_little_memory, tmp_path, capsys):
    fields = [f"{name}={str(value).lower()}" for name, value in SHORT.items()]
    settings = [word for one in fields for word in ("--set", one)]
    code = main(["run", *settings, "--quiet", "--out", str(tmp_path / "a")])
    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (2, 1)
    assert told.startswith("error: not enough memory (Unable to allocate 7.45 GiB ")
    assert "nothing was kept; ask for less" in told
    assert list(tmp_path.iterdir()) == []


def test_a_trial_that_fails_before_it_runs_leaves_no_cell(too_little_memory):
    """An adapted step would go with that cell's channels, which take none."""
    from neuron import h

    with pytest.raises(MemoryError):
        Trial(**SHORT, record_segments_ms=1).run()
    assert list(h.allsec()) == []
    step = CurrentClamp(amplitude_nA=0.1, start_ms=1)
    assert np.isfinite(Protocol(duration_ms=5, stimuli=[step]).run(Cell()).voltage_mV["soma"]).all()
