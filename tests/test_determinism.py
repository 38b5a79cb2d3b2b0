"""The same configuration gives the same bits: whatever the process, its environment, other cells in it, the workers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netpyne_model import Cell, CurrentClamp, Protocol
from netpyne_model.benchmarks.fingerprints import digest, traces
from netpyne_model.configuration import load_configuration
from netpyne_model.simulation import run_trial
from netpyne_model.studies import Study, run_study

ROOT = Path(__file__).resolve().parents[1]
TRIAL = {
    "setup": "place_cell",
    "duration_ms": 280.0,
    "n_excitatory": 300,
    "n_inhibitory": 75,
    "dc_nA": 0.5,
    "record_currents": True,
    "record": {"n": "kdr.n soma"},
}
SECOND_ORDER = TRIAL | {"integration": "second_order"}
# Every spine and receptor by itself, and steps that NEURON chooses: what is summed, and in which order, shows here.
ADAPTED = {
    "setup": "place_cell",
    "duration_ms": 270.0,
    "n_excitatory": 100,
    "n_inhibitory": 30,
    "dc_nA": 0.5,
    "integration": "variable_step",
    "spines": "folded",
    "receptors": "generated",
    "channels": "separate",
}
PROGRAM = """
import json, sys
from test_determinism import bits
print(json.dumps([bits(fields) for fields in json.loads(sys.argv[1])]))
"""


def bits(fields: dict) -> str:
    """A hash of what a trial records, fires and was given."""
    result = run_trial(load_configuration(None, fields))
    given = {"released": np.concatenate(result.released_ms)}
    given["sections"] = result.synapses["section"].to_numpy()
    return digest(traces(result) | given)


def bits_of_a_process(trials: list[dict], cwd: Path = ROOT, **environment: str) -> list[str]:
    """The same in a process of its own, with other variables, started in a folder."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(trials)],
        env=os.environ | {"PYTHONPATH": path} | environment,
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """The bits of a process like any."""
    trials = {"fixed": TRIAL, "second_order": SECOND_ORDER, "adapted": ADAPTED}
    return dict(zip(trials, bits_of_a_process([*trials.values()]), strict=True))


@pytest.fixture(scope="module")
def german(tmp_path_factory) -> dict[str, str]:
    """Variables of a locale with decimal commas, compiled here."""
    if shutil.which("localedef") is None:
        pytest.skip("no localedef to make a locale with")
    folder = tmp_path_factory.mktemp("locales")
    made = ["localedef", "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8"]
    if subprocess.run(made, capture_output=True).returncode:
        pytest.skip("no sources of the locale de_DE")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}


# -- the process ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "TZ": "Pacific/Kiritimati",
        },
        {
            "PYTHONHASHSEED": "4242",
            "OMP_NUM_THREADS": "7",
            "OPENBLAS_NUM_THREADS": "7",
            "PYTHONOPTIMIZE": "2",
            "MALLOC_PERTURB_": "165",  # what is not initialised is no zero by chance
            "TZ": "America/St_Johns",
        },
    ],
    ids=["one thread", "seven threads"],
)
def test_a_process_in_another_environment(expected, environment):
    trials = [TRIAL, SECOND_ORDER, ADAPTED]
    assert bits_of_a_process(trials, **environment) == [*expected.values()]


@pytest.mark.slow
def test_a_locale_with_decimal_commas_and_another_folder(expected, german, tmp_path):
    program = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.str(0.5))"
    told = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | german, capture_output=True, text=True
    )
    assert told.stdout.strip() == "0,5"  # or the locale would not be one
    other = tmp_path / "an other\nfölder"
    other.mkdir()
    assert bits_of_a_process([TRIAL], cwd=other, **german) == [expected["fixed"]]


@pytest.mark.slow
def test_mechanisms_that_are_compiled_anew(expected, tmp_path):
    """In an empty cache, which is filled on the way."""
    cache = tmp_path / "cache"
    found = bits_of_a_process([TRIAL, SECOND_ORDER], CA1_PLACE_CELL_CACHE=str(cache))
    assert any(cache.rglob("*.so")) or any(cache.rglob("*.dylib"))
    assert found == [expected["fixed"], expected["second_order"]]


# -- what else is in the process --------------------------------------------------------------------------------------


def test_a_living_cell_beside_it(loaded, expected):
    """One that fires on a current of its own, built before or while others ran; and one that went."""
    other = Cell().build(fused=True)
    clamp = loaded.IClamp(other.segment("soma"))
    clamp.delay, clamp.dur, clamp.amp = 5, 1e9, 0.4
    spikes = loaded.Vector()
    detector = loaded.NetCon(other.soma(0)._ref_v, None, sec=other.soma)
    detector.threshold = -20
    detector.record(spikes)
    assert bits(TRIAL) == expected["fixed"]
    assert len(spikes) > 5  # it was integrated along
    assert bits(SECOND_ORDER) == expected["second_order"]
    del detector, clamp, other
    assert bits(TRIAL) == expected["fixed"]


def test_a_protocol_beside_a_living_cell(loaded):
    """At fixed steps; an adapted step is one for all cells that live, as `Protocol` says."""
    step = CurrentClamp(amplitude_nA=0.3, start_ms=2)
    protocol = Protocol(duration_ms=30, dt_ms=0.025, channels="fused", stimuli=step)
    alone = digest(traces(protocol.run(Cell())))
    other = Cell().build(fused=True)
    assert digest(traces(protocol.run(Cell()))) == alone
    del other
    assert digest(traces(protocol.run(Cell()))) == alone


# -- workers ----------------------------------------------------------------------------------------------------------

STUDY = {
    "name": "few",
    "title": "A few trials",
    "grid": {"dc_nA": [0.0, 0.5, 0.7]},
    "trials": 2,
    "base": {
        "duration_ms": 270.0,
        "n_excitatory": 60,
        "n_inhibitory": 20,
        "dt_ms": 0.05,
        "integration": "second_order",
    },
}


@pytest.mark.slow
def test_any_number_of_workers_and_any_order(loaded, tmp_path):
    """One, two, and four workers with the levels the other way round; and each trial in this process."""
    turned = STUDY | {"grid": {"dc_nA": [0.7, 0.5, 0.0]}}
    ways = {"one": (STUDY, 1), "two": (STUDY, 2), "four": (turned, 4)}
    found = {}
    for name, (declared, processes) in ways.items():
        results = run_study(Study(**declared), tmp_path / name, processes=processes)
        keys = zip(results.table["dc_nA"], results.table["seed"], strict=True)
        found[name] = dict(zip(keys, map(traces, results.trials()), strict=True))
    hashed = {name: {key: digest(one) for key, one in its.items()} for name, its in found.items()}
    assert len(set(hashed["one"].values())) == 6
    assert all(its == hashed["one"] for its in hashed.values())
    for (dc_nA, seed), its in found["one"].items():
        fields = STUDY["base"] | {"dc_nA": float(dc_nA), "seed": int(seed)}
        here = traces(run_trial(load_configuration(None, fields)))
        # A file keeps the times of spikes in seconds: two units in the last place.
        kept_ms, spikes_ms = its.pop("spikes_ms"), here.pop("spikes_ms")
        np.testing.assert_allclose(kept_ms, spikes_ms, rtol=2 * np.finfo(float).eps)
        assert digest(here) == digest(its)
