"""The network of five cells in NeuroML: run by jNeuroML in NEURON, and by NetPyNE, with the same spikes."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from netpyne_model.data_folders import NEUROML2

NETWORK = "networks/CA1_five_cells.net.nml"
BY_NETPYNE = f"""
import json
from netpyne import sim, specs
from netpyne.conversion.neuromlFormat import importNeuroML2
config = specs.SimConfig({{"duration": 60, "dt": 0.025, "recordStep": 0.025}})
config.hParams = {{"celsius": 35, "v_init": -67}}
config.recordCells = ["all"]
config.recordTraces = {{"v": {{"sec": "soma_0", "loc": 0.5, "var": "v"}}}}
importNeuroML2("{NETWORK}", config)
data = sim.allSimData
v = [data["v"][f"cell_{{k}}"] for k in range(5)]
json.dump([data["spkid"], data["spkt"], v], open("by_netpyne.json", "w"))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The NeuroML folder in which jNeuroML has run the network in NEURON."""
    from pyneuroml.runners import run_lems_with_jneuroml_neuron

    folder = tmp_path_factory.mktemp("five_cells") / "run"
    shutil.copytree(NEUROML2, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURON_HOME", sys.prefix)
        patch.setenv("PATH", f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}")
        assert run_lems_with_jneuroml_neuron(
            "LEMS_CA1_five_cells.xml",
            nogui=True,
            exec_in_dir=str(folder),
            exit_on_fail=False,
            verbose=False,
        )
    return folder


@pytest.fixture(scope="module")
def by_neuron(folder):
    """Time (ms), potentials of the somata (mV, a row a cell), and cell and time (ms) of each spike."""
    trace = np.loadtxt(folder / "CA1_five_cells.v.dat") * 1e3
    spikes = np.loadtxt(folder / "CA1_five_cells.spikes", ndmin=2) * [1, 1e3]
    return trace[:, 0], trace[:, 1:].T, spikes


@pytest.mark.java
@pytest.mark.slow
def test_the_first_cell_excites_the_others(by_neuron):
    time_ms, v_mV, spikes = by_neuron
    assert spikes[:, 0].tolist() == [0]
    after = time_ms > spikes[0, 1]
    rest_mV = v_mV[1, ~after][-1]
    epsp_mV = v_mV[1:, after].max(axis=1) - rest_mV
    assert v_mV[1:, ~after][:, -1].tolist() == pytest.approx([rest_mV] * 4, abs=1e-6)
    # Cells 1 and 2 on an oblique, with and without NMDA and half the weight; 3 and 4 on the trunk.
    assert epsp_mV[0] > 2 * epsp_mV[1] > 3
    assert 2 < epsp_mV[2] < epsp_mV[0]
    # Cell 4 has the delay of cell 3 and 4 ms; meanwhile its rest creeps by a few hundredths of a mV.
    steps = round(4 / 0.025)
    np.testing.assert_allclose(v_mV[4, after][steps:], v_mV[3, after][:-steps], rtol=0, atol=0.05)


@pytest.mark.java
@pytest.mark.slow
def test_netpyne_imports_it_with_the_same_spikes(folder, by_neuron):
    """With the mechanisms that jNeuroML has written; potentials to the digits of its file."""
    (folder / "by_netpyne.py").write_text(BY_NETPYNE)
    command = [sys.executable, "by_netpyne.py"]
    environment = os.environ | {"NEURON_MODULE_OPTIONS": "-nogui"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    senders, times_ms, v_mV = json.loads((folder / "by_netpyne.json").read_text())
    _, expected_mV, spikes = by_neuron
    assert senders == spikes[:, 0].tolist()
    np.testing.assert_allclose(times_ms, spikes[:, 1], rtol=0, atol=1e-6)
    for trace, expected in zip(v_mV, expected_mV, strict=True):
        n = min(len(trace), len(expected))
        np.testing.assert_allclose(trace[:n], expected[:n], rtol=0, atol=1e-3)
