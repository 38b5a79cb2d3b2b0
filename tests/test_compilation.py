"""Compiling mechanisms: once per content, safe between processes, and errors that say what to do."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import compilation, loading
from netpyne_model.mechanisms.cache import CACHE_VARIABLE, cache_folder

TINY = """NEURON {
    SUFFIX tiny
    RANGE a
}
PARAMETER {
    a = 42
}
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, used by this process and those it starts. Its name is one that user folders may have."""
    folder = tmp_path / "the cach\u00e9"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def makes(tmp_path, monkeypatch):
    """File that gains a line for every compilation: a `make` in front of the real one writes it."""
    counted, folder = tmp_path / "makes", tmp_path / "bin"
    folder.mkdir()
    counted.touch()
    wrapper = folder / "make"
    wrapper.write_text(f'#!/bin/sh\necho run >> "{counted}"\nexec {shutil.which("make")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return counted


def tiny(tmp_path, text=TINY, name="tiny.mod"):
    path = tmp_path / name
    path.write_text(text)
    return path


def compile_and_load(path, environment=None):
    """Start a process that compiles a mod file, loads the library and prints its path and tiny's parameter."""
    program = f"""
        from pathlib import Path
        from netpyne_model.errors import ModelError
        from netpyne_model.mechanisms.compilation import compiled_library
        from netpyne_model.mechanisms.loading import load_library
        try:
            library = compiled_library([Path({str(path)!r})])
        except ModelError as error:
            raise SystemExit(f"error: {{error}}")
        from neuron import h
        load_library(library)
        section = h.Section("s")
        section.insert("tiny")
        print(library, section(0.5).tiny.a, sep="\\n")
    """
    here = Path(__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=here,
        env=environment or dict(os.environ),
    )


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_two_processes_that_start_at_once_compile_once(tmp_path, cache, makes):
    path = tiny(tmp_path)
    processes = [compile_and_load(path) for _ in range(2)]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    library, value = outputs[0][0].splitlines()
    assert float(value) == 42
    assert makes.read_text().count("run") == 1
    key = compilation.mechanisms_key([path])
    assert names(cache) <= {key, f"{key}.lock"}

    # A third call finds the library and compiles nothing.
    before = Path(library).stat()
    assert compilation.compiled_library([path]) == Path(library)
    assert makes.read_text().count("run") == 1
    assert (Path(library).stat().st_mtime_ns, Path(library).stat().st_ino) == (
        before.st_mtime_ns,
        before.st_ino,
    )

    # A library that someone deleted is built again, although its folder is still there.
    Path(library).unlink()
    assert compilation.compiled_library([path]).is_file()
    assert makes.read_text().count("run") == 2


@pytest.mark.parametrize("found", ["8.2.7", "8.0.0"])
def test_a_neuron_that_is_too_old_is_named_before_anything_is_compiled(found):
    with pytest.raises(ModelError) as caught:
        compilation.check_neuron(found)
    message = str(caught.value)
    assert message.startswith(f"NEURON {found}: expected 9.0 or newer; pip install 'neuron>=9'")
    assert "\n" not in message
    compilation.check_neuron("9.0.0")
    compilation.check_neuron("10.1.dev3")


def test_a_mod_file_that_does_not_compile(tmp_path, cache):
    path = tiny(tmp_path, TINY.replace("a = 42", "a = = 42"))
    with pytest.raises(ModelError) as raised:
        compilation.compiled_library([path])
    message = str(raised.value)
    assert "\n" not in message
    assert "nrnivmodl failed" in message
    assert re.search(r"at line \d+ in file tiny\.mod\)", message)  # not "syntax error:" alone
    log = Path(message.split("its output is in ")[1].rstrip("."))
    assert "tiny.mod" in log.read_text()
    key = compilation.mechanisms_key([path])
    assert names(cache) <= {f"{key}.log", f"{key}.lock"}


def test_without_a_compiler_the_message_says_what_to_install(tmp_path, cache):
    environment = {name: value for name, value in os.environ.items() if name != "CXX"}
    nowhere = tmp_path / "empty"
    nowhere.mkdir()
    process = compile_and_load(tiny(tmp_path), environment | {"PATH": str(nowhere)})
    output, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert error.splitlines() == [
        "error: 'make' was not found; NEURON compiles mechanisms with it: install make and a C++ compiler"
        " (Debian, Ubuntu: apt install build-essential; macOS: xcode-select --install)."
    ]


def test_a_compiler_that_does_not_exist_is_named(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler -O3")
    with pytest.raises(ModelError, match="'no-such-compiler' was not found"):
        compilation.compiled_library([tiny(tmp_path)])


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    # A path below a file: a folder without write permission would not stop root.
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(file / "cache"))
    with pytest.raises(
        ModelError, match=f"cannot be kept in .*file/cache.*set {CACHE_VARIABLE} to a folder"
    ):
        compilation.compiled_library([tiny(tmp_path)])


def test_the_key_stands_for_the_names_and_contents_of_the_files(tmp_path):
    a, b = tiny(tmp_path), tiny(tmp_path, "NEURON { SUFFIX other }\n", "other.mod")
    key = compilation.mechanisms_key([a, b])
    assert compilation.mechanisms_key([a, b]) == key
    assert compilation.mechanisms_key([a]) != key
    (tmp_path / "moved").mkdir()
    assert (
        compilation.mechanisms_key([Path(shutil.copy(path, tmp_path / "moved")) for path in (a, b)])
        == key
    )
    a.write_text(TINY + "\n")
    assert compilation.mechanisms_key([a, b]) != key
    a.write_text(TINY)
    assert compilation.mechanisms_key([a, b]) == key
    assert compilation.mechanisms_key([a.rename(tmp_path / "third.mod"), b]) != key


def test_the_cache_is_the_users_unless_the_variable_names_one(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv(CACHE_VARIABLE)
    assert cache_folder().name == "ca1-place-cell"


def test_loading_twice_is_harmless(loaded):
    loading.load()
    section = loaded.Section("s")
    for path in compilation.mod_files():
        if "SUFFIX" in path.read_text():
            section.insert(path.stem)
            assert hasattr(section(0.5), path.stem)
        else:
            assert hasattr(loaded, path.stem)
    loaded.delete_section(sec=section)


def test_the_general_mechanisms_wait_until_they_are_asked_for():
    """A default trial does without them; loaded beside it and its living cell, they leave it as it was."""
    program = """
        from netpyne_model import Cell
        from netpyne_model.configuration import load_configuration
        from netpyne_model.mechanisms import compilation, loading
        from netpyne_model.simulation import run_trial
        few = {"duration_ms": 5.0, "n_excitatory": 50, "n_inhibitory": 20, "dc_nA": 0.5}
        def soma(**fields):
            return run_trial(load_configuration(None, few | fields)).voltage_mV["soma"]
        first = soma()
        from neuron import h
        general = [path.stem for path in compilation.general_files()]
        print(len(general), sum(hasattr(h, name) for name in general))
        alive = Cell().build(fused=True)
        print(sum(hasattr(h, name) for name in general))
        separate = soma(channels="separate", receptors="generated", spines="folded")
        print(sum(hasattr(h, name) for name in general))
        alive.soma.insert("kad")
        print(hasattr(alive.soma(0.5), "kad"), hasattr(alive.soma(0.5), "CA1_channels"))
        del alive
        print((soma() == first).all(), 0 < abs(separate - first).max() < 0.1)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr
    n = len(compilation.general_files())
    assert n > 10
    assert done.stdout.split() == [
        *(str(n), "0"),  # after the default trial
        "0",  # after a cell with all channels in one
        str(n),
        *("True", "True"),
        *("True", "True"),
    ]


def test_the_two_libraries_hold_every_mechanism_once():
    fast, general = compilation.fast_files(), compilation.general_files()
    assert sorted([*fast, *general], key=lambda path: path.name) == compilation.mod_files()
    assert {path.stem for path in fast} >= {"CA1_channels", "DrivenSpines", "KineticReceptors"}
    assert {path.stem for path in general} >= {"kad", "NMDA", "EPSC", "nax_persistent"}


def test_a_run_says_when_it_compiles(cache, tmp_path, capsys):
    from netpyne_model.commands.run import _compilation_announced

    for show, text in ((True, "a = 1"), (False, "a = 2")):
        with _compilation_announced(show):
            compilation.compiled_library([tiny(tmp_path, TINY.replace("a = 42", text))])
    assert capsys.readouterr().out == "compiling mechanisms, which is done once (mod files: 1)\n"
