"""The benchmark: its arithmetic on made-up signals, its configurations, one small real measurement. It times nothing here."""

import dataclasses
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from netpyne_model import Cell
from netpyne_model.benchmarks import accuracy, command, commands, growth, report, suite, targets
from netpyne_model.benchmarks.accuracy import Traces
from netpyne_model.benchmarks.epsp import converged_epsp_mV
from netpyne_model.benchmarks.figure import growth_figure
from netpyne_model.benchmarks.measure import Meter, Request, measure_all, memory_mb, peak_memory_mb
from netpyne_model.benchmarks.workloads import WORKLOADS, Choice
from netpyne_model.configuration import load_configuration
from netpyne_model.description import cut_segments
from netpyne_model.errors import ModelError
from netpyne_model.figures import save

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "benchmark.py"
HEAVY = {"neuron", "netpyne", "numpy", "pandas", "scipy", "matplotlib", "pynwb", "neuroml", "rich"}
TIME_MS = np.arange(0, 500, 0.1)


def traces(spikes_ms=(), shift_mV=0.0) -> Traces:
    """A slow wave with spikes of 5 ms on it, at two sites."""
    v_mV = -60 + 5 * np.sin(TIME_MS / 50) + shift_mV
    for spike_ms in spikes_ms:
        since_ms = TIME_MS - spike_ms
        v_mV = v_mV + 90 * ((since_ms >= 0) & (since_ms < 5))
    return Traces(TIME_MS, {"soma": v_mV, "distal_trunk": v_mV - 2}, np.array(spikes_ms, float))


def test_largest_difference():
    everywhere = np.ones(len(TIME_MS), bool)
    assert accuracy.largest_difference_mV(
        traces(), traces(shift_mV=-0.25), "soma", everywhere
    ) == pytest.approx(0.25)
    finer = dataclasses.replace(traces(), time_ms=TIME_MS / 2)
    straight = Traces(np.array([0.0, 500.0]), {"soma": np.array([-60.0, -60.0])})
    assert accuracy.largest_difference_mV(finer, straight, "soma", everywhere) == pytest.approx(
        5, abs=1e-3
    )
    assert accuracy.largest_difference_mV(traces(), traces(), "soma", ~everywhere) is None


def test_away_from_spikes():
    kept = TIME_MS[accuracy.away_from(TIME_MS, [100, 300], 5, 15)]
    assert kept.size == len(TIME_MS) - 2 * 201
    assert not ((kept > 95) & (kept < 115)).any()
    assert accuracy.away_from(TIME_MS, []).all()


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ([10, 20, 30], [10.5, 19.5, 30], [(10, 10.5), (20, 19.5), (30, 30)]),
        ([10, 20, 30], [10, 30], [(10, 10), (30, 30)]),
        ([10, 30], [10, 20, 30], [(10, 10), (30, 30)]),
        ([10, 14, 18], [14.5, 18.5], [(14, 14.5), (18, 18.5)]),
        ([10], [13], []),
        ([10, 11.5], [11.6], [(11.5, 11.6)]),
        ([10, 11.5, 13], [11.4, 13.1], [(11.5, 11.4), (13, 13.1)]),
        ([], [10], []),
    ],
)
def test_spikes_find_their_like(one, other, pairs):
    assert accuracy.match_spikes(one, other) == pairs


def test_trials_are_compared_before_the_first_spike_and_between_spikes():
    one, other = traces([100.1, 200, 400], shift_mV=0.001), traces([100, 200.3, 300])
    compared = accuracy.compare_trials(one, other, (150, 450), ["soma", "distal_trunk"])
    assert compared["dv_soma_mV"] == pytest.approx(0.001)
    assert compared["dv_distal_trunk_mV"] == pytest.approx(0.001)
    assert compared["dv_between_spikes_mV"] == pytest.approx(0.001)
    assert (compared["n_spikes"], compared["n_spikes_reference"], compared["n_unmatched"]) == (
        2,
        2,
        2,
    )
    assert compared["spike_shift_ms"] == pytest.approx(0.3)


def test_trials_without_spikes_or_without_time_between_them():
    silent = accuracy.compare_trials(traces(), traces(), (0, 500), ["soma"])
    assert silent["dv_soma_mV"] == silent["dv_between_spikes_mV"] == silent["n_unmatched"] == 0
    assert silent["spike_shift_ms"] is None
    fast = traces(np.arange(3, 500, 10.0))
    busy = accuracy.compare_trials(fast, fast, (0, 490), ["soma"])
    assert (busy["dv_soma_mV"], busy["dv_between_spikes_mV"]) == (None, None)
    assert busy["spike_shift_ms"] == 0


def test_epsp_amplitude():
    v_mV = -56 + 4.0 * (TIME_MS >= 250) * np.exp(-(TIME_MS - 250) / 20)
    compared = accuracy.compare_epsp(Traces(TIME_MS, {"soma": v_mV}), "soma", 250, converged_mV=5)
    assert compared == pytest.approx({"epsp_mV": 4, "epsp_error_mV": -1, "epsp_error_percent": -20})


def test_the_worst_of_several_seeds():
    seeds = [
        {"dv_mV": 0.1, "error": -3.0, "n_spikes": 2},
        {"dv_mV": None, "error": 2.0, "n_spikes": 3},
    ]
    assert accuracy.worst(seeds) == {"dv_mV": 0.1, "error": -3.0, "n_spikes": 5}
    assert accuracy.worst([{"dv_mV": None}]) == {"dv_mV": None}
    assert accuracy.worst([]) == {}


def test_the_meter_counts_its_window_over_several_runs():
    clock = iter([(0, 0), (1, 0.5), (3, 2), (7, 5), (100, 50), (101, 51), (105, 53)])
    meter = Meter((25, 75), lambda: next(clock))
    for t_ms in (25, 50, 75 - 1e-9, 100, 25, 50, 75):  # a second run begins
        meter(t_ms, 100)
    per_ms = meter.per_simulated_ms()
    assert per_ms == pytest.approx({"simulated_ms": 100, "wall_ms_per_ms": 80, "cpu_ms_per_ms": 50})


def test_a_run_whose_clock_stands_still_is_stopped():
    meter = Meter((25, 75))
    meter(50, 100)
    with pytest.raises(ModelError, match=r"^the run stands still at t = 50 of 100 ms"):
        meter(50, 100)


def test_memory_now_and_at_its_peak():
    assert 10 < memory_mb() <= peak_memory_mb() * 1.01 < 1e5


def test_a_cell_in_more_segments_is_the_same_cell():
    cell, cut = Cell().describe("none"), cut_segments(Cell().describe("none"), 3)
    assert list(cut.sections) == list(cell.sections)
    for name, section in cell.sections.items():
        finer = cut.sections[name]
        assert finer.nseg == 3 * section.nseg
        assert finer.area_um2.sum() == pytest.approx(section.area_um2.sum(), rel=1e-12)
        assert (finer.area_um2 * finer.cm_uF_per_cm2).sum() == pytest.approx(
            (section.area_um2 * section.cm_uF_per_cm2).sum(), rel=1e-12
        )
        for channel, gbar in section.gbar_S_per_cm2.items():
            np.testing.assert_array_equal(finer.gbar_S_per_cm2[channel][1::3], gbar)


def measured(**fields) -> dict:
    """A measurement with made-up figures."""
    figures = {"import_s": 2.0, "set_up_s": 1.0, "wall_ms_per_ms": 2.0, "cpu_ms_per_ms": 2.0}
    return (
        figures
        | {
            "imported_mb": 300.0,
            "built_mb": 350.0,
            "peak_mb": 400.0,
            "run_wall_s": 0.2,
            "trains_s": 0.1,
        }
        | fields
    )


@pytest.fixture
def grown() -> dict:
    """What a growth run returns, with made-up figures."""
    series = {}
    for each in growth.SERIES:
        counts = [100 * number for number in range(len(each.points))]
        answers = [
            measured(cpu_ms_per_ms=1 + 1e-3 * count, peak_mb=400 + 0.01 * count) for count in counts
        ]
        series[each.name] = growth.line_of(each.item, counts, answers)
    processes = growth.processes({1: 10.0, 2: 11.0})
    trials = {"trial_s": [1.0, 1.1], "trial_mb": [310.0, 311.0], "imported_mb": 300.0}
    together = {n: measured(cpu_ms_per_ms=n * (1 + 0.01 * n)) for n in growth.TOGETHER}
    return {
        "series": series,
        "cells": growth.cells_together(together),
        "trials": trials,
        "processes": processes,
        "estimate": growth.estimate(measured(), 0.9),
    }


def test_a_line_is_fitted(grown):
    line = grown["series"]["segments with all channels"]
    assert line["ns_per_step_per_item"] == pytest.approx(25)  # 1 us a ms and item, 40 steps a ms
    assert line["ns_per_step_fixed"] == pytest.approx(25_000)
    assert line["kB_per_item"] == pytest.approx(10)
    assert line["set_up_ms_per_item"] == pytest.approx(0, abs=1e-9)
    assert line["largest_residual_percent"] == pytest.approx(0, abs=1e-9)
    assert grown["series"]["silent spines as sections"]["largest_residual_percent"] is None


def test_the_estimate_follows_from_one_measurement():
    estimated = growth.estimate(measured(), 0.9, n_cells=1000, duration_ms=8000)
    assert estimated["cell_s"] == pytest.approx(17)
    assert estimated["hours"]["1"] == pytest.approx((2 + 1000 * 17) / 3600)
    assert estimated["hours"]["128"] == pytest.approx((2 + 8 * 17) / 0.9 / 3600)
    assert estimated["hours"]["1024"] == pytest.approx((2 + 17) / 0.9 / 3600)
    assert estimated["gb"]["128"] == pytest.approx(51.2)
    assert estimated["gb"]["1024"] == pytest.approx(400)  # there are only a thousand cells
    assert estimated["all_in_one_process_gb"] == pytest.approx(50.3)


def test_growth_is_drawn_and_written(grown, tmp_path):
    save(growth_figure(grown), tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 20_000
    report.write_figure({}, tmp_path)
    assert not (tmp_path / "growth.png").exists()  # it was of results that these replace
    text = printed(*report.growth_tables(grown))
    assert "0 to 300 segments" in text
    assert "an estimate for 1000 cells" in text
    assert "cells in one process" in text


def test_a_cell_among_several_is_held_against_one_alone(grown):
    assert grown["cells"]["us_per_step_each"]["1"] == pytest.approx(25.25)  # 1.01 ms, 40 steps
    assert grown["cells"]["times_of_one"]["8"] == pytest.approx(1.08 / 1.01)


def printed(*tables) -> str:
    terminal = io.StringIO()
    Console(file=terminal, width=200).print(*tables)
    return terminal.getvalue()


def test_targets_are_checked_where_they_were_measured(grown):
    exact = {
        "dv_soma_mV": 0.0002,
        "dv_distal_trunk_mV": 0.2,
        "n_unmatched": 1,
        "spike_shift_ms": None,
    }
    choices = {"spines solved (default)": measured(wall_ms_per_ms=4.1, accuracy=exact)}
    checked = targets.check_targets(
        {"workloads": {"place_trial": {"choices": choices}}, "growth": grown}
    )
    assert {each["name"]: each["met"] for each in checked} == {
        "place trial, 1 s in the field": False,
        "its largest |dv| before the first spike": False,
        "its spikes without their like": False,
        "drawing all trains of a trial": True,
        "8 cells in one process, each over one": True,
        "trials per minute, two processes over one": True,
    }
    epsps = {
        "default": measured(run_wall_s=0.2, accuracy={"epsp_error_percent": -3.9}),
        "second order": measured(run_wall_s=0.4, accuracy={"epsp_error_percent": -0.1}),
    }
    of_epsp = targets.check_targets({"workloads": {"epsp": {"choices": epsps}}})
    assert [(each["measured"], each["met"]) for each in of_epsp] == [(0.2, True), (0.4, False)]
    text = printed(*report.tables({"workloads": {}, "targets": checked}))
    assert "MISSED" in text
    assert "at least 1.8 times" in text
    assert targets.check_targets({}) == []


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_configuration_of_a_workload_loads(name, reference, tmp_path):
    workload = WORKLOADS[name]
    assert workload.straightforward is None or workload.straightforward in workload.choices
    assert workload.converged is None or workload.converged in workload.choices
    further = workload.further_fields(reference, tmp_path)
    configurations = [
        load_configuration(None, workload.fields, further, choice.fields).as_dict()
        for choice in workload.choices.values()
    ]
    globals_of = [tuple(choice.neuron_globals.items()) for choice in workload.choices.values()]
    different = {json.dumps([*each]) for each in zip(configurations, globals_of, strict=True)}
    assert len(different) == len(workload.choices)
    defaults = [choice for choice in workload.choices.values() if choice == Choice()]
    assert len(defaults) == 1, "the package's own defaults are measured, once"


def test_every_point_of_growth_loads():
    for series in growth.SERIES:
        assert len(series.requests()) >= 2
        for request in series.requests():
            load_configuration(None, request.fields)
    assert growth.process_counts()[:2] == [1, 2]


def test_the_reference_is_read_or_asked_for(reference, tmp_path):
    assert converged_epsp_mV(reference) == pytest.approx(3.9205, abs=1e-4)
    with pytest.raises(ModelError, match=r"convergence\.csv does not exist; .* with --reference"):
        converged_epsp_mV(tmp_path)


@pytest.fixture
def small_place_trial(monkeypatch):
    """The place trial, with few inputs, for 300 ms, in two ways."""
    few = {"setup": "place_cell", "n_excitatory": 60, "n_inhibitory": 30, "duration_ms": 300.0}
    choices = {
        "straightforward": Choice({"spines": "folded"}, {"usetable_*": 0.0}),
        "spines solved (default)": Choice(),
    }
    workload = dataclasses.replace(
        WORKLOADS["place_trial"],
        fields=few,
        choices=choices,
        window_ms=(250.0, 300.0),
        converged=None,
    )
    monkeypatch.setitem(WORKLOADS, "place_trial", workload)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # else the harness measures nothing


@pytest.mark.slow
@pytest.mark.usefixtures("loaded", "small_place_trial")
def test_a_small_workload_is_measured_in_processes_of_their_own(tmp_path, capsys):
    command.run_benchmarks(["place_trial"], tmp_path, seeds=1, settings=["dc_nA=0.6"])
    results = json.loads((tmp_path / report.RESULTS).read_text())
    choices = results["workloads"]["place_trial"]["choices"]
    for row in choices.values():
        for key in (
            "import_s",
            "set_up_s",
            "trains_s",
            "run_wall_s",
            "wall_ms_per_ms",
            "cpu_ms_per_ms",
            "peak_mb",
        ):
            assert math.isfinite(row[key])
            assert row[key] > 0
        assert row["simulated_ms"] == pytest.approx(50)
        assert 0 < row["n_excitatory"] <= 60
        assert row["accuracy"]["n_spikes"] == row["accuracy"]["n_spikes_reference"]
        assert row["accuracy"]["dv_soma_mV"] < 0.02
    assert choices["straightforward"]["times_as_fast"] == 1
    assert choices["spines solved (default)"]["n_sections"] == 119
    # The harness keeps the same cost, and says on what machine.
    statistics = {one["name"]: one["stats"]["min"] for one in results["benchmarks"]}
    for choice, row in choices.items():
        name = f"test_case[place_trial, {choice}, seed 0]"
        assert statistics[name] == pytest.approx(row["cpu_ms_per_ms"], rel=1e-6)
    assert results["machine_info"]["cores"] >= 1
    printed_text = capsys.readouterr().out
    assert "measured, " in printed_text
    assert "straightforward" in printed_text
    assert "spikes" in printed_text


def test_a_measurement_that_fails_says_why_in_one_line():
    with pytest.raises(ModelError, match=r"^unknown field 'sede'\. Did you mean"):
        measure_all([Request({"sede": 1})])


def test_some_choices_of_a_workload_are_compared_with_nothing_that_is_left_out():
    workload = WORKLOADS["place_trial"]
    some = workload.with_choices(["second order, dt 0.05 ms", "spines solved (default)"])
    assert list(some.choices) == ["spines solved (default)", "second order, dt 0.05 ms"]
    assert (some.straightforward, some.converged, some.accuracy) == (None, None, None)
    assert workload.with_choices(list(workload.choices)) == workload
    epsp = WORKLOADS["epsp"].with_choices(["default"])
    assert epsp.accuracy == "epsp"  # compared with the published one


def test_a_case_that_fails_ends_the_benchmark_and_keeps_what_is_finished(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def fails():
        raise ModelError("no such thing")

    cases = [
        suite.Case("command", "good", lambda: {"s": 2.0}, lambda answer: answer["s"]),
        suite.Case("growth, line", "bad", fails, lambda answer: answer["s"]),
    ]
    finished = []

    def add(plan):
        finished.extend(name for name in ("command", "growth") if plan.is_finished(name))
        return {"more": 1}

    with pytest.raises(ModelError, match="no such thing"):
        suite.run_cases(cases, tmp_path / "benchmark.json", repeats=3, add=add)
    written = json.loads((tmp_path / "benchmark.json").read_text())
    assert written["more"] == 1
    assert [one["stats"]["rounds"] for one in written["benchmarks"]] == [3]
    assert written["benchmarks"][0]["stats"]["min"] == pytest.approx(2.0)
    assert finished == ["command"]


def test_a_process_is_timed_to_its_end_and_to_a_line():
    timing = commands.time_process(
        "import sys; print('begun', flush=True); print(sys.argv[1])", "word", mark="word"
    )
    assert 0 < timing.marked_s <= timing.seconds
    assert timing.peak_mb > 1
    with pytest.raises(ModelError, match=r"the command failed \(exit code 3\): no such thing"):
        commands.time_process("import sys; print('error: no such thing'); sys.exit(3)")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["eps"], "workload 'eps' does not exist. Did you mean 'epsp'?"),
        (["epsp", "--sedes", "2"], "unknown option '--sedes'. Did you mean '--seeds'?"),
        (["epsp", "--seeds", "0"], "See --help."),
        (["epsp", "--choice", "defualt"], "workload 'epsp' has no choice 'defualt'. Did you mean"),
        (["--choice", "default"], "ca1 benchmark epsp --choice 'default'"),
        (["epsp", "--out", "notes.txt"], "output folder notes.txt cannot be made (File exists)"),
        (
            ["epsp", "--out", "kept"],
            "exists already; choose another folder with --out or give --overwrite.",
        ),
        (["epsp", "--set", "spine=none"], "unknown field 'spine'. Did you mean 'spines'?"),
        (["epsp", "--reference", "kept"], "convergence.csv does not exist"),
        (["epsp", "--baseline", "kept"], "baseline kept is no checkout of this package"),
    ],
)
def test_a_wrong_call_is_one_line_and_code_2(monkeypatch, tmp_path, refused, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / report.RESULTS).write_text("{}")
    assert says in refused("benchmark", *arguments)
    assert (tmp_path / "kept" / report.RESULTS).read_text() == "{}"


def test_the_script_exits_with_the_code_and_help_imports_nothing_heavy(tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT, "growht"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: workload 'growht' does not exist. Did you mean 'growth'?\n"
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from netpyne_model.commands import main;"
        f"code = main(['benchmark', '--help']); print(sorted({HEAVY!r} & set(sys.modules)), code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, SCRIPT.parents[1]], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[] 0"
    assert all(name in done.stdout for name in command.KNOWN)
