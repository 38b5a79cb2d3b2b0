"""Results compared: what differs, tables, figure, and what the command refuses."""

import json
import re

import numpy as np
import pytest
from drawn_figures import colliding, key_texts

import netpyne_model as ca1
from netpyne_model import figures
from netpyne_model.analysis import configuration_differences, measure_differences
from netpyne_model.commands import main

FEW = {"n_excitatory": 40, "n_inhibitory": 20, "duration_ms": 700, "setup": "place_cell"}


@pytest.fixture(scope="module")
def trials():
    """Two trials that reach the track, one of them under TTX and with a current that makes it fire."""
    pulse = ca1.CurrentClamp(amplitude_nA=1.0, start_ms=600, stop_ms=640)
    trial = ca1.Trial(**FEW)
    changed = trial.changed(drugs=["TTX:0.8"], stimuli=[pulse], parameters={"kdr.gbar*": 0.9})
    return {"control": trial.run(), "TTX": changed.run()}


@pytest.fixture(scope="module")
def protocols():
    runs = {}
    for amplitude_nA in (0.05, 0.1):
        clamp = ca1.CurrentClamp(amplitude_nA=amplitude_nA, start_ms=5)
        runs[f"{amplitude_nA} nA"] = ca1.Protocol(duration_ms=20, stimuli=[clamp]).run(ca1.Cell())
    return runs


def test_fields_that_differ_are_listed_each_parameter_by_its_own(trials):
    table = configuration_differences(trials)
    assert list(table.columns) == ["control", "TTX"]
    assert set(table.index) == {"drugs", "stimuli", "kdr.gbar*"}
    assert table.loc["kdr.gbar*"].tolist() == ["default", "0.9"]
    assert table.loc["drugs", "TTX"] == '["TTX:0.8"]'
    assert configuration_differences({"a": trials["TTX"], "b": trials["TTX"]}).empty


def test_measures_stand_beside_each_other_with_their_difference(trials):
    table = measure_differences(trials)
    spikes = [len(one.spike_times_ms) for one in trials.values()]
    assert spikes[0] == 0 < spikes[1]
    assert table.loc["Output spikes of the run"].tolist() == [*spikes, spikes[1]]
    settled = table.loc["Mean V, settled (mV)"]
    time_ms, v_mV = trials["control"].time_ms, trials["control"].voltage_mV["soma"]
    last = (time_ms >= 240) & (time_ms < 250)
    assert settled["control"] == pytest.approx(v_mV[last].mean(), abs=1e-9)
    assert not table.isna().all(axis=1).any()
    assert len(measure_differences(trials, summary=False)) > len(table)
    assert "difference" not in measure_differences({**trials, "c": trials["TTX"]})


def test_trials_are_drawn_with_their_spikes_in_rows(trials):
    figure = figures.comparison(trials, "drugs")
    assert figure.get_suptitle() == "2 runs, which differ in drugs"
    rows = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    times_s = [np.asarray(line.get_xdata()) for line in rows]
    np.testing.assert_allclose(times_s[1], trials["TTX"].spike_track_times_ms / 1e3)
    assert len(times_s[0]) == 0
    labels = [ax.get_ylabel().partition("\n")[0] for ax in figure.axes]
    assert labels == ["", "Rate", "Ramp", "Soma"]
    assert ["under TTX (× 0.8)" in text for text in key_texts(figure)] == [False, True]  # noqa: RUF001
    assert colliding(figure) == []


def test_potentials_are_left_out_where_spikes_would_hide_each_other(trials):
    many = {f"run {number}": trials["TTX"] for number in range(14)}
    assert sum(len(one.spike_times_ms) for one in many.values()) > 12
    labels = [ax.get_ylabel().partition("\n")[0] for ax in figures.comparison(many).axes]
    assert labels == ["", "Rate", "Ramp"]


def test_protocols_are_drawn_by_their_recordings(protocols):
    table = configuration_differences(protocols)
    assert list(table.index) == ["protocol.stimuli"]
    (ax,) = ca1.compare(protocols).axes
    assert len(ax.lines) == 2
    assert measure_differences(protocols).loc["soma, highest (mV)", "difference"] > 0


def test_the_command_prints_both_tables_and_writes_both_figures(trials, tmp_path, capsys):
    folders = [str(ca1.save(one, tmp_path / name)) for name, one in trials.items()]
    out = tmp_path / "both.png"
    assert main(["compare", *folders, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert re.search(r'^drugs +\[\] +\["TTX:0.8"\]$', printed, re.M)
    assert "Ramp amplitude" not in printed  # no field is reached
    assert out.is_file()
    assert out.with_suffix(".svg").is_file()
    assert main(["compare", *folders, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["configuration"]["drugs"] == {"control": "[]", "TTX": '["TTX:0.8"]'}
    assert told["figures"] == [str(out), str(out.with_suffix(".svg"))]


def test_what_cannot_be_compared_is_one_line(trials, tmp_path, capsys):
    folder = str(ca1.save(trials["control"], tmp_path / "run"))
    for arguments, says in (
        ([folder], "expected two results or more"),
        ([folder, folder], "is given twice; leave one out"),
        ([folder, folder, "--out", "x.jpg"], "ends in .png or .svg"),
        ([folder, str(tmp_path / "none")], "does not exist; give the path"),
    ):
        assert main(["compare", *arguments]) == 2
        said = capsys.readouterr().err
        assert says in said
        assert said.count("\n") == 1
    with pytest.raises(ca1.ModelError, match="expected at least two"):
        ca1.compare({"one": trials["control"]})
