"""A time limit ends a simulation between two steps, in every way of running; a sweep goes on with its next task."""

import re
import time

import numpy as np
import pytest
from channel_texts import written

from netpyne_model import Cell, CurrentClamp, ModelError, Protocol, Study, Trial
from netpyne_model.commands import main
from netpyne_model.experiments import Condition, epsc_amplification, run_conditions
from netpyne_model.time_limit import time_limit

NO_INPUT = {"n_excitatory": 0, "n_inhibitory": 0}
LINE = re.compile(
    r"its time limit of (\S+) s ended it at (\S+) ms of simulated time; give a longer one"
    r" \(--time-limit, trial_time_limit_s\), or simulate less \(duration_ms\)\."
)
LONG_MS = 1e6  # minutes of wall time
GENERAL = {"spines": "folded", "channels": "separate", "receptors": "generated"}
WAYS = {
    "fixed step": {},
    "second order": {"integration": "second_order"},
    "currents": {"record_currents": True},
    "adapted step": {"integration": "variable_step", "variable_step_atol": 1e-9, **GENERAL},
}
# A current that changes its sign every picosecond: an adapted step that follows it gets nowhere, but for ever.
RAGGED = """
NEURON {
    SUFFIX ragged
    NONSPECIFIC_CURRENT i
    RANGE gbar, e
}
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0 (S/cm2) e = -60 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = gbar*(v - e)*(1 + 3*sin(3e9*t)) }
"""


def refusal(run):
    with pytest.raises(ModelError) as raised:
        run()
    found = LINE.fullmatch(str(raised.value))
    assert found, str(raised.value)
    return float(found[1]), float(found[2])


def limited(limit_s, run):
    with time_limit(limit_s):
        return run()


@pytest.mark.parametrize("way", WAYS)
def test_a_trial_above_it_ends_in_every_way_of_running(way):
    trial = Trial(duration_ms=LONG_MS, record_step_ms=1.0, **NO_INPUT, **WAYS[way])
    reached = []

    def run():
        return limited(0.5, lambda: trial.run(progress=lambda now_ms, _: reached.append(now_ms)))

    limit_s, reached_ms = refusal(run)
    assert limit_s == 0.5
    assert max(reached, default=0.0) <= reached_ms < LONG_MS


def test_one_below_it_is_the_same_to_the_last_bit():
    trial = Trial(duration_ms=30.0, setup="place_cell")
    free, bound = trial.run(), limited(600.0, trial.run)
    assert np.array_equal(free.voltage_mV["soma"], bound.voltage_mV["soma"])


def test_what_a_checkpoint_has_is_gone_on_from_with_a_longer_one(tmp_path):
    kept = tmp_path / "kept.npz"
    trial = Trial(duration_ms=400.0, **NO_INPUT)

    def run():
        return trial.run(checkpoint=kept, checkpoint_every_ms=5.0)

    reached = []
    whole = trial.run(progress=lambda now_ms, _: reached.append(now_ms))
    _, reached_ms = refusal(lambda: limited(whole.simulation_wall_s / 4, run))
    assert reached_ms < 400
    assert kept.is_file()
    assert np.array_equal(run().voltage_mV["soma"], whole.voltage_mV["soma"])


@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_a_protocol_ends_also_where_an_adapted_step_gets_nowhere(dt_ms, tmp_path):
    cell = Cell().with_channel(
        "ragged", written(tmp_path, RAGGED, "ragged.mod"), {"soma": 1e-3}, e_mV=-60.0
    )
    protocol = Protocol(duration_ms=1e5, dt_ms=dt_ms, stimuli=[CurrentClamp(amplitude_nA=0.3)])
    before_s = time.monotonic()
    refusal(lambda: limited(1.0, lambda: protocol.run(cell)))
    assert time.monotonic() - before_s < 60
    # It is over with the block.
    short = Protocol(duration_ms=5.0).run(Cell())
    assert np.isfinite(short.voltage_mV["soma"]).all()


def test_it_counts_all_simulations_of_a_block_but_not_what_goes_before():
    with time_limit(1.0):
        time.sleep(1.1)  # as compiling does
        Protocol(duration_ms=1.0).run(Cell())
        time.sleep(1.1)
        refusal(lambda: Protocol(duration_ms=1.0).run(Cell()))


@pytest.mark.parametrize("limit_s", [0, -1.0, float("nan"), "long"])
def test_a_limit_that_is_none(limit_s):
    with pytest.raises(ModelError, match=r"^study: trial_time_limit_s|^trial_time_limit_s"):
        Study(trial_time_limit_s=limit_s)
    with pytest.raises(ModelError, match=r"^time_limit_s = "):
        run_conditions([], "nowhere", time_limit_s=limit_s)


@pytest.mark.slow
def test_a_study_fails_what_takes_longer_and_goes_on_with_a_longer_one(
    tmp_path, monkeypatch, capsys
):
    """The line's advice is followed: the same command with a longer limit runs what failed, and nothing twice."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pair.yaml").write_text(
        "base: {duration_ms: 200, n_excitatory: 0, n_inhibitory: 0}\n"
        "grid: {dc_nA: [0, 0.1]}\ntrial_time_limit_s: 0.001\n"
    )
    words = ["study", "pair.yaml", "--processes", "1", "--no-figures", "--quiet"]
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(
        "error: 2 of 2 trials failed, first dc_nA=0, seed 0: its"
    )
    folder = tmp_path / "output" / "studies" / "pair"
    failures = (folder / "failures.txt").read_text().splitlines()
    lines = [line.partition("seed 0: ")[2] for line in failures if line]
    assert len(lines) == 2  # its worker went on with the second
    assert all(LINE.fullmatch(line) for line in lines)
    assert main([*words, "--time-limit", "600"]) == 0
    assert not (folder / "failures.txt").exists()
    files = {path: path.stat().st_mtime_ns for path in (folder / "trials").glob("*.nwb")}
    assert len(files) == 2
    assert main(words) == 0  # what is there has no limit, and is not run again
    assert files == {path: path.stat().st_mtime_ns for path in (folder / "trials").glob("*.nwb")}


@pytest.mark.slow
def test_conditions_of_experiments_fail_alone_by_the_limit_and_by_the_guard(tmp_path):
    def condition(amplitude_nA, duration_ms):
        protocol = Protocol(
            duration_ms=duration_ms, stimuli=[CurrentClamp(amplitude_nA=amplitude_nA)]
        )
        labels = {"amplitude_nA": amplitude_nA, "duration_ms": duration_ms}
        return Condition(labels, Cell(), protocol, epsc_amplification.measure, keep=("soma",))

    conditions = [condition(300.0, 255), condition(0.1, 1e6), condition(0.1, 255)]
    with pytest.raises(ModelError, match=r"^2 of 3 conditions failed, first amplitude_nA=300, "):
        run_conditions(conditions, tmp_path / "kept", processes=1, time_limit_s=20.0)
    beyond, late = (tmp_path / "kept" / "failures.txt").read_text().split("\n\n")
    assert re.search(
        r"=255: the potential at soma_0\(0\) is \S+ mV at \S+ ms, beyond 200 mV", beyond
    )
    assert LINE.search(late)
    (sound,) = run_conditions(conditions[2:], tmp_path / "kept", processes=1)
    assert sound.row["amplitude_nA"] == 0.1
