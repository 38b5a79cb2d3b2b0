"""The folder of compiled mechanisms: whole, one's own, wherever it lies and whatever it is called."""

import os
import resource
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netpyne_model.errors import ModelError
from netpyne_model.mechanisms import cache
from netpyne_model.mechanisms.compilation import compiled_library

TINY = "NEURON { SUFFIX tiny RANGE a }\nPARAMETER { a = 42 }\n"
PROGRAM = """
import sys
from pathlib import Path
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.loading import load_files, neuron
try:
    load_files([Path(sys.argv[1])])
    section = neuron().Section("s")
    section.insert("tiny")
    print(section(0.5).tiny.a)
except ModelError as error:
    print(error)
"""


@pytest.fixture
def tiny(tmp_path):
    """A mod file in a folder of its own."""
    path = tmp_path / "mod" / "tiny.mod"
    path.parent.mkdir()
    path.write_text(TINY)
    return path


@pytest.fixture
def kept(tiny, tmp_path, monkeypatch):
    """Its library in a new cache."""
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    return compiled_library([tiny])


def loaded_by_another(tiny, folder, *before, **options):
    """What a process writes that loads the library with that cache, started by the command `before`."""
    done = subprocess.run(
        [*before, sys.executable, "-c", PROGRAM, tiny],
        capture_output=True,
        text=True,
        cwd=tiny.parent,
        env=os.environ
        | {"PYTHONPATH": str(Path(__file__).parent.parent), cache.CACHE_VARIABLE: str(folder)},
        **options,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_library_that_is_not_what_was_written_is_built_again(kept, tiny, tmp_path):
    content = kept.read_bytes()
    assert cache.whole_library(kept.parent) == kept
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    for damaged in (b"", content[: len(content) // 2], content[:4096], flipped, b"\x7fELF\x01"):
        kept.write_bytes(damaged)
        assert cache.whole_library(kept.parent) is None
    assert loaded_by_another(tiny, tmp_path / "cache") == "42.0\n"
    assert cache.whole_library(kept.parent) == kept
    (kept.parent / "sha256").write_bytes(b"\xff\n")
    assert cache.whole_library(kept.parent) is None


def test_what_others_may_write_is_refused(kept, tiny, tmp_path):
    folder = tmp_path / "cache"
    for path in (folder, kept.parent, kept):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0  # made for the user alone
        for others in (0o020, 0o002):
            path.chmod(mode | others)
            with pytest.raises(ModelError, match="other users may write") as caught:
                compiled_library([tiny])
            command = str(caught.value).split("; ")[1].partition(", or set ")[0]
            subprocess.run(shlex.split(command), check=True)
            assert compiled_library([tiny]) == kept
    folder.chmod(0o1777)  # as /tmp
    assert compiled_library([tiny]) == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_is_another_users_is_refused(kept, tiny, tmp_path, monkeypatch):
    os.chown(kept.parent, 12345, 12345)
    with pytest.raises(ModelError, match=r"belongs to another user.*set CA1_PLACE_CELL_CACHE to"):
        compiled_library([tiny])
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "own"))
    assert compiled_library([tiny]).is_file()


def test_a_cache_that_holds_all_and_cannot_be_written(kept, tiny, tmp_path):
    folder = tmp_path / "cache"
    folder.chmod(0o500)
    as_any_user = []  # root writes everywhere, but for one without capabilities
    if os.geteuid() == 0:
        as_any_user = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        touch = [*as_any_user, "touch", folder / "file"]
        assert subprocess.run(touch, capture_output=True).returncode != 0
    assert loaded_by_another(tiny, folder, *as_any_user) == "42.0\n"
    folder.chmod(0o700)


@pytest.mark.parametrize("name", ['j\u00fcrgen\'s "c" `d`\n$(HOME):#;%', "n" * 240])
def test_a_cache_of_any_name(name, tiny, tmp_path):
    assert loaded_by_another(tiny, tmp_path / name) == "42.0\n"


def test_a_home_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv(cache.CACHE_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654)  # a user whom the system does not know
    with pytest.raises(ModelError, match=r"no home folder .*; set CA1_PLACE_CELL_CACHE to a fold"):
        cache.cache_folder()
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path))
    assert cache.cache_folder() == tmp_path


@pytest.mark.parametrize("named", ["'unclosed", "  "])
def test_a_compiler_whose_name_is_none(named, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", named)
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(
        ModelError, match=r"CXX = .*: expected a C\+\+ compiler, such as g\+\+; unset"
    ):
        compiled_library([tiny])
    monkeypatch.delenv("CXX")
    assert compiled_library([tiny]).is_file()


def test_a_disk_that_takes_no_more_leaves_no_half(tiny, tmp_path):
    """A limit on the size of files fails the writing as a full disk does."""
    folder = tmp_path / "cache"
    small = 20_000, 20_000
    line = loaded_by_another(
        tiny, folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, small)
    )
    assert line.count("\n") == 1
    assert "nrnivmodl failed" in line or "cannot be kept" in line
    assert not [path for path in folder.iterdir() if path.is_dir()]
    assert loaded_by_another(tiny, folder) == "42.0\n"
