"""NetPyNE's own ways to the model: ``sim.loadModel`` of the folder, and ``init.py``, against the package's run."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from environments import without_pythonpath
from mpi_ranks import run_on_ranks

from netpyne_model.cell.cell import Cell
from netpyne_model.configuration import TrialConfig, load_configuration
from netpyne_model.mechanisms import loading
from netpyne_model.mechanisms.mod_ions import NEURON_CONCENTRATIONS_MM
from netpyne_model.simulation import run_trial
from netpyne_model.simulation.netpyne_params import configuration_of
from netpyne_model.simulation.run import clear, quiet_netpyne

MODEL = Path(__file__).resolve().parents[1] / "netpyne_model"
SHORT = {"n_excitatory": 60, "n_inhibitory": 30, "duration_ms": 320.0}

SOMA_WITH_KAD_AND_KDR = {
    "geom": {"L": 10.0, "diam": 10.0, "Ra": 150.0, "cm": 1.0},
    "mechs": {"pas": {"g": 1e-4, "e": -40.0}, "kad": {"gmax": 0.02}, "kdr": {"gmax": 0.04}},
    "ions": {"k": {"e": -90.0}},
}

LOAD_MODEL = """
import json, sys
from netpyne import sim
cfg, netParams = sim.loadModel(sys.argv[1])
print("INVALID", [str(one.summary) for one in sim.validator.validateNetParams(netParams)[1]])
cfg.duration = 20.0
sim.createSimulate(netParams, cfg)
print("VOLTAGES " + json.dumps({name: list(sim.simData[name].values())[0][-1] for name in cfg.recordTraces}))
"""


def run_python(*arguments, cwd) -> str:
    environment = without_pythonpath()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def voltages_of_our_run(**fields) -> dict[str, float]:
    result = run_trial(load_configuration(None, fields))
    return {name: float(trace[-1]) for name, trace in result.voltage_mV.items()}


def test_load_model_gives_the_default_trial(tmp_path):
    """Without `finish_cell` NetPyNE spreads a section's spines evenly over it and keeps tapers as frusta.

    The settling voltage then differs by less than 0.05 mV (measured 0.01).
    """
    output = run_python("-c", LOAD_MODEL, str(MODEL), cwd=tmp_path)
    assert "INVALID []" in output
    voltages = json.loads(output.split("VOLTAGES ")[1].splitlines()[0])
    expected = voltages_of_our_run(duration_ms=20.0)
    assert voltages.keys() == expected.keys()
    for name, voltage in voltages.items():
        assert voltage == pytest.approx(expected[name], abs=0.05)


@pytest.mark.parametrize("fused", [False, True])
def test_netpyne_finds_nothing_invalid_in_a_cell(fused):
    """Its validator wants concentrations of every ion; those are NEURON's own, so nothing changes."""
    params = Cell().cell_params(fused=fused, spines="silent" if fused else "folded")
    with quiet_netpyne():
        from netpyne import sim, specs
        from neuron import h

        network = specs.NetParams({"cellParams": {"CA1": params}})
        network.popParams["CA1"] = {"cellType": "CA1", "numCells": 1}
        _, failed = sim.validator.validateNetParams(network)
    assert [one.summary for one in failed] == []
    h.ion_register("ca", 2)  # known once a channel of a user's own brings it
    for ion, (inside, outside) in NEURON_CONCENTRATIONS_MM.items():
        assert inside == getattr(h, f"{ion}i0_{ion}_ion")
        assert outside == getattr(h, f"{ion}o0_{ion}_ion")


def test_init_runs_the_trial_of_cfg(tmp_path):
    """``init.py`` finishes the cell, so its voltages are the package's to the last bit."""
    changed = "\n".join(f"cfg.{name} = {value!r}" for name, value in SHORT.items())
    (tmp_path / "cfg.py").write_text((MODEL / "cfg.py").read_text() + changed + "\n")
    report = (
        "\nimport json\nprint('VOLTAGES ' + json.dumps("
        "{n: list(list(sim.simData[n].values())[0]) for n in cfg.recordTraces}))"
    )
    script = f"exec(open('init.py').read() + {report!r})"
    output = run_python("-c", script, f"simConfig={tmp_path / 'cfg.py'}", cwd=MODEL)
    voltages = json.loads(output.split("VOLTAGES ")[1].splitlines()[0])
    ours = run_trial(load_configuration(None, SHORT)).voltage_mV
    assert voltages.keys() == ours.keys()
    for name, trace_mV in voltages.items():  # NetPyNE stops before its last sample
        assert trace_mV == pytest.approx(ours[name][: len(trace_mV)], abs=1e-9)
        assert len(ours[name]) - len(trace_mV) in (0, 1)


def test_init_runs_on_two_ranks(tmp_path):
    """One process has the cell and its inputs, and the result is the package's to the last bit."""
    fields = SHORT | {"dc_nA": 0.3, "dc_start_ms": 100.0}
    saving = {"saveFolder": str(tmp_path), "filename": str(tmp_path / "ranks"), "simLabel": "ranks"}
    changed = "\n".join(f"cfg.{name} = {value!r}" for name, value in (fields | saving).items())
    (tmp_path / "cfg.py").write_text((MODEL / "cfg.py").read_text() + changed + "\n")
    arguments = ("init.py", f"simConfig={tmp_path / 'cfg.py'}", "netParams=netParams.py")
    run_on_ranks(2, *arguments, cwd=MODEL)
    saved = json.loads((tmp_path / "ranks_data.json").read_text())["simData"]
    ours = run_trial(load_configuration(None, fields))
    assert len(ours.spike_times_ms) > 2
    assert saved["spkt"] == ours.spike_times_ms.tolist()
    for name, trace_mV in ours.voltage_mV.items():
        recorded = saved[name]["cell_0"]
        assert len(trace_mV) - len(recorded) in (0, 1)  # NetPyNE stops before its last sample
        np.testing.assert_array_equal(recorded, trace_mV[: len(recorded)])


def test_a_potential_gone_astray_ends_init_with_one_line(tmp_path):
    pulse = {"kind": "CurrentClamp", "amplitude_nA": 300.0, "start_ms": 5.0, "stop_ms": 5.5}
    fields = {"duration_ms": 20.0, "n_excitatory": 0, "n_inhibitory": 0, "stimuli": [pulse]}
    changed = "\n".join(f"cfg.{name} = {value!r}" for name, value in fields.items())
    (tmp_path / "cfg.py").write_text((MODEL / "cfg.py").read_text() + changed + "\n")
    arguments = ("init.py", f"simConfig={tmp_path / 'cfg.py'}", "netParams=netParams.py")
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=MODEL, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert re.match(
        r"error: the potential at soma_0\(0\) is \S+ mV at 5\.\d+ ms, beyond 200 mV; look for a rule",
        done.stderr.splitlines()[-1],
    )
    # One process of two has the cell: it ends the other.
    with pytest.raises(AssertionError, match=r"error: the potential at soma_0\(0\) is"):
        run_on_ranks(2, *arguments, cwd=MODEL)


def test_cfg_bears_every_field_of_the_configuration():
    from netpyne_model.cfg import cfg

    assert configuration_of(cfg) == load_configuration()
    cfg.seed = 5
    assert configuration_of(cfg).seed == 5
    cfg.seed = 0


def test_no_field_hides_one_of_netpyne():
    """A field named as one of NetPyNE's SimConfig would overwrite it (this happened to cvode_atol)."""
    from netpyne import specs

    plain = specs.SimConfig()
    assert [name for name in TrialConfig.model_fields if hasattr(plain, name)] == []


def test_the_index_names_existing_files():
    index = json.loads((MODEL / "index.npjson").read_text())
    for key in ("simConfig", "netParams", "python_run"):
        assert (MODEL / index[key]).is_file()


def test_netpyne_records_the_current_of_one_channel_by_its_recordtraces():
    """The current of A-type potassium is told apart from that of the other channel of its ion."""
    loading.load()
    with quiet_netpyne():
        from netpyne import sim, specs

        clear()
        params, cfg = specs.NetParams(), specs.SimConfig()
        params.cellParams["ball"] = {"secs": {"soma": SOMA_WITH_KAD_AND_KDR}}
        params.popParams["balls"] = {"cellType": "ball", "numCells": 1}
        cfg.duration, cfg.dt, cfg.recordStep = 5.0, 0.025, 0.025
        cfg.hParams = {"v_init": -70.0, "celsius": 35.0}
        cfg.recordCells = ["all"]
        kad = {"sec": "soma", "loc": 0.5, "mech": "kad"}
        cfg.recordTraces = {name: {**kad, "var": name} for name in ("i", "n_q", "l_q")}
        cfg.recordTraces["v"] = {"sec": "soma", "loc": 0.5, "var": "v"}
        sim.createSimulate(params, cfg)
        recorded = {name: np.array(list(sim.simData[name]["cell_0"])) for name in cfg.recordTraces}
        clear()
    i, conductance = recorded["i"], 0.02 * recorded["n_q"] * recorded["l_q"]
    assert np.ptp(i) > 1e-4
    # NEURON computes a current at the start of a step and its potential and gates at the end.
    np.testing.assert_allclose(i[1:], (conductance * (recorded["v"] + 90.0))[:-1], rtol=1e-12)
