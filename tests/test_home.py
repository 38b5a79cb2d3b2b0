"""A run where nothing but results and the cache of mechanisms can be written, and no picture shown."""

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model.mechanisms.cache import CACHE_VARIABLE, cache_folder
from netpyne_model.mechanisms.compilation import compiled_library, fast_files


@pytest.mark.parametrize("backend", ["module://no_such.backend", "nonsense"])
def test_without_a_home_folder_and_with_a_notebooks_backend(backend, tmp_path):
    compiled_library(fast_files())
    nowhere = tmp_path / "file" / "home"  # below a file: root would write anything else
    nowhere.parent.touch()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "netpyne_model", "run", "--duration", "5"),
            "--quiet",
            "--out",
            "run",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        | {"HOME": str(nowhere), CACHE_VARIABLE: str(cache_folder()), "MPLBACKEND": backend}
        | {"DISPLAY": "nowhere:7", "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert {"results.nwb", "overview.png"} <= set(os.listdir(tmp_path / "run"))
    assert "Traceback" not in done.stderr


READ_NWB = """
import sys
from netpyne_model.results.nwb_library import import_pynwb
import_pynwb()
import pynwb
print(pynwb.get_type_map().namespace_catalog.namespaces)
"""


def read_nwb(cache):
    """What a process prints that imports the library of NWB files, with that cache of the user."""
    done = subprocess.run(
        [sys.executable, "-c", READ_NWB],
        capture_output=True,
        text=True,
        env=os.environ
        | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class Run:
    """Something that does something when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.skipif(sys.platform == "darwin", reason="its cache is elsewhere")
def test_the_library_of_nwb_files_unpickles_nothing_that_others_can_write(tmp_path):
    """It keeps its schema as a pickle; what was cut short there does not stay in the way."""
    expected = read_nwb(tmp_path)
    assert "core" in expected
    (pickled,) = tmp_path.glob("pynwb-hdmf/*/*.pkl")
    whole = pickled.read_bytes()
    pickled.write_bytes(whole[:1000])
    assert read_nwb(tmp_path) == expected
    assert read_nwb(tmp_path) == expected  # writes it anew
    assert len(pickled.read_bytes()) > 100_000
    pickled.write_bytes(pickle.dumps(Run(f"touch '{tmp_path}/run'")))
    for path in (pickled, pickled.parent, pickled.parent.parent):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IWGRP)
        assert read_nwb(tmp_path) == expected
        assert not (tmp_path / "run").exists()
        path.chmod(mode)
