"""The simple model's current clamp against the published model, and the command that runs it."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from netpyne_model import Cell
from netpyne_model.commands import main
from netpyne_model.data_folders import REFERENCE
from netpyne_model.experiments import simple_current_clamp as published
from netpyne_model.results import read_nwb
from netpyne_model.simulation.run import clear, integrate, quiet_netpyne

SIMPLE = REFERENCE / "simple"


def run_clamp(cell: Cell, dc_nA: float, **options: object):
    """The potential of a cell in the published current clamp."""
    protocol = published.current_clamp(
        dc_nA, published.EVENTS_MS, published.PEAK_US, published.STOP_MS, **options
    )
    return protocol.run(cell)


def test_the_command_runs_the_three_published_current_clamps(tmp_path, capsys):
    """EPSPs within 0.5 %, measured 0.01 %. Settled traces within 1e-3 mV: same step and scheme.

    The start differs by up to 0.03 mV: the published initialiser has a slip in one rate, here the
    steady state is exact.
    """
    folder = tmp_path / "run"
    assert main(["run", "--model", "simple", "--out", str(folder)]) == 0
    table = pd.read_csv(SIMPLE / "current_clamp.csv")
    traces = pd.read_csv(SIMPLE / "current_clamp_traces.csv.gz")
    rows = json.loads((folder / "summary.json").read_text())["runs"]
    assert [row["dc_nA"] for row in rows] == table["dc_nA"].tolist()
    for row, expected in zip(rows, table.to_dict("records"), strict=True):
        assert row["epsp_mV"] == pytest.approx(expected["epsp_amp_mV"], rel=5e-3)
        assert row["baseline_mV"] == pytest.approx(expected["baseline_mV"], abs=1e-3)
        result = read_nwb(folder / f"dc_{row['dc_nA']:g}_nA" / "results.nwb")
        interpolated_mV = np.interp(traces["t_ms"], result.time_ms, result.voltage_mV["soma"])
        settled = (traces["t_ms"] >= 900) & (traces["t_ms"] < result.time_ms[-1] - 0.05)
        difference_mV = interpolated_mV - traces[f"v_dc{row['dc_nA']:+.4f}nA_mV"]
        assert np.abs(difference_mV[settled]).max() < 1e-3
    assert np.ptp(imread(folder / "current_clamp.png")[..., :3]) > 0.5
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["dc_nA", "baseline_mV", "epsp_mV"]
    assert len(printed) == 5
    assert printed[-1] == f"Results and figure: {folder}"


def test_parameters_of_the_simple_model_can_be_set(tmp_path, monkeypatch, refused):
    monkeypatch.setattr(published, "DCS_NA", (0.0842,))
    arguments = ["run", "--model", "simple", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--quiet", "--set", "NaV2.gbar*=0"]) == 0
    (row,) = json.loads((tmp_path / "run" / "summary.json").read_text())["runs"]
    assert row["epsp_mV"] < 0.48  # 1.7079 with the channel
    result = read_nwb(tmp_path / "run" / "dc_0.0842_nA" / "results.nwb")
    assert "NaV2.gbar" in str(result.provenance["cell"]["changes"])
    assert "'NaV2.gbr'" in refused(*arguments, "--overwrite", "--set", "NaV2.gbr*=0")


def test_earlier_runs_are_replaced_on_demand_only(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(published, "DCS_NA", (0.0,))
    arguments = ["--model", "simple", "--out", str(tmp_path / "run"), "--quiet"]
    assert main(["run", *arguments]) == 0
    assert main(["run", *arguments]) == 2
    assert "already holds results" in capsys.readouterr().err
    assert main(["run", *arguments, "--overwrite"]) == 0


def test_without_sodium_channels_the_burst_is_linear_in_voltage():
    """Without NaV2 the cell is a resistor and a capacitor: the EPSP does not hang on the DC."""
    cell = Cell.simple().with_rule("soma", "NaV2.gbar", value=0)
    record = {"record": {"soma": "soma"}}
    epsp_mV = []
    for dc_nA in (-0.03, 0.0842):
        result = run_clamp(cell, dc_nA, **record)
        v_mV = result.voltage_mV["soma"][result.time_ms >= published.EVENTS_MS[0]]
        epsp_mV.append(v_mV.max() - v_mV[0])
    assert epsp_mV[0] == pytest.approx(epsp_mV[1], rel=1e-6)
    assert epsp_mV[0] < 0.48


def test_a_run_ends_where_the_clock_has_drifted():
    """At 0.005 ms NEURON's clock falls short of 1020 ms by 1e-8 ms; the run reaches its end."""
    from netpyne import sim, specs

    params = specs.NetParams()
    passive = {"geom": {"L": 10.0, "diam": 10.0, "nseg": 1}, "mechs": {"pas": {}}}
    params.cellParams["CA1"] = {"secs": {"soma": passive}}
    params.popParams["CA1"] = {"cellType": "CA1", "numCells": 1}
    config = specs.SimConfig({"duration": 1020.0, "dt": 0.005, "recordStep": 1.0, "verbose": False})
    config.recordTraces = {"soma": {"sec": "soma", "loc": 0.5, "var": "v"}}
    config.recordCells = ["CA1"]
    config.progressBar = 0
    with quiet_netpyne():
        clear()
        sim.create(simConfig=config, netParams=params)
    integrate(1020.0)
    from neuron import h

    reached_ms = h.t
    clear()
    assert reached_ms == pytest.approx(1020.0, abs=0.11)


def test_a_protocol_ends_where_the_clock_has_drifted():
    cell = Cell.simple().with_rule("soma", "NaV2.gbar", value=0)
    protocol = published.current_clamp(
        0.0, (), published.PEAK_US, 1020.0, dt_ms=0.005, record_step_ms=0.1, record={"v": "soma"}
    )
    assert protocol.run(cell).time_ms[-1] == pytest.approx(1020.0, abs=0.11)
