"""A run that was stopped, or whose process was killed, goes on from its checkpoint: bit for bit as one that was not."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from netpyne_model import ModelError, Trial
from netpyne_model.commands import INTERRUPTED, main
from netpyne_model.configuration import load_configuration
from netpyne_model.inputs.events_file import COLUMNS
from netpyne_model.results import Result, read_nwb
from netpyne_model.simulation import PreparedTrial, prepare_trial
from netpyne_model.simulation import checkpoint as module
from netpyne_model.simulation.checkpoint import Checkpoint, Keeper, Kept, identity, write_checkpoint
from netpyne_model.simulation.simulator_state import SimulatorState

DURATION_MS = 40.0
GENERAL = {"spines": "folded", "receptors": "generated"}
RECORD = {
    "A": "kad.i trunk@200",
    "gate": "nas.m trunk@200",
    "sodium": "na.i soma",
    "leak": "pas.i trunk@200",
    "tuft": "tuft@400",
}
# The time, in ms, at which a run is stopped: in the midst of pulses, between two samples.
STOP_MS = 20.0
_STOPPED = """
import os, signal, sys, json
from netpyne_model import Trial
fields, checkpoint, stop_ms, every_ms = json.loads(sys.argv[1])
def progress(t_ms, end_ms):
    if t_ms >= stop_ms - 1e-6:
        os.kill(os.getpid(), signal.SIGKILL)
Trial(**fields).run(progress=progress, checkpoint=checkpoint, checkpoint_every_ms=every_ms)
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory) -> Path:
    """Inputs of all kinds at any time, at whole steps and several at once, some into a pulse of their own synapse."""
    drawn = np.random.default_rng(0)
    rows = []
    for synapse in range(60):
        kind, group = ("exc", "CA3") if synapse < 45 else ("inh", "perisomatic")
        section = int(drawn.integers(20, 60))
        times_ms = [*drawn.uniform(0, DURATION_MS, 6), 19.95, 20.0, *drawn.integers(5, 35, 2)]
        for time_ms in sorted({float(one) for one in times_ms}):
            rows.append(f"{synapse},{group},{section},0.5,{kind},2,1.5e-3,{time_ms!r}")
    file = tmp_path_factory.mktemp("events") / "events.csv"
    file.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    return file


@pytest.fixture(scope="module")
def fields(events):
    """Fields of a trial that fires and records, with further ones."""

    def of(**further):
        common = {"duration_ms": DURATION_MS, "events_file": str(events), "dc_nA": 0.4}
        return common | {"dc_start_ms": 0.0, "record": RECORD, "record_currents": True} | further

    return of


def stopped(fields: dict, checkpoint: Path, stop_ms: float = STOP_MS, every_ms: float = 10.0):
    """Run a trial in a process of its own, which is killed at a time."""
    words = json.dumps([fields, str(checkpoint), stop_ms, every_ms])
    ran = subprocess.run([sys.executable, "-c", _STOPPED, words], capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert checkpoint.is_file()


def assert_bit_identical(one: Result, other: Result) -> None:
    """Spikes, voltages and recordings."""
    assert len(one.spike_times_ms)
    assert one.spike_times_ms.tobytes() == other.spike_times_ms.tobytes()
    assert list(one.traces) == list(other.traces)
    for name, trace in one.traces.items():
        assert trace.values.tobytes() == other.traces[name].values.tobytes(), name


@pytest.mark.parametrize(
    "way",
    [
        {},
        {"integration": "second_order", "dt_ms": 0.05},
        {"channels": "separate", "spines": "folded"},
        {"channels": "fused", **GENERAL},
        {"channels": "separate", **GENERAL},
    ],
    ids=lambda way: "-".join(map(str, way.values())) or "default",
)
def test_a_trial_stopped_at_half_goes_on_in_a_new_process(way, fields, tmp_path):
    file = tmp_path / "trial.checkpoint"
    trial = fields(**way)
    stopped(trial, file)
    seen = []
    went_on = Trial(**trial).run(checkpoint=file, progress=lambda t, _: seen.append(t))
    assert seen[0] > STOP_MS  # nothing is simulated twice
    assert not file.exists()  # a run that has ended needs none
    assert_bit_identical(Trial(**trial).run(), went_on)


def test_clamps_and_currents_go_on(fields, tmp_path):
    """What plays a Vector into the cell, and events that are sent at the start."""
    stimuli = [
        {"kind": "VoltageClamp", "waveform": [[0, 15, 35, 50], [-70, -60, -75, -65]]},
        {"kind": "SynapticCurrent", "times_ms": [5, 20, 25], "peak_nA": 0.3, "place": "trunk@200"},
        {
            "kind": "CurrentClamp",
            "amplitude_nA": 0.2,
            "start_ms": 10,
            "stop_ms": 30,
            "place": "trunk@100",
        },
        {"kind": "DynamicClamp", "region": "dendrites", "factor": 1, "start_ms": 10, "stop_ms": 30},
    ]
    record = {**RECORD, "clamp": "dynamic_clamp.i trunk@200"}
    trial = fields(**GENERAL, stimuli=stimuli, record=record)
    file = tmp_path / "trial.checkpoint"
    stopped(trial, file)
    went_on, whole = Trial(**trial).run(checkpoint=file), Trial(**trial).run()
    assert "clamp_current" in whole.recordings
    for name, trace in whole.traces.items():
        assert trace.values.tobytes() == went_on.traces[name].values.tobytes(), name


def test_an_event_of_any_number_goes_on(neuron):
    """NEURON writes the number of a train's next event with six digits; here it has seven."""
    soma = neuron.Section("soma")
    synapse, source = neuron.ExpSyn(soma(0.5)), neuron.InputTrains(soma(0.5))
    netcon = neuron.NetCon(None, synapse)
    netcon.weight[0] = 0.01
    times_ms = np.concatenate([np.linspace(-2, -1, 1_234_567), np.arange(1, 30, 0.7)])
    netcons = neuron.List()
    netcons.append(netcon)
    source.play(netcons, neuron.Vector(times_ms), neuron.Vector(np.zeros(len(times_ms))))
    v_mV = neuron.Vector().record(soma(0.5)._ref_v)
    parallel, state = neuron.ParallelContext(), SimulatorState({"v": v_mV})
    parallel.set_maxstep(10)
    neuron.finitialize(-65)
    parallel.psolve(10)
    kept = state.save()
    parallel.psolve(30)
    expected_mV = np.array(v_mV)
    assert np.ptp(expected_mV[-400:]) > 0.5  # the later events are felt
    neuron.finitialize(-65)
    state.restore(kept)
    parallel.psolve(30)
    assert np.array(v_mV).tobytes() == expected_mV.tobytes()


# -- the command ------------------------------------------------------------------------------------

ARGUMENTS = (
    "--dc",
    "0.4",
    "--set",
    "dc_start_ms=0",
    *(f"--set={k}={v}" for k, v in GENERAL.items()),
)


def command(out: Path, events: Path, *further: str) -> list[str]:
    """The arguments of a run of the command: of the trial that `kept` keeps, without a report."""
    replay = ("--events", str(events), "--duration", str(DURATION_MS), "--no-report")
    return ["run", "--out", str(out), *replay, *ARGUMENTS, *further]


@pytest.fixture(scope="module")
def whole(events, tmp_path_factory) -> Result:
    """A run of the command that nothing stopped, and that kept no checkpoint."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert main(command(out, events, "--quiet")) == 0
    return read_nwb(out / "results.nwb")


def start(arguments: list[str]) -> subprocess.Popen:
    """The command in a process of its own."""
    script = "import sys; from netpyne_model.commands import main; sys.exit(main())"
    words = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, process: subprocess.Popen) -> None:
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


def test_the_same_command_goes_on_after_a_kill(events, whole, tmp_path):
    out, file = tmp_path / "run", tmp_path / "run.checkpoint"
    arguments = command(out, events, "--checkpoint-every", "5")
    process = start(arguments)
    wait_for(file, process)
    process.kill()
    process.communicate()
    assert file.exists()
    assert not out.exists()
    printed, complained = start(arguments).communicate()
    assert complained == ""
    assert "going on at " in printed
    assert str(file) in printed
    assert [path.name for path in tmp_path.iterdir()] == ["run"]  # nothing half-written either
    assert_bit_identical(whole, read_nwb(out / "results.nwb"))


def test_an_interruption_says_that_the_checkpoint_is_kept(events, whole, tmp_path):
    out, file = tmp_path / "run", tmp_path / "run.checkpoint"
    process = start(command(out, events, "--checkpoint-every", "5"))
    wait_for(file, process)
    process.send_signal(signal.SIGTERM)
    _, complained = process.communicate()
    assert process.returncode == INTERRUPTED
    assert (
        complained == f"error: interrupted; {file} is kept; the same command goes on from there.\n"
    )
    # Also without the option, and with the leave to replace what is there.
    assert main(command(out, events, "--quiet", "--overwrite")) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert_bit_identical(whole, read_nwb(out / "results.nwb"))


@pytest.mark.slow
def test_kills_at_any_time_leave_nothing_but_a_whole_checkpoint(events, whole, tmp_path):
    """Most of the time of such a run goes into writing: it is killed there too."""
    out, file = tmp_path / "run", tmp_path / "run.checkpoint"
    drawn, kills = random.Random(0), 0
    while not out.exists():
        process = start(command(out, events, "--checkpoint-every", "1"))
        before = file.stat().st_mtime_ns if file.exists() else None
        while process.poll() is None and (not file.exists() or file.stat().st_mtime_ns == before):
            time.sleep(0.001)
        time.sleep(drawn.uniform(0, 0.1))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.communicate()
    assert kills > 3
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert_bit_identical(whole, read_nwb(out / "results.nwb"))


# -- refusals ---------------------------------------------------------------------------------------


def prepared(fields: dict) -> PreparedTrial:
    """The trial of these fields of a configuration."""
    return prepare_trial(load_configuration(None, fields))


@pytest.fixture
def kept(events, tmp_path):
    """Write a checkpoint, of no state, of the run that `command` starts; return its file."""

    def of(**further) -> Path:
        fields = {"events_file": str(events), "duration_ms": DURATION_MS, "dc_nA": 0.4}
        trial = prepared(fields | {"dc_start_ms": 0.0} | GENERAL | further)
        file = tmp_path / "run.checkpoint"
        state = {"numbers": np.arange(1e4)}
        write_checkpoint(file, identity(trial), Kept(20.0, 1.0, state))
        return file

    return of


def test_a_damaged_file_is_refused(refused, kept, events, tmp_path):
    file = kept()
    content = file.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    for damaged in (b"", content[:1], content[:500], content[:-1], b"no checkpoint", flipped):
        file.write_bytes(damaged)
        line = refused(*command(tmp_path / "run", events, "--quiet"))
        assert f"checkpoint {file} cannot be read (it is damaged, or no checkpoint)" in line
        assert f"delete {file} to start anew" in line


def test_another_configuration_is_refused(refused, kept, events, tmp_path):
    file = kept(dc_nA=0.3)
    line = refused(*command(tmp_path / "run", events, "--quiet"))
    assert "is of another configuration (dc_nA = 0.3 there, 0.4 here); give that one" in line
    assert file.exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("__version__", "0.0.1", "is of version 0.0.1 of the package, this is"),
        ("code_hash", lambda *_: "0", "is of a run with other code, mechanisms or NeuroML files"),
    ],
)
def test_another_version_is_refused(
    name, value, words, refused, kept, events, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(module, name, value)
        kept()
    line = refused(*command(tmp_path / "run", events, "--quiet"))
    assert words in line
    assert "to start anew" in line


def test_what_a_run_started_with_counts(fields, tmp_path):
    """A file that changes during a run is not the one that the run has read."""
    events = tmp_path / "events.csv"
    trial = fields(**GENERAL, events_file=str(events), record={}, record_currents=False)
    text = Path(fields()["events_file"]).read_text()
    events.write_text(text)
    keeper = Keeper(Checkpoint(tmp_path / "trial.checkpoint", 10.0), prepared(trial))
    events.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    keeper.of(SimpleNamespace(save=dict))
    keeper.keep(10.0, 1.0)
    with pytest.raises(ModelError, match="what the file of events holds has changed"):
        Keeper(Checkpoint(tmp_path / "trial.checkpoint"), prepared(trial))
    events.write_text(text)
    Keeper(Checkpoint(tmp_path / "trial.checkpoint"), prepared(trial))


def test_another_content_of_a_file_is_refused(refused, kept, events, tmp_path):
    changed = tmp_path / "events.csv"
    changed.write_text(events.read_text())
    kept(events_file=str(changed))
    changed.write_text("\n".join(events.read_text().splitlines()[:-1]) + "\n")
    line = refused(*command(tmp_path / "run", changed, "--quiet"))
    assert "is of a run with other inputs: what the file of events holds has changed" in line


def test_overwrite_starts_anew(kept, events, whole, tmp_path):
    file = kept(dc_nA=0.3)
    assert main(command(tmp_path / "run", events, "--quiet", "--overwrite")) == 0
    assert not file.exists()
    assert_bit_identical(whole, read_nwb(tmp_path / "run" / "results.nwb"))


def test_what_cannot_be_kept_is_refused(refused, events, tmp_path):
    variable = ("--set", "integration=variable_step", "--set", "channels=separate")
    line = refused(*command(tmp_path / "run", events, "--checkpoint-every", "5", *variable))
    assert "CVode chooses its steps by what went before" in line
    assert "integration=fixed_step" in line
    line = refused(*command(tmp_path / "run", events, "--checkpoint-every", "0", "--quiet"))
    assert "checkpoint_every_ms = 0.0: expected a number from 1 to 1e+06" in line
    assert "--checkpoint-every" in refused("run", "--model", "simple", "--checkpoint-every", "5")


def test_a_failed_write_says_that_the_last_checkpoint_is_kept(
    refused, kept, events, tmp_path, monkeypatch
):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results.nwb")

    file = kept()
    monkeypatch.setattr("netpyne_model.simulation.run_trial", full)
    line = refused(*command(tmp_path / "run", events, "--quiet"))
    assert f"results.nwb: No space left on device; {file} is kept; the same command" in line


def test_a_folder_that_is_not_there_is_refused_before_the_run(events, tmp_path):
    trial = Trial(events_file=str(events), duration_ms=DURATION_MS, **GENERAL)
    with pytest.raises(ModelError, match="its folder does not exist"):
        trial.run(checkpoint=tmp_path / "none" / "trial.checkpoint")


def test_the_next_write_is_a_step_of_its_own():
    kept = Checkpoint(Path("file"), 10.0)
    assert [kept.next_ms(t_ms) for t_ms in (0.0, 9.4, 9.99, 10.01, 25.0)] == [10, 10, 20, 20, 30]
    assert Checkpoint(Path("file")).next_ms(5.0) == float("inf")


def test_a_process_that_holds_other_cells_refuses(fields, tmp_path, neuron):
    """NEURON's numbers of objects are then others; a new process has those of the first."""
    trial, file = fields(**GENERAL, record={}, record_currents=False), tmp_path / "trial.checkpoint"
    stopped(trial, file)
    soma = neuron.Section("soma")
    connection = neuron.NetCon(soma(0.5)._ref_v, None, sec=soma)
    with pytest.raises(ModelError, match=f"^checkpoint {file}: .*; start a new process for it"):
        Trial(**trial).run(checkpoint=file)
    del connection
    words = json.dumps([trial, str(file), DURATION_MS + 1, 10.0])
    subprocess.run([sys.executable, "-c", _STOPPED, words], check=True)
    assert not file.exists()  # it ran to its end
