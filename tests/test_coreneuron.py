"""The channels in CoreNEURON: the smooth cell's voltage there against NEURON's own.

CoreNEURON takes the mechanisms generated from NeuroML as they are. (The fused channels and the synapses written by hand keep
to NEURON's own solver, in which they are faster: docs/performance.md.)
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from netpyne_model.mechanisms.conversion import GENERATED
from netpyne_model.mechanisms.fusing import fused_channels

RUN = """
import json, sys
from neuron import coreneuron, h
from netpyne_model import Cell
from netpyne_model.cell.sections import build_sections

h.load_file("stdrun.hoc")
sections = build_sections(Cell().describe("none"), load=False)
h.celsius, h.dt = 35, 0.025
clamp = h.IClamp(sections["soma_0"](0))
clamp.delay, clamp.dur, clamp.amp = 5, 1e9, 0.4
voltages = [h.Vector().record(sections[name](x)._ref_v) for name, x in (("soma_0", 0), ("trunk_50", 1))]
parallel = h.ParallelContext()
parallel.set_maxstep(10)
found = {}
for engine in ("NEURON", "CoreNEURON"):
    coreneuron.enable = engine == "CoreNEURON"
    h.finitialize(-67)
    parallel.psolve(60)
    found[engine] = [list(voltage) for voltage in voltages]
print("VOLTAGES " + json.dumps(found))
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    """A folder with the channels compiled for both engines; NEURON loads what it finds in the folder it starts in."""
    folder = tmp_path_factory.mktemp("coreneuron")
    for channel in fused_channels():
        shutil.copy(GENERATED / f"{channel}.mod", folder)
    nrnivmodl = Path(sysconfig.get_path("scripts")) / "nrnivmodl"
    # What this process, its NEURON and jNeuroML's runner set leads the translator to folders without its table of units.
    of_others = ("NEURON", "NRN", "NMODL", "CORENRN", "PYTHONPATH")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(of_others)
    }
    command = [nrnivmodl, "-coreneuron", "."]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


@pytest.mark.slow
def test_coreneuron_gives_the_same_spikes(compiled):
    root = str(Path(__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": root, "NEURON_MODULE_OPTIONS": "-nogui"}
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=compiled, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    voltages = json.loads(done.stdout.split("VOLTAGES ")[1].splitlines()[0])
    for mine, theirs in zip(voltages["NEURON"], voltages["CoreNEURON"], strict=True):
        assert len(mine) == len(theirs) > 2000
        assert max(mine) > -20  # it spikes
        # The same arithmetic, compiled twice: a rounding of 1e-15 grows by the spike's steepness.
        np.testing.assert_allclose(theirs, mine, rtol=0, atol=1e-6)
