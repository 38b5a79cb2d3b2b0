"""What NEURON has loaded is the package's own: compiled folders of others are left alone or named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import compilation, loading
from netpyne_model.mechanisms.cache import CACHE_VARIABLE
from netpyne_model.mechanisms.compilation import mod_files

ROOT = Path(__file__).parent.parent
# Names of the package's, of the default way and of the general one, that do nothing.
OTHERS = ("CA1_channels", "kad")
SOMA = """
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.simulation import run_trial
few = {"duration_ms": 5.0, "n_excitatory": 50, "n_inhibitory": 20, "dc_nA": 0.5}
try:
    print(run_trial(load_configuration(None, few)).voltage_mV["soma"].tobytes().hex())
except ModelError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def another_model(tmp_path_factory):
    """A folder with compiled mechanisms, as NEURON loads them at its start; the names are the package's."""
    folder = tmp_path_factory.mktemp("another model")
    for name in OTHERS:
        text = f"NEURON {{ SUFFIX {name} RANGE gbar }}\nPARAMETER {{ gbar = 1 }}\n"
        (folder / f"{name}.mod").write_text(text)
    return compiled(folder)


def compiled(folder):
    """The folder, after nrnivmodl as anyone calls it."""
    done = subprocess.run(
        [compilation.nrnivmodl()],
        cwd=folder,
        env=compilation.environment_without_neuron(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


def answer(program, folder, **variables):
    """What a program writes that runs in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_run_is_the_same_in_the_folder_of_another_model(another_model, tmp_path):
    assert answer(SOMA, another_model) == answer(SOMA, tmp_path)


def test_folders_that_neuron_would_load_at_its_start_are_passed_over(another_model, tmp_path):
    variables = {"NRN_NMODL_PATH": str(another_model)}
    assert answer(SOMA, tmp_path, **variables) == answer(SOMA, tmp_path)
    program = "import os\nfrom netpyne_model.mechanisms.loading import neuron\nneuron()\n"
    program += "print(os.environ['NRN_NMODL_PATH'])"
    assert answer(program, tmp_path, **variables) == str(another_model)  # it is the user's
    # Where NEURON was imported before, the line tells what to do; so it goes.
    refused = answer("from neuron import h" + SOMA, tmp_path, **variables).splitlines()[-1]
    assert refused == (
        f"NEURON loaded other mechanisms of the same names (CA1_channels) from {another_model};"
        " unset NRN_NMODL_PATH, and start in a folder without compiled mod files (such as x86_64),"
        " or remove them."
    )
    assert answer("from neuron import h" + SOMA, tmp_path) == answer(SOMA, tmp_path)


def test_mechanisms_that_neuron_loaded_before_are_named_with_their_folder(another_model, tmp_path):
    program = "from neuron import h" + SOMA
    refused = answer(program, another_model)
    assert refused == (
        f"NEURON loaded other mechanisms of the same names (CA1_channels) from {another_model};"
        " start in a folder without compiled mod files (such as x86_64), or remove them."
    )
    # As it says.
    assert answer(program, tmp_path) == answer(SOMA, tmp_path)


@pytest.mark.slow
def test_a_run_is_the_same_in_a_folder_of_the_package_s_own_mod_files_when_changed(tmp_path):
    """They are compiled without this package's flags; half the current of potassium is lost there."""
    stale, elsewhere = tmp_path / "stale", tmp_path / "elsewhere"
    stale.mkdir()
    elsewhere.mkdir()
    for file in [*mod_files(), *compilation.included_files(mod_files())]:
        shutil.copy(file, stale)
    fused = stale / "CA1_channels.mod"
    whole = fused.read_text()
    fused.write_text(whole.replace(" ik = g_k*(v - ek)", " ik = 0.5*g_k*(v - ek)"))
    assert fused.read_text() != whole
    compiled(stale)
    assert answer(SOMA, stale) == answer(SOMA, elsewhere)
    refused = answer("from neuron import h" + SOMA, stale)
    assert refused.startswith("NEURON loaded other mechanisms of the same names (CA1_channels, ")
    assert f"from {stale}; start in a folder without" in refused


MODEL = ROOT / "netpyne_model"


def run_init(program, folder):
    """NetPyNE's own way of a run, started in a folder."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            f"simConfig={MODEL}/cfg.py",
            f"netParams={MODEL}/netParams.py",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_netpynes_file_of_a_run_in_the_folder_of_another_model(another_model):
    program = f"exec(open({str(MODEL / 'init.py')!r}).read().replace('sim.simulate()', 'raise SystemExit(7)'))"
    done = run_init(program, another_model)
    assert done.returncode == 7, done.stderr  # built, without the other model's mechanisms
    done = run_init("import neuron\n" + program, another_model)
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line.startswith("error: NEURON loaded other mechanisms of the same names (CA1_channels)")
    assert "Traceback" not in done.stderr


def test_a_name_that_is_a_variable_of_hoc(loaded):
    loaded("ca1_name_of_a_test = 1")
    with pytest.raises(ModelError, match="knows ca1_name_of_a_test already, and not as a mechan"):
        loading.refuse_others(["ca1_name_of_a_test"])


def test_mod_files_that_change_while_python_runs(tmp_path, monkeypatch, loaded):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    file = tmp_path / "ca1_changes.mod"
    text = "NEURON { SUFFIX ca1_changes RANGE a }\nPARAMETER { a = 1 }\n"
    file.write_text(text)
    loading.load_files([file])
    assert loading.is_loaded("ca1_changes")
    assert hasattr(loaded, "ca1_changes")
    file.write_text(text.replace("1", "2"))
    with pytest.raises(ModelError, match=r"have changed since NEURON loaded them; start Python an"):
        loading.load_files([file])
    file.write_text(text)
    loading.load_files([file])
