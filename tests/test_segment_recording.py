"""The potentials of all segments over a run: what is kept, that the run stays the same, what is refused."""

import neo
import numpy as np
import pynwb
import pytest

from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.results.nwb import SEGMENTS
from netpyne_model.results.segment_potentials import RESOLUTION_MV, to_counts
from netpyne_model.simulation import run_trial

SHORT = {"duration_ms": 60.0, "n_excitatory": 40, "n_inhibitory": 20, "dc_nA": 1.0}


def trial(**fields):
    return run_trial(load_configuration(None, SHORT | fields))


@pytest.fixture(scope="module")
def recorded():
    # The middle of the soma and of the distal trunk's last segment, step by step.
    places = {"middle": "soma_0(0.5)"}
    return trial(record_segments_ms=0.5, record=places, record_currents=True)


def test_a_run_is_the_same_with_and_without(recorded):
    alone = trial(record={"middle": "soma_0(0.5)"}, record_currents=True)
    assert alone.segments is None
    np.testing.assert_array_equal(alone.spike_times_ms, recorded.spike_times_ms)
    assert len(alone.spike_times_ms)
    for name, trace in alone.traces.items():
        np.testing.assert_array_equal(trace.values, recorded.traces[name].values)


def test_every_segment_is_recorded_at_its_step(recorded, cell):
    segments = recorded.segments
    table = cell.table()
    assert list(segments.sections) == list(table["section"])
    np.testing.assert_allclose(segments.x, table["x"], atol=1e-9)
    np.testing.assert_allclose(segments.time_ms, np.arange(121) * 0.5, atol=1e-9)
    # The same potential as its own recording every 0.1 ms, rounded.
    assert segments.sections.count("soma_0") == 1
    kept = segments.voltage_mV[:, segments.sections.index("soma_0")]
    fine = recorded.voltage_mV["middle"][::5]
    np.testing.assert_allclose(kept, fine, atol=RESOLUTION_MV / 2 + 1e-9)


def test_the_file_keeps_them_and_others_read_it(recorded, tmp_path):
    write_nwb(recorded, tmp_path / "results.nwb")
    again = read_nwb(tmp_path / "results.nwb").segments
    assert again.sections == recorded.segments.sections
    assert again.step_ms == pytest.approx(0.5)
    np.testing.assert_array_equal(again.counts, recorded.segments.counts)
    assert again.at("soma_0", 0.5, 30.2) == recorded.segments.at("soma_0", 0.5, 30.0)
    assert read_nwb(tmp_path / "results.nwb", inputs=False).segments is None
    block = neo.NWBIO(str(tmp_path / "results.nwb"), mode="r").read_all_blocks()[0]
    assert len(block.segments[0].analogsignals) == len(recorded.traces)
    with pynwb.NWBHDF5IO(str(tmp_path / "results.nwb"), "r") as io:
        table = io.read().processing["icephys"][SEGMENTS].to_dataframe()
    assert tuple(table["section"]) == recorded.segments.sections
    kept = np.stack(table["voltage"]).T * RESOLUTION_MV
    np.testing.assert_allclose(kept, recorded.segments.voltage_mV, rtol=1e-12)


def test_a_place_or_time_that_is_not_there_is_refused(recorded):
    with pytest.raises(ModelError, match="expected a section of the cell, such as soma_0"):
        recorded.segments.at("nowhere", 0.5, 0.0)
    with pytest.raises(ModelError, match="expected a time of the run, 0 to 60 ms"):
        recorded.segments.at("soma_0", 0.5, 61.0)


def test_potentials_beyond_16_bit_are_cut_to_it():
    counts = to_counts(np.array([-1e6, -70.004, 0.0, 1e6]))
    assert counts.tolist() == [-32768, -7000, 0, 32767]


def test_a_step_that_does_not_fit_is_refused_and_the_advice_works():
    with pytest.raises(ModelError, match=r"record_segments_ms = 0.03: expected a multiple of dt"):
        load_configuration(None, {"record_segments_ms": 0.03})
    variable = {"integration": "variable_step", "spines": "folded", "receptors": "generated"}
    variable["channels"] = "separate"
    with pytest.raises(ModelError, match="record_segments_ms=0"):
        load_configuration(None, variable, {"record_segments_ms": 1})
    assert load_configuration(None, variable, ["record_segments_ms=0"]).record_segments_ms == 0


def test_the_command_records_them_unless_told_not_to(tmp_path):
    few = ["--duration", "20", "--set", "n_excitatory=40", "--set", "n_inhibitory=20", "--quiet"]
    cases = {
        "default": ([], 1.0, True),
        "off": (["--set", "record_segments_ms=0"], 0.0, True),
        "no_report": (["--no-report"], None, False),
        "odd_step": (["--set", "dt_ms=0.04", "--set", "record_step_ms=0.2"], 1.0, True),
    }
    for name, (options, step_ms, page) in cases.items():
        assert main(["run", *few, *options, "--out", str(tmp_path / name)]) == 0
        result = read_nwb(tmp_path / name / "results.nwb")
        assert result.configuration["record_segments_ms"] == pytest.approx(step_ms)
        assert (result.segments is not None) == bool(step_ms)
        assert (tmp_path / name / "report.html").exists() == page


def test_a_run_goes_on_from_its_checkpoint_with_them(recorded, tmp_path, monkeypatch):
    from netpyne_model.simulation import Checkpoint

    fields = SHORT | {
        "record_segments_ms": 0.5,
        "record": {"middle": "soma_0(0.5)"},
        "record_currents": True,
    }
    config = load_configuration(None, fields)
    file = tmp_path / "state"

    class Stopped(Exception):
        pass

    def stop(t_ms: float, end_ms: float) -> None:
        if t_ms > 35:
            raise Stopped

    with pytest.raises(Stopped):
        run_trial(config, checkpoint=Checkpoint(file, 20.0), progress=stop)
    resumed = run_trial(config, checkpoint=Checkpoint(file, 20.0))
    np.testing.assert_array_equal(resumed.segments.counts, recorded.segments.counts)
