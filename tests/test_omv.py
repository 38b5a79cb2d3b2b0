"""Open Source Brain: the tests of OMV pass, compare with the model's own figures, and `_osb.yml` names its main model."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from netpyne_model import Trial
from netpyne_model.data_folders import REFERENCE

ROOT = Path(__file__).resolve().parents[1]
OMV = ROOT / "omv"
TESTS = sorted(OMV.glob("*.omt*"))
RECEPTORS = {"AMPA": "AMPA_KIN", "NMDA": "NMDA_KIN5", "GABA_A": "GABA_A_KIN"}


def read(path: Path) -> dict:
    """As OMV and Open Source Brain read it: by PyYAML, in which 1e-4 is a text."""
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def expected() -> dict[str, dict]:
    return {name: one["expected"] for name, one in read(OMV / "CA1.mep")["experiments"].items()}


def seen_above(threshold: float, time_ms, trace) -> list[float]:
    """When a trace is first seen above a threshold, as OMV takes a spike."""
    crossing = (trace[:-1] <= threshold) & (trace[1:] > threshold)
    return [float(time) for time in time_ms[1:][crossing]]


@pytest.mark.slow
@pytest.mark.java
def test_all_tests_of_omv_pass():
    command = [sys.executable, str(ROOT / "scripts" / "omv.py")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "All tests passing!" in run.stdout
    for test in OMV.glob("*.omt"):
        if f"{test.name} is left out" not in run.stdout:
            assert f"Running the tests defined in ./omv/{test.name}" in run.stdout


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_engine_compares_with_the_same_figures(path, expected):
    test = read(path)
    if test["engine"] == "jNeuroML_validate":
        assert list(OMV.glob(test["target"]))
        return
    assert (OMV / test["target"]).is_file()
    assert test["mep"] == "CA1.mep"
    for name, experiment in test["experiments"].items():
        assert set(experiment["observables"]) <= set(expected[name])
        for observable in experiment["observables"].values():
            assert 0 < observable["tolerance"] <= 0.01  # OMV's, if none is given, is 0.1


def test_the_expected_spikes_are_those_of_a_default_run(expected):
    step = {"dc_nA": 0.3, "dc_start_ms": 100, "dc_section": "soma_0", "dc_x": 0.5}
    trial = Trial(duration_ms=250, record_step_ms=0.025, excitation=False, n_inhibitory=0, **step)
    result = trial.run()
    spikes_ms = seen_above(0, result.time_ms, result.voltage_mV["soma"])
    assert spikes_ms == pytest.approx(expected["current step"]["spike times"], abs=1e-9)


def test_the_expected_epsps_are_the_published_ones(expected):
    table = pd.read_csv(REFERENCE / "simple" / "current_clamp_traces.csv.gz")
    time_ms, voltage_mV = table["t_ms"].to_numpy(), table["v_dc+0.0700nA_mV"].to_numpy()
    figures = expected["summed EPSPs"]
    assert seen_above(-63.5, time_ms, voltage_mV) == figures["spike times"]
    last_mV = voltage_mV[time_ms > 1275].mean()
    assert figures["resting"] == pytest.approx(last_mV, abs=1e-6)  # the table's last digit


@pytest.mark.parametrize("name", RECEPTORS)
def test_the_expected_conductances_are_the_published_ones(name, expected):
    table = pd.read_csv(REFERENCE / "receptors" / f"{RECEPTORS[name]}.csv.gz")
    time_ms, conductance_nS = table["t_ms"].to_numpy(), table["g_exact_-70mV"].to_numpy() * 1e3
    peak = conductance_nS.argmax()
    shares = {"half of the peak": 0.5, "95 % of the peak": 0.95}
    for what, share in shares.items():
        level = share * conductance_nS[peak]
        passed_ms = np.interp(level, conductance_nS[:peak], time_ms[:peak])
        figures = expected[f"{name}, {what}"]["spike times"]
        assert figures == pytest.approx([passed_ms], abs=1e-4)  # the file's last digit
    for path in TESTS:
        for experiment, one in read(path).get("experiments", {}).items():
            if experiment.startswith(f"{name}, "):
                share = shares.get(experiment.removeprefix(f"{name}, "), 1.05)
                threshold = one["observables"]["spike times"]["spike detection"]["threshold"]
                # the file's peak has six digits
                assert threshold == pytest.approx(share * conductance_nS[peak], rel=1e-5)


def test_open_source_brain_finds_the_main_model():
    main_model = ROOT / read(ROOT / "_osb.yml")["mainModel"]
    assert main_model.name == "CA1_full.net.nml"
    assert main_model.is_file()
