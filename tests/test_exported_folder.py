"""The NetPyNE folder of the repository: what the command writes, and what older programs make of it."""

import json
import math
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from environments import make_environment, without_pythonpath
from mpi_ranks import run_on_ranks

from netpyne_model.configuration import load_configuration
from netpyne_model.exports import write_netpyne
from netpyne_model.simulation import run_trial

FOLDER = Path(__file__).resolve().parents[1] / "NetPyNE"
CONFIGURATION = load_configuration(FOLDER / "configuration.json")
# What NetPyNE-UI has, as far as Python 3.10 goes; numpy's later versions lack what NetPyNE 1.0 uses.
OLDER = ("neuron==8.2.7", "netpyne==1.0.6", "numpy<2.3", "setuptools<80")


def files_of(folder: Path) -> set[Path]:
    """Its files by their paths in it, without what someone has compiled there."""
    files = [*folder.glob("*.*"), *folder.glob("mod/*.mod")]
    return {path.relative_to(folder) for path in files}


def differences(found, expected, place="") -> list[str]:
    """Where two contents of JSON differ. Processors round exp and log differently: 1e-12."""
    if isinstance(found, float) and isinstance(expected, float):
        same = math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
        return [] if same else [f"{place}: {found!r} != {expected!r}"]
    if isinstance(found, dict) and isinstance(expected, dict) and list(found) == list(expected):
        pairs = [(f"{place}/{key}", found[key], expected[key]) for key in found]
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = [
            (f"{place}/{i}", *pair) for i, pair in enumerate(zip(found, expected, strict=True))
        ]
    else:
        return [] if found == expected else [f"{place}: other entries"]
    return [line for place, one, other in pairs for line in differences(one, other, place)]


def test_it_is_what_the_command_writes(tmp_path):
    """Where this fails, the model has changed: ``make regenerate`` writes the folder anew."""
    written = write_netpyne(CONFIGURATION, tmp_path / "NetPyNE")
    assert files_of(written) == files_of(FOLDER)
    for path in sorted(files_of(written)):
        new, kept = (written / path).read_text(), (FOLDER / path).read_text()
        if path.suffix == ".json":
            assert differences(json.loads(new), json.loads(kept)) == [], path
        else:
            assert new == kept, path


def test_it_is_small_enough_to_be_opened_in_a_browser():
    assert sum((FOLDER / path).stat().st_size for path in files_of(FOLDER)) < 3e6


OPEN = """
from netpyne import sim
cfg, netParams = sim.loadModel("index.npjson")
print("INVALID", [one.summary for one in sim.validator.validateNetParams(netParams)[1]])
"""


@pytest.fixture(scope="module")
def expected_ms():
    """Spikes of this package's general mode."""
    return run_trial(CONFIGURATION).spike_times_ms


@pytest.mark.slow
def test_older_neuron_and_netpyne_give_the_same_spikes(tmp_path, expected_ms):
    """NEURON 8.2.7 and NetPyNE 1.0.6 in an environment of their own, against this package's run.

    In the very steps: potentials differ by 3e-4 mV, and only the print rounds to 0.001 ms.
    """
    python = make_environment(tmp_path / "older", *OLDER, python=python_3_10()) / "python"
    folder = shutil.copytree(FOLDER, tmp_path / "NetPyNE")
    assert "INVALID []" in run([python, "-c", OPEN], cwd=folder)
    done = run([python, "init.py"], cwd=folder)
    assert len(expected_ms) == 8
    assert printed_spikes_ms(done) == pytest.approx(expected_ms, abs=1e-3)


@pytest.mark.slow
def test_two_processes_give_the_same_spikes(tmp_path, expected_ms):
    """The first of them, in the newer NEURON and NetPyNE that this package runs with.

    In a folder as users may have, whose path NEURON does not load by.
    """
    folder, end_ms = shutil.copytree(FOLDER, tmp_path / "Net PyN\u00c9"), 570.0
    settings = json.loads((folder / "simConfig.json").read_text())
    settings["simConfig"]["duration"] = end_ms
    (folder / "simConfig.json").write_text(json.dumps(settings))
    run([Path(sysconfig.get_path("scripts")) / "nrnivmodl"], cwd=folder / "mod")
    spikes_ms = printed_spikes_ms(run_on_ranks(2, "init.py", cwd=folder))
    assert spikes_ms == pytest.approx(expected_ms[expected_ms < end_ms], abs=1e-3)
    assert len(spikes_ms) == 2


POTENTIAL = """
import runpy, sys
names = runpy.run_path(sys.argv[1])
if names["sim"].rank == 0:
    print("POTENTIAL", list(names["sim"].simData["soma"].values())[0][-1])
"""


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The folder with a run of 5 ms, compiled by its first run; and the potential at its end."""
    folder = shutil.copytree(FOLDER, tmp_path_factory.mktemp("short") / "NetPyNE")
    settings = json.loads((folder / "simConfig.json").read_text())
    settings["simConfig"]["duration"] = 5.0
    (folder / "simConfig.json").write_text(json.dumps(settings))
    return folder, potential(folder, folder)


def potential(folder, cwd) -> str:
    """What its init.py leaves, started somewhere."""
    done = run([sys.executable, "-c", POTENTIAL, folder / "init.py"], cwd=cwd)
    return next(line for line in done.splitlines() if line.startswith("POTENTIAL"))


@pytest.mark.slow
def test_what_was_compiled_of_other_files_is_compiled_anew(short, tmp_path):
    """Also where the files are older than the library, as out of an archive."""
    folder, expected = short
    changed = shutil.copytree(folder, tmp_path / "NetPyNE")
    file = changed / "mod" / "kdr.mod"
    text = file.read_text()
    file.write_text(text.replace("    ik = i\n", "    ik = 9*i\n"))
    os.utime(file, (1e9, 1e9))
    assert potential(changed, changed) != expected
    shutil.copy(FOLDER / "mod" / "kdr.mod", file)
    os.utime(file, (1e9, 1e9))
    assert potential(changed, changed) == expected
    (library,) = list((changed / "mod").rglob("libnrnmech.*"))
    compiled_at = library.stat().st_mtime_ns
    assert potential(changed, changed) == expected
    assert library.stat().st_mtime_ns == compiled_at  # once


@pytest.mark.slow
def test_another_models_mechanisms_where_it_starts(short, tmp_path):
    """They are passed over; where a program has loaded them before, one line tells."""
    folder, expected = short
    (tmp_path / "kad.mod").write_text("NEURON { SUFFIX kad RANGE a }\nPARAMETER { a = 1 }\n")
    run([Path(sysconfig.get_path("scripts")) / "nrnivmodl"], cwd=tmp_path)
    assert potential(folder, tmp_path) == expected
    refused = subprocess.run(
        [sys.executable, "-c", "import neuron" + POTENTIAL, folder / "init.py"],
        cwd=tmp_path,
        env=without_pythonpath(),
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 2
    line = refused.stderr.splitlines()[-1]
    assert line.startswith("error: NEURON loaded another kad (")
    assert "start in a folder without compiled mod files" in line
    assert "Traceback" not in refused.stderr
    # The very mechanisms of the folder may be loaded before.
    assert potential_of_loaded(folder) == expected


def potential_of_loaded(folder) -> str:
    program = "import neuron" + POTENTIAL
    done = run([sys.executable, "-c", program, folder / "init.py"], cwd=folder / "mod")
    return next(line for line in done.splitlines() if line.startswith("POTENTIAL"))


def printed_spikes_ms(text: str) -> list[float]:
    """Of what ``init.py`` prints."""
    line = next(line for line in text.splitlines() if line.startswith("SPIKES (ms):"))
    return [float(time_ms) for time_ms in line.partition(":")[2].split()]


def python_3_10() -> str:
    """A Python 3.10 of this machine, or else the one that runs the tests."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which("python3.10"), *map(str, versions.glob("3.10.*/bin/python3.10"))]
    for candidate in filter(None, found):
        # pyenv's shims are there for versions that it does not run.
        if subprocess.run([candidate, "--version"], capture_output=True).returncode == 0:
            return candidate
    return sys.executable


def run(command, cwd=None) -> str:
    """What a command prints, in an environment without this one's paths to Python's modules."""
    environment = without_pythonpath()
    first = Path(command[0]).parent
    environment["PATH"] = f"{first}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return done.stdout
