"""NetPyNE's own batch on ``cfg.py`` and ``init.py``, as ``scripts/netpyne_batch.py`` runs it, against the package's run."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from environments import without_pythonpath

from netpyne_model.configuration import load_configuration
from netpyne_model.simulation import run_trial
from netpyne_model.simulation.netpyne_params import configuration_of

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "netpyne_batch.py"
DURATION_MS = 620.0
TRIALS = {
    "trial_0_0": {"dc_nA": 0.0, "drugs": []},
    "trial_0_1": {"dc_nA": 0.0, "drugs": ["TTX"]},
    "trial_1_0": {"dc_nA": 0.3, "drugs": []},
    "trial_1_1": {"dc_nA": 0.3, "drugs": ["TTX"]},
}


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """What the example printed, and its folder."""
    out = tmp_path_factory.mktemp("batch") / "out"
    command = [
        sys.executable,
        SCRIPT,
        "--out",
        str(out),
        "--duration",
        str(DURATION_MS),
        "--dc",
        "0",
        "0.3",
    ]
    environment = without_pythonpath()
    done = subprocess.run(command, cwd=out.parent, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines(), out


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.slow
def test_a_trial_of_the_batch_is_the_packages_trial(batch, trial):
    """The same numbers to the last bit: the same program at the same fixed steps, and JSON keeps every digit."""
    _, out = batch
    saved = json.loads((out / f"{trial}_data.json").read_text())["simData"]
    expected = run_trial(load_configuration(None, TRIALS[trial] | {"duration_ms": DURATION_MS}))
    assert saved["spkt"] == expected.spike_times_ms.tolist()
    for site, trace in expected.voltage_mV.items():
        recorded = saved[site]["cell_0"]
        assert len(trace) - len(recorded) in (0, 1)  # NetPyNE may stop before its last sample
        np.testing.assert_array_equal(recorded, trace[: len(recorded)])


@pytest.mark.slow
def test_the_example_prints_a_line_a_trial(batch):
    lines, out = batch
    assert len(lines) == len(TRIALS) + 1
    counts = []
    for line, (trial, fields) in zip(lines, TRIALS.items(), strict=False):
        assert line.startswith(
            f"{trial}: dc_nA={fields['dc_nA']:g} drugs=[{', '.join(fields['drugs'])}]: "
        )
        counts.append(int(line.split()[-2]))
    assert counts[:2] == [0, 0]
    assert counts[2] > counts[3] > 0
    assert lines[-1] == f"Data: {out}"


@pytest.mark.slow
def test_the_saved_configuration_is_the_trials(batch):
    """Lists, nulls and numbers go through JSON unharmed."""
    from netpyne import sim

    _, out = batch
    cfg = sim.loadSimCfg(str(out / "trial_1_1_cfg.json"), setLoaded=False)
    assert configuration_of(cfg) == load_configuration(
        None, TRIALS["trial_1_1"] | {"duration_ms": DURATION_MS}
    )


@pytest.mark.slow
def test_the_package_folder_stays_clean(batch):
    """The batch works in the package's folder: nothing is saved or compiled there."""
    assert [
        path
        for name in ("output", "x86_64", "pids.pid")
        if (path := ROOT / "netpyne_model" / name).exists()
    ] == []


def test_a_failed_trial_is_told(tmp_path, capsys):
    """NetPyNE goes on without a word when the process of a trial fails."""
    (tmp_path / "trial_0_0_cfg.json").write_text(
        json.dumps({"simConfig": {"dc_nA": 0.1, "drugs": []}})
    )
    assert not runpy.run_path(str(SCRIPT))["report"](tmp_path)
    assert (
        capsys.readouterr().out
        == f"trial_0_0: dc_nA=0.1 drugs=[]: failed, see {tmp_path / 'trial_0_0'}.err\n"
    )
