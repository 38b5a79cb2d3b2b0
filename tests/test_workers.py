"""Tasks on Dask workers: results, failures, workers that die, progress, schedulers by address, and no process left behind.

The tasks are functions of a module that the tests write: a worker imports what it runs, and cannot import a test file.
"""

import importlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from netpyne_model.errors import ModelError
from netpyne_model.progress import Progress
from netpyne_model.sweeps import workers
from netpyne_model.sweeps.workers import Failure, Task, dask_client, run_on_workers

ROOT = Path(__file__).resolve().parents[1]
SOON_S = 60.0  # far more than anything here takes, on a machine that is busy with other things
JOBS = '''
import os, signal, time
from pathlib import Path
from netpyne_model.errors import ModelError

def note(folder, name):
    """A line, with the process, for every time that this point is reached."""
    with open(Path(folder) / name, "a") as file:
        file.write(f"{os.getpid()}\\n")

def square(folder, number):
    note(folder, f"start_{number}")
    return number**2

def process(*arguments):
    return os.getpid()

def await_file(folder, number, name):
    """Ends when a file of this name is there."""
    note(folder, f"start_{number}")
    while not (Path(folder) / name).exists():
        time.sleep(0.02)
    note(folder, f"end_{number}")
    return number

def killed_at_first(folder, number):
    """The worker of task 0 dies at its first try, as soon as there is a file go."""
    note(folder, f"start_{number}")
    if number == 0 and len((Path(folder) / "start_0").read_text().split()) == 1:
        while not (Path(folder) / "go").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    note(folder, f"end_{number}")
    return number

def fails(folder, number):
    note(folder, f"start_{number}")
    if number == 1:
        raise ModelError("w_max = 3: expected less; give less.")
    if number == 2:
        return "text" + number
    if number == 3:
        while not (Path(folder) / "go").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    return number
'''


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """Folder of the module of tasks; on the path of this process, whose workers take over its path."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "plain_jobs.py").write_text(JOBS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder
        sys.modules.pop("plain_jobs", None)


@pytest.fixture(scope="module")
def jobs(code):
    return importlib.import_module("plain_jobs")


@pytest.fixture(scope="module")
def local(jobs):
    """A client of two workers of this machine."""
    with dask_client(processes=2) as client:
        yield client


def notes(folder: Path) -> dict[str, list[int]]:
    """The processes that reached each point, by its name."""
    return {
        path.name: [int(line) for line in path.read_text().split()] for path in folder.iterdir()
    }


def outcomes(
    client,
    function: Callable,
    tasks: list[Task],
    report: Callable | None = None,
    *,
    go: tuple[int, Path] | None = None,
) -> dict[int, object]:
    """All outcomes; when so many of them have come, the file `go` is made."""
    came = []
    for one in run_on_workers(client, function, tasks, report):
        came.append(one)
        if go is not None and len(came) == go[0]:
            (go[1] / "go").touch()
    assert sorted(number for number, _ in came) == list(range(len(tasks)))  # each once
    return dict(came)


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.02)


def assert_consistent(seen: list[Progress], total: int, at_once: int) -> None:
    """Counts that add up and never go back."""
    assert seen[0].total == total
    assert (seen[0].done, seen[0].failed, seen[0].left_s) == (0, 0, None)
    assert (seen[-1].done + seen[-1].failed, seen[-1].running) == (total, 0)
    for one in seen:
        assert one.total == total
        assert one.done + one.failed + one.running <= total
        assert 0 <= one.running <= at_once
        assert one.left_s is None or one.left_s >= 0
    for before, after in itertools.pairwise(seen):
        assert after.done >= before.done
        assert after.failed >= before.failed


# -- results and failures ---------------------------------------------------------------------------------------------


def test_results_come_with_the_number_of_their_task(local, jobs, tmp_path):
    tasks = [Task(f"task {number}", (tmp_path, number)) for number in range(20)]
    assert outcomes(local, jobs.square, tasks) == {number: number**2 for number in range(20)}
    assert all(len(processes) == 1 for processes in notes(tmp_path).values())


def test_equal_tasks_are_all_run(local, jobs, tmp_path):
    assert outcomes(local, jobs.square, [Task("same", (tmp_path, 3))] * 4) == dict.fromkeys(
        range(4), 9
    )
    assert len(notes(tmp_path)["start_3"]) == 4


def test_what_else_uses_dask_goes_on_as_before(jobs):
    """Also where one client ends while another is at work: xarray asks Dask for its default when it writes a file."""
    import dask
    from distributed import default_client

    def default() -> object:
        with pytest.raises(ValueError, match="No clients found"):
            default_client()
        return dask.config.get("scheduler", None)

    before = default()
    with dask_client(processes=1):
        with dask_client(processes=1):
            assert default() == before
        assert default() == before
    assert default() == before


def test_nothing_to_do_is_done_at_once(local, jobs):
    seen: list[Progress] = []
    assert outcomes(local, jobs.square, [], seen.append) == {}
    assert seen == [Progress(total=0)]


def test_what_fails_fails_alone(local, jobs, tmp_path):
    """A user's error, a bug, and a task that kills every worker (when all others have come); these are run once each."""
    seen: list[Progress] = []
    tasks = [Task(f"task {number}", (tmp_path, number)) for number in range(6)]
    came = outcomes(local, jobs.fails, tasks, seen.append, go=(5, tmp_path))
    assert [came[number] for number in (0, 4, 5)] == [0, 4, 5]
    assert came[1] == Failure("task 1", "w_max = 3: expected less; give less.")
    assert came[2].name == "task 2"
    assert came[2].reason == 'TypeError: can only concatenate str (not "int") to str'
    assert "plain_jobs.py" in came[2].detail  # where in the code
    assert came[3] == Failure("task 3", "every worker that ran it died (killed, or out of memory).")
    runs = {name: len(processes) for name, processes in notes(tmp_path).items() if name != "go"}
    assert runs == {f"start_{number}": 4 if number == 3 else 1 for number in range(6)}
    assert_consistent(seen, total=6, at_once=2)
    assert (seen[-1].done, seen[-1].failed) == (3, 3)


def test_a_worker_that_dies_loses_only_its_task(local, jobs, tmp_path):
    """Task 0 is the first of its worker, which dies when three others are done and six are not."""
    seen: list[Progress] = []
    tasks = [Task(f"task {number}", (tmp_path, number)) for number in range(10)]
    came = outcomes(local, jobs.killed_at_first, tasks, seen.append, go=(3, tmp_path))
    assert came == {number: number for number in range(10)}
    found = notes(tmp_path)
    first, second = found["start_0"]
    assert first != second
    for number in range(10):
        assert len(found[f"end_{number}"]) == 1
        assert len(found[f"start_{number}"]) == (2 if number == 0 else 1)
    assert_consistent(seen, total=10, at_once=2)
    assert (seen[-1].done, seen[-1].failed) == (10, 0)


# -- progress ---------------------------------------------------------------------------------------------------------


def test_progress_counts_what_is_at_work_and_what_is_left(local, jobs, tmp_path):
    """Two at work while all wait for a file; then what is left of the time falls to nothing. A quick task tells nothing."""
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.running == 2 and len(list(tmp_path.glob("start_*"))) == 2:
            (tmp_path / "go").touch()

    tasks = [
        Task(f"task {number}", (tmp_path, number, "go"), quick=number == 0) for number in range(6)
    ]
    outcomes(local, jobs.await_file, tasks, report)
    assert_consistent(seen, total=6, at_once=2)
    assert max(one.running for one in seen) == 2
    assert seen[-1] == Progress(total=6, done=6, running=0, failed=0, left_s=0.0)


def test_only_quick_tasks_leave_the_pace_unknown(local, jobs, tmp_path):
    seen: list[Progress] = []
    outcomes(
        local,
        jobs.square,
        [Task("quick", (tmp_path, number), quick=True) for number in range(3)],
        seen.append,
    )
    assert {one.left_s for one in seen} == {None}


def test_tasks_that_are_given_up_are_cancelled(local, jobs, tmp_path):
    """Who stops to take outcomes leaves the workers free for the next: what has not begun never does."""
    tasks = [Task("", (tmp_path, number, f"go_{number}")) for number in range(8)]
    came = run_on_workers(local, jobs.await_file, tasks)
    for number in (0, 1):
        (tmp_path / f"go_{number}").touch()
    assert next(came)[0] in (0, 1)
    came.close()
    wait_until(lambda: not any(local.processing().values()))  # the scheduler has heard of it
    for number in range(8):
        (tmp_path / f"go_{number}").touch()
    assert outcomes(local, jobs.square, [Task("next", (tmp_path, 100))]) == {0: 10000}
    assert {name for name in notes(tmp_path) if name.startswith("start")} <= {
        *(f"start_{n}" for n in range(4)),
        "start_100",
    }


# -- workers elsewhere ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scheduler(code, tmp_path_factory) -> Iterator[Path]:
    """The scheduler file of a scheduler and two workers that were started by the commands of Dask."""
    file = tmp_path_factory.mktemp("scheduler") / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    common = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (code, ROOT)))}
    quiet = {
        "env": environment,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": file.parent,
    }
    started = [subprocess.Popen([*dask, "scheduler", "--port", "0", *common], **quiet)]
    started += [
        subprocess.Popen([*dask, "worker", "--nthreads", "1", "--no-nanny", *common], **quiet)
        for _ in "ab"
    ]
    try:
        wait_until(file.is_file)
        (file.parent / "pid").write_text(str(started[0].pid))
        yield file
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_scheduler_by_address_or_by_file_gives_the_same(scheduler, jobs, tmp_path, monkeypatch):
    """As the line says of an address where none is."""
    wait_until(lambda: scheduler.read_text().endswith("}"))
    with monkeypatch.context() as patched:
        patched.setattr(workers, "_CONNECT_S", 0.5)  # in place of 10
        says = "give the address that 'dask scheduler' printed, such as tcp://host:8786"
        with pytest.raises(ModelError, match=says), dask_client(scheduler="tcp://127.0.0.1:1"):
            pass
    for number, at in enumerate((json.loads(scheduler.read_text())["address"], str(scheduler))):
        folder = tmp_path / str(number)
        folder.mkdir()
        seen: list[Progress] = []
        with dask_client(scheduler=at) as client:
            client.wait_for_workers(2, timeout=SOON_S)
            tasks = [Task(f"task {number}", (folder, number)) for number in range(6) if number != 3]
            came = outcomes(client, jobs.fails, tasks, seen.append)
        assert [came[number] for number in (0, 3, 4)] == [0, 4, 5]
        assert came[1] == Failure("task 1", "w_max = 3: expected less; give less.")
        assert came[2].reason.startswith("TypeError: ")
        assert all(len(processes) == 1 for processes in notes(folder).values())
        assert_consistent(seen, total=5, at_once=2)


def test_a_cluster_of_the_users_is_used_and_left_running(jobs, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        processes = set()
        for _ in range(2):
            with dask_client(cluster=cluster) as client:
                processes |= set(outcomes(client, jobs.process, [Task("where", ())]).values())
        assert len(processes) == 1  # the same worker both times
        assert psutil.pid_exists(processes.pop())


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "foo://127.0.0.1:1"])
def test_a_wrong_address_is_one_line(address, monkeypatch):
    monkeypatch.setattr(workers, "_CONNECT_S", 0.5)  # in place of 10
    with pytest.raises(ModelError) as caught, dask_client(scheduler=address):
        pass
    assert str(caught.value).startswith(f"scheduler {address} does not answer (")
    assert "\n" not in str(caught.value)


def test_a_server_that_says_nothing_is_one_line(monkeypatch):
    """Dask's own client would wait for its greeting for ever."""
    monkeypatch.setattr(workers, "_CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        words = f"scheduler {address} does not answer (TimeoutError); give the address"
        with (
            pytest.raises(ModelError, match=f"^{re.escape(words)}"),
            dask_client(scheduler=address),
        ):
            pass


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "does not exist"),
        ("", "holds no address"),
        ("{}", "holds no address"),
        ("[8786]", "holds no address"),
    ],
)
def test_a_scheduler_file_without_address_is_one_line(tmp_path, text, what):
    """Dask itself would wait for one for ever."""
    file = tmp_path / "scheduler.json"
    if text is not None:
        file.write_text(text)
    words = f"scheduler file {file} {what}; give the one that 'dask scheduler' wrote."
    with pytest.raises(ModelError, match=f"^{re.escape(words)}$"), dask_client(scheduler=str(file)):
        pass


def test_a_scheduler_that_is_lost_is_one_line(scheduler, jobs, tmp_path, monkeypatch):
    """The last test with this scheduler: it is killed while a task runs."""
    monkeypatch.setattr(workers, "_CONNECT_S", 2.0)  # as long as it is looked for again
    process = psutil.Process(int((scheduler.parent / "pid").read_text()))

    def kill(progress: Progress) -> None:
        if progress.running and process.is_running():
            process.kill()

    with dask_client(scheduler=str(scheduler)) as client:
        tasks = [Task("", (tmp_path, number, "never")) for number in range(4)]
        with pytest.raises(
            ModelError,
            match=r"^the scheduler was lost; start one again, .* what is finished is kept\.$",
        ):
            list(run_on_workers(client, jobs.await_file, tasks, kill))


# -- no process is left behind ----------------------------------------------------------------------------------------


def test_workers_end_with_the_client_and_no_more_start_than_are_wanted(jobs, tmp_path):
    with dask_client(processes=8, wanted=1) as client:
        (process,) = client.run(os.getpid).values()
        (mask,) = client.run(signal.pthread_sigmask, signal.SIG_BLOCK, []).values()
    wait_until(lambda: not psutil.pid_exists(process))
    assert signal.SIGINT in mask  # Ctrl-C, which a terminal sends to all, is for the main process
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_workers_end_when_the_main_process_is_killed(code, tmp_path):
    """Killed, it can say nothing to them: they see themselves that it is gone, in the middle of their tasks."""
    script = tmp_path / "main.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path[:0] = [{str(ROOT)!r}, {str(code)!r}]
        import plain_jobs
        from netpyne_model.sweeps.workers import Task, dask_client, run_on_workers
        if __name__ == "__main__":
            with dask_client(processes=2) as client:
                list(run_on_workers(client, plain_jobs.await_file, [Task("", ({str(tmp_path)!r}, n, "go")) for n in (0, 1)]))
        """)
    )
    main = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_until(
        lambda: (
            [path.stat().st_size > 0 for path in tmp_path.glob("start_*")] == [True, True]
            or main.poll() is not None
        )
    )
    children = psutil.Process(main.pid).children(recursive=True)
    assert {int((tmp_path / f"start_{number}").read_text()) for number in (0, 1)} <= {
        one.pid for one in children
    }
    main.kill()
    said, _ = main.communicate(timeout=SOON_S)  # ends when all who hold its output have ended
    _, alive = psutil.wait_procs(children, timeout=SOON_S)
    assert alive == []
    assert said == ""
    assert not list(tmp_path.glob("end_*"))
