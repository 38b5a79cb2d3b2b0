"""What the command line costs as a whole: help, start, a trial with its results, compilation."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..data_folders import PACKAGE
from ..errors import ModelError
from ..mechanisms.cache import CACHE_VARIABLE
from ..mechanisms.compilation import compile_all
from .measure import peak_memory_mb
from .suite import Answer, Case

NAME = "command"
# What the command ca1 does, whether it is installed or not.
_COMMAND = "import sys; from netpyne_model.commands import main; sys.exit(main())"
_COMPILE = "from netpyne_model.mechanisms.compilation import compile_all; compile_all()"
# From the import to the picture of an EPSP, and once more with one rule changed.
_EPSP_PICTURES = """
from netpyne_model import Cell, Holding, Protocol, SpineInput, plot
cell = Cell()
events = SpineInput(place="trunk@200", n=5, times_ms=[250, 260, 270, 280, 290])
epsp = Protocol(duration_ms=450, stimuli=[events], holding=Holding(target_mV=-62))
plot(epsp.run(cell), file="first.png")
print("first picture", flush=True)
plot(epsp.run(cell.with_rule("trunk", "nas.gbar", value=0.02)), file="second.png")
"""
_TRIAL = ("run", "--setup", "place_cell", "--seed", "0", "--out", "results")
_PACKAGE_FOLDER = PACKAGE.parent
_SHORTEST = ("--duration", "0.2")  # two recording steps of 0.1 ms
HELP, FIRST_STEP, PICTURES = "help", "first step", "pictures of an EPSP"
FIRST_STEP_BEFORE = "first step before"
TRIAL, COMPILE = "whole trial", "compilation"


class Timing(NamedTuple):
    """Seconds of a process, seconds until it wrote a line with the mark, and its peak memory."""

    seconds: float
    marked_s: float | None
    peak_mb: float


def cases(compile_too: bool, baseline: Path | None = None) -> list[Case]:
    """The command's help, start, pictures and whole trial; compilation if it is wanted.

    With a `baseline`, another checkout, its start too.
    """
    compile_all()  # the start is one with compiled mechanisms
    first_step = partial(time_process, _COMMAND, *_TRIAL, *_SHORTEST, mark="ms simulated")
    timed: dict[str, Callable[[], Timing]] = {
        HELP: partial(time_process, _COMMAND, "--help"),
        FIRST_STEP: first_step,
        PICTURES: partial(time_process, _EPSP_PICTURES, mark="first picture"),
        TRIAL: partial(time_process, _COMMAND, *_TRIAL, "--quiet"),
    }
    if compile_too:
        timed[COMPILE] = _compile
    if baseline is not None:
        first_step(package=baseline)  # it compiles
        timed[FIRST_STEP_BEFORE] = partial(first_step, package=baseline)
    return [Case(NAME, name, partial(_timed, run), _cost_s) for name, run in timed.items()]


def _timed(run: Callable[[], Timing]) -> Answer:
    return run()._asdict()


def _cost_s(answer: Answer) -> float:
    return answer["seconds"] if answer["marked_s"] is None else answer["marked_s"]


def _compile() -> Timing:
    with tempfile.TemporaryDirectory(prefix="benchmark-cache-") as cache:
        return time_process(_COMPILE, environment={CACHE_VARIABLE: cache})


def results(answers: Mapping[tuple[str, str], Answer]) -> dict[str, float]:
    """Sum up what was measured; `report.tables` says what each number is."""
    named = {name: answer for (group, name), answer in answers.items() if group == NAME}
    pictures, trial = named[PICTURES], named[TRIAL]
    numbers = {
        "help_s": named[HELP]["seconds"],
        "first_step_s": named[FIRST_STEP]["marked_s"],
        "first_picture_s": pictures["marked_s"],
        "changed_rule_s": pictures["seconds"] - pictures["marked_s"],
        "trial_s": trial["seconds"],
        "trial_peak_mb": trial["peak_mb"],
    }
    if COMPILE in named:
        numbers["compile_s"] = named[COMPILE]["seconds"]
    if FIRST_STEP_BEFORE in named:
        numbers["first_step_before_s"] = named[FIRST_STEP_BEFORE]["marked_s"]
        numbers["first_step_of_before"] = numbers["first_step_s"] / numbers["first_step_before_s"]
    return numbers


def time_process(
    code: str,
    *arguments: str,
    mark: str | None = None,
    package: Path = _PACKAGE_FOLDER,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Timing:
    """Run a piece of Python in an empty folder and time it, and its first line with the `mark`.

    `arguments` are its ``sys.argv[1:]``, `environment` what differs in it; `package` is the folder
    that its package is in.
    """
    folders = [str(package.resolve()), os.environ.get("PYTHONPATH")]
    path = os.pathsep.join(filter(None, folders))
    marked_s, last = None, "it printed nothing"
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": path} | dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if marked_s is None and mark is not None and mark in line:
                    marked_s = time.perf_counter() - start
                last = line.strip() or last
            # The one way to the memory of this process alone.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        reason = last.removeprefix("error: ")
        raise ModelError(f"the command failed (exit code {process.returncode}): {reason}")
    if mark is not None and marked_s is None:
        raise ModelError(f"the command ended without a line with '{mark}'; its last: {last}")
    return Timing(seconds, marked_s, peak_memory_mb(usage))
