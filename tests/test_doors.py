"""``ca1 doors``: the full cell by every way of running it; what is measured stands in docs/other_simulators.md."""

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from netpyne_model.benchmarks.measure import in_a_process_of_its_own
from netpyne_model.commands import main
from netpyne_model.doors import (
    arbor_door,
    jaxley_door,
    jneuroml_doors,
    neuron_doors,
    page,
    passages,
)
from netpyne_model.doors.command import RESULTS
from netpyne_model.doors.flat_files import CELL, SIMULATION, write_flat_files
from netpyne_model.doors.soma_step import copy_files, soma_step
from netpyne_model.errors import ModelError

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "other_simulators.md").read_text(encoding="utf-8")


def passage(*spikes_ms, soma=-68.79, trunk=-68.01, cause=False, version="NEURON 9") -> dict:
    rest = {"soma": soma, "trunk": trunk}
    return {
        "spikes_ms": list(spikes_ms),
        "rest_mV": rest,
        "version": version,
        "differs": "",
        "cause": cause,
    }


@pytest.fixture
def results() -> dict:
    """What doors give, with made-up figures."""
    ours = passage(117.43, 146.1)
    rows = {
        passages.OURS: ours,
        "late": passage(117.55, 146.4, soma=-68.7912, version="Other 2"),
        "absent": {"missing": "not installed: pip install absent", "cause": False},
        "broken": {"stopped": "it knows no such thing", "cause": False},
        "silent": passage(),
        "a reason": passage(117.44, 146.12, cause=True),
    }
    for row in rows.values():
        if "spikes_ms" in row:
            row |= passages.compared(row, ours)
    return {
        "rows": rows,
        "step": {"amplitude_nA": 0.3, "onset_ms": 100.0, "dt_ms": 0.025},
        "machine": "Model 7, 2 cores",
        "provenance": {"created_utc": "2027-01-02T03:04:05"},
    }


def test_each_is_compared_with_this_package(results):
    late = results["rows"]["late"]
    assert late["shift_ms"] == pytest.approx(0.3)
    assert late["rest_difference_mV"] == pytest.approx({"soma": -0.0012, "trunk": 0.0})
    silent = results["rows"]["silent"]
    assert (silent["shift_ms"], silent["n_unmatched"]) == (None, 2)


def test_the_page_is_filled_in(results):
    text = page.filled_in(PAGE, results)
    assert "Model 7, 2 cores, 2027-01-02; NEURON 9, Other 2:\n\n| door | spikes (ms) |" in text
    assert "| late | 117.55 146.40 | +0.3 | -68.7912, -68.0100 | -0.0012, 0 |  |" in text
    assert "| absent | not installed: pip install absent |  |  |  |  |" in text
    assert "| broken | it knows no such thing |  |  |  |  |" in text
    assert "| silent | none (2 without their like) |" in text
    assert page.filled_in(text, results) == text
    causes = text.split("<!-- measured: causes -->")[1].split("<!-- end -->")[0]
    assert "| a reason | 117.44 146.12 | +0.02 |" in causes
    assert "| late |" not in causes


def test_every_table_has_its_place_on_the_page():
    marks = re.findall(r"<!-- measured: (.+?) -->", PAGE)
    assert set(page.TABLES) <= set(marks)
    assert {mark.split(" at ")[0] for mark in marks} == set(page.TABLES)


def test_the_committed_tables_name_every_door():
    """Also what was not there on the day is a line."""
    table = PAGE.split("<!-- measured: doors -->")[1].split("<!-- end -->")[0]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")]
    assert rows[2:] == [name for name, door in passages.DOORS.items() if not door.cause]


def test_the_script_writes_the_page(results, tmp_path, monkeypatch):
    file, copy = tmp_path / "doors.json", tmp_path / "page.md"
    file.write_text(json.dumps(results))
    copy.write_text(PAGE)
    script = str(ROOT / "scripts" / "doors_page.py")
    monkeypatch.setattr("sys.argv", [script, str(file)])
    monkeypatch.setattr(
        Path, "write_text", lambda path, text, **how: copy.write_bytes(text.encode())
    )
    runpy.run_path(script, run_name="__main__")
    assert copy.read_text() == page.filled_in(PAGE, results)


def test_doors_by_a_part_of_their_name():
    chosen = passages.chosen_doors(["arbor", "importneuroml2"])
    assert list(chosen) == [passages.OURS, "NetPyNE `importNeuroML2`", "Arbor"]
    assert passages.chosen_doors([]) == passages.DOORS
    with pytest.raises(ModelError, match="door 'Arbour' does not exist") as error:
        passages.chosen_doors(["Arbour"])
    assert "Arbor" in str(error.value)
    with pytest.raises(ModelError, match="; jNeuroML -> NEURON, flat profile; "):
        passages.chosen_doors(["zzz"])


def test_an_earlier_folder_is_left_alone_and_a_new_one_taken(refused, tmp_path):
    assert "give --out a new folder" in refused("doors", "general", "--out", tmp_path)
    assert main(["doors", "general", "--out", str(tmp_path / "new")]) == 0
    assert list(json.loads((tmp_path / "new" / RESULTS).read_text())["rows"]) == [passages.OURS]


def test_the_files_say_what_is_run(tmp_path):
    step = soma_step()
    assert (step.amplitude_nA, step.onset_ms, step.until_ms) == (0.3, 100.0, 250.0)
    assert (step.dt_ms, step.celsius, step.start_mV) == (0.025, 35.0, -67.0)
    copy_files(tmp_path, soma_step(0.005))
    assert 'step="0.005 ms"' in (tmp_path / "LEMS_CA1_full.xml").read_text()


def test_a_flat_cell_comes_with_network_and_simulation(tmp_path):
    places = write_flat_files(tmp_path, soma_step())
    assert (tmp_path / CELL).is_file()
    text = (tmp_path / SIMULATION).read_text()
    for segment in places.values():
        assert f'quantity="CA1_cells/0/CA1_flat/{segment}/v"' in text
    network = (tmp_path / "networks" / "CA1_flat.net.nml").read_text()
    assert f'segmentId="{places["soma_0"]}"' in network
    assert "CA1_full" not in text + network


@pytest.mark.slow
@pytest.mark.java
def test_doors_to_the_export_of_jneuroml(tmp_path):
    """One export, three doors to it: the same to its file's seven digits; what differs has causes."""
    step = soma_step()
    run = in_a_process_of_its_own
    exported = jneuroml_doors.by_jneuroml(step, tmp_path, jneuroml_doors.NEURON)
    home = jneuroml_doors.exported(step, tmp_path, jneuroml_doors.NEURON)
    for door in (neuron_doors.hoc_of_jneuroml, jneuroml_doors.by_import):
        other = run(door, step, home)
        np.testing.assert_allclose(other["spikes_ms"], exported["spikes_ms"], atol=1e-4)
        for place, v_mV in other["rest_mV"].items():
            assert abs(v_mV - exported["rest_mV"][place]) < 1e-4, place
    ours = run(neuron_doors.general, step)
    assert len(exported["spikes_ms"]) == len(ours["spikes_ms"]) == 5
    shifts_ms = []
    for door, *where in (
        (neuron_doors.spread_spines,),
        (neuron_doors.hoc_with_own_gates, home),
        (neuron_doors.hoc_of_jneuroml, home),
    ):
        shifts_ms.append(passages.compared(run(door, step, *where), ours)["shift_ms"])
    spread, frusta, euler = shifts_ms
    # The page's table of causes: -0.03, -0.13, +1.57 ms.
    assert -0.1 < spread < 0
    assert -0.2 < frusta < spread
    assert 1.4 < euler < 1.7


@pytest.mark.slow
def test_jaxley_runs_the_flat_cell(tmp_path):
    """Read by tarjuman. Both step the same cell by the same method, in double precision."""
    step = soma_step()
    ours = in_a_process_of_its_own(neuron_doors.general, step)
    its = in_a_process_of_its_own(jaxley_door.run, step, tmp_path)
    np.testing.assert_allclose(its["spikes_ms"], ours["spikes_ms"], atol=1e-3)
    for place, v_mV in its["rest_mV"].items():
        assert abs(v_mV - ours["rest_mV"][place]) < 1e-5, place


@pytest.mark.slow
@pytest.mark.java
def test_jneuroml_exports_the_flat_cell(tmp_path):
    """Its gates are all that differs: rest, where they stand still, to the digits of its file."""
    step = soma_step()
    ours = in_a_process_of_its_own(neuron_doors.general, step)
    its = jneuroml_doors.flat_by_jneuroml(step, tmp_path)
    for place, v_mV in its["rest_mV"].items():
        assert abs(v_mV - ours["rest_mV"][place]) < 5e-5, place
    assert 1.5 < passages.compared(its, ours)["shift_ms"] < 1.9  # the page has 1.7 ms


@pytest.mark.slow
def test_arbor_runs_the_cell():
    pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")
    step = soma_step()
    ours = in_a_process_of_its_own(neuron_doors.general, step)
    its = in_a_process_of_its_own(arbor_door.run, step)
    np.testing.assert_allclose(its["spikes_ms"], ours["spikes_ms"], atol=0.05)
    for place, v_mV in its["rest_mV"].items():
        assert abs(v_mV - ours["rest_mV"][place]) < 1e-3, place


def test_the_command_runs_and_keeps(tmp_path, capsys, monkeypatch):
    """This package's general mode alone, which is always there."""
    only = {
        passages.OURS: passages.DOORS[passages.OURS],
        "absent": passages.Door(print, ("nosuch",), "pip install nosuch"),
    }
    monkeypatch.setattr(passages, "DOORS", only)
    assert main(["doors", "--out", str(tmp_path / "doors")]) == 0
    printed = capsys.readouterr().out
    assert "117.44 146.09 177.53 210.45 244.13" in printed
    assert "not installed: pip install nosuch" in printed
    kept = json.loads((tmp_path / "doors" / "doors.json").read_text())
    assert kept["rows"][passages.OURS]["shift_ms"] == 0.0
