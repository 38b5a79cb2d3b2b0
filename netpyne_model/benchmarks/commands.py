"""What the command line costs as a whole: help, start, a trial with its results written, compilation."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from ..errors import ModelError
from ..mechanisms.compilation import CACHE_VARIABLE, compiled_library
from .memory import maxrss_mb
from .runner import Report, environment

# What the command ca1 does, whether it is installed or not.
_COMMAND = "import sys; from netpyne_model.commands import main; sys.exit(main())"
_COMPILE = "from netpyne_model.mechanisms.compilation import compiled_library; compiled_library()"
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
_SHORTEST = ("--duration", "0.2")  # two recording steps of 0.1 ms
_FIRST_REPORT = "ms simulated"


class Timing(NamedTuple):
    """Seconds of a process from start to end, seconds until it wrote a line with the mark, and its peak memory."""

    seconds: float
    marked_s: float | None
    peak_mb: float


def n_measurements(repeats: int, compile_too: bool) -> int:
    """How many measurements `run_commands` makes."""
    return 3 * repeats + 1 + compile_too


def run_commands(*, repeats: int, compile_too: bool, report: Report) -> dict[str, float]:
    """Time the command line; of repeats the fastest.

    Parameters
    ----------
    repeats : int
        Of what takes seconds; the whole trial and the compilation run once.
    compile_too : bool
        Whether to compile the mechanisms into an empty cache.
    report : callable
        Called with the name of each measurement.

    Returns
    -------
    dict
        ``help_s`` (``--help``), ``first_step_s`` (from the start of the process to the first report of simulated time, with
        compiled mechanisms), ``first_picture_s`` (from the import of the package to the picture of an EPSP from a held
        potential), ``changed_rule_s`` (the same again with one rule changed, in the same process), ``trial_s`` and
        ``trial_peak_mb`` (a whole place-cell trial with results and figure), ``compile_s`` (if wanted).
    """
    compiled_library()  # the start is one with compiled mechanisms
    found = {
        "help_s": _fastest(
            lambda: time_process(_COMMAND, "run", "--help").seconds, "--help", repeats, report
        ),
        "first_step_s": _fastest(first_step_s, "start to first step", repeats, report),
    }
    pictures = [_epsp_pictures(report) for _ in range(repeats)]
    found |= {
        "first_picture_s": min(first for first, _ in pictures),
        "changed_rule_s": min(again for _, again in pictures),
    }
    report("command, whole trial with results written")
    trial = time_process(_COMMAND, *_TRIAL, "--quiet")
    found |= {"trial_s": trial.seconds, "trial_peak_mb": trial.peak_mb}
    if compile_too:
        report("command, compilation")
        with tempfile.TemporaryDirectory(prefix="benchmark-cache-") as cache:
            found["compile_s"] = time_process(_COMPILE, **{CACHE_VARIABLE: cache}).seconds
    return found


def first_step_s() -> float:
    """Seconds from the start of the command to its first line on simulated time, which follows its first steps."""
    marked_s = time_process(_COMMAND, *_TRIAL, *_SHORTEST, mark=_FIRST_REPORT).marked_s
    if marked_s is None:
        raise ModelError(
            f"the command ended without a line on simulated time; expected '... {_FIRST_REPORT}'."
        )
    return marked_s


def _epsp_pictures(report: Report) -> tuple[float, float]:
    """Seconds to the first picture of an EPSP, and from there to the end of a second run with one rule changed."""
    report("import to picture of an EPSP")
    timing = time_process(_EPSP_PICTURES, mark="first picture")
    if timing.marked_s is None:
        raise ModelError("no picture was made; run the guide's code by hand to see why.")
    return timing.marked_s, timing.seconds - timing.marked_s


def time_process(code: str, *arguments: str, mark: str | None = None, **variables: str) -> Timing:
    """Run a piece of Python in an empty folder and time it.

    Parameters
    ----------
    code : str
    *arguments : str
        Its ``sys.argv[1:]``.
    mark : str, optional
        Text whose first line is timed.
    **variables : str
        Environment variables to set.

    Raises
    ------
    ModelError
        If the process fails, with its last line.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        command = [sys.executable, "-c", code, *arguments]
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        start, marked_s, last = time.perf_counter(), None, "it said nothing"
        process = subprocess.Popen(command, cwd=folder, env=environment() | variables, **said)
        try:
            for line in process.stdout:
                if marked_s is None and mark is not None and mark in line:
                    marked_s = time.perf_counter() - start
                last = line.strip() or last
            _, status, usage = os.wait4(
                process.pid, 0
            )  # the one way to the memory of this process alone
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            process.kill()  # does nothing to one that has ended
            process.wait()
            process.stdout.close()
    if process.returncode:
        raise ModelError(
            f"the command failed (exit code {process.returncode}): {last.removeprefix('error: ')}"
        )
    return Timing(seconds, marked_s, maxrss_mb(usage.ru_maxrss))


def _fastest(timed: Callable[[], float], name: str, repeats: int, report: Report) -> float:
    seconds = []
    for _ in range(repeats):
        report(f"command, {name}")
        seconds.append(timed())
    return min(seconds)
