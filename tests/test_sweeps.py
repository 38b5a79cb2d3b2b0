"""Sweeps of cheap tasks: what is kept, run again, cleared and told, through kills, failures and locks.

Studies and experiments run on this engine. The tasks are of a module that the tests write, since a
worker imports what it runs and cannot import a test file.
"""

import gc
import importlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import psutil
import pytest
from filelock import FileLock

from netpyne_model.errors import ModelError
from netpyne_model.progress import Progress
from netpyne_model.sweeps import run_sweep
from netpyne_model.sweeps.store import clear_remains, write_once

ROOT = Path(__file__).resolve().parents[1]
SOON_S = 60.0  # far more than anything here takes, on a machine that is busy with other things
N_TASKS = 24  # a stop finishes up to a few: those at work end while it is answered
STOPS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGKILL")
TASKS = '''
import os, time
from dataclasses import dataclass
from pathlib import Path
from netpyne_model.errors import ModelError
from netpyne_model.files import write_text
from netpyne_model.sweeps import Store, content_key

@dataclass(frozen=True)
class Number:
    """Writes the square of a number, after a while, and the process that did; reads the square."""
    number: int
    wait_s: float = 0.0
    mended: str = ""
    elsewhere: bool = False

    @property
    def name(self):
        return f"number {self.number}"

    @property
    def key(self):
        return content_key({"number": self.number})

    def fresh_key(self):
        return "another" if self.elsewhere else self.key

    def run(self, file):
        if self.mended and not Path(self.mended).exists():
            raise ModelError(f"number = {self.number}: expected less; give less.")
        with open(file.parent.parent.parent / "runs", "a") as runs:
            runs.write(f"{self.number}\\n")
        time.sleep(self.wait_s)
        write_text(file, f"{self.number**2} {os.getpid()}")

    def read(self, file):
        words = file.read_text().split()
        if len(words) != 2:
            raise ModelError(f"{file.name} was cut off.")
        return int(words[0])

def store(folder):
    return Store(Path(folder), "squares.json", "squares", ".txt")
'''
SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {code!r}]
import plain_tasks
from netpyne_model.interruption import interruptible
from netpyne_model.progress import show_sweep
from netpyne_model.sweeps import run_sweep

if __name__ == "__main__":
    store = plain_tasks.store({folder!r})
    tasks = [plain_tasks.Number(number, wait_s=0.15) for number in range({n_tasks})]
    try:
        with interruptible(), show_sweep(True, "squares") as report, store.owned({{}}):
            swept = run_sweep(tasks, store, processes=2, report=report)
            (store.folder / "sum").write_text(str(sum(swept.finished.values())))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory) -> Iterator[Path]:
    """Folder of the module of tasks; on the path of this process, whose workers take it over."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "plain_tasks.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder
        sys.modules.pop("plain_tasks", None)


@pytest.fixture(scope="module")
def plain(code) -> ModuleType:
    return importlib.import_module("plain_tasks")


@pytest.fixture(scope="module")
def cluster(code):
    """Two workers that the tests share."""
    from distributed import LocalCluster

    address = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, **address) as workers:
        yield workers


@pytest.fixture
def sweep(plain, cluster, tmp_path):
    """Run tasks in a folder; the numbers that were run are in ``ran``."""
    seen: list[Progress] = []
    store = plain.store(tmp_path / "sweep")

    def run(tasks, **options):
        seen.clear()
        (tmp_path / "runs").unlink(missing_ok=True)
        with store.owned({"about": "squares"}):
            return run_sweep(tasks, store, cluster=cluster, report=seen.append, **options)

    def ran() -> list[int]:
        runs = tmp_path / "runs"
        return sorted(map(int, runs.read_text().split())) if runs.exists() else []

    return SimpleNamespace(run=run, store=store, seen=seen, ran=ran)


def contents(folder: Path) -> dict[str, tuple]:
    """Of every finished file what would tell that it was written again."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_text())
        for path in sorted(folder.glob("[!.]*.txt"))
    }


# -- what is run, and what is not ---------------------------------------------------------------


def test_what_is_finished_stays_and_what_is_missing_is_run(sweep, plain):
    first = sweep.run([plain.Number(n) for n in (3, 1)])
    assert first.finished == {0: 9, 1: 1}
    assert sweep.ran() == [1, 3]
    folder = sweep.store.folder / "squares"
    assert {path.name for path in sweep.store.folder.iterdir()} == {
        ".lock", "squares", "squares.json"
    }  # fmt: skip
    before = contents(folder)
    assert {name.rsplit("_", 1)[0] for name in before} == {"number_1", "number_3"}
    more = sweep.run([plain.Number(n) for n in (1, 2, 3)])
    assert list(more.finished.items()) == [(0, 1), (1, 4), (2, 9)]
    assert sweep.ran() == [2]
    now = contents(folder)
    assert {name: now[name] for name in before} == before
    assert (sweep.seen[-1].total, sweep.seen[-1].done) == (3, 3)


def test_workers_do_not_search_for_garbage_in_what_the_first_task_has_loaded(sweep, plain, cluster):
    from distributed import Client

    sweep.run([plain.Number(n, wait_s=0.1) for n in range(4)])
    with Client(cluster) as client:
        assert all(frozen > 1000 for frozen in client.run(gc.get_freeze_count).values())


def test_equal_tasks_share_a_file_and_run_once(sweep, plain):
    swept = sweep.run([plain.Number(4, wait_s=0.1)] * 3)
    assert swept.finished == dict.fromkeys(range(3), 16)
    assert sweep.ran() == [4]
    assert len(set(swept.files)) == 1


def test_files_that_are_quick_to_read_need_no_worker(sweep, plain):
    tasks = [plain.Number(n) for n in range(3)]
    sweep.run(tasks)
    seen: list[Progress] = []
    with sweep.store.owned({}):
        swept = run_sweep(
            tasks, sweep.store, scheduler="none.json", report=seen.append, read_here=True
        )
    assert swept.finished == {0: 0, 1: 1, 2: 4}
    assert seen == [Progress(total=3, done=3)]
    sweep.run([*tasks, plain.Number(5)], read_here=True)
    assert sweep.ran() == [5]
    assert sweep.seen[0].done == 3
    assert sweep.seen[-1].done == sweep.seen[-1].total == 4


def test_remains_of_a_killed_sweep_go(sweep, plain):
    sweep.run([plain.Number(1)])
    folder = sweep.store.folder
    for name in (".table.0123abcd.csv", "squares/.x_00.txt.lock", "squares/.x_00.0123abcd.txt"):
        (folder / name).touch()
    sweep.run([plain.Number(1)])
    assert {path.name for path in folder.iterdir()} == {".lock", "squares", "squares.json"}
    assert len(list((folder / "squares").iterdir())) == 1


# -- what fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize("read_here", [False, True])
def test_what_fails_leaves_the_others_and_is_told(sweep, plain, tmp_path, read_here):
    mended = tmp_path / "mended"
    tasks = [plain.Number(n, mended=str(mended) if n == 2 else "") for n in range(4)]
    swept = sweep.run(tasks, read_here=read_here)
    assert swept.finished == {0: 0, 1: 1, 3: 9}
    with pytest.raises(ModelError) as caught:
        sweep.store.raise_failures(swept.failures, 4)
    failures = sweep.store.folder / "failures.txt"
    assert str(caught.value) == (
        "1 of 4 squares failed, first number 2: number = 2: expected less; give less. All others"
        f" are kept; {failures} lists them, and the same command tries them again."
    )
    assert failures.read_text().startswith("number 2: number = 2: expected less; give less.\n")
    mended.touch()
    assert sweep.run(tasks, read_here=read_here).finished == {0: 0, 1: 1, 2: 4, 3: 9}
    assert sweep.ran() == [2]
    assert not failures.exists()


@pytest.mark.parametrize("read_here", [False, True])
def test_a_half_copied_file_fails_alone(sweep, plain, read_here):
    tasks = [plain.Number(n) for n in range(3)]
    first = sweep.run(tasks)
    first.files[1].write_text("")
    swept = sweep.run(tasks, read_here=read_here)
    assert list(swept.finished) == [0, 2]
    (failure,) = swept.failures
    name = first.files[1].name
    assert failure.reason == f"{name} was cut off. Delete it; the same command then runs it again."
    first.files[1].unlink()
    assert sweep.run(tasks, read_here=read_here).finished == {0: 0, 1: 1, 2: 4}


class Unknown:
    """A task of a module that workers cannot import."""

    name, key = "unknown", "0123456789abcdef"


def test_a_task_that_no_worker_can_import_fails_alone(sweep, plain):
    swept = sweep.run([plain.Number(1), Unknown()])
    assert swept.finished == {0: 1}
    (failure,) = swept.failures
    assert failure.reason.startswith("ModuleNotFoundError: No module named ")


def test_a_worker_with_another_version_refuses(sweep, plain):
    (failure,) = sweep.run([plain.Number(1, elsewhere=True)]).failures
    assert failure.reason.startswith("this worker has another version of the package, of NEURON")
    assert sweep.ran() == []


# -- folders and locks --------------------------------------------------------------------------


def test_a_folder_with_other_files_is_left_alone(plain, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    holds_others = r"holds other files \(no squares\.json\) and is left alone; choose another\."
    with pytest.raises(ModelError, match=holds_others), plain.store(tmp_path).owned({}):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    no_folder = r"notes\.txt cannot be made \(.*\); choose another\."
    with pytest.raises(ModelError, match=no_folder), plain.store(tmp_path / "notes.txt").owned({}):
        pass
    (tmp_path / "project" / "squares").mkdir(parents=True)
    (tmp_path / "project" / "squares" / "mine.txt").touch()
    project = plain.store(tmp_path / "project")
    with pytest.raises(ModelError, match=holds_others), project.owned({}):
        pass
    with plain.store(tmp_path / "another").owned({}):
        assert (tmp_path / "another" / "squares").is_dir()


def test_one_sweep_works_in_a_folder_and_a_killed_start_is_no_other_file(plain, tmp_path):
    folder = tmp_path / "sweep"
    (folder / "squares").mkdir(parents=True)
    for name in (".lock", ".squares.0123abcd.json"):
        (folder / name).touch()
    at_work = rf"^another sweep is at work in {folder}; wait for it, or choose another folder\.$"
    with (
        plain.store(folder).owned({"a": 1}),
        pytest.raises(ModelError, match=at_work),
        plain.store(folder).owned({}),
    ):
        pass
    assert (folder / "squares.json").read_text() == '{\n  "a": 1\n}\n'
    with plain.store(folder).owned({}):
        pass


def test_what_another_process_is_at_is_waited_for_and_not_cleared(tmp_path):
    """As with a worker that is left over from a sweep that was killed."""
    file, half = tmp_path / "one.txt", tmp_path / ".one.0123abcd.txt"
    half.touch()
    waiting = threading.Thread(target=write_once, args=(file, lambda path: path.write_text("mine")))
    with FileLock(tmp_path / ".one.txt.lock"):
        clear_remains(tmp_path)
        assert half.exists()
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        file.write_text("the other's")
    waiting.join(SOON_S)
    assert not waiting.is_alive()
    assert file.read_text() == "the other's"
    (tmp_path / ".one.txt.lock").touch()
    clear_remains(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path):
    with pytest.raises(ModelError, match=r"this worker does not see .*; give --out a folder that"):
        write_once(tmp_path / "nowhere" / "one.txt", Path.touch)
    (tmp_path / "shared").mkdir()
    write_once(tmp_path / "shared" / "one.txt", Path.touch)
    assert (tmp_path / "shared" / "one.txt").is_file()


# -- kills --------------------------------------------------------------------------------------


def start(code: Path, folder: Path) -> subprocess.Popen:
    """The sweep in a process group of its own, as a terminal's shell starts it."""
    script = folder.with_suffix(".py")
    script.write_text(
        SCRIPT.format(root=str(ROOT), code=str(code), folder=str(folder), n_tasks=N_TASKS)
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, script], start_new_session=True, **pipes)


def wait_for_more(process: subprocess.Popen, folder: Path, there: int) -> None:
    end_s = time.monotonic() + SOON_S
    while len(list(folder.glob("[!.]*.txt"))) <= there:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end_s
        time.sleep(0.005)


@pytest.mark.slow
def test_a_sweep_that_is_killed_again_and_again_ends_as_if_it_had_not_been(code, tmp_path):
    """Without a word, as at a cluster's time limit, and by Ctrl-C, which every process gets."""
    folder, draw = tmp_path / "sweep", random.Random(240960)
    squares = folder / "squares"
    seen: dict[str, tuple] = {}
    for how in STOPS:
        process = start(code, folder)
        wait_for_more(process, squares, len(seen))
        time.sleep(draw.uniform(0, 0.2))
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
        if how == "SIGINT":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(getattr(signal, how))
        _, complained = process.communicate(timeout=SOON_S)  # ends when all who hold it have ended
        _, alive = psutil.wait_procs(children, timeout=SOON_S)
        assert alive == []
        assert process.returncode == (-signal.SIGKILL if how == "SIGKILL" else 130)
        assert complained == ""
        assert not (folder / "sum").exists()
        now = contents(squares)
        assert {name: now[name] for name in seen} == seen
        assert len(seen) < len(now) < N_TASKS
        seen = now
    process = start(code, folder)
    lines, complained = process.communicate(timeout=SOON_S)
    assert (process.returncode, complained) == (0, "")
    first, *_, last = lines.splitlines()
    assert first.startswith(f"0 of {N_TASKS} squares done, ")
    assert last == f"{N_TASKS} of {N_TASKS} squares done, 0 running, 0 failed, 0 s left"
    now = contents(squares)
    assert {name: now[name] for name in seen} == seen
    assert sorted(int(one[2].split()[0]) for one in now.values()) == [n**2 for n in range(N_TASKS)]
    assert {path.name for path in squares.iterdir()} == set(now)  # nothing half-written
    assert (folder / "sum").read_text() == str(sum(n**2 for n in range(N_TASKS)))
    assert len({one[2].split()[1] for one in now.values()}) >= len(STOPS)


def test_progress_without_a_terminal_is_lines_now_and_then(capsys):
    from netpyne_model.progress import show_simulated, show_sweep

    with show_sweep(True, "trials") as report:
        report(Progress(40))
        report(Progress(40, running=2))
        for done in range(1, 41):
            report(Progress(40, done, min(2, 40 - done), left_s=float(3 * (40 - done))))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "0 of 40 trials done, 0 running, 0 failed"
    assert lines[1] == "4 of 40 trials done, 2 running, 0 failed, 1 min 48 s left"
    assert lines[-1] == "40 of 40 trials done, 0 running, 0 failed, 0 s left"
    assert len(lines) == 11
    with show_simulated(True) as report:
        for t_ms in range(0, 1001, 10):
            report(float(t_ms), 1000.0)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ms")[0] for line in lines] == [
        f"{t_ms} of 1000" for t_ms in range(100, 1001, 100)
    ]
    with show_sweep(False, "trials") as report:
        assert report is None
