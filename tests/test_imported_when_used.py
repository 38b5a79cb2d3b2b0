"""Modules that are promised first and read at their first use; NetPyNE without its plots and statistics."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from netpyne_model.imported_when_used import imported_when_used

ROOT = Path(__file__).parents[1]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `orchard` with the modules `apple` and `pear`, which note in a file that they were read."""
    folder, noted = tmp_path / "orchard", tmp_path / "read"
    folder.mkdir()
    noted.touch()
    note = "from pathlib import Path\nwith open({!r}, 'a') as file:\n    file.write({!r})\n"
    (folder / "__init__.py").write_text("from . import apple, pear\n")
    for name in ("apple", "pear"):
        (folder / f"{name}.py").write_text(
            note.format(str(noted), name + "\n") + f"colour = '{name}'\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    yield noted
    for name in [name for name in sys.modules if name.partition(".")[0] == "orchard"]:
        del sys.modules[name]


def test_a_promised_module_is_read_at_its_first_use_and_once(package):
    with imported_when_used("orchard.apple", "orchard.not_there"):
        import orchard
    assert package.read_text() == "pear\n"
    assert orchard.apple.colour == "apple"
    assert package.read_text() == "pear\napple\n"
    from orchard import apple
    from orchard.apple import colour

    assert (apple, colour) == (orchard.apple, "apple")
    assert type(apple) is type(orchard.pear)
    assert package.read_text() == "pear\napple\n"


def test_after_the_block_imports_are_as_ever(package):
    finders = list(sys.meta_path)
    with pytest.raises(ZeroDivisionError), imported_when_used("orchard.apple"):
        _ = 1 / 0
    assert sys.meta_path == finders
    import orchard.apple  # noqa: F401

    assert package.read_text() == "apple\npear\n"


def test_a_module_that_is_not_installed_is_missed_at_its_import():
    with imported_when_used("no_such_module"), pytest.raises(ModuleNotFoundError):
        import no_such_module  # noqa: F401


def run(code):
    """What a fresh process prints that runs a trial of 1 ms and then the code."""
    program = """
        import sys
        from netpyne_model.configuration import load_configuration
        from netpyne_model.simulation import run_trial
        few = {"duration_ms": 1.0, "n_excitatory": 20, "n_inhibitory": 10}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program) + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_trial_does_without_what_it_does_not_use_and_netpyne_has_it_when_asked():
    """Stands for a start within 0.55 of the time that it took with all of them."""
    heavy = {"bokeh.models", "matplotlib.pyplot", "networkx.algorithms", "pint", "scipy.stats"}
    printed = run(f"""
        run_trial(load_configuration(None, few))
        print({heavy!r} & set(sys.modules))
        from netpyne import sim
        print(callable(sim.analysis.plotTraces), callable(sim.plotting.plotShape))
        from neuroml.nml.nml import nx
        print(nx.DiGraph([(1, 2)]).number_of_edges())
        print(sorted({heavy!r} - set(sys.modules)))
    """)
    assert printed == ["set()", "True", "True", "1", "['pint']"]


def test_a_trial_leaves_figures_of_pyplot_open():
    """NetPyNE's clearAll closes them all."""
    printed = run("""
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
        figure, axes = pyplot.subplots()
        axes.plot([1, 2])
        run_trial(load_configuration(None, few))
        print(pyplot.get_fignums(), len(axes.lines))
    """)
    assert printed == ["[1]", "1"]
