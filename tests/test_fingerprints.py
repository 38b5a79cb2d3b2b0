"""Fingerprints of the model: every layer is the one stored, and what is changed is found in its own layer.

A change that is meant is stored by ``python scripts/fingerprints.py``.
"""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netpyne_model.benchmarks import fingerprints
from netpyne_model.benchmarks.fingerprints import LAYERS, TRIAL, differences, digest, moved
from netpyne_model.benchmarks.measure import in_a_process_of_its_own

ROOT = Path(__file__).resolve().parents[1]
STORED = json.loads((ROOT / "tests" / "data" / "fingerprints.json").read_text(encoding="utf-8"))
WITHOUT_SIMULATOR = ("morphology", "densities", "placement", "inputs")
# What glibc and NumPy take on a processor of before 2013: their exponentials then round otherwise.
ELSEWHERE = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    "NPY_DISABLE_CPU_FEATURES": " ".join(
        name
        for name in np._core._multiarray_umath.__cpu_dispatch__
        if np._core._multiarray_umath.__cpu_features__[name]
    ),
}


@pytest.fixture(scope="module")
def found():
    return in_a_process_of_its_own(fingerprints.fingerprints)


def test_every_layer_is_the_one_stored(found):
    """To the last bit on the kind of machine that stored them, to rounding on others."""
    beyond = differences(STORED, found)
    assert not beyond, "\n".join(["if this is meant: python scripts/fingerprints.py", *beyond])
    if found["machine"] == STORED["machine"]:
        assert not moved(STORED, found), "if this is meant: python scripts/fingerprints.py"


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux", reason="the C library is told by an environment of glibc"
)
def test_another_processor_moves_rounding_alone(found):
    program = "import json; from netpyne_model.benchmarks.fingerprints import fingerprints"
    program += "; print(json.dumps(fingerprints()))"
    environment = os.environ | ELSEWHERE | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    elsewhere = json.loads(ran.stdout.splitlines()[-1])
    if elsewhere["machine"]["arithmetic"] == found["machine"]["arithmetic"]:
        pytest.skip("this processor is one of those already")
    assert moved(found, elsewhere)  # so that it is another one indeed
    assert "morphology" not in moved(found, elsewhere)
    assert not differences(found, elsewhere)


@pytest.mark.parametrize(
    ("changes", "layers"),
    [
        ({"seed": 1}, ["inputs"]),
        ({"n_excitatory": 299}, ["inputs"]),
        ({"parameters": {"kdr.gbar*": 1.0001}}, ["densities"]),
        ({"cell": {"base": "CA1", "placement": {"placement_seed": 5}}}, ["placement", "inputs"]),
        ({"cell_file": str(ROOT / "morphologies" / "example.swc")}, list(WITHOUT_SIMULATOR)),
    ],
    ids=["seed", "number of inputs", "density", "spines drawn anew", "morphology"],
)
def test_a_change_is_found_in_its_layer(changes, layers):
    fields = TRIAL | changes
    other = [
        name
        for name in WITHOUT_SIMULATOR
        if digest(LAYERS[name](fields)) != digest(LAYERS[name](TRIAL))
    ]
    assert other == layers


def test_a_rate_that_is_not_of_its_table_is_found_in_the_mechanisms(neuron):
    before = fingerprints.mechanisms(TRIAL)
    neuron.usetable_kad = 0
    try:
        after = fingerprints.mechanisms(TRIAL)
    finally:
        neuron.usetable_kad = 1
    assert digest(before) != digest(after)
    other = {name for name in before if not np.array_equal(before[name], after[name])}
    assert other == {"kad.n_q", "kad.l_q"}
    assert digest(fingerprints.mechanisms(TRIAL)) == digest(before)


def test_one_digit_of_a_value_is_a_difference(found):
    other = copy.deepcopy(found)
    potentials = other["layers"]["integration"]["values"]["second_order.soma_mV"]
    potentials[3] += 1e-4
    (line,) = differences(found, other)
    assert line.startswith("integration: second_order.soma_mV [")
    del other["layers"]["densities"]["values"]["kdr.gbar"]
    assert [line.partition(" [")[0] for line in differences(found, other)] == [
        "densities: kdr.gbar",
        "integration: second_order.soma_mV",
    ]


def test_what_is_written_is_read_again(found, tmp_path):
    file = tmp_path / "fingerprints.json"
    fingerprints.write(found, file)
    assert json.loads(file.read_text(encoding="utf-8")) == found
