"""The benchmark beside another checkout, and of several cells at once."""

from pathlib import Path

import numpy as np
import pytest

from netpyne_model.benchmarks import commands, comparison, growth, report, targets
from netpyne_model.benchmarks.accuracy import Traces
from netpyne_model.benchmarks.elsewhere import check_checkout, measure_elsewhere
from netpyne_model.benchmarks.measure import Request, build_together, measure_one
from netpyne_model.benchmarks.workloads import COMPARED_SITES, WORKLOADS
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.simulation import run_trial
from netpyne_model.simulation.run import clear, integrate

ROOT = Path(__file__).resolve().parents[1]


def test_before_is_another_checkout_by_the_same_yardstick(tmp_path):
    """Here this one itself, so that it has all that it is asked for."""
    fields = {"spines": "none", "n_excitatory": 0, "n_inhibitory": 0, "duration_ms": 75.0}
    request = Request(fields | {"dc_nA": 0.6}, window_ms=(25.0, 75.0), traces=True)
    here, there = measure_one(request), measure_elsewhere(request, ROOT)
    assert there["cpu_ms_per_ms"] > 0
    np.testing.assert_array_equal(here["traces"].spike_times_ms, there["traces"].spike_times_ms)
    with pytest.raises(ModelError, match=r"^a measurement of .* failed: .*unknown field 'sede'"):
        measure_elsewhere(Request({"sede": 1}), ROOT)
    with pytest.raises(ModelError, match="is no checkout of this package; expected a folder with"):
        check_checkout(tmp_path)


def test_the_choices_of_before_stand_beside_their_own(reference, tmp_path):
    workload = WORKLOADS["place_trial"]
    planned = comparison.cases(workload, 2, reference, tmp_path, ["dc_nA=0.1"], ROOT)
    before = [case for case in planned if case.name.startswith("before: ")]
    assert len(before) == 4  # the default and second order at 0.05 ms, two seeds each
    request, _ = before[0].run.args
    assert request.fields == workload.fields | {"dc_nA": 0.1, "seed": 0}
    flat = Traces(np.array([0.0, 900.0]), dict.fromkeys(COMPARED_SITES, np.full(2, -60.0)))
    answers = {}
    for case in planned:
        cpu_ms_per_ms = 4.0 if case in before else 1.0
        answer = {"cpu_ms_per_ms": cpu_ms_per_ms, "peak_mb": 1.0, "trains_s": 0.1, "traces": flat}
        answers[workload.name, case.name] = answer | {"wall_ms_per_ms": cpu_ms_per_ms}
    results = comparison.results(workload, answers, 2, reference, [])
    assert results["before"].keys() == {"spines solved (default)", "second order, dt 0.05 ms"}
    assert results["choices"]["spines solved (default)"]["of_before"] == pytest.approx(0.25)
    checked = targets.check_targets({"workloads": {"place_trial": results}})
    met = {each["name"]: each["met"] for each in checked}
    assert met["its processor time, of the baseline's"]
    titles = [*report.workload_table("place_trial", results).columns[0].cells]
    assert titles[-2:] == ["before: spines solved (default)", "before: second order, dt 0.05 ms"]


def test_cells_together_are_the_trials_that_each_is_alone(loaded):
    """Two cells with inputs of their own in one run: to the last bit what each does alone."""
    fields = {"setup": "place_cell", "n_excitatory": 400, "n_inhibitory": 100, "dc_nA": 0.3}
    config = load_configuration(None, fields, {"dc_start_ms": 10.0, "duration_ms": 275.0})
    kept = build_together(config, 2)
    somata = [built.view.soma(0.5) for built, _ in kept]
    assert somata[0] != somata[1]
    recorded = [loaded.Vector().record(soma._ref_v) for soma in somata]
    integrate(275.0)
    together = [np.array(vector) for vector in recorded]
    clear()
    del kept, somata, recorded
    for number, voltage in enumerate(together):
        alone = load_configuration(
            None, config.as_dict(), {"seed": number, "record": {"s": "soma_0(0.5)"}}
        )
        mine = run_trial(alone).voltage_mV["s"]
        np.testing.assert_array_equal(voltage[::4][: len(mine)], mine)  # every 0.1 ms
    assert not np.array_equal(*together)


def test_trials_of_a_study_are_measured_one_after_the_other():
    fields = {"setup": "place_cell", "n_excitatory": 60, "n_inhibitory": 30, "duration_ms": 60.0}
    answer = measure_one(Request(fields, n_trials=2))
    for key in ("trial_s", "trial_cpu_s", "trial_mb"):
        assert len(answer[key]) == 2
        assert min(answer[key]) > 0


def test_every_case_of_growth_has_its_place_in_the_results():
    """From made-up answers to the tables; with a baseline, a further trial is held against its own."""
    numbers = {"cpu_ms_per_ms": 1.0, "wall_ms_per_ms": 1.0, "set_up_s": 1.0, "import_s": 2.0}
    counts = ("n_excitatory", "n_inhibitory", "n_segments", "n_sections")
    memory = {"peak_mb": 200.0, "built_mb": 190.0, "imported_mb": 180.0}
    answers = {}
    for number, case in enumerate(growth.cases(ROOT)):
        trials_s = [3.0, 1.0, 0.4, 0.4] if "before" not in case.name else [3.0, 2.0, 1.0, 1.0]
        trials = {"trial_s": trials_s, "trial_cpu_s": trials_s, "trial_mb": [200.0] * 4}
        answer = numbers | memory | trials | {"wall_s": 10.0}
        answers[case.group, case.name] = answer | dict.fromkeys(counts, number)
        assert case.cost(answers[case.group, case.name]) > 0
    results = growth.results(answers)
    assert results["trials"]["of_before"] == pytest.approx(0.4)
    assert results["cells"]["times_of_one"]["8"] == pytest.approx(1 / 8)
    (checked,) = (
        each
        for each in targets.check_targets({"growth": results})
        if each["name"].startswith("a further short trial")
    )
    assert checked["measured"] == pytest.approx(0.4)
    assert len(list(report.growth_tables(results))) == 4
    assert growth.results(
        {key: answer for key, answer in answers.items() if "before" not in key[1]}
    )["trials"].keys() == {"trial_s", "trial_mb", "imported_mb"}


def test_the_start_is_held_against_that_of_before():
    names = (commands.HELP, commands.FIRST_STEP, commands.PICTURES, commands.TRIAL)
    timing = {"seconds": 3.0, "marked_s": 1.0, "peak_mb": 200.0}
    answers = {(commands.NAME, name): timing for name in names}
    assert "first_step_of_before" not in commands.results(answers)
    before = {(commands.NAME, commands.FIRST_STEP_BEFORE): timing | {"marked_s": 2.5}}
    results = {"command": commands.results(answers | before)}
    assert results["command"]["first_step_of_before"] == pytest.approx(0.4)
    met = {each["name"]: each["met"] for each in targets.check_targets(results)}
    assert met["the same, of the baseline's"]
    assert met["peak memory of a whole trial"]
