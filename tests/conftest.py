"""Fixtures that several test files use: NEURON with the package's mechanisms, and the reference tables."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import hypothesis
import pytest

from netpyne_model import Cell
from netpyne_model.commands import USER_ERROR, main
from netpyne_model.data_folders import REFERENCE
from netpyne_model.mechanisms import loading
from netpyne_model.morphology import Morphology, read_section_table

# How long an example takes is the machine's business: a busy one fails no test.
untimed = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.register_profile("untimed", untimed)
# pytest --hypothesis-profile nightly tests/test_fuzz_readers.py
hypothesis.settings.register_profile("nightly", untimed, max_examples=10_000)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs Java (jNeuroML) where there is none."""
    if shutil.which("java") is not None:
        return
    for item in items:
        if item.get_closest_marker("java"):
            item.add_marker(pytest.mark.skip(reason="jNeuroML needs Java; 'java' is not on PATH"))


@pytest.fixture(scope="session")
def reference() -> Path:
    """Folder of the figures measured on the published model."""
    return REFERENCE


@pytest.fixture(scope="session")
def cell() -> Cell:
    """The published cell."""
    return Cell()


@pytest.fixture(scope="session")
def reduced(cell) -> Cell:
    """The published cell with less sodium at its soma."""
    return cell.with_rule("soma", "nas.gbar", value=0.02).named("reduced")


@pytest.fixture(scope="session")
def morphology() -> Morphology:
    """Sections and tree of the published cell."""
    return read_section_table()


@pytest.fixture
def refused(capsys):
    """Give ``ca1`` what it must refuse; return the one line on standard error, with exit code 2."""

    def line(*arguments: str | Path) -> str:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == USER_ERROR
        captured = capsys.readouterr()
        assert all(line.startswith("note: ") for line in captured.out.splitlines())
        assert captured.err.startswith("error: ")
        assert captured.err.endswith("\n")
        assert captured.err.count("\n") == 1
        return captured.err

    return line


@pytest.fixture(scope="session")
def loaded():
    """NEURON's ``h`` with the package's mechanisms; they are compiled at most once."""
    loading.load()
    from neuron import h

    h.load_file("stdrun.hoc")
    return h


@pytest.fixture
def neuron(loaded):
    """NEURON's ``h`` at 35 degC, fixed step 0.025 ms; what a test changes of that is put back."""
    kept = {
        name: getattr(loaded, name) for name in ("celsius", "dt", "steps_per_ms", "tstop", "v_init")
    }
    atol = loaded.cvode.atol()
    loaded.cvode_active(0)
    loaded.secondorder = 0
    loaded.celsius, loaded.dt, loaded.steps_per_ms = 35, 0.025, 40
    yield loaded
    loaded.cvode_active(0)
    loaded.secondorder = 0
    loaded.cvode.atol(atol)
    for name, value in kept.items():
        setattr(loaded, name, value)


@pytest.fixture
def section(neuron):
    """One section of one segment, without channels; it goes when the test ends."""
    patch = neuron.Section("patch")
    patch.L = patch.diam = 10
    yield patch
    neuron.delete_section(sec=patch)


@pytest.fixture
def swc(tmp_path):
    """Write lines of an SWC file and return its path."""

    def write(lines: Iterable[str], end: str = "\n") -> Path:
        path = tmp_path / "cell.swc"
        path.write_bytes("".join(line + end for line in lines).encode())
        return path

    return write
