"""Before workers start: how many there can be, and whether the script that starts them may."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from netpyne_model.errors import ModelError
from netpyne_model.sweeps.workers import check_workers, dask_client

ROOT = Path(__file__).parent.parent
WITH_WORKERS = """
from netpyne_model.sweeps.workers import dask_client
with dask_client() as client:
    print(len(client.ncores()))
"""
UNGUARDED = {
    "workers": WITH_WORKERS,
    "study": """
import logging
from netpyne_model.studies import Study
logging.getLogger(__name__)
Study.load("silent_place", trials=1).run("folder", processes=1)
""",
    "conditions": """
from netpyne_model.experiments import run_conditions
def conditions():
    run_conditions([], "folder", processes=1)
conditions()
""",
    "measurement": """
from netpyne_model.benchmarks.measure import in_a_process_of_its_own
print(in_a_process_of_its_own(abs, -1))
""",
}
LINE = (
    "error: a script that runs a sweep is imported by its workers;"
    " put its last lines under if __name__ == '__main__':\n"
)


def run(script, folder, before=()):
    return subprocess.run(
        [*before, sys.executable, script],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("name", UNGUARDED)
def test_a_script_without_a_guard_ends_with_one_line(name, tmp_path):
    """Before a lock, a folder, a simulation or a worker."""
    script = tmp_path / "unguarded.py"
    script.write_text(UNGUARDED[name])
    done = run(script, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", LINE)
    assert os.listdir(tmp_path) == [script.name]
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(script) in str(one.info)]


def test_a_guard_in_any_form_is_one(tmp_path):
    lines = WITH_WORKERS.replace("client()", "client(processes=1)").splitlines()
    guarded = tmp_path / "guarded.py"
    guarded.write_text("if __name__ == '__main__':\n" + "".join(f"    {one}\n" for one in lines))
    short = tmp_path / "short.py"
    work = "".join(f"    {one}\n" for one in lines)
    short.write_text(f"def work():\n{work}\n__name__ == '__main__' and work()\n")
    for script in (guarded, short):
        done = run(script, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", ""), script


@pytest.mark.slow
def test_a_guard_that_guards_nothing_is_named_by_the_workers_end(tmp_path):
    script = tmp_path / "wrong.py"
    lines = WITH_WORKERS.replace("client()", "client(processes=1)").splitlines()
    script.write_text("if __name__ != 'x':\n" + "".join(f"    {one}\n" for one in lines))
    done = run(script, tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("netpyne_model.errors.ModelError: the workers did not start")
    guard = "if __name__ == '__main__':"
    assert last.endswith(f"put its last lines under {guard}")
    assert "SystemExit" not in done.stderr
    script.write_text(f"{guard}\n" + "".join(f"    {one}\n" for one in lines))
    assert run(script, tmp_path).stdout == "1\n"


def test_there_are_no_more_workers_than_cores_allowed(tmp_path):
    script = tmp_path / "allowed.py"
    script.write_text(
        "import os\nif __name__ == '__main__':\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        + "".join(f"    {line}\n" for line in WITH_WORKERS.splitlines())
    )
    done = run(script, tmp_path)
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("processes", [0, -1, 1.5, True, "two"])
def test_a_number_of_workers_that_there_cannot_be(processes):
    with pytest.raises(ModelError) as caught:
        check_workers(processes=processes)
    assert str(caught.value) == (
        f"processes = {processes!r}: expected a whole number, 1 or more; leave it out for as many as"
        " there are cores."
    )
    check_workers()


def test_workers_that_memory_does_not_hold():
    with (
        pytest.raises(ModelError, match=r"^1000000000 workers take \S+ GB of memory, of") as caught,
        dask_client(processes=10**9),
    ):
        pass
    advised = int(re.search(r"let (\d+) run at once", str(caught.value))[1])
    assert 1 <= advised < 10**9
    with dask_client(processes=advised, wanted=1) as client:
        assert len(client.ncores()) == 1


OWN_PROCESSES = {
    "workers": """
from netpyne_model.sweeps.workers import dask_client
if __name__ == "__main__":
    with dask_client(processes=1) as client:
        print(client.submit(abs, -1).result())
""",
    "measurement": """
from netpyne_model.benchmarks.measure import in_a_process_of_its_own
if __name__ == "__main__":
    print(in_a_process_of_its_own(abs, -1))
""",
    "explore": """
import asyncio
from netpyne_model.explore.simulator import Simulator
async def first():
    simulator = Simulator()
    async for part in simulator.answers(iter, ([1],)):
        simulator.process.kill()
        return part
if __name__ == "__main__":
    print(asyncio.run(first()))
""",
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python's own PYTHONSAFEPATH")
@pytest.mark.parametrize("name", OWN_PROCESSES)
def test_files_of_the_working_folder_are_no_modules_of_a_new_process(name, tmp_path):
    """Such as an analysis that is called ``signal.py``: the main process does not take it either."""
    script, folder = tmp_path / "scripts" / "own.py", tmp_path / "data"
    script.parent.mkdir()
    folder.mkdir()
    script.write_text(OWN_PROCESSES[name])
    for module in ("signal", "pickle", "re", "random", "netpyne_model", "numpy"):
        (folder / f"{module}.py").write_text(f"raise SystemExit('{module} of the folder')\n")
    done = run(script, folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
